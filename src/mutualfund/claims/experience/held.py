"""What an experience study holds, and the sums and labels of which all its tables are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.keys import LINE, Key, chosen
from mutualfund.claims.experience.ledger import Measure
from mutualfund.claims.experience.moments import Counted, Expected, Moments, Source, moments
from mutualfund.claims.experience.run_off import run_out
from mutualfund.errors import Fault, InputError, require_choice
from mutualfund.portfolio.members import Portfolio
from mutualfund.types import BoolArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HeldStudy:
    """Members, their period, and the counted claims behind `ExperienceStudy`."""

    members: Portfolio
    period: StudyPeriod
    as_of: date
    measure: Measure
    source: Source
    keys: Mapping[str, Key]

    @property
    def currency(self) -> str:
        """Three capital letters."""
        return self.source.ledger.currency

    @property
    def lines(self) -> tuple[str, ...]:
        """Service lines in alphabetical order."""
        return self.source.ledger.lines

    @property
    def notes(self) -> tuple[tuple[str, int], ...]:
        """Counts of what the reader noticed and left out."""
        return self.source.ledger.notes

    @property
    def run_out_months(self) -> int:
        """Whole months from the period's end until the lines were extracted.

        Claims paid later are missing from every table but `trend` and `seasonality`: where it is short, the
        last months look cheaper than they are. `completion` says by how much.
        """
        return run_out(self.period, self.as_of)[0]

    @property
    def _units(self) -> int:
        return self.source.ledger.units

    def _moments(
        self,
        by: tuple[str, ...],
        counted: Counted,
        per: Expected | Literal["months", "claims"] = "months",
    ) -> Moments:
        return moments(self.source, by, dict(self.keys), counted, per)

    def _exposed(self, names: tuple[str, ...]) -> BoolArray:
        """(n_cells,) whether any member is in the cell."""
        return self._moments(names, "claims").persons > 0

    def _place(self, line: str | None) -> int | None:
        """The line's place among all; None for all together."""
        if line is None:
            return None
        require_choice("line", line, self.lines)
        return self.lines.index(line)

    def _names(self, by: str | Sequence[str], *, line: bool = True) -> tuple[str, ...]:
        names = chosen(dict(self.keys), by)
        if LINE in names and not line:
            allowed = ", ".join(sorted(self.keys))
            raise InputError([Fault("by", "line", allowed, "Cover is not by line.", "by")])
        return names

    def _labels(self, names: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        return [(name, self.lines if name == LINE else self.keys[name].labels) for name in names]
