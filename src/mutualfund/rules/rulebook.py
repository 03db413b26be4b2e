"""The rulebook: all that the members have decided, and the amendments that are already dated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetPydanticSchema
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import core_schema

from mutualfund.assumptions.model import Freeze, FrozenTable, Input, MonthStart
from mutualfund.assumptions.paths import replaced
from mutualfund.errors import InputError, require_kind
from mutualfund.premiums import (
    Arrears,
    ContributionRule,
    ContributionSpec,
    FlatContribution,
    Joining,
    Subsidy,
)
from mutualfund.premiums.subsidy import subsidies_add_up
from mutualfund.rules.benefits import Benefits
from mutualfund.rules.calls import Calls
from mutualfund.rules.equalisation import Equalisation
from mutualfund.rules.expenses import Expenses
from mutualfund.rules.governance import Governance
from mutualfund.rules.providers import Provider
from mutualfund.rules.reinsurance import ReinsuranceSpec
from mutualfund.rules.reserve import Reserve
from mutualfund.rules.surplus import Surplus
from mutualfund.rules.view import CashFlowRule


def _own_or_listed(value: Any, handler: Any) -> Any:
    """A contribution rule of one's own is any object that offers what the listed kinds do."""
    if not isinstance(value, Mapping) and isinstance(value, ContributionRule):
        return value
    return handler(value)


def _contribution_schema(_source: Any, handler: Any) -> Any:
    listed = handler.generate_schema(ContributionSpec)
    return core_schema.no_info_wrap_validator_function(_own_or_listed, listed)


def _cash_flow_schema(_source: Any, _handler: Any) -> Any:
    return core_schema.is_instance_schema(CashFlowRule, cls_repr="CashFlowRule")


AnyContribution = Annotated[ContributionRule, GetPydanticSchema(_contribution_schema)]
Subsidies = Annotated[tuple[Subsidy, ...], Field(max_length=8), AfterValidator(subsidies_add_up)]
OwnFlow = Annotated[CashFlowRule, GetPydanticSchema(_cash_flow_schema)]


_NO_PRICE = {
    "increase_per_year",
    "trend_share",
    "collection_rate",
    "target_loss_ratio",
    "previous_monthly",
    "previous_rate",
    "valid_from",
    "maximum_ratio",
    "ratio_from_age",
}
"""Keys of contributions that leave this year's written prices as they are."""


class Amendment(Input):
    """A decided change: from `effective` on, the rule at path `rule` has `value`.

    >>> from datetime import date
    >>> Amendment(effective=date(2028, 1, 1), rule="benefits.deductible", value=150.0).motion
    ''
    """

    effective: MonthStart = Field(description="first day of the change, the first of a month")
    rule: Annotated[str, Field(strict=True, min_length=1)] = Field(
        description='path within rules, such as "benefits.hospital.copay"'
    )
    value: Any = Field(
        default=None, description="the new value; leave out to remove an optional one"
    )
    motion: str = Field(default="", description="the motion that decided it")

    @property
    def monthly(self) -> bool:
        """Whether the change may take effect inside a fund year: benefits may, money rules may not."""
        return self.rule.split(".")[0] in ("benefits", "plans")

    @property
    def votes_prices(self) -> bool:
        """Whether it states what members owe: the tariff as a whole, or a price within it."""
        top, *rest = self.rule.split(".")
        return top == "contributions" and (not rest or rest[0] not in _NO_PRICE)


class Rulebook(Input):
    """Contributions, joining, subsidies, arrears, benefits, providers, reinsurance, expenses, reserve,
    surplus, calls, governance, amendments.

    >>> rules = Rulebook(contributions={"kind": "flat", "monthly": 35.0}, benefits={"deductible": 100})
    >>> rules.benefits.deductible
    100.0
    """

    contributions: AnyContribution = Field(
        default_factory=lambda: FlatContribution(monthly=0.0),
        description="who owes how much a month",
    )
    joining: Joining = Field(
        default_factory=Joining, description="entry fee and withdrawable share"
    )
    subsidies: Subsidies = Field(
        default=(), description="who else pays a share of the contributions"
    )
    arrears: Arrears | None = Field(
        default=None, description="dues paid late, in place of contributions.collection_rate"
    )
    benefits: Benefits = Field(default_factory=Benefits, description="what the fund pays for")
    plans: Annotated[Mapping[str, Benefits], Freeze] = Field(
        default_factory=lambda: FrozenTable[str, Benefits](),
        description="whole benefit tables for members with that plan; benefits is for the rest",
    )
    providers: Annotated[Mapping[str, Provider], Freeze] = Field(
        default_factory=lambda: FrozenTable[str, Provider](),
        description="provider contracts by line",
    )
    reinsurance: Annotated[tuple[ReinsuranceSpec, ...], Field(max_length=16)] = Field(
        default=(), description="contracts in the order in which they apply"
    )
    equalisation: Equalisation | None = Field(
        default=None, description="transfers with a pool of funds, if there is one"
    )
    expenses: Expenses = Field(default_factory=Expenses, description="what running the fund costs")
    reserve: Reserve = Field(default_factory=Reserve, description="booking, floor and target")
    surplus: Surplus = Field(default_factory=Surplus, description="the waterfall above target")
    calls: Calls = Field(default_factory=Calls, description="supplementary calls below the floor")
    governance: Governance = Field(
        default_factory=Governance, description="lags and limits of decisions"
    )
    amendments: tuple[Amendment, ...] = Field(
        default=(), description="dated changes of these rules"
    )
    extra: SkipJsonSchema[tuple[OwnFlow, ...]] = Field(
        default=(), description="cash-flow rules of one's own"
    )

    def in_force(self, on: date) -> Rulebook:
        """The rulebook on a day: every amendment effective by then applied, in order of date, then
        of the file.

        Raises
        ------
        InputError
            Where an amendment names no rule or brings a value that is not allowed.
        """
        due = [item for item in self.amendments if item.effective <= on]
        book = self
        for amendment in sorted(due, key=lambda item: item.effective):
            book = replaced(book, amendment.rule, amendment.value)
        return book

    def votes_prices(self, on: date) -> bool:
        """Whether the members have voted prices that bind from this day, be it the table they began with."""
        return any(item.effective == on and item.votes_prices for item in self.amendments)

    @property
    def listed_flows(self) -> tuple[tuple[str, int], ...]:
        """Name and sign of the cash flows that a pool, joining and subsidies bring into the ledger."""
        pool = (("equalisation", 1),) if self.equalisation is not None else ()
        fees = (("entry_fees", 1),) if self.joining.entry_fee else ()
        shares = (("shares_paid_in", 1), ("shares_redeemed", -1)) if self.joining.share else ()
        return (*pool, *fees, *shares, *((("subsidies", 1),) if self.subsidies else ()))

    def benefits_of(self, plan: str | None) -> Benefits:
        """The benefit table of a plan; the general one for a plan without its own, and for no plan."""
        if plan is None:
            return self.benefits
        require_kind("plan", plan, str, "the name of a plan, or None")
        return self.plans.get(plan, self.benefits)

    @property
    def benefit_tables(self) -> dict[str, Benefits]:
        """Every benefit table under its path in the file."""
        return {"benefits": self.benefits} | {
            f"plans.{name}": table for name, table in self.plans.items()
        }


def amendment_faults(rules: Rulebook) -> list[tuple[int, InputError]]:
    """Amendments that cannot be applied, each tried by itself, with their position in the file."""
    found = []
    for position, amendment in enumerate(rules.amendments):
        try:
            replaced(rules, amendment.rule, amendment.value)
        except InputError as error:
            found.append((position, error))
    return found
