"""What members owe under any contribution rule, a listed one or one of the fund's own, and that rule scaled.

A rule of one's own is charged as the simulation charges it: the price of a member's cell at their age in the
fund year, times the units that it counts for them on the first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from mutualfund.errors import Fault, InputError, kind_of
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.accounts import Accounts
from mutualfund.premiums.contributions.fund_year import fund_year
from mutualfund.premiums.contributions.protocol import ContributionRule
from mutualfund.premiums.contributions.refusals import require_prices
from mutualfund.premiums.contributions.rule import Contribution
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray, IntArray

ASKED = ("cell_table", "prices", "units")
"""What a rule of one's own must offer for its dues to be known, of what `ContributionRule` lists."""


def require_rules(**rules: object) -> None:
    """Refuse arguments, by name, of which members' dues cannot be asked.

    Raises
    ------
    InputError
        With a fault for each, that names the methods it lacks.
    """
    faults = [_no_rule(name, rule) for name, rule in rules.items() if _lacking(rule)]
    if faults:
        raise InputError(faults)


def _lacking(rule: object) -> list[str]:
    if isinstance(rule, type):
        return list(ASKED)  # its methods are there, and no prices
    return [name for name in ASKED if not callable(getattr(rule, name, None))]


def _no_rule(name: str, rule: object) -> Fault:
    lacking = _lacking(rule)
    got = kind_of(rule) if len(lacking) == len(ASKED) else f"{kind_of(rule)} without {lacking[0]}"
    allowed = (
        "a contribution rule, such as FlatContribution(monthly=30.0), or one of your own with "
        + ", ".join(ASKED)
    )
    return Fault(name, got, allowed, "See premiums.ContributionRule.", "type")


def monthly_dues(rule: ContributionRule, portfolio: Portfolio, at: int | date = 1) -> FloatArray:
    """(n_members,) what each member owes a month under any rule, fund currency, at the tariff as written.

    Raises
    ------
    InputError
        Where the rule cannot be applied to the members, has no price for one, or is of one's own and gives a
        table or units of another shape.

    >>> from mutualfund.premiums import FlatContribution
    >>> monthly_dues(FlatContribution(monthly=30.0), Portfolio.synthetic(2)).tolist()
    [30.0, 30.0]
    """
    if isinstance(rule, Contribution):
        return rule.monthly_dues(portfolio, at)
    age = Standing(portfolio, fund_year(portfolio, at)).age
    prices, table = np.append(rule.prices(), np.nan), _table(rule, portfolio.plan_names)
    price = prices[table[age, portfolio.plan_code]]  # cell -1: no price
    require_prices(price)
    units = rule.units(portfolio)
    if units is None:
        return price
    if np.shape(units) != price.shape:
        allowed = f"shape {price.shape}, or None for one each"
        raise InputError([Fault("rule.units", f"shape {np.shape(units)}", allowed, code="length")])
    return np.asarray(units * price)


def _table(rule: ContributionRule, plan_names: Sequence[str]) -> IntArray:
    """The rule's cells by age and plan, as they can be looked up."""
    table, n = np.asarray(rule.cell_table(plan_names)), len(rule.prices())
    wanted = (MAX_AGE + 1, len(plan_names) + 1)
    if table.shape != wanted:
        got, allowed = (
            f"shape {table.shape}",
            f"shape {wanted}: ages by plans, and those without one",
        )
        raise InputError([Fault("rule.cell_table", got, allowed, code="length")])
    if table.dtype.kind not in "iu" or table.min() < -1 or table.max() >= n:
        allowed = f"whole numbers, the places of {n} prices, and -1 for none"
        raise InputError([Fault("rule.cell_table", "other cells", allowed, code="range")])
    return table


@dataclass(frozen=True, slots=True, eq=False)
class ScaledRule:
    """A rule of one's own with every contribution from the fund's first day on times one factor.

    What was charged before stays, and so do the rule's own rises.

    >>> from mutualfund.premiums import FlatContribution
    >>> ScaledRule(FlatContribution(monthly=30.0), 1.5).prices().tolist()
    [45.0]
    """

    rule: ContributionRule
    factor: float

    @property
    def collection_rate(self) -> float:
        """Share of the dues that is paid."""
        return self.rule.collection_rate

    def cell_labels(self) -> tuple[str, ...]:
        """Names of the tariff cells."""
        return self.rule.cell_labels()

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) cell by age and plan."""
        return self.rule.cell_table(plan_names)

    def prices(self) -> FloatArray:
        """(n_cells,) monthly price of one unit, fund currency, year 1."""
        return self.factor * np.asarray(self.rule.prices())

    def previous_prices(self) -> FloatArray:
        """(n_cells,) the same before the fund's start."""
        return self.rule.previous_prices()

    def units(self, portfolio: Portfolio) -> IntArray | None:
        """(n_members,) units owed by each member; None for one each."""
        return self.rule.units(portfolio)

    def increase(
        self, seen: Accounts | None, year: int, n_paths: int, trend: float | FloatArray
    ) -> FloatArray:
        """(n_paths,) relative change of the tariff wanted for `year`."""
        return self.rule.increase(seen, year, n_paths, trend)
