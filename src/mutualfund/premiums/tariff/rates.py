"""A fitted tariff as a table of monthly rates that a contribution rule charges.

Members are sorted into cells, age bands or plans, and each cell owes the average of what its members are
expected to cost, weighted by exposure: the table brings in what the model expects of the members as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.assumptions.bands import AgeBands
from mutualfund.errors import Fault, InputError
from mutualfund.premiums.contributions import AgeBandContribution, TierContribution
from mutualfund.premiums.tariff.design import Table
from mutualfund.premiums.tariff.formula import Factor
from mutualfund.premiums.tariff.grammar import Expression
from mutualfund.premiums.tariff.models import TariffModel
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

MONTHS = 12


@dataclass(frozen=True, slots=True, eq=False)
class RateTable:
    """Expected cost of a member-year by cell.

    labels: the cells. exposure: (n_cells,) member-years. cost: (n_cells,) expected fund payment of a
    member-year, fund currency.
    """

    labels: tuple[str, ...]
    exposure: FloatArray
    cost: FloatArray

    @classmethod
    def by_age(
        cls,
        model: TariffModel,
        frame: Any,
        bands: Sequence[str],
        *,
        age: str = "age",
        exposure: str | None = None,
    ) -> RateTable:
        """By age band, over the members of a frame.

        Parameters
        ----------
        model
            Anything that gives a row's expected cost of a member-year.
        bands
            Such as ``["0-17", "18-64", "65+"]``, each age in one.
        age
            Column of ages in whole years.
        exposure
            Column of member-years; one each where left out.

        Raises
        ------
        InputError
            Where bands leave a gap or overlap, or a band has no exposure: it cannot be priced.

        >>> import pandas as pd
        >>> from mutualfund.premiums.tariff import fit_glm
        >>> frame = pd.DataFrame({"age": [10, 30, 40, 70], "cost": [120.0, 360.0, 480.0, 960.0]})
        >>> model = fit_glm(frame, "cost ~ age", "gamma")
        >>> table = RateTable.by_age(model, frame, ["0-17", "18+"])
        >>> table.contribution(increase_per_year=0.03).kind
        'age_band'
        """
        table, split = Table(frame), AgeBands(bands)
        ages = table.values(Expression.parse(age))
        whole = np.ones(table.n_rows, np.bool_)
        whole[:] = (ages == np.floor(ages)) & (ages >= 0)
        table.require(age, whole, "whole years, 0 or more")
        return cls._of(
            model, frame, table, split.index_of(ages.astype(np.int64)), split.labels, exposure
        )

    @classmethod
    def by_label(
        cls, model: TariffModel, frame: Any, column: str, *, exposure: str | None = None
    ) -> RateTable:
        """By the labels of a column, such as the members' plans.

        Raises
        ------
        InputError
            Where the column is missing or a label has no exposure.
        """
        table = Table(frame)
        codes, labels = table.labels(Factor((column,)))
        return cls._of(model, frame, table, codes, labels, exposure)

    @classmethod
    def _of(
        cls,
        model: TariffModel,
        frame: Any,
        table: Table,
        cells: IntArray,
        labels: tuple[str, ...],
        exposure: str | None,
    ) -> RateTable:
        years = (
            np.ones(table.n_rows) if exposure is None else table.values(Expression.parse(exposure))
        )
        table.require(exposure or "exposure", years >= 0.0, "0 or more")
        total = np.bincount(cells, weights=model.rate(frame) * years, minlength=len(labels))
        at_risk = np.bincount(cells, weights=years, minlength=len(labels))
        if (at_risk <= 0.0).any():
            cell = labels[int((at_risk <= 0.0).argmax())]
            remedy = "Join the cell with a neighbour, or state its rate."
            raise InputError([Fault(cell, "no exposure", "some in every cell", remedy, "empty")])
        return cls(labels, frozen(at_risk), frozen(total / at_risk))  # type: ignore[arg-type]

    @property
    def monthly(self) -> dict[str, float]:
        """Rate a month by cell, fund currency, rounded to the cent."""
        return {
            label: round(float(cost) / MONTHS, 2)
            for label, cost in zip(self.labels, self.cost, strict=True)
        }

    def scaled(self, factor: float) -> RateTable:
        """Every rate times a factor: the loadings of a premium build-up.

        Raises
        ------
        InputError
            Where the factor is not above 0.
        """
        if not 0.0 < factor < np.inf:
            raise InputError([Fault("factor", f"{factor:g}", "more than 0", code="range")])
        return RateTable(self.labels, self.exposure, frozen(self.cost * factor))  # type: ignore[arg-type]

    def contribution(self, **terms: Any) -> AgeBandContribution | TierContribution:
        """The contribution rule that charges these rates; `terms` are the rule's other fields.

        Raises
        ------
        InputError
            Where the labels are neither age bands nor plans.
        """
        try:
            AgeBands(self.labels)
        except InputError:
            return TierContribution(monthly=self.monthly, **terms)
        return AgeBandContribution(monthly=self.monthly, **terms)

    def table(self) -> pd.DataFrame:
        """One row a cell: exposure, expected cost a year, rate a month, relativity to the average."""
        import pandas as pd

        average = float(self.exposure @ self.cost / self.exposure.sum())
        return pd.DataFrame(
            {
                "cell": self.labels,
                "exposure": self.exposure,
                "cost_per_year": self.cost,
                "monthly": list(self.monthly.values()),
                "relativity": self.cost / average,
            }
        )
