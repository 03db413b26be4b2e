"""The reserve rule: how outstanding claims are booked, and how much reserve is too little and enough."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, GetPydanticSchema, model_validator
from pydantic_core import core_schema

from mutualfund.assumptions.model import Input, Ratio, Share
from mutualfund.errors import Fault, InputError
from mutualfund.rules.booking import (
    Benktander,
    Booking,
    BornhuetterFerguson,
    CapeCod,
    ChainLadder,
    Completion,
    ShareOfContributions,
)
from mutualfund.rules.capital import AnyTarget, CapitalRule, ContributionShareCapital

BookingName = Literal[
    "completion",
    "chain_ladder",
    "bornhuetter_ferguson",
    "benktander",
    "cape_cod",
    "share_of_contributions",
]
_BY_NAME: dict[str, Booking] = {
    "completion": Completion(),
    "chain_ladder": ChainLadder(),
    "bornhuetter_ferguson": BornhuetterFerguson(),
    "benktander": Benktander(),
    "cape_cod": CapeCod(),
}


def _own_or_named(value: Any, handler: Any) -> Any:
    return value if isinstance(value, Booking) else handler(value)


def _booking_schema(_source: Any, handler: Any) -> Any:
    named = handler.generate_schema(BookingName)
    return core_schema.no_info_wrap_validator_function(_own_or_named, named)


AnyBooking = Annotated[BookingName | Booking, GetPydanticSchema(_booking_schema)]


class Reserve(Input):
    """Booking method, floor and target.

    >>> Reserve(booking="completion", floor=0.10, target=0.25).method()
    Completion()
    >>> Reserve(target={"kind": "months_of_claims", "months": 3}).capital.months
    3.0
    """

    booking: AnyBooking = Field(
        default="completion", description="how outstanding claims are booked"
    )
    booking_share: Share | None = Field(
        default=None, description="share of annual contributions booked, for share_of_contributions"
    )
    floor: Ratio = Field(
        default=0.0,
        description="share of annual contributions below which the deficit ladder starts",
    )
    target: AnyTarget = Field(
        default=0.0,
        description="required capital, above which surplus is shared: a share of annual contributions, "
        "or a capital rule",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = []
        if (self.booking == "share_of_contributions") != (self.booking_share is not None):
            got = "nothing" if self.booking_share is None else f"{self.booking_share:g}"
            allowed = 'a share with booking = "share_of_contributions", and only there'
            faults.append(Fault("booking_share", got, allowed))
        share = self.capital.share if isinstance(self.capital, ContributionShareCapital) else None
        if share is not None and share < self.floor:
            field = "target" if isinstance(self.target, float | int) else "target.share"
            allowed = f"at least the floor, {self.floor:g}"
            faults.append(Fault(field, f"{share:g}", allowed, code="range"))
        if faults:
            raise InputError(faults)
        return self

    @property
    def capital(self) -> CapitalRule:
        """The capital rule itself.

        >>> Reserve(target=0.25).capital
        ContributionShareCapital(kind='share_of_contributions', share=0.25, minimum=0.0)
        """
        if isinstance(self.target, float | int):
            return ContributionShareCapital(share=self.target)
        return self.target

    def method(self) -> Booking:
        """The booking method itself."""
        if self.booking == "share_of_contributions":
            return ShareOfContributions(self.booking_share or 0.0)
        return _BY_NAME[self.booking] if isinstance(self.booking, str) else self.booking
