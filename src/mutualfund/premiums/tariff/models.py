"""Tariff models that join two fits, and the risk premium they give.

A frequency and a severity, or the chance of any cost and the cost where there is any, are fitted apart and
multiplied. Both questions, what the members are expected to cost and how a model stands against what they did
cost, are asked of them as of a single model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from mutualfund.errors import Fault, InputError, require_kind
from mutualfund.premiums.tariff.design import Table, require_base
from mutualfund.premiums.tariff.families import Family
from mutualfund.premiums.tariff.formula import Formula
from mutualfund.premiums.tariff.glm import GLM, fit_glm
from mutualfund.premiums.tariff.grammar import Expression
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class TariffModel(Protocol):
    """What a rate table can be made from: an expected cost for every row."""

    def predict(self, frame: Any) -> FloatArray:
        """(n,) expected cost of each row, for its exposure."""
        ...

    def rate(self, frame: Any) -> FloatArray:
        """(n,) expected cost of a member-year of each row."""
        ...


def require_model(model: object) -> None:
    """Refuse what gives no expected cost for the rows of a frame."""
    allowed = "a fitted tariff, such as fit_glm gives, or an object with predict and rate"
    require_kind("model", model, TariffModel, allowed)


@dataclass(frozen=True, slots=True)
class FrequencySeverity:
    """Expected cost = claims x cost of a claim; both with a log link, so their relativities multiply.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"n": [1, 3, 2, 2], "cost": [100.0, 450.0, 120.0, 180.0], "years": 1.0})
    >>> model = FrequencySeverity.fit(frame, "n ~ 1", "cost ~ 1", exposure="years")
    >>> model.predict(frame).round(2).tolist()  # 8 claims / 4 years x 850 / 8
    [212.5, 212.5, 212.5, 212.5]
    """

    frequency: GLM
    severity: GLM
    fitted_over_observed: float = math.nan
    """Sums over the data it was fitted on; not a number where the two parts were put together by hand."""

    @classmethod
    def fit(
        cls,
        frame: Any,
        frequency: str,
        cost: str,
        *,
        exposure: str | None = None,
        family: Family = Family("poisson"),  # noqa: B008 - frozen
        severity_family: Family = Family("gamma"),  # noqa: B008 - frozen
        base: Mapping[str, str] = MappingProxyType({}),
    ) -> FrequencySeverity:
        """Fit both parts on one frame.

        Parameters
        ----------
        frame
            One row a member, policy or cell.
        frequency
            ``claims ~ terms``: the number of claims of a row.
        cost
            ``cost ~ terms``: the total cost of a row's claims. The average cost of a claim is fitted,
            weighted by claims, on the rows that have any.
        exposure
            Expression: member-years of a row.

        Raises
        ------
        InputError, FitError
            As `fit_glm`, and for rows with a cost and no claim.
        """
        require_base(base)
        counts, total = Formula.read(frequency), Formula.read(cost)
        number = counts.response.text
        table = Table(frame)
        explained = (table.values(counts.response) > 0.0) | (table.values(total.response) == 0.0)
        table.require(total.response.text, explained, f"0 where {number} is 0")
        average = f"({total.response.text}) / ({number})"
        used = {name: label for name, label in base.items() if _has(counts, name)}
        also = {name: label for name, label in base.items() if _has(total, name)}
        _require_used(base, used | also)
        often = fit_glm(frame, counts, family, exposure=exposure, base=used)
        costly = fit_glm(
            frame,
            f"{average} ~ {total.text.partition('~')[2]}",
            severity_family,
            where=f"({number}) > 0",
            weights=number,
            base=_bases(often, total) | also,
        )
        seen = float(table.values(total.response).sum())
        fitted = float((often.predict(frame) * costly.predict(frame)).sum())
        return cls(often, costly, fitted / seen)

    def predict(self, frame: Any) -> FloatArray:
        """(n,) expected cost of each row, for its exposure where the frequency has one."""
        return self.frequency.predict(frame) * self.severity.predict(frame)

    def rate(self, frame: Any) -> FloatArray:
        """(n,) expected cost of a member-year of each row."""
        return self.frequency.rate(frame) * self.severity.rate(frame)

    def relativities(self, level: float = 0.95) -> pd.DataFrame:
        """One row a coefficient of either part: what it multiplies the expected cost by, with its interval.

        Both parts are taken as independent, as their likelihoods are: the variances of a coefficient in both
        add up on the scale of the logarithm. level: of the interval, as `GLM.relativities`.

        Raises
        ------
        InputError
            Where a part has another link than a log, or a factor another base label in each.
        """
        from mutualfund.premiums.tariff.tables import products

        return products(self.frequency, self.severity, level)

    def balanced(self) -> FrequencySeverity:
        """The same relativities with the severity's intercept moved, so that the fitted cost is the observed.

        Raises
        ------
        InputError
            As `GLM.balanced`, or where it was not made by `fit`.
        """
        severity = _times_to_balance(self.severity, self.fitted_over_observed)
        return replace(self, severity=severity, fitted_over_observed=1.0)


@dataclass(frozen=True, slots=True)
class TwoPart:
    """Expected cost = chance of any cost x expected cost where there is any.

    N. Duan, W. Manning, C. Morris, J. Newhouse, "A comparison of alternative models for the demand for
    medical care", Journal of Business & Economic Statistics 1 (1983), with a gamma GLM of the cost instead
    of a retransformed logarithm.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"cost": [0.0, 0.0, 100.0, 300.0]})
    >>> TwoPart.fit(frame, "cost ~ 1").predict(frame).round(2).tolist()
    [100.0, 100.0, 100.0, 100.0]
    """

    any_cost: GLM
    cost: GLM
    exposure: Expression | None = None
    fitted_over_observed: float = math.nan
    """Sums over the data it was fitted on; not a number where the two parts were put together by hand."""

    @classmethod
    def fit(
        cls,
        frame: Any,
        cost: str,
        *,
        family: Family = Family("gamma"),  # noqa: B008 - frozen
        weights: str | None = None,
        exposure: str | None = None,
        base: Mapping[str, str] = MappingProxyType({}),
    ) -> TwoPart:
        """Fit both parts with the same terms: a logit of any cost, and `family` on the positive costs.

        With `exposure`, an expression above 0 for the member-years of a row, the cost of a whole year is
        fitted, cost over exposure, and a row weighs as much as it was exposed.

        Raises
        ------
        InputError, FitError
            As `fit_glm`.
        """
        formula = Formula.read(cost)
        positive = f"({formula.response.text}) > 0"
        yearly, terms = formula.response.text, formula.text.partition("~")[2]
        weight = weights
        if exposure is not None:
            yearly = f"({yearly}) / ({exposure})"
            weight = f"({weights or 1}) * ({exposure})"
        part = fit_glm(frame, f"{positive} ~ {terms}", "binomial", weights=weight, base=base)
        cost_part = fit_glm(
            frame, f"{yearly} ~ {terms}", family, where=positive, weights=weight, base=base
        )
        at_risk = None if exposure is None else Expression.parse(exposure)
        model = cls(part, cost_part, at_risk)
        return replace(
            model,
            fitted_over_observed=expected_over_observed(
                model, frame, formula.response.text, weights
            ),
        )

    def predict(self, frame: Any) -> FloatArray:
        """(n,) expected cost of each row, for its exposure where the model has one."""
        yearly = self.rate(frame)
        return yearly if self.exposure is None else yearly * Table(frame).values(self.exposure)

    def rate(self, frame: Any) -> FloatArray:
        """(n,) expected cost of a member-year of each row; of the row itself where there is no exposure.

        There are no relativities of it: a label multiplies the odds of any cost, and what that does to the
        expected cost differs from row to row.
        """
        return self.any_cost.predict(frame) * self.cost.predict(frame)

    def balanced(self) -> TwoPart:
        """The same parts with the intercept of the cost moved, so that the fitted sum is the observed one.

        Raises
        ------
        InputError
            As `GLM.balanced`, or where it was not made by `fit`.
        """
        cost = _times_to_balance(self.cost, self.fitted_over_observed)
        return replace(self, cost=cost, fitted_over_observed=1.0)


def expected_over_observed(
    model: TariffModel, frame: Any, observed: str, weights: str | None = None
) -> float:
    """Expected over observed total cost of a frame: 1 where the tariff is balanced.

    observed, weights: expressions over its columns.

    Raises
    ------
    InputError
        Where the observed total is zero.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"cost": [0.0, 0.0, 100.0, 300.0]})
    >>> round(expected_over_observed(TwoPart.fit(frame, "cost ~ 1"), frame, "cost"), 12)
    1.0
    """
    require_model(model)
    table = Table(frame)
    weight = np.ones(table.n_rows) if weights is None else table.values(Expression.parse(weights))
    seen = float(weight @ table.values(Expression.parse(observed)))
    if seen == 0.0:
        raise InputError([Fault("observed", "a total of 0", "a total above 0", code="empty")])
    return float(weight @ model.predict(frame)) / seen


def _times_to_balance(part: GLM, fitted_over_observed: float) -> GLM:
    if math.isnan(fitted_over_observed):
        got, allowed = "parts put together by hand", "a model made by fit"
        raise InputError([Fault("balanced", got, allowed, code="balance")])
    return part.times(1.0 / fitted_over_observed)


def _bases(model: GLM, formula: Formula) -> dict[str, str]:
    """The base labels of a fitted model, for the factors that a formula shares with it."""
    named = {levels.factor.name: levels.labels[0] for levels in model.design.levels}
    return {name: label for name, label in named.items() if _has(formula, name)}


def _has(formula: Formula, name: str) -> bool:
    return any(getattr(term, "name", None) == name for term in formula.terms)


def _require_used(base: Mapping[str, str], used: Mapping[str, str]) -> None:
    for name in base:
        if name not in used:
            raise InputError([Fault("base", name, "a factor of either formula", code="base")])
