"""Contribution rules: who owes how much a month, and how the tariff moves.

A rule splits members into *tariff cells* by age and plan. A member owes `prices()[cell] × units` a
month, where units are 1 except for income-related dues. The whole tariff moves by one factor per
path and year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, Self, runtime_checkable

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from mutualfund.assumptions.bands import AgeBands
from mutualfund.assumptions.model import Amount, Change, Freeze, Input, Number, Share
from mutualfund.errors import Fault, InputError
from mutualfund.premiums.accounts import Accounts
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    from mutualfund.portfolio import Portfolio

DUES_PER_UNIT = 100
"""Income-related dues are counted in hundredths of the currency unit, in every currency."""

TargetRatio = Annotated[Number, Field(gt=0.0, le=2.0)]


@runtime_checkable
class ContributionRule(Protocol):
    """What a contribution rule of one's own must offer; the listed kinds offer the same.

    >>> rule: ContributionRule = FlatContribution(monthly=30.0)
    >>> rule.cell_labels(), rule.prices().tolist(), rule.collection_rate
    (('all',), [30.0], 1.0)
    >>> rule.cell_table(("basic",)).shape
    (121, 2)
    """

    @property
    def collection_rate(self) -> float:
        """Share of the dues that is paid."""
        ...

    def cell_labels(self) -> tuple[str, ...]:
        """Names of the tariff cells."""
        ...

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) cell by age and plan; the last column is for members without a plan."""
        ...

    def prices(self) -> FloatArray:
        """(n_cells,) monthly price of one unit, fund currency, year 1."""
        ...

    def previous_prices(self) -> FloatArray:
        """(n_cells,) the same before the fund's start."""
        ...

    def units(self, portfolio: Portfolio) -> IntArray | None:
        """(n_members,) units owed by each member; None for one each."""
        ...

    def increase(
        self, seen: Accounts | None, year: int, n_paths: int, trend: float | FloatArray
    ) -> FloatArray:
        """(n_paths,) relative change of the tariff wanted for `year`, 2 or later."""
        ...


class _Contribution(Input):
    """What every listed kind has in common."""

    increase_per_year: Change = Field(
        default=0.0, description="relative rise of the tariff from year 2"
    )
    collection_rate: Share = Field(
        default=1.0, description="share of the dues that is paid; the rest is written off"
    )
    target_loss_ratio: TargetRatio | None = Field(
        default=None,
        description="claims over contributions that the tariff aims at, once accounts are seen",
    )

    def units(self, portfolio: Portfolio) -> IntArray | None:  # noqa: ARG002 - one unit each
        """None: every member owes the price of the cell once."""
        return None

    def increase(
        self, seen: Accounts | None, year: int, n_paths: int, trend: float | FloatArray
    ) -> FloatArray:
        """The stated rise, or with a target the change that brings the seen accounts to it.

        Booked claims seen are trended to `year`; contributions seen are restated at the tariff now
        in force. Before any accounts are seen, and where no contributions were due, the stated rise
        stands.

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
        stated = np.full(n_paths, self.increase_per_year)
        if self.target_loss_ratio is None or seen is None:
            return stated
        claims = seen.claims_incurred * (1.0 + np.asarray(trend)) ** (year - seen.year)
        at_present = seen.contributions_due * seen.tariff_now / seen.tariff_level
        priced = at_present > 0
        needed = claims / (self.target_loss_ratio * np.where(priced, at_present, 1.0))
        return np.where(priced, np.maximum(needed, 0.0) - 1.0, stated)


def _one_cell(plan_names: Sequence[str]) -> IntArray:
    return np.zeros((MAX_AGE + 1, len(plan_names) + 1), dtype=np.int64)


def _by_age(cells: IntArray, plan_names: Sequence[str]) -> IntArray:
    return np.repeat(cells[:, None], len(plan_names) + 1, axis=1)


def _same_keys(previous: Mapping[str, float] | None, monthly: Mapping[str, float]) -> None:
    if previous is not None and set(previous) != set(monthly):
        allowed = "the keys of monthly: " + ", ".join(monthly)
        raise InputError([Fault("previous_monthly", ", ".join(previous), allowed, code="keys")])


class FlatContribution(_Contribution):
    """The same for everyone.

    >>> FlatContribution(monthly=35.0).prices().tolist()
    [35.0]
    """

    kind: Literal["flat"] = "flat"
    monthly: Amount = Field(description="monthly contribution of a member, fund currency")
    previous_monthly: Amount | None = Field(default=None, description="the same before fund.start")

    def cell_labels(self) -> tuple[str, ...]:
        """One cell."""
        return ("all",)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) zeros."""
        return _one_cell(plan_names)

    def prices(self) -> FloatArray:
        """(1,) monthly price, fund currency."""
        return np.asarray([self.monthly])

    def previous_prices(self) -> FloatArray:
        """(1,) monthly price before the fund's start."""
        return np.asarray(
            [self.monthly if self.previous_monthly is None else self.previous_monthly]
        )


def _covers_all_ages(table: Mapping[str, float]) -> Mapping[str, float]:
    AgeBands(table)
    return table


BandTable = Annotated[Mapping[str, Amount], AfterValidator(_covers_all_ages), Freeze]
PlanTable = Annotated[Mapping[str, Amount], Field(min_length=1), Freeze]


class AgeBandContribution(_Contribution):
    """By age band.

    >>> rule = AgeBandContribution(monthly={"0-17": 12.0, "18+": 40.0})
    >>> rule.cell_table([])[[17, 18], 0].tolist()
    [0, 1]
    """

    kind: Literal["age_band"] = "age_band"
    monthly: BandTable = Field(description="monthly contribution by age band, fund currency")
    previous_monthly: BandTable | None = Field(
        default=None, description="the same before fund.start"
    )

    @model_validator(mode="after")
    def _previous_matches(self) -> Self:
        _same_keys(self.previous_monthly, self.monthly)
        return self

    def cell_labels(self) -> tuple[str, ...]:
        """The age bands, as written."""
        return tuple(self.monthly)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) band of each age, whatever the plan."""
        return _by_age(AgeBands(self.monthly).table(), plan_names)

    def prices(self) -> FloatArray:
        """(n_bands,) monthly price, fund currency."""
        return np.asarray(list(self.monthly.values()))

    def previous_prices(self) -> FloatArray:
        """(n_bands,) monthly price before the fund's start."""
        previous = self.previous_monthly or self.monthly
        return np.asarray([previous[band] for band in self.monthly])


class CommunityContribution(_Contribution):
    """One rate for all adults, a share of it for children.

    >>> CommunityContribution(monthly=50.0, child_share=0.4).prices().tolist()
    [20.0, 50.0]
    """

    kind: Literal["community"] = "community"
    monthly: Amount = Field(description="monthly contribution of an adult, fund currency")
    previous_monthly: Amount | None = Field(default=None, description="the same before fund.start")
    child_age: Annotated[int, Field(strict=True, ge=0, le=30)] = Field(
        default=18, description="age at which a member pays the adult rate"
    )
    child_share: Share = Field(default=1.0, description="share of the adult rate that a child pays")

    def cell_labels(self) -> tuple[str, ...]:
        """Child and adult."""
        return ("child", "adult")

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) 0 below `child_age`, else 1."""
        return _by_age((np.arange(MAX_AGE + 1) >= self.child_age).astype(np.int64), plan_names)

    def prices(self) -> FloatArray:
        """(2,) monthly price of a child and of an adult, fund currency."""
        return np.asarray([self.monthly * self.child_share, self.monthly])

    def previous_prices(self) -> FloatArray:
        """(2,) the same before the fund's start."""
        adult = self.monthly if self.previous_monthly is None else self.previous_monthly
        return np.asarray([adult * self.child_share, adult])


class TierContribution(_Contribution):
    """By the plan that the member has chosen; every member must have one.

    >>> TierContribution(monthly={"basic": 20.0, "full": 55.0}).cell_labels()
    ('basic', 'full')
    """

    kind: Literal["tier"] = "tier"
    monthly: PlanTable = Field(description="monthly contribution by plan, fund currency")
    previous_monthly: PlanTable | None = Field(
        default=None, description="the same before fund.start"
    )

    @model_validator(mode="after")
    def _previous_matches(self) -> Self:
        _same_keys(self.previous_monthly, self.monthly)
        return self

    def cell_labels(self) -> tuple[str, ...]:
        """The plans, as written."""
        return tuple(self.monthly)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) cell of each plan; -1 for a plan without a price and for no plan."""
        cells = {plan: cell for cell, plan in enumerate(self.monthly)}
        row = [cells.get(plan, -1) for plan in plan_names] + [-1]
        return np.tile(np.asarray(row, dtype=np.int64), (MAX_AGE + 1, 1))

    def prices(self) -> FloatArray:
        """(n_tiers,) monthly price, fund currency."""
        return np.asarray(list(self.monthly.values()))

    def previous_prices(self) -> FloatArray:
        """(n_tiers,) monthly price before the fund's start."""
        previous = self.previous_monthly or self.monthly
        return np.asarray([previous[plan] for plan in self.monthly])


class IncomeContribution(_Contribution):
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
            raise InputError([Fault("maximum", f"{self.maximum:g}", allowed, code="range")])
        if self.rate == 0 and self.previous_rate:
            raise InputError(
                [Fault("rate", "0", "more than 0 where previous_rate is", code="range")]
            )
        return self

    def cell_labels(self) -> tuple[str, ...]:
        """One cell."""
        return ("income",)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) zeros."""
        return _one_cell(plan_names)

    def prices(self) -> FloatArray:
        """(1,) 0.01, the price of a unit."""
        return np.asarray([1.0 / DUES_PER_UNIT])

    def previous_prices(self) -> FloatArray:
        """(1,) the price of a unit before; minimum and maximum are taken to have moved with the rate."""
        change = (
            1.0 if self.previous_rate is None or self.rate == 0 else self.previous_rate / self.rate
        )
        return np.asarray([change / DUES_PER_UNIT])

    def dues(self, income: FloatArray | Sequence[float]) -> FloatArray:
        """(n,) monthly dues in fund currency for annual incomes."""
        highest = np.inf if self.maximum is None else self.maximum
        monthly = np.asarray(income, dtype=np.float64) * self.rate / 12.0
        return np.asarray(np.clip(monthly, self.minimum, highest))

    def units(self, portfolio: Portfolio) -> IntArray:
        """(n_members,) monthly dues in hundredths of the currency, rounded half up.

        Raises
        ------
        InputError
            Where the members have no income column.
        """
        if portfolio.income is None:
            allowed = "an income column (a year, fund currency)"
            raise InputError([Fault("members.income", "nothing", allowed, code="missing")])
        return np.floor(self.dues(portfolio.income) * DUES_PER_UNIT + 0.5).astype(np.int64)


ContributionSpec = Annotated[
    FlatContribution
    | AgeBandContribution
    | CommunityContribution
    | TierContribution
    | IncomeContribution,
    Field(discriminator="kind"),
]
