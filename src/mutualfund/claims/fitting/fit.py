"""What a fit says: a distribution, its parameters with their errors, and how likely it makes the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.claims.fitting.counted import ObservedCounts
from mutualfund.claims.fitting.maximum import (
    FitError,
    LogLikelihood,
    Scale,
    natural,
    slope_to_working,
    working,
)
from mutualfund.claims.fitting.observed import Observed
from mutualfund.claims.frequency import FrequencyModel
from mutualfund.claims.severity import SeverityModel
from mutualfund.errors import one_number, require_choice, require_kind
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.claims.fitting.goodness import GoodnessOfFit
    from mutualfund.claims.fitting.plots import FitPlots
    from mutualfund.claims.fitting.shapes import FittedShape

Fitted = SeverityModel | FrequencyModel
Data = Observed | ObservedCounts


@dataclass(frozen=True, slots=True)
class Estimate:
    """One fitted parameter, in its own unit, with its standard error.

    >>> mean = Estimate("mean", value=200.0, standard_error=10.0, scale="positive")
    >>> low, high = mean.interval(0.95)
    >>> round(low, 1), round(high, 1)
    (181.3, 220.6)
    """

    name: str
    value: float
    standard_error: float
    scale: Scale

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval: normal on the parameter's logarithm (log-odds for a chance), then turned back.

        level: chance that such an interval covers the truth, 0 to below 1.
        """
        from scipy import special

        one_number("level", level, minimum=0.0, maximum=1.0 - 1e-12, unit="confidence, below 1")
        reach = float(special.ndtri(0.5 + level / 2.0)) * self.standard_error
        reach /= slope_to_working(self.scale, self.value)
        middle = working(self.scale, self.value)
        return natural(self.scale, middle - reach), natural(self.scale, middle + reach)


@dataclass(frozen=True, slots=True, repr=False)
class Covariance:
    """How the errors of fitted parameters go together: the inverse of the observed information.

    names: the parameters. rows: the matrix, in the same order, in the parameters' own units.

    >>> together = Covariance(("alpha", "theta"), ((0.04, -0.01), (-0.01, 0.09)))
    >>> together.between("alpha", "theta"), together.correlation("alpha", "theta")
    (-0.01, -0.16666666666666669)
    """

    names: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    def __repr__(self) -> str:
        return f"Covariance of {', '.join(self.names)}"

    @classmethod
    def of(cls, names: tuple[str, ...], matrix: FloatArray) -> Covariance:
        """The covariance of a (p, p) matrix."""
        return cls(names, tuple(tuple(row) for row in matrix.tolist()))

    @property
    def matrix(self) -> FloatArray:
        """(p, p), a copy."""
        return np.array(self.rows, dtype=np.float64)

    def between(self, one: str, other: str) -> float:
        """Covariance of two parameters; of one with itself, its variance."""
        return self.rows[self.names.index(one)][self.names.index(other)]

    def correlation(self, one: str, other: str) -> float:
        """Correlation of the errors of two parameters."""
        both = self.between(one, one) * self.between(other, other)
        return self.between(one, other) / math.sqrt(both)

    def to_pandas(self) -> pd.DataFrame:
        """The matrix with the parameters' names on both sides."""
        import pandas as pd

        return pd.DataFrame(self.matrix, index=list(self.names), columns=list(self.names))


@dataclass(frozen=True, slots=True, repr=False)
class Fit:
    """A fitted distribution and how sure the data are of it.

    Attributes
    ----------
    distribution : the severity or count, ready for `Assumptions`.
    estimates : its parameters with their standard errors.
    covariance : of the parameters, from the observed information.
    loglik : log-likelihood at its top, natural logarithm, all constants included.
    n : claims (of a count: members) seen, the sum of the weights.
    converged : always true; what does not converge is not returned.
    data : what it was fitted to, never shown; none where the fit was derived from another.
    excess_above : the point, where the fit is of the parts of amounts above it; else zero.
    ground_up : whether a count is of all claims although only those above a deductible were seen.

    Passed as a line's severity or frequency it brings its parameter error along (definition 19): of a count
    that of the mean, its dispersion being taken as known; of a severity that of the mean and of the shape (a
    sigma, a tail's xi), which go together as the covariance says.

    >>> from mutualfund.claims import fit_severity
    >>> fit = fit_severity("exponential", [1.0, 2.0, 3.0])
    >>> round(fit.mean, 9), fit.n, round(fit.aic, 3)
    (2.0, 3.0, 12.159)
    >>> fit
    Fit of exponential to 3 observations: mean 2 (1.2); AIC 12.2
    """

    distribution: Fitted
    estimates: tuple[Estimate, ...]
    covariance: Covariance
    loglik: float
    n: float
    converged: bool = True
    data: Data | None = field(default=None, compare=False)
    again: Callable[[Any], Fit] | None = field(default=None, compare=False)
    """The same fit of other data."""
    likelihood: Callable[[Any], LogLikelihood] | None = field(default=None, compare=False)
    """The log-likelihood of the parameters, in the order of `estimates`, for these or other data."""
    excess_above: float = 0.0
    ground_up: bool = False

    def __repr__(self) -> str:
        found = ", ".join(
            f"{each.name} {each.value:.4g} ({each.standard_error:.2g})" for each in self.estimates
        )
        return f"Fit of {self.kind} to {self.n:,.10g} observations: {found}; AIC {self.aic:,.1f}"

    @property
    def kind(self) -> str:
        """The family."""
        return str(getattr(self.distribution, "kind", ""))

    @property
    def parameters(self) -> Mapping[str, float]:
        """Fitted values by name, in the parameter's own unit."""
        return MappingProxyType({each.name: each.value for each in self.estimates})

    @property
    def standard_errors(self) -> Mapping[str, float]:
        """Standard errors by name, in the parameter's own unit."""
        return MappingProxyType({each.name: each.standard_error for each in self.estimates})

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of a parameter, never beyond what it may be.

        Of few excesses that of a tail's xi lies low: from 40 it misses one truth in ten to twelve at 95 %,
        above it. `profile_interval` follows the likelihood, and misses one in eighteen.
        """
        named = {each.name: each for each in self.estimates}
        require_choice("name", name, named, code="unknown_parameter")
        return named[name].interval(level)

    def profile_interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of a parameter by the likelihood ratio, the others following it.

        It takes longer than `interval`, and is better where the likelihood is lopsided: for a tail's xi from
        few excesses, or one of three parameters. Where the data set no bound on a side, the end is the border
        of what the parameter may be, such as infinity. See `profile` for the formula and its source.

        Raises
        ------
        InputError
            Where the fit has no such parameter, or was derived from another and has no data.
        FitError
            Where the other parameters cannot be followed to the interval's end.

        >>> from mutualfund.claims import fit_severity
        >>> fit = fit_severity("exponential", [1.0, 2.0, 3.0])
        >>> [round(end, 3) for end in fit.profile_interval("mean")]
        [0.771, 8.042]
        """
        from mutualfund.claims.fitting.profile import profile_interval

        return profile_interval(self, name, level)

    @property
    def aic(self) -> float:
        """Akaike's criterion: 2 x parameters - 2 x log-likelihood; smaller is better."""
        return 2.0 * len(self.estimates) - 2.0 * self.loglik

    @property
    def aicc(self) -> float:
        """`aic` corrected for few observations; infinite where they are no more than the parameters and one.

        C. Hurvich, C.-L. Tsai, *Regression and time series model selection in small samples*, Biometrika 76
        (1989): plus 2 k (k + 1) / (n - k - 1).
        """
        k = len(self.estimates)
        spare = self.n - k - 1.0
        return self.aic + 2.0 * k * (k + 1.0) / spare if spare > 0.0 else math.inf

    @property
    def bic(self) -> float:
        """Schwarz's criterion: log n x parameters - 2 x log-likelihood; smaller is better."""
        return math.log(self.n) * len(self.estimates) - 2.0 * self.loglik

    @property
    def mean(self) -> float:
        """Mean of the fitted distribution."""
        return _mean(self.distribution)

    @property
    def sd(self) -> float:
        """Standard deviation of the fitted distribution.

        Raises
        ------
        FitError
            Where it does not exist, as in a tail of shape 0.5 or more.
        """
        variance = self.distribution.variance
        if not math.isfinite(variance):
            shown = ", ".join(f"{each.name} = {each.value:.3g}" for each in self.estimates)
            raise FitError(
                f"the fitted {self.kind} has no variance ({shown}): use its quantiles, or limit the claim"
            )
        return math.sqrt(variance)

    @property
    def mean_error(self) -> float:
        """Standard error of `mean`: that of the parameters, carried over by the mean's slope in each.

        >>> from mutualfund.claims import fit_counts
        >>> fit = fit_counts("poisson", [0, 2, 1, 0])
        >>> round(fit.mean_error, 6), round(fit.mean_cv, 6)
        (0.433013, 0.57735)
        """
        slopes = np.array([self.slope_of_mean(each) for each in self.estimates])
        return math.sqrt(float(slopes @ self.covariance.matrix @ slopes))

    @property
    def mean_cv(self) -> float:
        """`mean_error` as a share of the mean: the cv of the multiplier drawn for parameter risk.

        Raises
        ------
        FitError
            Where the 95 % interval of a generalised Pareto's xi passes 1: then the data do not even say that
            there is a mean, and no standard error says how unsure it is.
        """
        for each in self.estimates:
            if each.name.split(".")[-1] == "xi" and each.interval(0.95)[1] >= 1.0:
                raise FitError(
                    f"{each.name} may be 1 or more (95 % interval up to {each.interval(0.95)[1]:.2f}), where "
                    "there is no mean: limit the claim, use more claims, or state the uncertainty yourself"
                )
        return self.mean_error / self.mean

    def slope_of_mean(self, estimate: Estimate) -> float:
        """Change of the mean for a small change of one parameter."""
        step = 1e-4 * estimate.standard_error
        up, down = (
            _mean(with_values(self.distribution, {estimate.name: estimate.value + move}))
            for move in (step, -step)
        )
        return (up - down) / (2.0 * step)

    @property
    def scale_error(self) -> float:
        """Relative standard error of the size of claims, were their shape known; 0 of a count."""
        from mutualfund.claims.fitting.shapes import scale_error

        return scale_error(self)

    @property
    def shapes(self) -> tuple[FittedShape, ...]:
        """What else the shape of a fitted severity may be, with chances; see `fitted_shapes`."""
        from mutualfund.claims.fitting.shapes import fitted_shapes

        return fitted_shapes(self)

    def goodness_of_fit(self, replicates: int = 99, seed: int = 1) -> GoodnessOfFit:
        """Tests of whether the data can come from this distribution; see `goodness_of_fit`."""
        from mutualfund.claims.fitting.goodness import goodness_of_fit

        return goodness_of_fit(self, replicates, seed)

    def to_pandas(self) -> pd.DataFrame:
        """The parameters with their standard errors and 95 % intervals, one a row."""
        import pandas as pd

        rows = [
            {
                "parameter": each.name,
                "value": each.value,
                "standard_error": each.standard_error,
                "low_95": each.interval(0.95)[0],
                "high_95": each.interval(0.95)[1],
            }
            for each in self.estimates
        ]
        return pd.DataFrame(rows).set_index("parameter")

    @property
    def plot(self) -> FitPlots:
        """Pictures of the fit of an amount: `quantiles` (Q-Q), `survival`."""
        from mutualfund.claims.fitting.plots import FitPlots

        return FitPlots(self)


def require_fit(field: str, got: object) -> None:
    """Refuse what is no `Fit`.

    Raises
    ------
    InputError
        With one fault.
    """
    remedy = "Pass what fit_severity, fit_counts or another of the fits gives."
    require_kind(field, got, Fit, "a Fit", remedy)


def _mean(distribution: Fitted) -> float:
    return float(distribution.law.mean)


def with_values(distribution: Fitted, values: Mapping[str, float]) -> Fitted:
    """The same distribution with other parameters; "tail.xi" is the tail's, "base.mean" the base's."""
    table = distribution.model_dump()
    for name, value in values.items():
        *path, last = name.split(".")
        inner = table
        for step in path:
            inner = inner[step]
        inner[last] = value
    return type(distribution).model_validate(table)
