"""A rule balanced to a required total: one factor on the whole tariff, and every cent accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import numpy as np

from mutualfund.errors import Fault, InputError, one_number
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.cents import shared_out
from mutualfund.premiums.cents_in_ratio import shared_out_in_ratio
from mutualfund.premiums.contributions import AgeBandContribution, Contribution
from mutualfund.premiums.contributions.refusals import require_rules
from mutualfund.types import FloatArray, IntArray

Rule = TypeVar("Rule", bound=Contribution)

MONTHS = 12
LARGEST_TOTAL = 1e13  # minor units: beyond it a float sum over members cannot be told to the unit


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Balanced(Generic[Rule]):
    """A rule that brings in a required total, and what each member owes for it.

    Attributes
    ----------
    rule
        The rule, its `level` multiplied by `factor`. An `IncomeContribution` whose bounds stay rounds each
        month to hundredths at its new rate, so twelve months of it may miss the total by some cents.
    factor
        What the meeting raises (above 1) or lowers the tariff by.
    yearly
        (n_members,) a full year's contribution of each member in whole minor units. Together they are the
        required total, to the last one, and within the `maximum_ratio` of age bands.
    minor
        Minor units in a unit of currency.
    """

    rule: Rule
    factor: float
    yearly: IntArray
    minor: int

    def __repr__(self) -> str:
        return f"Balanced by a factor of {self.factor:.6g} to {self.total:,.2f} a year"

    @property
    def total(self) -> float:
        """A full year's contributions of all members, fund currency."""
        return int(self.yearly.sum()) / self.minor


def balance(
    rule: Rule,
    portfolio: Portfolio,
    required_total: float,
    *,
    at: int | date = 1,
    minor: int = 100,
) -> Balanced[Rule]:
    """Raise or lower a rule by one factor until its members owe a required total in a full year.

    A member's year is rounded to whole minor units. What rounding all of them down leaves over goes to those
    whose contributions were cut the most, one unit each; of equal cuts, to the first in the order of the
    members, which no file decides. So the total is exact, and nobody is a whole unit off their own share.
    Where that would put one age band beyond its `maximum_ratio`, cheap members are rounded up and dear ones
    down instead, some of them by a few units.

    Parameters
    ----------
    rule : any listed rule.
    portfolio : the members who pay, in force all year.
    required_total : currency a year, more than 0.
    at : fund year or day, as in `Contribution.monthly_dues`.
    minor : minor units in a unit of currency, see `schema.minor_units`.

    Raises
    ------
    InputError
        Where nobody owes anything, the total is out of range or of what bounds let members owe, or no whole
        units have both the total and the `maximum_ratio` of the age bands.

    Source of the rounding: Hamilton's method of largest remainders (Balinski and Young, Fair
    Representation, 1982, ch. 3).

    >>> from mutualfund.premiums import CommunityContribution
    >>> members = Portfolio.synthetic(7, age_mix="Y")
    >>> done = balance(CommunityContribution(monthly=50.0, child_share=0.4), members, 1000.0)
    >>> done.total, sorted(set(done.yearly.tolist()))
    (1000.0, [7692, 19231])
    """
    require_rules(rule=rule)
    one_number(
        "required_total",
        required_total,
        minimum=1.0 / minor,
        maximum=LARGEST_TOTAL / minor,
        unit="currency a year",
    )
    owed = MONTHS * rule.monthly_dues(portfolio, at)
    total = float(owed.sum())
    if not total > 0.0:
        remedy = "Give the rule a price above 0."
        allowed = "a rule under which some member owes something"
        raise InputError([Fault("rule", "no contribution due", allowed, remedy, "empty")])
    wanted = int(np.floor(required_total * minor + 0.5))
    factor, owed = rule.reaching(wanted / minor, owed, portfolio, at)
    yearly = _whole_units(rule, portfolio, at, owed * minor, wanted)
    return Balanced(rule.scaled(factor), factor, yearly, minor)


def _whole_units(
    rule: Contribution, portfolio: Portfolio, at: int | date, shares: FloatArray, total: int
) -> IntArray:
    """(n_members,) the shares in whole units that add up, within the ratio of age bands if there is one."""
    if isinstance(rule, AgeBandContribution) and rule.maximum_ratio is not None:
        times = rule.times_in_ratio(portfolio, at)
        return shared_out_in_ratio(shares, total, times, rule.maximum_ratio)
    return shared_out(shares, total)
