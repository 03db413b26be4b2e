"""A rule balanced to a required total: one factor on the whole tariff, and every cent accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, overload

import numpy as np

from mutualfund.errors import Fault, InputError, one_number
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.cents import shared_out
from mutualfund.premiums.cents_in_ratio import shared_out_in_ratio
from mutualfund.premiums.contributions import (
    AgeBandContribution,
    Contribution,
    ContributionRule,
)
from mutualfund.premiums.contributions.own_rule import ScaledRule, monthly_dues, require_rules
from mutualfund.schema import minor_units, require_currency
from mutualfund.types import FloatArray, IntArray, frozen

Rule = TypeVar("Rule", bound=ContributionRule, covariant=True)
Listed = TypeVar("Listed", bound=Contribution)

MONTHS = 12
LARGEST_TOTAL = 1e13  # minor units: beyond it a float sum over members cannot be told to the unit


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Balanced(Generic[Rule]):
    """A rule that brings in a required total, and what each member owes for it.

    Attributes
    ----------
    rule
        The rule, its `level` multiplied by `factor`; of one's own, the rule with its prices multiplied by it.
        An `IncomeContribution` whose bounds stay rounds each month to hundredths at its new rate, so twelve
        months of it may miss the total by some cents.
    factor
        What the meeting raises (above 1) or lowers the tariff by.
    yearly
        (n_members,) a full year's contribution of each member in whole minor units. Together they are the
        required total, to the last one, and within the `maximum_ratio` of age bands.
    currency
        ISO 4217; its minor unit is the one that a year and a month are whole numbers of.
    """

    rule: Rule
    factor: float
    yearly: IntArray
    currency: str

    def __repr__(self) -> str:
        return f"Balanced by a factor of {self.factor:.6g} to {self.total:,.2f} a year"

    @property
    def minor(self) -> int:
        """Minor units in a unit of currency."""
        return minor_units(self.currency)

    @property
    def monthly(self) -> IntArray:
        """(n_members, 12) what each member is billed in each month of the year, whole minor units.

        A member's twelve bills add up to their year, and so all bills to the required total. They differ by
        at most one unit: what twelve equal bills rounded down leave over is billed in the first months, one
        unit each. The ratio of age bands holds for the year; the bills of one month may be beyond it by that
        unit.

        >>> from mutualfund.premiums import FlatContribution
        >>> flat, one = FlatContribution(monthly=1.0), Portfolio.synthetic(1)
        >>> balance(flat, one, 100.0, currency="EUR").monthly.tolist()
        [[834, 834, 834, 834, 833, 833, 833, 833, 833, 833, 833, 833]]
        """
        each, left = np.divmod(self.yearly, MONTHS)
        return frozen(each[:, None] + (np.arange(MONTHS) < left[:, None]), np.int64)

    @property
    def total(self) -> float:
        """A full year's contributions of all members, fund currency."""
        return int(self.yearly.sum()) / self.minor


@overload
def balance(
    rule: Listed,
    portfolio: Portfolio,
    required_total: float,
    *,
    currency: str,
    at: int | date = ...,
) -> Balanced[Listed]: ...
@overload
def balance(
    rule: ContributionRule,
    portfolio: Portfolio,
    required_total: float,
    *,
    currency: str,
    at: int | date = ...,
) -> Balanced[ContributionRule]: ...
def balance(
    rule: Any,
    portfolio: Portfolio,
    required_total: float,
    *,
    currency: str,
    at: int | date = 1,
) -> Balanced[Any]:
    """Raise or lower a rule by one factor until its members owe a required total in a full year.

    A member's year is rounded to whole minor units. What rounding all of them down leaves over goes to those
    whose contributions were cut the most, one unit each; of equal cuts, to the first in the order of the
    members, which no file decides. So the total is exact, and nobody is a whole unit off their own share.
    Where that would put one age band beyond its `maximum_ratio`, cheap members are rounded up and dear ones
    down instead, some of them by a few units.

    Parameters
    ----------
    rule : any rule, listed or of one's own (see `ContributionRule`).
    portfolio : the members who pay, in force all year.
    required_total : currency a year, more than 0.
    currency : ISO 4217, the fund's; its minor unit is what a member's year is rounded to.
    at : fund year or day, as in `Contribution.monthly_dues`.

    Raises
    ------
    InputError
        Where nobody owes anything, the total is out of range or of what bounds let members owe, the currency
        is no code, or no whole units have both the total and the `maximum_ratio` of the age bands.

    Source of the rounding: Hamilton's method of largest remainders (Balinski and Young, Fair
    Representation, 1982, ch. 3).

    >>> from mutualfund.premiums import CommunityContribution
    >>> members = Portfolio.synthetic(7, age_mix="Y")
    >>> rule = CommunityContribution(monthly=50.0, child_share=0.4)
    >>> done = balance(rule, members, 1000.0, currency="EUR")
    >>> done.total, sorted(set(done.yearly.tolist()))
    (1000.0, [7692, 19231])
    """
    require_rules(rule=rule)
    require_currency("currency", currency)
    minor = minor_units(currency)
    one_number(
        "required_total",
        required_total,
        minimum=1.0 / minor,
        maximum=LARGEST_TOTAL / minor,
        unit="currency a year",
    )
    owed = MONTHS * monthly_dues(rule, portfolio, at)
    total = float(owed.sum())
    if not total > 0.0:
        remedy = "Give the rule a price above 0."
        allowed = "a rule under which some member owes something"
        raise InputError([Fault("rule", "no contribution due", allowed, remedy, "empty")])
    wanted = int(np.floor(required_total * minor + 0.5))
    if isinstance(rule, Contribution):
        factor, owed = rule.reaching(wanted / minor, owed, portfolio, at)
        scaled: Any = rule.scaled(factor)
    else:
        factor = wanted / minor / total
        owed, scaled = owed * factor, ScaledRule(rule, factor)
    yearly = _whole_units(rule, portfolio, at, owed * minor, wanted)
    return Balanced(scaled, factor, yearly, currency)


def _whole_units(
    rule: ContributionRule, portfolio: Portfolio, at: int | date, shares: FloatArray, total: int
) -> IntArray:
    """(n_members,) the shares in whole units that add up, within the ratio of age bands if there is one."""
    if isinstance(rule, AgeBandContribution) and rule.maximum_ratio is not None:
        times = rule.times_in_ratio(portfolio, at)
        return shared_out_in_ratio(shares, total, times, rule.maximum_ratio)
    return shared_out(shares, total)
