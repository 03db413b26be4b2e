"""By the plan that a member has chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Amount, Freeze
from mutualfund.errors import Fault, InputError
from mutualfund.premiums.contributions.cells import plans
from mutualfund.premiums.contributions.rating_factor import RatingFactor
from mutualfund.premiums.contributions.refusals import require_same_keys
from mutualfund.premiums.contributions.rule import Contribution
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray, IntArray

PlanTable = Annotated[Mapping[str, Amount], Field(min_length=1), Freeze]


class TierContribution(Contribution):
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
        require_same_keys(self.previous_monthly, self.monthly)
        return self

    @model_validator(mode="after")
    def _plan_charged_once(self) -> Self:
        faults = [
            Fault(
                f"adjustments[{place}].by",
                "plan, as the table",
                "a column other than the table's own",
                "Multiply the factors into monthly.",
                "duplicate_name",
            )
            for place, each in enumerate(self.adjustments)
            if isinstance(each, RatingFactor) and each.by == "plan"
        ]
        if faults:
            raise InputError(faults)
        return self

    def cell_labels(self) -> tuple[str, ...]:
        """The plans, as written."""
        return tuple(self.monthly)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) cell of each plan; -1 for a plan without a price and for no plan."""
        cells = {plan: cell for cell, plan in enumerate(self.monthly)}
        row = [cells.get(plan, -1) for plan in plans(plan_names)] + [-1]
        return np.tile(np.asarray(row, dtype=np.int64), (MAX_AGE + 1, 1))

    def written(self) -> FloatArray:
        """(n_tiers,) monthly price, fund currency."""
        return np.asarray(list(self.monthly.values()))

    def previously_written(self) -> FloatArray | None:
        """(n_tiers,) monthly price before the fund's start."""
        previous = self.previous_monthly
        return None if previous is None else np.asarray([previous[plan] for plan in self.monthly])
