"""A share of income, between a floor and a ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Amount, Share
from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.columns import column
from mutualfund.premiums.contributions.cells import one_cell
from mutualfund.premiums.contributions.refusals import missing_columns
from mutualfund.premiums.contributions.rule import Contribution
from mutualfund.types import FloatArray, IntArray

DUES_PER_UNIT = 100
"""Income-related dues are counted in hundredths of the currency unit, in every currency."""

BLOCK = 16_384  # members at a time: what is worked out in between stays in the processor's cache


class IncomeContribution(Contribution):
    """A share of income, between a monthly minimum and maximum.

    Units are each member's year-1 monthly dues in hundredths of the currency; the price of a unit
    is 0.01. Minimum, maximum and income all move with the tariff.

    >>> IncomeContribution(rate=0.0625, minimum=10.0, maximum=300.0).dues([24_000.0, 0.0]).tolist()
    [125.0, 10.0]
    """

    kind: Literal["income"] = "income"
    rate: Share = Field(description="share of income owed")
    previous_rate: Share | None = Field(default=None, description="the same before fund.start")
    minimum: Amount = Field(default=0.0, description="least monthly contribution, fund currency")
    maximum: Amount | None = Field(
        default=None, description="greatest monthly contribution, fund currency"
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            allowed = f"at least the minimum, {self.minimum:g}"
            remedy = "Exchange the two, or leave out the maximum."
            raise InputError([Fault("maximum", f"{self.maximum:g}", allowed, remedy, "range")])
        if self.rate == 0 and self.previous_rate:
            raise InputError(
                [Fault("rate", "0", "more than 0 where previous_rate is", code="range")]
            )
        return self

    @property
    def counts(self) -> bool:
        """True: members owe as many units as their dues have hundredths."""
        return True

    def needs(self) -> tuple[str, ...]:
        """The income column, and what the adjustments need."""
        return ("income", *super().needs())

    def cell_labels(self) -> tuple[str, ...]:
        """One cell."""
        return ("income",)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) zeros."""
        return one_cell(plan_names)

    def written(self) -> FloatArray:
        """(1,) 0.01, the price of a unit."""
        return np.asarray([1.0 / DUES_PER_UNIT])

    def previously_written(self) -> FloatArray | None:
        """(1,) the price of a unit before; minimum and maximum are taken to have moved with the rate."""
        if self.previous_rate is None or self.rate == 0:
            return None
        return np.asarray([self.previous_rate / self.rate / DUES_PER_UNIT])

    def dues(self, income: FloatArray | Sequence[float]) -> FloatArray:
        """(n,) monthly dues in fund currency for annual incomes, (n,), not negative.

        Raises
        ------
        InputError
            For an income that is no number or below zero, naming its place.
        """
        yearly = column("income", income, None, maximum=1e15, unit="currency a year", show=False)
        monthly = np.empty(yearly.size)
        self._charge(yearly, monthly)
        return monthly

    def _charge(self, income: FloatArray, out: FloatArray) -> None:
        from mutualfund.premiums.contributions.kernels import part_of_income

        highest = np.inf if self.maximum is None else self.maximum
        part_of_income(income, float(self.rate), float(self.minimum), float(highest), out)

    def counted(self, portfolio: Portfolio) -> FloatArray:
        """(n_members,) monthly dues in whole hundredths of the currency, rounded half up.

        Raises
        ------
        InputError
            Where the members have no income column.
        """
        if portfolio.income is None:
            raise InputError(missing_columns(["income"], portfolio))
        hundredths = np.empty(len(portfolio))
        for start in range(0, len(portfolio), BLOCK):
            some = hundredths[start : start + BLOCK]
            self._charge(portfolio.income[start : start + BLOCK], some)
            some *= DUES_PER_UNIT
            some += 0.5
            np.floor(some, out=some)
        return hundredths
