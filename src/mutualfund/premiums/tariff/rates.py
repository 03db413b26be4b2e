"""A fitted tariff as a table of monthly rates that a contribution rule charges.

Members are sorted into cells, age bands or plans, and each cell owes the average of what its members are
expected to cost, weighted by exposure: the table brings in what the model expects of the members as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.assumptions.bands import AgeBands
from mutualfund.errors import Fault, InputError
from mutualfund.premiums.contributions import AgeBandContribution, TierContribution
from mutualfund.premiums.tariff.design import Table
from mutualfund.premiums.tariff.formula import Factor
from mutualfund.premiums.tariff.grammar import Expression
from mutualfund.premiums.tariff.models import TariffModel
from mutualfund.schema import minor_units
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

MONTHS = 12
PLAN = "plan"
"""The members' column that a tier contribution charges by."""


@dataclass(frozen=True, slots=True, eq=False)
class RateTable:
    """Expected cost of a member-year by cell.

    labels: the cells. exposure: (n_cells,) member-years. cost: (n_cells,) expected fund payment of a
    member-year, fund currency. by: the column that sorts members into cells. currency: its ISO code, whose
    minor units a rate is rounded to; cents where there is none.
    """

    labels: tuple[str, ...]
    exposure: FloatArray
    cost: FloatArray
    by: str
    currency: str | None = None

    @classmethod
    def by_age(
        cls,
        model: TariffModel,
        frame: Any,
        bands: Sequence[str],
        *,
        age: str = "age",
        exposure: str | None = None,
        currency: str | None = None,
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
        currency
            ISO code; rates are rounded to its minor units, and to hundredths where left out.

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
        table, split = Table(frame), _bands(bands)
        ages = table.values(Expression.parse(age))
        whole = np.ones(table.n_rows, np.bool_)
        whole[:] = (ages == np.floor(ages)) & (ages >= 0)
        table.require(age, whole, "whole years, 0 or more")
        cells = split.index_of(ages.astype(np.int64))
        cost, at_risk = _by_cell(model, frame, table, cells, split.labels, exposure)
        return cls(split.labels, at_risk, cost, age, currency)

    @classmethod
    def by_label(
        cls,
        model: TariffModel,
        frame: Any,
        column: str,
        *,
        exposure: str | None = None,
        currency: str | None = None,
    ) -> RateTable:
        """By the labels of a column, such as the members' plans.

        Raises
        ------
        InputError
            Where the column is missing or a label has no exposure.
        """
        table = Table(frame)
        codes, labels = table.labels(Factor((column,)))
        cost, at_risk = _by_cell(model, frame, table, codes, labels, exposure)
        return cls(labels, at_risk, cost, column, currency)

    @property
    def monthly(self) -> dict[str, float]:
        """Rate a month by cell, fund currency, rounded to the minor unit.

        Raises
        ------
        InputError
            Where a rate above 0 would be rounded to nothing.
        """
        minor = 100 if self.currency is None else minor_units(self.currency)
        rates = {
            label: round(float(cost) / MONTHS, round(math.log10(minor)))
            for label, cost in zip(self.labels, self.cost, strict=True)
        }
        faults = [
            Fault(
                label, "a rate that rounds to 0", f"1/{minor} of a unit or more", remedy, "rounding"
            )
            for (label, rate), cost in zip(rates.items(), self.cost, strict=True)
            if rate == 0.0 < cost
            for remedy in ["Join the cell with a neighbour, or name the currency."]
        ]
        if faults:
            raise InputError(faults)
        return rates

    def scaled(self, factor: float) -> RateTable:
        """Every rate times a factor: the loadings of a premium build-up.

        Raises
        ------
        InputError
            Where the factor is not above 0.
        """
        if not 0.0 < factor < np.inf:
            raise InputError([Fault("factor", f"{factor:g}", "more than 0", code="range")])
        return replace(self, cost=np.asarray(frozen(self.cost * factor), np.float64))

    def contribution(self, **terms: Any) -> AgeBandContribution | TierContribution:
        """The contribution rule that charges these rates; `terms` are the rule's other fields.

        Raises
        ------
        InputError
            Where the labels are not age bands and the column is not the members' ``plan``.
        """
        try:
            AgeBands(self.labels)
        except InputError:
            if self.by != PLAN:
                remedy = (
                    "A rule charges by age or by plan; let the plans carry what this column says."
                )
                fault = Fault("by", self.by, f"age bands, or {PLAN}", remedy, code="column")
                raise InputError([fault]) from None
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


def _bands(bands: Sequence[str]) -> AgeBands:
    """The bands, their faults under the name of the argument."""
    try:
        return AgeBands(bands)
    except InputError as error:
        raise InputError([replace(fault, field="bands") for fault in error.faults]) from None


def _by_cell(
    model: TariffModel,
    frame: Any,
    table: Table,
    cells: IntArray,
    labels: tuple[str, ...],
    exposure: str | None,
) -> tuple[FloatArray, FloatArray]:
    """(n_cells,) expected cost of a member-year, and the member-years it is the average of."""
    years = np.ones(table.n_rows) if exposure is None else table.values(Expression.parse(exposure))
    table.require(exposure or "exposure", years >= 0.0, "0 or more")
    total = np.bincount(cells, weights=model.rate(frame) * years, minlength=len(labels))
    at_risk = np.bincount(cells, weights=years, minlength=len(labels))
    if (at_risk <= 0.0).any():
        cell = labels[int((at_risk <= 0.0).argmax())]
        remedy = "Join the cell with a neighbour, or state its rate."
        raise InputError([Fault(cell, "no exposure", "some in every cell", remedy, "empty")])
    return frozen(total / at_risk), frozen(at_risk)  # type: ignore[return-value]
