"""What the fund expects to pay for lines over groups of members, by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.premiums.risk_premium.cover import (
    PerLossDesign,
    YearlyCost,
    YearlyDesign,
)
from mutualfund.premiums.risk_premium.kinds import Kind, kinds_by_cell, parts_of
from mutualfund.premiums.risk_premium.members import Groups
from mutualfund.premiums.risk_premium.priced_line import PricedLine, mean_cost
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """Prices lines over groups of members; `yearly` spans all lines where it is given.

    priced: called whenever another distribution of a year's cost has been computed.
    """

    groups: Groups
    yearly: YearlyDesign | None
    yearly_cost: YearlyCost
    priced: Callable[[], None]

    def cost(self, line: PricedLine) -> FloatArray:
        """(n_cells,) expected cost before cost sharing."""
        return self._linear(line, mean_cost(line.severity))

    def premiums(self, lines: Sequence[PricedLine]) -> FloatArray:
        """(n_cells, n_lines) expected fund payment; one column where a design spans all lines.

        Raises
        ------
        InputError
            Where members would have a rate at which a line's count has no law, whatever its cover.
        """
        for line in lines:
            self._require_count(line)
        if self.yearly is not None:
            return self._on_the_year(lines, self.yearly)[:, None]
        return np.stack([self._of_line(line) for line in lines], axis=1)

    def distributions(self, lines: Sequence[PricedLine]) -> int:
        """How many distributions of a year's cost `premiums` computes."""
        if self.yearly is not None:
            return self._kinds(lines)
        return sum(self._kinds([line]) for line in lines if line.cover.of_the_year is not None)

    def _kinds(self, lines: Sequence[PricedLine]) -> int:
        return len({kind for cell in kinds_by_cell(self.groups, lines) for kind in cell})

    def _require_count(self, line: PricedLine) -> None:
        """Refuse a rate that a count cannot have, in a fully covered year, in the words of a simulation."""
        assert line.line.frequency is not None
        levels, _ = line.levels
        top = float((line.rates * (self.groups.states > 0.0)).max() * levels.max())
        try:
            line.line.frequency.law_at(top)
        except InputError as refused:
            field = f"assumptions.lines.{line.line.name}.frequency"
            got = f"a rate {top:.3g} times its mean for some members"
            raise InputError(replace(x, field=field, got=got) for x in refused.faults) from refused

    def _of_line(self, line: PricedLine) -> FloatArray:
        design = line.cover.design
        if isinstance(design, PerLossDesign):
            return self._linear(line, _asked(line, lambda: design.mean_per_loss(line.severity)))
        return self.cost(line) if design is None else self._on_the_year([line], design)

    def _linear(self, line: PricedLine, per_claim: float) -> FloatArray:
        """Claims of each cell's members times what one of them costs: no distribution is needed."""
        assert line.line.frequency is not None
        rate = (self.groups.states * line.factors).sum(axis=1)
        mean = np.bincount(self.groups.cell, weights=self.groups.count * rate)
        claims = line.line.frequency.mean * mean / self.groups.exposure
        return np.asarray(claims * per_claim)

    def _on_the_year(self, lines: Sequence[PricedLine], design: YearlyDesign) -> FloatArray:
        """Members who differ are priced apart or mixed: a deductible is not linear in what they cost."""
        paid: dict[Kind, float] = {}
        total = np.zeros(self.groups.exposure.size)
        for cell, kinds in enumerate(kinds_by_cell(self.groups, lines)):
            for kind, chance in kinds.items():
                if kind not in paid:
                    year = self.yearly_cost(parts_of(lines, kind))
                    paid[kind] = design.expected(year).expected_plan_pay
                    self.priced()
                total[cell] += chance * paid[kind]
        return total


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
