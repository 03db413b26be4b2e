"""What the fund expects to pay for lines over groups of members, by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from mutualfund.assumptions.frailty import widest
from mutualfund.errors import Fault, InputError
from mutualfund.premiums.risk_premium.cover import (
    ClaimPart,
    PerLossDesign,
    YearlyCost,
    YearlyDesign,
)
from mutualfund.premiums.risk_premium.members import Groups
from mutualfund.premiums.risk_premium.priced_line import PricedLine, mean_cost
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """Prices lines over groups of members; `yearly` spans all lines where it is given."""

    groups: Groups
    yearly: YearlyDesign | None
    yearly_cost: YearlyCost

    def cost(self, line: PricedLine) -> FloatArray:
        """(n_cells,) expected cost before cost sharing."""
        return self._linear(line, mean_cost(line.severity))

    def premiums(self, lines: Sequence[PricedLine]) -> FloatArray:
        """(n_cells, n_lines) expected fund payment; one column where a design spans all lines."""
        if self.yearly is not None:
            return self._on_the_year(lines, self.yearly)[:, None]
        return np.stack([self._of_line(line) for line in lines], axis=1)

    def _of_line(self, line: PricedLine) -> FloatArray:
        design = line.cover.design
        if design is None:
            return self.cost(line)
        if isinstance(design, PerLossDesign):
            return self._linear(line, _asked(line, lambda: design.mean_per_loss(line.severity)))
        return self._on_the_year([line], design)

    def _linear(self, line: PricedLine, per_claim: float) -> FloatArray:
        """Claims of each cell's members times what one of them costs: no distribution is needed."""
        assert line.line.frequency is not None
        rate = (self.groups.states * line.factors).sum(axis=1)
        mean = np.bincount(self.groups.cell, weights=self.groups.count * rate)
        claims = line.line.frequency.mean * mean / self.groups.exposure
        return np.asarray(claims * per_claim)

    def _on_the_year(self, lines: Sequence[PricedLine], design: YearlyDesign) -> FloatArray:
        """Each kind of member by itself, then averaged: a deductible is not linear in what they cost."""
        paid: dict[tuple[float, ...], float] = {}
        total = np.zeros(self.groups.exposure.size)
        for group, state in product(*map(range, self.groups.states.shape)):
            weight = self.groups.count[group] * self.groups.states[group, state]
            rates = tuple(float(line.factors[group, state]) for line in lines)
            if weight > 0.0 and any(rates):
                if rates not in paid:
                    paid[rates] = self._over_frailty(lines, rates, design)
                total[self.groups.cell[group]] += weight * paid[rates]
        return np.asarray(total / self.groups.exposure)

    def _over_frailty(
        self, lines: Sequence[PricedLine], rates: Sequence[float], design: YearlyDesign
    ) -> float:
        """The mean over the levels of the frailty: they move all lines that share it together."""
        shared = widest([line.shared for line in lines])
        paid = 0.0
        for place, chance in enumerate(shared.chance.tolist()):
            parts = [
                ClaimPart(
                    line.line.frequency,
                    rate * float(line.shared.level[place % line.shared.level.size]),
                    line.severity,
                )
                for line, rate in zip(lines, rates, strict=True)
                if rate > 0.0 and line.line.frequency is not None
            ]
            paid += chance * design.expected(self.yearly_cost(parts)).expected_plan_pay
        return paid


def _asked(line: PricedLine, question: Callable[[], float]) -> float:
    """The answer, or a refusal where a severity of one's own has none."""
    got = "a severity of your own without limited moments"
    try:
        return float(question())
    except AttributeError as missing:
        got = f"a severity of your own without {missing.name}"
    except InputError as refused:
        if refused.faults[0].field != "cost":
            raise
    allowed = "a severity of this library, or one with limited moments"
    field = f"assumptions.lines.{line.line.name}.severity"
    raise InputError([Fault(field, got, allowed, code="own_severity")])
