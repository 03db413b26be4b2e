"""Equalisation: what comes from a pool of funds, or goes into it; late, estimated, and not always paid.

The other funds are not simulated. What they bring into the pool stands in the levy, or in a share of the
fund's own contributions. To settle several funds together, see `mutualfund.premiums.equalisation`.

A pool that bears a share by age is stated by the one share that it comes to on the fund's claims: by an
`AgePoolTable`, ``table.pooled(ages, benefits).sum() / sum(benefits)``. The simulation adds claims up by ten
bands of age, and such pools go by bands of five years: shares by age would be exact in appearance only. What
the one share leaves out is that the fund grows older or younger than it was.
"""

from __future__ import annotations

from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from mutualfund.assumptions.model import Amount, Change, Input, Number, Ratio, Share, Whole
from mutualfund.errors import Fault, InputError, numbers
from mutualfund.rules.view import YearView
from mutualfund.types import FloatArray

Many = TypeVar("Many", float, FloatArray)


class Equalisation(Input):
    """A yearly transfer: the pool bears a share of the claims, the fund pays a levy for every member.

    The final figure of a year is pooled_share x claims - levy x member-years + share_of_contributions x
    contributions due. It is known `delay_years` later; until then a share of an estimate of it is settled.

    >>> rule = Equalisation(share_of_contributions=-0.07, delay_years=1, settled_on_estimate=0.8)
    >>> float(rule.provisional(final=1000.0, estimate=1.25))
    1000.0
    """

    pooled_share: Share = Field(
        default=0.0, description="share of the year's claims that the pool bears"
    )
    levy_per_member: Amount = Field(
        default=0.0,
        description="paid into the pool a member-year, in money of year 1, fund currency",
    )
    levy_increase_per_year: Change = Field(
        default=0.0, description="relative rise of the levy from year 2"
    )
    share_of_contributions: Annotated[Number, Field(ge=-1.0, le=1.0)] = Field(
        default=0.0, description="received as a share of contributions due; below zero: paid"
    )
    delay_years: Annotated[Whole, Field(ge=0, le=10)] = Field(
        default=0, description="years until the final figure is known and settled"
    )
    settled_on_estimate: Share = Field(
        default=0.0, description="share of the estimate that is settled in the year itself"
    )
    estimate_cv: Ratio = Field(
        default=0.0,
        description="error of the estimate: coefficient of variation, its mean is right",
    )
    default_probability: Share = Field(
        default=0.0, description="chance that the pool does not pay in full in a year"
    )
    default_pays: Share = Field(
        default=0.0,
        description="share of each of its debts that a pool in default pays; the rest is lost",
    )

    @model_validator(mode="after")
    def _estimated_before_it_is_known(self) -> Self:
        stated = {"settled_on_estimate": self.settled_on_estimate, "estimate_cv": self.estimate_cv}
        faults = [
            Fault(name, f"{value:g}", "0 where delay_years is 0", "State delay_years.", "no_delay")
            for name, value in stated.items()
            if value > 0.0 and self.delay_years == 0
        ]
        if self.estimate_cv > 0.0 and self.delay_years > 0 and self.settled_on_estimate == 0.0:
            allowed = "more than 0 where estimate_cv is"
            faults.append(Fault("settled_on_estimate", "0", allowed, code="no_estimate"))
        if faults:
            raise InputError(faults)
        return self

    def amount(self, claims: Many, member_years: Many, contributions: Many, year: int) -> Many:
        """Final figure of a fund year, currency: numbers, or arrays of one shape; below zero: to be paid."""
        levy = self.levy_per_member * (1.0 + self.levy_increase_per_year) ** (year - 1)
        received = self.pooled_share * claims
        return received - levy * member_years + self.share_of_contributions * contributions

    def final(self, view: YearView) -> FloatArray:
        """(n_paths,) what the year's transfer comes to once all figures are known."""
        members = view.member_months / 12.0
        return self.amount(view.claims_incurred, members, view.contributions_due, view.year)

    def provisional(self, final: FloatArray, estimate: FloatArray) -> FloatArray:
        """(n_paths,) part settled in the year itself; estimate: (n_paths,) estimated over final figure."""
        due, error = numbers("final", final), numbers("estimate", estimate)
        return due if self.delay_years == 0 else self.settled_on_estimate * error * due
