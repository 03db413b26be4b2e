"""The rows of a premium build-up after the pure premium: amounts, and shares of something."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mutualfund.assumptions.model import Input, Name, Number
from mutualfund.errors import Fault, InputError, one_number, require_kind
from mutualfund.premiums.principles import PremiumPrinciple

MOST_SHARE = 3.0
"""Largest share of a row: a percentage written as a number, as 5 for 5 %, is beyond it."""

Base = Literal["pure premium", "rows above", "contribution"]


class Loading(Input):
    """One row of a build-up: an amount a member-year, or a share of something.

    A share is of the pure premium, of all rows above, or of the finished contribution (as commissions and
    expense ratios are quoted), and of that below 1: something must be left for the rest. A small and volatile
    cover may need a margin of more than its pure premium.

    >>> Loading(item="safety margin", share=0.1, of="pure premium").basis
    '10 % of pure premium'
    >>> Loading.spread("running cost", total=48_000.0, member_years=2_000.0).amount
    24.0
    """

    item: Name = Field(description="what the row is called")
    amount: Annotated[Number, Field(ge=-1e15, le=1e15)] = Field(
        default=0.0, description="fund currency a member-year; below 0 for what is taken off"
    )
    share: Annotated[Number, Field(ge=0.0, le=MOST_SHARE)] = Field(
        default=0.0, description="share of what `of` says; of the contribution, below 1"
    )
    of: Base = Field(default="rows above", description="what `share` is a share of")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.amount != 0.0 and self.share != 0.0:
            remedy = "Write two rows."
            raise InputError([Fault("share", "an amount and a share", "one of both", remedy)])
        if self.of == "contribution" and self.share >= 1.0:
            got, remedy = f"{self.share:g}", "Something must be left for the other rows."
            raise InputError([Fault("share", got, "below 1 of the contribution", remedy, "range")])
        return self

    @property
    def basis(self) -> str:
        """In words, how the row is reckoned."""
        return f"{100.0 * self.share:.4g} % of {self.of}" if self.share else "amount"

    @classmethod
    def spread(cls, item: str, total: float, member_years: float) -> Self:
        """A yearly total spread over the members: `total` in currency, `member_years` above 0.

        Raises
        ------
        InputError
            Where there are no members to bear it.
        """
        remedy = "State the amount a member-year, or the members expected."
        one_number(
            "loading.member_years",
            member_years,
            minimum=5e-324,
            maximum=1e12,
            unit="member-years, above 0",
            remedy=remedy,
        )
        one_number("loading.total", total, minimum=-1e15, maximum=1e15, unit="currency a year")
        return cls(item=item, amount=total / member_years)

    @classmethod
    def from_principle(
        cls,
        principle: PremiumPrinciple,
        loss: Any,
        member_years: float,
        item: str = "safety margin",
    ) -> Self:
        """The loading that a principle asks for the fund's yearly cost `loss`, spread over the members.

        >>> from mutualfund.claims import Normal
        >>> from mutualfund.premiums import StandardDeviationPrinciple
        >>> rule = StandardDeviationPrinciple(loading=0.5)
        >>> Loading.from_principle(rule, Normal(mean=90_000, sd=12_000), member_years=300).amount
        20.0
        """
        allowed = "a premium principle, such as StandardDeviationPrinciple(loading=0.5)"
        require_kind("principle", principle, PremiumPrinciple, allowed)
        return cls.spread(item, principle.premium(loss).loading, member_years)

    @classmethod
    def reinsurance(cls, premium: float, expected_recovery: float) -> tuple[Self, Self]:
        """What reinsurance costs: its premium, less what it is expected to pay; both a member-year, >= 0.

        >>> [row.amount for row in Loading.reinsurance(premium=9.0, expected_recovery=6.5)]
        [9.0, -6.5]
        """
        for name, amount in (("premium", premium), ("expected_recovery", expected_recovery)):
            one_number(
                f"reinsurance.{name}",
                amount,
                minimum=0.0,
                maximum=1e15,
                unit="currency a member-year",
            )
        return (
            cls(item="reinsurance premium", amount=premium),
            cls(item="less expected reinsurance recoveries", amount=-expected_recovery),
        )

    @classmethod
    def cost_of_capital(
        cls, capital: float, required_return: float, earned_return: float = 0.0
    ) -> Self:
        """The return that members' capital must earn beyond what its investment brings.

        capital: currency a member-year, >= 0. required_return, earned_return: yearly fractions, the former no
        less than the latter.

        >>> Loading.cost_of_capital(capital=128.0, required_return=0.0625).amount
        8.0
        """
        one_number(
            "earned_return", earned_return, minimum=-1.0, maximum=1.0, unit="fraction a year"
        )
        one_number("capital", capital, minimum=0.0, maximum=1e15, unit="currency a member-year")
        one_number(
            "required_return",
            required_return,
            minimum=earned_return,
            maximum=1.0,
            unit="fraction a year, no less than is earned",
            remedy="For 6 % write 0.06.",
        )
        amount = capital * (required_return - earned_return)
        return cls(item="cost of capital", amount=amount)
