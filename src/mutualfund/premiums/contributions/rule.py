"""What every listed contribution rule is: a table of prices, adjustments by member, and how it moves.

A rule splits members into *tariff cells* by age and plan and says what a unit costs in each. A member owes
`prices()[cell] x units` a month. Units are one each, or what the rule counts (income-related dues), times the
member's adjustments; the whole numbers are what the simulation adds up, so both come to the same cent. The
whole tariff moves by one factor, `level` as a meeting sets it and the rises of later years on top.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date
from itertools import takewhile
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from mutualfund.assumptions.model import Change, Factor, Input, MonthStart, Number, Ratio, Share
from mutualfund.errors import Fault, InputError, numbers, one_number
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.members import require_portfolio
from mutualfund.premiums.accounts import Accounts
from mutualfund.premiums.contributions.adjustment import Adjustment
from mutualfund.premiums.contributions.adjustments import AdjustmentSpec
from mutualfund.premiums.contributions.classes import (
    Alike,
    Looked,
    RatingClasses,
    rating_classes,
)
from mutualfund.premiums.contributions.elsewhere import STATED_ELSEWHERE
from mutualfund.premiums.contributions.family import FamilyAdjustment
from mutualfund.premiums.contributions.fund_year import day_of, fund_year
from mutualfund.premiums.contributions.rating_factor import each_column_once
from mutualfund.premiums.contributions.refusals import (
    missing_columns,
    not_yet_valid,
    require_decision,
    require_prices,
    require_total,
)
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray, IntArray

PARTS = 1_000_000
"""Where members owe one unit each, what adjusts it is counted in millionths of a unit."""

TargetRatio = Annotated[Number, Field(gt=0.0, le=2.0)]
Adjustments = Annotated[
    tuple[AdjustmentSpec, ...], Field(max_length=16), AfterValidator(each_column_once)
]


class Contribution(Input):
    """What every listed kind has in common."""

    model_config = ConfigDict(json_schema_extra=STATED_ELSEWHERE)

    level: Factor = Field(
        default=1.0, description="uniform factor on the whole tariff, as a meeting sets it"
    )
    increase_per_year: Change = Field(
        default=0.0, description="relative rise of the tariff from year 2"
    )
    trend_share: Ratio = Field(
        default=0.0,
        description="indexation: share of the yearly claim trend by which the tariff rises as well",
    )
    collection_rate: Share = Field(
        default=1.0, description="share of the dues that is paid; the rest is written off"
    )
    target_loss_ratio: TargetRatio | None = Field(
        default=None,
        description="claims over contributions that the tariff aims at, once accounts are seen",
    )
    valid_from: MonthStart | None = Field(
        default=None, description="first day on which this table may be used, where it is dated"
    )
    adjustments: Adjustments = Field(
        default=(), description="loadings and discounts by member, in the order they apply"
    )

    @model_validator(mode="after")
    def _one_age_of_adults(self) -> Self:
        faults = []
        for place, each in enumerate(self.adjustments):
            stated = each.child_age if isinstance(each, FamilyAdjustment) else None
            if None not in (stated, self.adult_age) and stated != self.adult_age:
                allowed = f"the table's own child_age, {self.adult_age}"
                remedy = "Leave it out here: the adjustment then goes by the table's."
                field = f"adjustments[{place}].child_age"
                faults.append(Fault(field, f"{stated}", allowed, remedy, "differs"))
        if faults:
            raise InputError(faults)
        return self

    @property
    def adult_age(self) -> int | None:
        """Age from which the table charges a member as an adult; None where it knows no children."""
        return None

    @abstractmethod
    def cell_labels(self) -> tuple[str, ...]:
        """Names of the tariff cells."""

    @abstractmethod
    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) cell by age and plan; the last column is for members without a plan."""

    @abstractmethod
    def written(self) -> FloatArray:
        """(n_cells,) prices as written, before `level` and adjustments."""

    @abstractmethod
    def previously_written(self) -> FloatArray | None:
        """(n_cells,) prices before the fund's start; None where they are not stated."""

    def counted(self, portfolio: Portfolio) -> FloatArray | None:  # noqa: ARG002 - one unit each
        """(n_members,) whole units before adjustments, floats of their own; None where all owe one."""
        return None

    def needs(self) -> tuple[str, ...]:
        """Columns of the members table without which nobody's contribution is known."""
        return tuple(dict.fromkeys(name for each in self.adjustments for name in each.needs()))

    def faults(self, portfolio: Portfolio) -> list[Fault]:
        """Why these members cannot be charged: columns that are missing, labels without a factor."""
        require_portfolio("portfolio", portfolio)
        found = missing_columns(self.needs(), portfolio)
        for place, each in enumerate(self.adjustments):
            found += each.faults(portfolio, f"rules.contributions.adjustments[{place}]")
        return found

    # ---- what members owe ----------------------------------------------------------------------

    def prices(self) -> FloatArray:
        """(n_cells,) monthly price of a unit, fund currency, year 1."""
        return self._for_a_unit(self.level * self.written())

    def previous_prices(self) -> FloatArray:
        """(n_cells,) the same before the fund's start; as now where nothing is stated."""
        before = self.previously_written()
        return self.prices() if before is None else self._for_a_unit(before)

    def _for_a_unit(self, prices: FloatArray) -> FloatArray:
        return prices / PARTS if self.adjustments and not self.counts else prices

    @property
    def counts(self) -> bool:
        """Whether members owe other than one unit each before adjustments."""
        return False

    def units(self, portfolio: Portfolio) -> IntArray | None:
        """(n_members,) units owed by each member in year 1; None for one each."""
        return self.units_of(Standing(portfolio))

    def units_of(self, standing: Standing) -> IntArray | None:
        """(n_members,) units owed in the year of a standing, rounded half up; None for one each.

        Raises
        ------
        InputError
            Where the members lack a column that the rule needs.
        """
        self._require_columns(standing.portfolio)
        units = self._whole_units(standing)
        if units is None:
            return None
        return self._exempted(units.each(), standing).astype(np.int64)

    def factors(self, standing: Standing) -> FloatArray:
        """(n_members,) what the adjustments make of the table's price, one after the other.

        Raises
        ------
        InputError
            Where the members lack a column that the rule needs.
        """
        self._require_columns(standing.portfolio)
        return self._exempted(self._factors(standing).each(), standing)

    def _whole_units(self, standing: Standing) -> Alike | None:
        """Units as floats that hold whole numbers, before anybody is exempt; None for one each."""
        counted = self.counted(standing.portfolio)
        if not self.adjustments:
            return None if counted is None else Alike(counted, None)
        factors = self._factors(standing)
        if counted is None:
            return factors.in_whole(PARTS)
        return Alike(factors.each(), None).times(counted).in_whole(1.0)

    def _factors(self, standing: Standing) -> Alike:
        """The adjustments as far as they are alike for members of a kind by kind, the rest one by one."""
        first = () if standing.joiners else self._by_kind
        rest = self.applied[len(first) :]
        if not first:
            return Alike(_adjusted(rest, standing), None)
        kinds = self._kinds(standing.portfolio)
        of_kinds = _adjusted(first, Standing(kinds.members, standing.year))
        if not rest:
            return Alike(of_kinds, kinds.kind)
        factors = rest[0].applied_to_kinds(of_kinds, kinds, standing)
        return Alike(_adjusted(rest[1:], standing, factors.each()), None) if rest[1:] else factors

    @property
    def _by_kind(self) -> tuple[Adjustment, ...]:
        """The first adjustments, as far as they are the same for all members of a kind."""
        return tuple(takewhile(lambda each: each.by_kind, self.applied))

    @property
    def applied(self) -> tuple[Adjustment, ...]:
        """The adjustments, with the table's age of adults where they state none."""
        return tuple(each.beside(self.adult_age) for each in self.adjustments)

    def _kinds(self, portfolio: Portfolio) -> RatingClasses:
        """The kinds of members by all that their price and their first adjustments depend on."""
        looked_at = set(_priced_by(self.cell_table(portfolio.plan_names)))
        looked_at.update(name for each in self._by_kind for name in each.looks_at)
        return rating_classes(portfolio, tuple(sorted(looked_at, key=repr)))

    def _exempted(self, values: FloatArray, standing: Standing) -> FloatArray:
        """The values, 0 in place for those who owe nothing."""
        for adjustment in self.applied:
            values[adjustment.exempt(standing)] = 0.0
        return values

    def monthly_dues(self, portfolio: Portfolio, at: int | date = 1) -> FloatArray:
        """What each member owes a month, at the tariff as written.

        Parameters
        ----------
        portfolio : the members on the fund's first day.
        at : fund year, 1 is the first, or a day in it: members are as old and as long in the fund as at the
            opening of that fund year, whatever the day. What a birthday or a completed year of membership
            changes is charged from the next opening on, up to a year later.

        Returns
        -------
        (n_members,) fund currency.

        Raises
        ------
        InputError
            Where a column is missing, a member has no price, or the table is not yet valid on that day, which
            a dated table cannot know of members without a first day.

        >>> from mutualfund.premiums import FlatContribution
        >>> FlatContribution(monthly=30.0, level=1.1).monthly_dues(Portfolio.synthetic(2)).tolist()
        [33.0, 33.0]
        """
        year = self._year_of(portfolio, at)
        self._require_columns(portfolio)
        standing = Standing(portfolio, year)
        if self.adjustments and self._by_kind == self.applied and not self.counts:
            return self._dues_by_kind(standing)
        price, units = self._price_by_member(portfolio, year), self._whole_units(standing)
        if units is None:
            return price if price.flags.writeable else price.copy()
        if price.strides == (0,):  # one price for all
            return self._exempted(units.each(price[0]), standing)
        return self._exempted(units.each() * price, standing)

    def _dues_by_kind(self, standing: Standing) -> FloatArray:
        """What the members owe where a kind decides it: one look-up, then who owes nothing."""
        kinds, year = self._kinds(standing.portfolio), standing.year
        factors = Alike(_adjusted(self.applied, Standing(kinds.members, year)), kinds.kind)
        price = self._price_by_member(kinds.members, year)
        dues = factors.in_whole(PARTS).times(price)
        return self._exempted(dues.each(), standing)

    def _price_by_member(self, portfolio: Portfolio, year: int) -> FloatArray:
        """(n_members,) price of a unit, to be read: one look-up, by no more than the table depends on."""
        cells = self.cell_table(portfolio.plan_names)
        by = _priced_by(cells)
        aged = cells[np.minimum(np.arange(MAX_AGE + 1) + (year - 1), MAX_AGE)]
        prices = np.append(self.prices(), np.nan)[aged]  # cell -1: no price
        if not by:
            found = np.broadcast_to(prices[0, 0], len(portfolio))
        elif by == ("age",):
            found = np.take(prices[:, 0], portfolio.age)
        elif by == ("plan",):
            found = np.take(prices[0], portfolio.plan_code)
        else:
            plan = portfolio.plan_code % prices.shape[1]  # no plan: the last column
            found = np.take(prices, portfolio.age * prices.shape[1] + plan)
        if (aged < 0).any():
            require_prices(found)
        return found

    def _year_of(self, portfolio: Portfolio, at: int | date) -> int:
        """The fund year of a day or a number; refused where the table is dated after it."""
        year, day = fund_year(portfolio, at), day_of(portfolio, at)
        if self.valid_from is not None and day is None:
            allowed = "members with a first day, where the table is dated (valid_from)"
            remedy = "State the start of the portfolio, or leave valid_from out."
            raise InputError([Fault("portfolio.start", "nothing", allowed, remedy, "missing")])
        if self.valid_from is not None and day is not None and day < self.valid_from:
            raise InputError([not_yet_valid("valid_from", self.valid_from, day)])
        return year

    def _require_columns(self, portfolio: Portfolio) -> None:
        faults = self.faults(portfolio)
        if faults:
            raise InputError(faults)

    def scaled(self, factor: float) -> Self:
        """The same rule with every contribution raised or lowered by one factor, 0 or more.

        Of income-related dues whose bounds stay it is the rate that moves.

        >>> from mutualfund.premiums import FlatContribution
        >>> FlatContribution(monthly=30.0).scaled(1.1).level
        1.1
        """
        one_number("factor", factor, minimum=0.0, maximum=1e300, unit="1 = as it is")
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**given | {"level": self.level * factor})

    def reaching(
        self,
        required: float,
        owed: FloatArray,
        portfolio: Portfolio,  # noqa: ARG002 - whoever they are, the whole tariff moves
        at: int | date,  # noqa: ARG002
    ) -> tuple[float, FloatArray]:
        """The factor for `scaled` at which members owe a total, and (n_members,) what each then owes a year.

        Parameters
        ----------
        required : currency a year.
        owed : (n_members,) what each owes a year now, not all of it 0.
        portfolio, at : whose dues, and when, as in `monthly_dues`.

        >>> from mutualfund.premiums import FlatContribution
        >>> rule, members = FlatContribution(monthly=30.0), Portfolio.synthetic(2)
        >>> factor, owed = rule.reaching(360.0, 12 * rule.monthly_dues(members), members, at=1)
        >>> factor, owed.tolist()
        (0.5, [180.0, 180.0])
        """
        require_total(required)
        now = numbers("owed", owed)
        factor = required / float(now.sum())
        return factor, now * factor

    # ---- how the tariff moves ------------------------------------------------------------------

    def increase(
        self, seen: Accounts | None, year: int, n_paths: int, trend: float | FloatArray
    ) -> FloatArray:
        """The stated rise, or with a target the change that brings the seen accounts to it.

        Booked claims seen are trended to `year`; contributions seen are restated at the tariff now
        in force. Before any accounts are seen, and where no contributions were due, the stated rise
        stands: (1 + increase_per_year) x (1 + trend_share x trend) - 1.

        Parameters
        ----------
        seen : accounts of an earlier year, or None.
        year : fund year decided for, 2 or later.
        n_paths : number of paths.
        trend : yearly claim trend, a fraction; a number or (n_paths,).

        Returns
        -------
        (n_paths,) relative change.
        """
        require_decision(seen, year, n_paths)
        rise = numbers("trend", trend)
        stated = np.full(n_paths, self.increase_per_year)
        if self.trend_share:
            indexed = 1.0 + self.trend_share * rise
            stated = np.maximum((1.0 + stated) * indexed, 0.0) - 1.0
        if self.target_loss_ratio is None or seen is None:
            return stated
        claims = seen.claims_incurred * (1.0 + rise) ** (year - seen.year)
        charged = seen.tariff_level > 0
        now = np.where(charged, seen.tariff_now, 0.0) / np.where(charged, seen.tariff_level, 1.0)
        at_present = seen.contributions_due * now
        priced = at_present > 0
        needed = claims / (self.target_loss_ratio * np.where(priced, at_present, 1.0))
        return np.where(priced, np.maximum(needed, 0.0) - 1.0, stated)


def _priced_by(cells: IntArray) -> tuple[Looked, ...]:
    """Whether a cell depends on age and plan, from the cells by age and plan, (121, n_plans + 1)."""
    by_age: tuple[Looked, ...] = () if (cells == cells[:1]).all() else ("age",)
    return by_age if (cells == cells[:, :1]).all() else (*by_age, "plan")


def _adjusted(
    adjustments: Sequence[Adjustment], standing: Standing, factors: FloatArray | None = None
) -> FloatArray:
    """The factors after these adjustments too; 1 for all where none are given."""
    found = np.ones(len(standing.portfolio)) if factors is None else factors
    for adjustment in adjustments:
        found = adjustment.applied(found, standing)
    return found
