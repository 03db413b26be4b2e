"""A fitted tariff as a table of monthly rates that a contribution rule charges.

Members are sorted into cells, age bands or plans, and each cell owes the average of what its members are
expected to cost, weighted by exposure: the table brings in what the model expects of the members as a whole.
Further factors, such as sex and region, multiply a cell's rate; then every cell and every label brings in
what the model expects of its members (`marginal_totals`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.assumptions.bands import AgeBands
from mutualfund.assumptions.model import FrozenTable
from mutualfund.errors import Fault, InputError, listed, one_number, require_kind
from mutualfund.premiums.contributions import AgeBandContribution, RatingFactor, TierContribution
from mutualfund.premiums.contributions.rating_factor import RATED_BY
from mutualfund.premiums.tariff.design import Table
from mutualfund.premiums.tariff.formula import Factor
from mutualfund.premiums.tariff.grammar import Expression
from mutualfund.premiums.tariff.marginal_totals import marginal_totals
from mutualfund.premiums.tariff.models import TariffModel, require_model
from mutualfund.schema import minor_units, require_currency
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

MONTHS = 12
PLAN = "plan"
"""The members' column that a tier contribution charges by."""


@dataclass(frozen=True, slots=True, eq=False)
class RateTable:
    """Expected cost of a member-year by cell, and what further factors multiply it by.

    labels: the cells. exposure: (n_cells,) member-years. cost: (n_cells,) expected fund payment of a
    member-year, fund currency; where there are factors, of one whose labels all have factor 1. by: the column
    that sorts members into cells. currency: its ISO code, whose minor units a rate is rounded to. factors: by
    column, the factor of each of its labels.
    """

    labels: tuple[str, ...]
    exposure: FloatArray
    cost: FloatArray
    by: str
    currency: str
    factors: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: FrozenTable({}))

    def __post_init__(self) -> None:
        require_currency("currency", self.currency)

    @classmethod
    def by_age(
        cls,
        model: TariffModel,
        frame: Any,
        bands: Sequence[str],
        *,
        currency: str,
        age: str = "age",
        factors: Sequence[str] = (),
        exposure: str | None = None,
    ) -> RateTable:
        """By age band, over the members of a frame.

        Parameters
        ----------
        model
            Anything that gives a row's expected cost of a member-year.
        bands
            Such as ``["0-17", "18-64", "65+"]``, each age in one.
        currency
            ISO 4217; rates are rounded to its minor units.
        age
            Column of ages in whole years.
        factors
            Further columns that the rate depends on, of sex, region, plan and group. What else the model
            looks at is averaged over the members of each cell and label.
        exposure
            Column of member-years; one each where left out.

        Raises
        ------
        InputError
            Where bands leave a gap or overlap, a band or a label has no exposure, so that it cannot be
            priced, no rule charges by one of the factors, or two of them say the same.

        >>> import pandas as pd
        >>> from mutualfund.premiums.tariff import fit_glm
        >>> frame = pd.DataFrame({"age": [10, 30, 40, 70], "cost": [120.0, 360.0, 480.0, 960.0]})
        >>> model = fit_glm(frame, "cost ~ age", "gamma")
        >>> table = RateTable.by_age(model, frame, ["0-17", "18+"], currency="EUR")
        >>> table.contribution(increase_per_year=0.03).kind
        'age_band'

        Rates by age and sex, as a rule that any members are charged by:

        >>> frame = frame.assign(sex=list("FMFM"))
        >>> model = fit_glm(frame, "cost ~ age + factor(sex)", "gamma")
        >>> table = RateTable.by_age(model, frame, ["0+"], factors=["sex"], currency="EUR")
        >>> rule = table.contribution()
        >>> rule.adjustments[0].by, sorted(rule.adjustments[0].factors)
        ('sex', ['F', 'M'])
        """
        table, split = Table(frame), AgeBands.named("bands", bands)
        ages = table.values(Expression.parse(age))
        whole = np.ones(table.n_rows, np.bool_)
        whole[:] = (ages == np.floor(ages)) & (ages >= 0)
        table.require(age, whole, "whole years, 0 or more")
        cells = split.index_of(ages.astype(np.int64))
        return cls._priced(
            model, frame, table, cells, split.labels, age, factors, exposure, currency
        )

    @classmethod
    def by_label(
        cls,
        model: TariffModel,
        frame: Any,
        column: str,
        *,
        currency: str,
        factors: Sequence[str] = (),
        exposure: str | None = None,
    ) -> RateTable:
        """By the labels of a column, such as the members' plans; `factors` as in `by_age`.

        Raises
        ------
        InputError
            Where the column is missing, a label has no exposure, no rule charges by one of the factors, or
            two of them say the same.
        """
        table = Table(frame)
        require_kind("column", column, str, "the name of a column")
        codes, labels = table.labels(Factor((column,)))
        return cls._priced(model, frame, table, codes, labels, column, factors, exposure, currency)

    @classmethod
    def _priced(
        cls,
        model: TariffModel,
        frame: Any,
        table: Table,
        cells: IntArray,
        labels: tuple[str, ...],
        by: str,
        factors: Sequence[str],
        exposure: str | None,
        currency: str,
    ) -> RateTable:
        """The expected cost of a member-year by cell, and the factors on it."""
        require_model(model)
        _require_rated(factors, by)
        years = np.ones(table.n_rows)
        if exposure is not None:
            years = table.values(Expression.parse(exposure))
        table.require(exposure or "exposure", years >= 0.0, "0 or more")
        sorted_by = [(by, cells, labels)]
        sorted_by += [(name, *table.labels(Factor((name,)))) for name in factors]
        for name, codes, names in sorted_by:
            _require_exposure(name, codes, names, years)
        found = marginal_totals(
            model.rate(frame) * years, years, {name: codes for name, codes, _ in sorted_by}
        )
        relativities = {
            name: FrozenTable(zip(names, values.tolist(), strict=True))
            for (name, _, names), values in zip(sorted_by[1:], found[1:], strict=True)
        }
        at_risk = np.bincount(cells, weights=years, minlength=len(labels))
        cost, exposed = (frozen(values) for values in (found[0], at_risk))
        return cls(labels, exposed, cost, by, currency, FrozenTable(relativities))

    @property
    def monthly(self) -> dict[str, float]:
        """Rate a month by cell, fund currency, rounded to the minor unit.

        Raises
        ------
        InputError
            Where a rate above 0 would be rounded to nothing.
        """
        minor = minor_units(self.currency)
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
            for remedy in ["Join the cell with a neighbour."]
        ]
        if faults:
            raise InputError(faults)
        return rates

    def scaled(self, factor: float) -> RateTable:
        """Every rate times a factor: the loadings of a premium build-up.

        Raises
        ------
        InputError
            Where the factor is not above 0, or not within 1e-9 to 1e9.
        """
        one_number("factor", factor, minimum=1e-9, maximum=1e9, unit="1 = as it is")
        return replace(self, cost=np.asarray(frozen(self.cost * factor), np.float64))

    def contribution(self, **terms: Any) -> AgeBandContribution | TierContribution:
        """The contribution rule that charges these rates; `terms` are the rule's other fields.

        The factors become the first of its adjustments.

        Raises
        ------
        InputError
            Where the labels are not age bands and the column is not the members' ``plan``, or a rating factor
            among the adjustments goes by a column that the table has factors for.
        """
        given = listed("adjustments", terms.get("adjustments", ()), "loadings and discounts")
        self._require_charged_once(given)
        own = tuple(RatingFactor(by=by, factors=table) for by, table in self.factors.items())
        terms = terms | {"adjustments": (*own, *given)}
        try:
            AgeBands(self.labels)
        except InputError:
            if self.by != PLAN:
                remedy = "Take by_age, with the one band 0+ if age counts for nothing, and factors."
                fault = Fault("by", self.by, f"age bands, or {PLAN}", remedy, code="column")
                raise InputError([fault]) from None
            return TierContribution(monthly=self.monthly, **terms)
        return AgeBandContribution(monthly=self.monthly, **terms)

    def _require_charged_once(self, adjustments: Sequence[object]) -> None:
        remedy = "Leave it out, or make the table without that factor."
        faults = [
            Fault(
                f"adjustments[{place}].by",
                f"{each.by}, as a factor of the rate table",
                "each column once",
                remedy,
                "duplicate_name",
            )
            for place, each in enumerate(adjustments)
            if isinstance(each, RatingFactor) and each.by in self.factors
        ]
        if faults:
            raise InputError(faults)

    def table(self) -> pd.DataFrame:
        """One row a cell: exposure, expected cost a year, rate a month, relativity to the average.

        Where there are factors, all but the exposure are of members whose labels have factor 1.
        """
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

    def relativities(self) -> pd.DataFrame:
        """One row a label of a factor: what it multiplies the rate of a cell by."""
        import pandas as pd

        rows = [
            (factor, label, relativity)
            for factor, table in self.factors.items()
            for label, relativity in table.items()
        ]
        return pd.DataFrame(rows, columns=["factor", "label", "relativity"])


def _require_rated(factors: Sequence[str], by: str) -> None:
    allowed = ", ".join(name for name in RATED_BY if name != by)
    for place, name in enumerate(listed("factors", factors, "columns of the members", of=str)):
        if name not in RATED_BY or name == by or name in factors[:place]:
            remedy = (
                "Let one of these columns carry what this one says; income has a rule of its own."
            )
            fault = Fault(f"factors[{place}]", name, f"{allowed}, each once", remedy, "column")
            raise InputError([fault])


def _require_exposure(
    by: str, codes: IntArray, labels: Sequence[str], exposure: FloatArray
) -> None:
    at_risk = np.bincount(codes, weights=exposure, minlength=len(labels))
    if (at_risk <= 0.0).any():
        label = labels[int((at_risk <= 0.0).argmax())]
        remedy = "Join the cell with a neighbour, or state its rate."
        raise InputError([Fault(f"{by}.{label}", "no exposure", "some", remedy, "empty")])
