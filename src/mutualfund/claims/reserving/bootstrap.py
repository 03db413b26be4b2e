"""The over-dispersed Poisson bootstrap: triangles as they might have been, refitted and run off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from mutualfund.claims.reserving.checks import require_amounts
from mutualfund.claims.reserving.expected import OverDispersedPoisson
from mutualfund.claims.reserving.reserve import Reserve
from mutualfund.claims.reserving.sources import fitted_amounts
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import (
    Fault,
    InputError,
    NotEnoughPathsError,
    one_number,
    require_choice,
    require_whole,
)
from mutualfund.rng import stream_key
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.claims.reserving.plots import BootstrapPlots
    from mutualfund.claims.reserving.replicates import Replicates

Payments = Literal["by_cell", "by_origin", "none"]
MAX_REPLICATES = 2**31
_FIXED = 1.0 - 1e-9  # a cell that the fit goes through exactly has no residual
_SUPPORT = 10  # replicates beyond a quantile


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class BootstrapReserve(Reserve):
    """A reserve with its whole distribution.

    `ultimate` and `ibnr` are the chain ladder's, so that the mean of the replicates, which lies a little
    above, is not taken for the estimate. The parameter covariance is that of the replicates' estimates, the
    process variance the mean of dispersion x the size of what is still to come and be taken back.

    Parameters
    ----------
    estimates
        (n_replicates, n_origins) what is still to come as each replicate estimates it: parameter error alone.
    outcomes
        (n_replicates, n_origins) what is then paid: parameter and process error.
    payments
        (n_replicates, n_periods) outcomes of all origins by coming development period; no column unless
        payments were drawn by cell.
    """

    estimates: FloatArray
    outcomes: FloatArray
    payments: FloatArray

    def __post_init__(self) -> None:
        Reserve.__post_init__(self)
        for name in ("estimates", "outcomes", "payments"):
            getattr(self, name).flags.writeable = False  # our own arrays: no copy of so many

    @property
    def totals(self) -> FloatArray:
        """(n_replicates,) outcomes of all origins together."""
        return np.asarray(self.outcomes.sum(axis=1))

    @property
    def mean(self) -> float:
        """Mean of the totals."""
        return float(self.totals.mean())

    def quantile(self, level: float) -> float:
        """The smallest total that a share `level` of replicates does not exceed.

        Raises
        ------
        InputError
            Where level is not between 0 and 1.
        NotEnoughPathsError
            Where fewer than ten replicates lie beyond it.
        """
        one_number("level", level, minimum=0.0, maximum=1.0, unit="chance")
        totals = self.totals
        if min(level, 1.0 - level) * totals.size < _SUPPORT - 1e-6:
            raise NotEnoughPathsError(
                f"level {level:g} needs ten replicates beyond it; of {totals.size:,} there are not as many"
            )
        return float(np.quantile(totals, level, method="inverted_cdf"))

    @property
    def plot(self) -> BootstrapPlots:
        """Pictures of the estimate and its distribution."""
        from mutualfund.claims.reserving.plots import BootstrapPlots

        return BootstrapPlots(self)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The bootstrap of England and Verrall with adjusted residuals and gamma payments.

    Pearson residuals of the over-dispersed Poisson fit, each over the root of 1 - its leverage, centred,
    are drawn with replacement onto the fitted payments; the triangle so made is fitted again and run off. The
    model is `OverDispersedPoisson`, whose dispersion is one for all ages; an age without a payment has
    none in any replicate.
    Source: England and Verrall, *Analytic and bootstrap estimates of prediction errors in claims reserving*,
    IME 25 (1999), and BAJ 8 (2002); leverage as in Shapland and Leong, CAS E-Forum Fall 2010.

    Parameters
    ----------
    replicates
        How many, 2 to 2^31.
    seed
        0 to 2^64 - 1: the same seed gives the same replicates, whatever the number of workers.
    payments
        What is then paid is a gamma with the estimate as its mean and dispersion x mean as its variance:
        ``by_cell`` draws each future cell, which also gives payments by coming period; ``by_origin`` one sum
        an origin, which has the same law, for gammas of one scale add up to a gamma (where a replicate's
        amounts fall at some age, one for what comes less one for what is taken back); ``none`` leaves process
        error out.
    workers
        Threads.

    >>> from datetime import date
    >>> rows = [[10.0, 20.0, 22.0, 23.0], [12.0, 20.0, 23.0, None], [9.0, 22.0, None, None]]
    >>> rows.append([11.0, None, None, None])
    >>> triangle = Triangle.from_array(rows, first_origin=date(2022, 1, 1))
    >>> reserve = Bootstrap(replicates=200, seed=1).fit(triangle)
    >>> reserve.outcomes.shape, reserve.payments.shape
    ((200, 4), (200, 3))
    """

    replicates: int = 10_000
    seed: int = 0
    payments: Payments = "by_cell"
    workers: int = 1

    def __post_init__(self) -> None:
        most = MAX_REPLICATES
        require_whole("replicates", self.replicates, minimum=2, maximum=most, unit="replicates")
        require_whole("workers", self.workers, minimum=1, maximum=1024, unit="threads")
        require_whole("seed", self.seed, minimum=0, maximum=2**64 - 1, unit="seed")
        require_choice("payments", self.payments, get_args(Payments), code="unknown")

    def fit(self, triangle: Triangle) -> BootstrapReserve:
        """The replicates of a triangle.

        Raises
        ------
        InputError
            Where all amounts are 0, the data leave no degree of freedom, or a replicate's amounts at some
            age do not add up to more than 0, so that it has no link ratio: the triangle is too thin for this
            method. What `OverDispersedPoisson.fit` raises.
        """
        require_amounts(triangle)
        fit = OverDispersedPoisson().fit(triangle)
        if not np.isfinite(fit.dispersion):
            allowed, remedy = "more cells than parameters", "Use more origins."
            raise InputError(
                [Fault("triangle", "as many parameters as cells", allowed, remedy, "no_freedom")]
            )
        estimates, falls, outcomes, payments = self._replicate(triangle, fit)
        if not np.isfinite(estimates.sum()):
            share = float(np.mean(~np.isfinite(estimates).all(axis=1)))
            got = f"{share:.1%} of replicates without a link ratio"
            allowed = "redrawn amounts above 0 at every age but the last"
            remedy = "Use OverDispersedPoisson, or longer periods."
            raise InputError([Fault("triangle", got, allowed, remedy, "thin_triangle")])
        drawn = 0.0 if self.payments == "none" else fit.dispersion
        centred = estimates - estimates.mean(axis=0)
        return BootstrapReserve(
            method="bootstrap",
            triangle=triangle,
            pattern=fit.pattern,
            ultimate=fit.ultimate,
            process_variance=drawn * (estimates + 2.0 * falls).mean(axis=0),
            parameter_covariance=centred.T @ centred / (self.replicates - 1),
            dispersion=fit.dispersion,
            next_payments=fit.next_payments,
            estimates=estimates,
            outcomes=outcomes,
            payments=payments,
        )

    def _replicate(self, triangle: Triangle, fit: Reserve) -> Replicates:
        """Estimates, what is taken back in them, outcomes and payments by coming period."""
        from mutualfund.claims.reserving.replicates import (
            FittedTriangle,
            Replicates,
            Workspace,
            replicate,
        )

        payments = np.diff(fitted_amounts(triangle, fit.pattern), axis=1, prepend=0.0)
        streams = ("reserving:residuals", "reserving:payments")
        model = FittedTriangle(
            payments=payments,
            root=np.sqrt(np.abs(payments)),
            ages=triangle.ages,
            residuals=scaled_residuals(triangle, fit),
            dispersion=fit.dispersion,
            key=np.array([stream_key(self.seed, name) for name in streams], np.uint64).ravel(),
            draw={"none": 0, "by_origin": 1, "by_cell": 2}[self.payments],
        )
        shape = self.replicates, triangle.n_origins
        periods = triangle.n_ages - 1 if self.payments == "by_cell" else 0
        out = Replicates(
            mean=np.empty(shape),
            fall=np.empty(shape),
            paid=np.empty(shape),
            calendar=np.zeros((self.replicates, periods)),
        )

        def work(first: int, end: int) -> None:
            space = Workspace(np.zeros(triangle.cumulative.shape), np.zeros(triangle.n_origins))
            replicate(first, model, space, Replicates._make(values[first:end] for values in out))

        bounds = np.linspace(0, self.replicates, self.workers + 1).astype(int).tolist()
        if self.workers == 1:
            work(*bounds)
        else:
            with ThreadPoolExecutor(self.workers) as pool:
                list(pool.map(work, bounds[:-1], bounds[1:]))
        return out


def leverage(triangle: Triangle, fit: Reserve) -> FloatArray:
    """(n_origins, n_ages) how far each cell determines its own fit, 0 to 1; NaN where not known.

    The logarithm of a fitted payment is that of the amount to date, less those of the link ratios up to
    now, plus that of the step's own growth; these are uncorrelated (`sources`), so its variance is a sum.
    Times the payment and over the dispersion it is the diagonal of the model's hat matrix.
    """
    ratios, ages, n_ages = fit.pattern.link_ratios, triangle.ages, triangle.n_ages
    fitted = fitted_amounts(triangle, fit.pattern)
    payments = np.diff(fitted, axis=1, prepend=0.0)
    before = np.where(triangle.known[:, 1:], fitted[:, :-1], 0.0).sum(axis=0)
    grows = (ratios > 1.0) & (before > 0.0)
    safe, volume = np.where(grows, ratios, 2.0), np.where(grows, before, 1.0)
    of_ratio = np.where(grows, (safe - 1.0) / (safe * volume), 0.0)  # relative variance of a ratio
    of_step = np.where(grows, 1.0 / (safe * (safe - 1.0) * volume), 0.0)  # of 1 - 1 / ratio
    to_age = np.concatenate([[0.0], np.cumsum(of_ratio)])
    own = np.concatenate([[0.0], of_step])
    latest = triangle.latest
    of_latest = np.where(latest > 0.0, 1.0 / np.where(latest > 0.0, latest, 1.0), 0.0)
    variance = of_latest[:, None] + to_age[ages][:, None] - to_age[:n_ages] + own
    return np.asarray(np.where(triangle.known, payments * variance, np.nan))


def scaled_residuals(triangle: Triangle, fit: Reserve) -> FloatArray:
    """(n,) Pearson residuals over the root of 1 - leverage, centred; without cells fitted exactly."""
    payments = np.diff(fitted_amounts(triangle, fit.pattern), axis=1, prepend=0.0)
    share = leverage(triangle, fit)
    free = triangle.known & (payments > 0.0) & (share < _FIXED)
    missed = triangle.incremental[free] - payments[free]
    scaled = missed / np.sqrt(payments[free] * (1.0 - share[free]))
    return np.asarray(scaled - scaled.mean())
