"""Risk premiums by cell and line, with what they stand on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.types import FloatArray, frozen

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RiskPremiums:
    """Expected fund payment a member-year, by cell and line.

    Attributes
    ----------
    cells
        Age band and sex of each cell.
    lines
        Names of the lines; one joint name where a yearly design spans them all.
    exposure
        (n_cells,) members.
    cost
        (n_cells, n_lines) expected covered cost before cost sharing, currency a member-year.
    premiums
        (n_cells, n_lines) expected fund payment, currency a member-year.
    errors
        (n_sources, n_cells, n_lines) change of the premium for one standard error of each uncertain
        parameter, which moves all cells together; of the shapes of a severity, one by one, the change to each
        times the root of its chance.

    >>> from mutualfund.premiums.risk_premium import example_risk_premiums
    >>> example_risk_premiums()
    <RiskPremiums: 4 cells, 2 lines, 132.00 a member-year>
    """

    cells: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    exposure: FloatArray
    cost: FloatArray
    premiums: FloatArray
    errors: FloatArray

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, field.name, frozen(value))

    def __repr__(self) -> str:
        return (
            f"<RiskPremiums: {len(self.cells)} cells, {len(self.lines)} lines, "
            f"{self.total:.2f} a member-year>"
        )

    @property
    def standard_errors(self) -> FloatArray:
        """(n_cells, n_lines) parameter error of each premium."""
        return _root_of_squares(self.errors)

    @property
    def total(self) -> float:
        """Expected fund payment a member-year over all cells and lines."""
        return float(self._shares @ self.premiums.sum(axis=1))

    @property
    def total_standard_error(self) -> float:
        """Parameter error of `total`: cells move together, parameters apart."""
        return float(_root_of_squares(np.einsum("c,scl->s", self._shares, self.errors)))

    @property
    def by_cell(self) -> FloatArray:
        """(n_cells,) premium over all lines."""
        return np.asarray(self.premiums.sum(axis=1))

    @property
    def by_cell_standard_errors(self) -> FloatArray:
        """(n_cells,) parameter error of `by_cell`."""
        return _root_of_squares(self.errors.sum(axis=2))

    @property
    def by_line(self) -> FloatArray:
        """(n_lines,) premium a member-year over all cells."""
        return np.asarray(self._shares @ self.premiums)

    @property
    def _shares(self) -> FloatArray:
        return np.asarray(self.exposure / self.exposure.sum())

    def table(self) -> pd.DataFrame:
        """One row a cell and line.

        >>> from mutualfund.premiums.risk_premium import example_risk_premiums
        >>> example_risk_premiums().table()["line"].unique().tolist()
        ['visits', 'hospital']
        """
        import pandas as pd

        n_cells, n_lines = self.premiums.shape
        return pd.DataFrame(
            {
                "age": np.repeat([age for age, _ in self.cells], n_lines),
                "sex": np.repeat([sex for _, sex in self.cells], n_lines),
                "line": list(self.lines) * n_cells,
                "members": np.repeat(self.exposure, n_lines),
                "covered_cost": self.cost.ravel(),
                "risk_premium": self.premiums.ravel(),
                "standard_error": self.standard_errors.ravel(),
            }
        )


def _root_of_squares(errors: FloatArray) -> FloatArray:
    """Independent parameters together: over the first axis."""
    return np.asarray(np.sqrt((errors**2).sum(axis=0)))
