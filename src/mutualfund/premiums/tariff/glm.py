"""Generalised linear models of frequency, severity and cost, fitted by glum.

Standard errors are those of the expected information with the dispersion that the family defines: 1 for
counts and yes-or-no, Pearson's statistic over the degrees of freedom for amounts (P. McCullagh, J. Nelder,
*Generalized Linear Models*, 2nd ed. (1989), ch. 2 and 9). A model holds coefficients and labels, never a
member's row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.claims import FitError
from mutualfund.errors import Fault, InputError, one_number
from mutualfund.portfolio.table import rows_in_words
from mutualfund.premiums.tariff.design import Design, Table
from mutualfund.premiums.tariff.families import IN_WORDS, RANGES, Family, FamilyName, LinkName
from mutualfund.premiums.tariff.formula import Formula
from mutualfund.premiums.tariff.grammar import Expression
from mutualfund.premiums.tariff.maximum import Data, inverse_link, maximum, predictor
from mutualfund.types import FloatArray, frozen

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class GLM:
    """A fitted model.

    coefficients, covariance: (p,) and (p, p), in the order of `names`, on the scale of the link. dispersion:
    of the family, which the covariance rests on. pearson_dispersion: Pearson's statistic over the degrees of
    freedom; far above 1, a Poisson's or binomial's standard errors are too small. log_likelihood: None where
    the dispersion is estimated. fitted_over_observed: sums over the data it was fitted on, weights included;
    1 where the link is the family's canonical one.
    """

    design: Design
    family: Family
    exposure: Expression | None
    coefficients: FloatArray
    covariance: FloatArray
    dispersion: float
    pearson_dispersion: float
    deviance: float
    log_likelihood: float | None
    n: int
    fitted_over_observed: float

    @property
    def names(self) -> tuple[str, ...]:
        """What each coefficient stands for."""
        return self.design.names

    @property
    def standard_errors(self) -> FloatArray:
        """(p,) standard error of each coefficient."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def degrees_of_freedom(self) -> int:
        """Observations less coefficients."""
        return self.n - self.coefficients.size

    def predict(self, frame: Any) -> FloatArray:
        """(n,) expected response of each row, for its exposure where the model has one.

        Raises
        ------
        InputError
            Where a column is missing, a value cannot be used, or a label was never met.
        """
        table = Table(frame)
        return self._mean(table, _offset(self.exposure, table, table.n_rows))

    def rate(self, frame: Any) -> FloatArray:
        """(n,) expected response of each row for one unit of exposure: a member-year where it is counted so.

        Raises
        ------
        InputError
            As `predict`.
        """
        return self._mean(Table(frame), None)

    def _mean(self, table: Table, offset: FloatArray | None) -> FloatArray:
        intercept = self.design.formula.intercept
        terms = self.design.matrix(table)
        eta = predictor(terms, offset, self.coefficients, intercept=intercept)
        return inverse_link(self.family.link, eta)

    def relativities(self, level: float = 0.95) -> pd.DataFrame:
        """One row a coefficient, base labels included: what it multiplies the answer by, with its interval.

        With a log link the expected response, with a logit link the odds. A number's relativity is that of
        one unit more. level: of the interval, 0 to 1, by the normal approximation on the scale of the link.

        Raises
        ------
        InputError
            Where the link is the identity: it adds, it does not multiply.
        """
        from mutualfund.premiums.tariff.tables import relativities

        return relativities(self, level)

    def summary(self) -> pd.DataFrame:
        """One row a coefficient: value, standard error, z, and the chance of such a z without an effect."""
        from mutualfund.premiums.tariff.tables import coefficients

        return coefficients(self)

    def balanced(self) -> GLM:
        """The same relativities with the intercept moved so that the fitted sum is the observed one.

        A model whose link is not its family's canonical one (gamma or Tweedie with a log) does not have the
        balance property, and would charge the fund's members as a whole too much or too little (M. Wuthrich,
        "Bias regularization in neural network models", European Actuarial Journal 10 (2020), section 2).

        Raises
        ------
        InputError
            Where there is no intercept or the link is not a log.
        """
        return self.times(1.0 / self.fitted_over_observed)

    def times(self, factor: float) -> GLM:
        """The same relativities with every answer multiplied by `factor`, above 0.

        Raises
        ------
        InputError
            Where there is no intercept or the link is not a log.
        """
        one_number("factor", factor, minimum=1e-300, maximum=1e300, unit="factor")
        if self.family.link != "log" or not self.design.formula.intercept:
            got = f"link {self.family.link}" if self.family.link != "log" else "no intercept"
            raise InputError(
                [Fault("balanced", got, "a log link and an intercept", code="balance")]
            )
        moved = self.coefficients.copy()
        moved[0] += math.log(factor)
        fitted = factor * self.fitted_over_observed
        return replace(self, coefficients=frozen(moved), fitted_over_observed=fitted)


def fit_glm(
    frame: Any,
    formula: str | Formula,
    family: FamilyName | Family,
    *,
    link: LinkName | None = None,
    power: float | None = None,
    where: str | None = None,
    weights: str | None = None,
    exposure: str | None = None,
    base: Mapping[str, str] = MappingProxyType({}),
) -> GLM:
    """Fit a generalised linear model by maximum likelihood.

    Parameters
    ----------
    frame
        pandas, polars or Arrow; one row a member, policy or cell.
    formula
        As `Formula` reads it, such as ``claims ~ factor(band) + factor(sex)``.
    family, link, power
        See `Family`.
    where
        Condition over columns; rows where it does not hold are left out.
    weights
        Expression; how much a row counts, more than 0: the number of claims for an average cost.
    exposure
        Expression, more than 0; the response is expected to be in proportion to it (log link only).
    base
        Base label by factor; else the label with the greatest exposure, weight or number of rows.

    Raises
    ------
    InputError
        Where formula, family or frame cannot be used.
    FitError
        Where terms say the same (then they are named), a label has nothing but zeros, or the maximum is not
        found.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"sex": list("FFMM"), "visits": [2, 4, 1, 1], "years": [1.0, 1.0, 1.0, 0.5]})
    >>> model = fit_glm(frame, "visits ~ factor(sex)", "poisson", exposure="years")
    >>> model.relativities()["relativity"].round(3).tolist()  # 6 / 2 a year; F; M: (2 / 1.5) / (6 / 2)
    [3.0, 1.0, 0.444]
    """
    _require_glum()
    kind = family if isinstance(family, Family) else Family(family, link, power)
    parsed = Formula.read(formula)
    table = _rows_in_use(frame, where)
    response = _response(table, parsed, kind)
    weight = _positive(weights, table, "weights", response.size)
    amount = None if exposure is None else Expression.parse(exposure)
    if amount is not None and kind.link != "log":
        raise InputError([Fault("exposure", f"a {kind.link} link", "a log link", code="exposure")])
    offset = _offset(amount, table, response.size)
    counted = weight if offset is None else weight * np.exp(offset)
    design = Design.of(parsed, table, counted, base)
    _require_claims_everywhere(design, table, kind, response)
    terms = design.matrix(table)
    data = Data(terms, response, weight, offset, parsed.intercept, design.terms_of_coefficients)
    top = maximum(data, kind)
    return GLM(
        design=design,
        family=top.family,
        exposure=amount,
        coefficients=frozen(top.coefficients),
        covariance=frozen(top.covariance),
        dispersion=top.dispersion,
        pearson_dispersion=top.pearson_dispersion,
        deviance=top.deviance,
        log_likelihood=top.log_likelihood,
        n=response.size,
        fitted_over_observed=float(weight @ top.mean / (weight @ response)),
    )


def _require_claims_everywhere(
    design: Design, table: Table, family: Family, response: FloatArray
) -> None:
    """A label with nothing but zeros has its coefficient at minus infinity: say so before the climb."""
    if family.name in ("gamma", "inverse_gaussian", "normal") or family.link == "identity":
        return
    for levels in design.levels:
        codes = levels.codes(table)
        flat = np.bincount(codes, response) == 0.0
        if family.name == "binomial":
            flat |= np.bincount(codes, 1.0 - response) == 0.0
        if flat.any():
            place = int(flat.argmax())
            where = levels.labels[place] if levels.are_groups else rows_in_words(codes == place)
            raise FitError(
                f"{levels.factor.name}[{where}] has the same extreme answer in every row, so its "
                "relativity has no estimate; group the label with another"
            )


def _rows_in_use(frame: Any, where: str | None) -> Table:
    table = Table(frame)
    if where is not None:
        condition = Expression.parse(where)
        table.keep(table.values(condition) != 0.0)
    if not np.arange(table.n_rows)[table.rows].size:
        raise InputError([Fault("frame", "no rows", "at least one row", code="empty")])
    return table


def _response(table: Table, formula: Formula, family: Family) -> FloatArray:
    response = table.values(formula.response)
    low, high = RANGES[family.name]
    good = np.ones(table.n_rows, np.bool_)
    good[table.rows] = (response >= low) & (response <= high)
    table.require(formula.response.text, good, IN_WORDS[family.name])
    return response


def _positive(text: str | None, table: Table, field: str, n: int) -> FloatArray:
    if text is None:
        return np.ones(n)
    values = table.values(Expression.parse(text))
    good = np.ones(table.n_rows, np.bool_)
    good[table.rows] = values > 0.0
    table.require(f"{field}: {text}", good, "more than 0")
    return values


def _offset(exposure: Expression | None, table: Table, n: int) -> FloatArray | None:
    return None if exposure is None else np.log(_positive(exposure.text, table, "exposure", n))


def _require_glum() -> None:
    try:
        import glum  # noqa: F401  # only whether it is there
    except ImportError as error:
        remedy = 'pip install "mutualfund-actuarial[glm]"'
        raise InputError(
            [Fault("glum", "not installed", "glum 3.3 or newer", remedy, "missing")]
        ) from error
