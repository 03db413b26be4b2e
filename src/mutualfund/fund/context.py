"""What every block of a run shares: the rules by year, the expected values, the units of money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.errors import Fault, InputError
from mutualfund.fund.expectations import Expectations
from mutualfund.fund.payments import MONTHS, delays_used
from mutualfund.results.facts import FundFacts
from mutualfund.results.measures import Measure
from mutualfund.rules import Rulebook
from mutualfund.rules.booking import MONTHS_FOR_FACTORS
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan
from mutualfund.sim.terms import month_start
from mutualfund.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Fund:
    """One scenario, ready for its fund years."""

    scenario: Scenario
    rules: tuple[Rulebook, ...]  # in force at the start of each year
    fund_lines: tuple[Line, ...]  # lines with one amount a year for the whole fund
    expected: Expectations
    registry: Mapping[str, Measure]  # measures of this run, own cash flows included
    minor: int  # minor units per currency unit
    n_delays: int  # months of payment delay that can occur, the month of treatment included
    fee_payers: tuple[float, ...]  # by year, share of its joiners who owe the entry fee

    @classmethod
    def of(cls, plan: Plan, expected: Expectations) -> Fund:
        """Everything that follows from a plan and what may be expected."""
        scenario, rules = plan.scenario, rules_by_year(plan.scenario)
        return cls(
            scenario=scenario,
            rules=rules,
            fund_lines=plan.fund_lines,
            expected=expected,
            registry=FundFacts.of(scenario).registry,
            minor=plan.minor,
            n_delays=delays_used(plan),
            fee_payers=fee_payers(plan, rules),
        )

    @property
    def price_reference(self) -> float:
        """The rise in price that nobody minds: stated, or the claim trend (definition 4)."""
        stated = self.scenario.members.price_reference
        return self.expected.claim_trend if stated is None else stated

    @property
    def years_kept(self) -> int:
        """Treatment years that booking looks at: 24 months that show the longest delay, and it."""
        return -(-(MONTHS_FOR_FACTORS + self.n_delays) // 12)

    def inflation_factor(self, year: int) -> float:
        """Prices of `year` over those of year 1."""
        return self.scenario.assumptions.economy.inflation_factor(year)

    def opening_paid(self, year: int) -> float:
        """Claims incurred before the first day that are paid in `year`, currency."""
        due = self.expected.opening_due
        return float(due[year - 1]) if year <= due.size else 0.0

    def opening_owed(self, year: int) -> float:
        """Claims incurred before the first day still unpaid at the end of `year`, currency."""
        return float(sum(self.expected.opening_due[year:]))

    def start_of(self, year: int) -> date:
        """First day of `year`."""
        return year_start(self.scenario, year)


def fee_payers(plan: Plan, rules: Sequence[Rulebook]) -> tuple[float, ...]:
    """By year, the share of its joiners who owe the entry fee: they are the same people on every path."""
    age = plan.scenario.portfolio.age
    return tuple(
        book.joining.owing(age[plan.slots.copied_in(year)])
        for year, book in enumerate(rules, start=1)
    )


def year_start(scenario: Scenario, year: int) -> date:
    """First day of fund year `year`, from 1."""
    return month_start(scenario.fund.start, MONTHS * (year - 1))


def rules_by_year(scenario: Scenario) -> tuple[Rulebook, ...]:
    """The rulebook in force at the start of each fund year.

    Raises
    ------
    InputError
        If an amendment changes the members' share, which tariff cell members are in, their adjustments, or
        the income-related dues they are counted by: these are laid down once, before the first year.
    """
    years = range(1, scenario.settings.years + 1)
    books = tuple(scenario.rules.in_force(year_start(scenario, year)) for year in years)
    first = scenario.rules.contributions
    if any(book.joining.share != scenario.rules.joining.share for book in books):
        raise InputError([_SHARE_MOVED])
    for book in books:
        now = book.contributions
        if now is first or now == first:
            continue
        counted = np.array_equal(
            _or_none(first.units(scenario.portfolio)), _or_none(now.units(scenario.portfolio))
        )
        adjusted = getattr(now, "applied", ()) != getattr(first, "applied", ())
        if now.cell_labels() != first.cell_labels() or adjusted or not counted:
            raise InputError([_CELLS_MOVED])
    return books


def _or_none(units: IntArray | None) -> IntArray:
    return np.zeros(0, np.int64) if units is None else units


_CELLS_MOVED = Fault(
    "rules.amendments",
    "contributions of another kind, other age bands, adjustments, age of children or share of income",
    "other prices, increases and collection rates for the tariff cells of fund.start",
    "What is owed by income moves with increase_per_year, or with level where moves is all; bounds too.",
    "tariff_cells",
)


_SHARE_MOVED = Fault(
    "rules.amendments",
    "another joining.share",
    "the share that the opening members hold; every member in force holds the same",
    "Amend joining.entry_fee, or contributions.",
    "share",
)
