"""Risk premiums by cell and line as paths found them, with their Monte Carlo error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.results import risk
from mutualfund.types import FloatArray, frozen

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedPremiums:
    """Fund payment a member-year by cell and line, as a simulation found it.

    Attributes
    ----------
    cells
        Age band and sex of each cell.
    lines
        Names of the member-level lines.
    claims
        (n_paths, n_cells, n_lines) the fund's part of the year's claims, currency.
    member_years
        (n_paths, n_cells) cover in the year.

    >>> found = SimulatedPremiums(
    ...     (("0+", "F"),), ("care",), np.array([[[80.0]], [[120.0]]]), np.array([[1.0], [1.0]])
    ... )
    >>> found, found.premiums.tolist(), found.standard_errors.tolist()
    (<SimulatedPremiums: 1 cells, 1 lines, 2 paths>, [[100.0]], [[20.0]])
    """

    cells: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    claims: FloatArray
    member_years: FloatArray

    def __post_init__(self) -> None:
        for name in ("claims", "member_years"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __repr__(self) -> str:
        n_paths, n_cells, n_lines = self.claims.shape
        return f"<SimulatedPremiums: {n_cells} cells, {n_lines} lines, {n_paths} paths>"

    @property
    def exposure(self) -> FloatArray:
        """(n_cells,) member-years of a path, on average."""
        return np.asarray(self.member_years.mean(axis=0))

    @property
    def premiums(self) -> FloatArray:
        """(n_cells, n_lines) fund payment a member-year, currency: mean payment over mean exposure."""
        return np.asarray(self._estimates[0])

    @property
    def standard_errors(self) -> FloatArray:
        """(n_cells, n_lines) Monte Carlo error of `premiums`, by the delta method."""
        return np.asarray(self._estimates[1])

    @cached_property
    def _estimates(self) -> FloatArray:
        """(2, n_cells, n_lines)"""
        shape = self.claims.shape[1:]
        found = [
            risk.ratio_with_error(self.claims[:, cell, line], self.member_years[:, cell])
            for cell, line in np.ndindex(shape)
        ]
        return np.array(found, np.float64).reshape(*shape, 2).transpose(2, 0, 1)

    def table(self) -> pd.DataFrame:
        """One row a cell and line, in those columns of `premiums.RiskPremiums.table` that paths know."""
        import pandas as pd

        n_cells, n_lines = self.premiums.shape
        return pd.DataFrame(
            {
                "age": np.repeat([age for age, _ in self.cells], n_lines),
                "sex": np.repeat([sex for _, sex in self.cells], n_lines),
                "line": list(self.lines) * n_cells,
                "members": np.repeat(self.exposure, n_lines),
                "risk_premium": self.premiums.ravel(),
                "standard_error": self.standard_errors.ravel(),
            }
        )
