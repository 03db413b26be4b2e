"""Trend and seasonality of a monthly rate, with their standard errors.

The expected cost (or count) of month m is exposure_m x exp(a + b m / 12 + s[calendar month] + w log d_m),
with d_m the share of working days over five sevenths. The logarithm of the rate is linear, but the model is
fitted to the rate and not to its logarithm, by quasi-likelihood with variance proportional to the mean:
months without a claim need no excuse and fitted totals equal those observed. Source: P. McCullagh and J. A.
Nelder, Generalized Linear Models (2nd ed., 1989), sections 9.2 and 9.3. The dispersion is Pearson's statistic
over the degrees of freedom, and intervals are Student's t.

Months are independent given the model only where every member has the same chances and stays: members who
always claim much, and who come and go, tie months together. With members' own months (`Monthly.together`) the
covariance of the coefficients is that of sums over members, plus what all members share in a month (an
epidemic, a tariff), two-way clustering as A. C. Cameron, J. B. Gelbach and D. L. Miller have it (Journal of
Business & Economic Statistics 29 (2011) 238):

    V = n / (n - 1) x A^-1 sum(U_i U_i') A^-1 + max(phi - phi_0, 0) A^-1,
    U_i = sum over m of z_m (x_im - r_m e_im),

over n members, with x_im what member i cost (or claimed) in month m, e_im the exposure, r_m the fitted rate,
z_m the month's row of the model and A the information at a dispersion of 1 (K.-Y. Liang and S. L. Zeger,
Biometrika 73 (1986) 13); phi is the dispersion of months, phi_0 that of months of members who were
independent from month to month: the mean over m of sum_i (x_im - r_m e_im)^2 over the fitted total. An error
is the greater of that from V and from phi A^-1, since few members say little of how they vary; the degrees of
freedom are at most the members with claims, less one.

Where part of a month is still to be paid, exposure_m is multiplied by the share that is on file (`run_off`),
so that young months are neither too low nor count for more than is known of them; the error of the shares is
added to that of the fit, to first order. A cost that changes once a year, with a tariff, is followed with
growth="yearly": the straight line through three years of its months would rise by 8/9 of a step a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.monthly import Monthly, RateName
from mutualfund.claims.experience.run_off import Known
from mutualfund.errors import Fault, InputError, require_choice, require_kind
from mutualfund.types import BoolArray, FloatArray, frozen

WorkingDays = Literal["estimated", "proportional", "none"]
Growth = Literal["steady", "yearly"]
_YEAR = 12
_SPARE = 3
_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trend:
    """A log-linear trend fitted to monthly rates.

    Parameters
    ----------
    rate
        What was followed: ``"pmpm"``, ``"frequency"`` (claims a member-month) or ``"cost_per_claim"``.
    per_year, standard_error
        Growth a year as a fraction (0.05 is five in a hundred), and its standard error: that over months,
        or over members (where `Monthly.together` knows their months) where it is the greater.
    low, high
        Ends of its 95 % interval.
    working_day_effect, working_day_error
        Exponent w of the share of working days: 0 where they do not matter, 1 where cost is in proportion.
    season, season_error
        (12,) factors of the calendar months with mean 1, January first, and their standard errors; all 1 and
        0 where no season was fitted.
    dispersion
        Variance over mean of a month's total, in the unit of the total.
    months, observed, fitted
        Labels and monthly rates, completed for what is still to be paid, (n_months,).

    >>> from mutualfund.claims.experience import example_study
    >>> trend = example_study().trend(seasonal=False, working_days="none")
    >>> trend
    pmpm trend +88.6 % a year (standard error 381.9 points)
    """

    rate: RateName
    per_year: float
    standard_error: float
    low: float
    high: float
    working_day_effect: float
    working_day_error: float
    season: FloatArray
    season_error: FloatArray
    dispersion: float
    months: tuple[str, ...]
    observed: FloatArray
    fitted: FloatArray

    def __repr__(self) -> str:
        error = f"{100 * self.standard_error:.1f} points"
        return f"{self.rate} trend {self.per_year:+.1%} a year (standard error {error})".replace(
            "%", " %"
        )


def fit_trend(
    rate: RateName,
    monthly: Monthly,
    period: StudyPeriod,
    *,
    relative_working_days: FloatArray | None = None,
    working_days: WorkingDays = "none",
    seasonal: bool = True,
    growth: Growth = "steady",
    known: Known | None = None,
) -> Trend:
    """The trend of a rate; `relative_working_days` (n_months,), where they are looked at.

    `known` is the share of each month that is on file; None for all of it. Where `monthly` is without
    `together`, errors take months as independent: too small where members differ, come and go.

    Raises
    ------
    InputError
        Where an argument is of another kind, or an option none of those it may be; where there are too few
        months, or no claim at all.
    """
    require_kind("monthly", monthly, Monthly, "what ExperienceStudy.monthly gives")
    require_kind("period", period, StudyPeriod, "a StudyPeriod")
    if known is not None:
        require_kind("known", known, Known, "the shares of months on file, or None")
    require_choice("rate", rate, get_args(RateName))
    require_choice("working_days", working_days, get_args(WorkingDays))
    require_choice("growth", growth, get_args(Growth))
    total, exposure = monthly.rate(rate)
    if known is not None:
        exposure = exposure * known.share
    used = exposure > 0.0
    design, offset = _design(period, relative_working_days, working_days, seasonal, growth)
    _check(total, used, design.shape[1], seasonal)
    beta, covariance, phi = quasi_poisson(
        total[used], design[used], np.log(exposure[used]) + offset[used]
    )
    fitted = np.exp(design @ beta + offset)
    mean, freedom = (fitted * exposure)[used], int(used.sum()) - design.shape[1]
    covariances, members = covariance[None], monthly.products(rate)
    if members is not None and members.members > 1:
        share = np.ones_like(fitted) if known is None else known.share
        residuals = members.of_residuals(fitted * share)[np.ix_(used, used)]
        own = _over_members(residuals, members.members, design[used], mean, phi)
        covariances = np.stack([covariance, own])
        freedom = min(freedom, max(members.claimants - 1, 1))
    if known is not None:
        covariances += _of_shares(design[used], mean, known.errors[used])
    error = _errors(np.eye(design.shape[1]), covariances)
    season, season_error = _season(beta, covariances, seasonal)
    slope, reach = float(beta[1]), _student(freedom) * float(error[1])
    has_days = working_days == "estimated"
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.where(used, total / exposure, np.nan)
    return Trend(
        rate=rate,
        per_year=float(np.expm1(slope)),
        standard_error=float(error[1] * np.exp(slope)),
        low=float(np.expm1(slope - reach)),
        high=float(np.expm1(slope + reach)),
        working_day_effect=float(beta[2]) if has_days else float(working_days == "proportional"),
        working_day_error=float(error[2]) if has_days else 0.0,
        season=season,
        season_error=season_error,
        dispersion=phi,
        months=period.month_labels,
        observed=frozen(observed),
        fitted=frozen(fitted),
    )


def _check(total: FloatArray, used: BoolArray, n_parameters: int, seasonal: bool) -> None:
    needed = 2 * _YEAR if seasonal else n_parameters + _SPARE
    if used.sum() < needed:
        remedy = "Study a longer period" + (", or ask for seasonal=False." if seasonal else ".")
        got = f"{int(used.sum())} months with exposure of which claims are on file"
        raise InputError([Fault("trend", got, f"at least {needed}", remedy, "too_few_months")])
    if total[used].sum() <= 0.0:
        raise InputError([Fault("trend", "no claim", "claims to follow", code="no_claims")])


def _design(
    period: StudyPeriod,
    relative_working_days: FloatArray | None,
    working_days: WorkingDays,
    seasonal: bool,
    growth: Growth,
) -> tuple[FloatArray, FloatArray]:
    """(n_months, n_parameters) columns: level, trend, working days, eleven months; (n_months,) offset."""
    n = period.n_months
    offset = np.zeros(n)
    time = time_of(period, growth)
    columns = [np.ones(n), time - time.mean()]
    if working_days != "none":
        logs = np.log(np.ones(n) if relative_working_days is None else relative_working_days)
        if working_days == "estimated":
            columns.append(logs)
        else:
            offset = logs
    if seasonal:
        columns += [(period.calendar_month == month).astype(np.float64) for month in range(1, 12)]
    return np.stack(columns, axis=1), offset


def time_of(period: StudyPeriod, growth: Growth) -> FloatArray:
    """(n_months,) years of growth behind each month, steadily or a whole one as each study year opens."""
    if growth == "yearly":
        return period.year_of_month.astype(np.float64)
    return np.arange(period.n_months) / _YEAR


def _over_members(
    residuals: FloatArray, n: int, design: FloatArray, mean: FloatArray, phi: float
) -> FloatArray:
    """The covariance V of the coefficients; residuals (n_months, n_months) summed over n members."""
    bread = np.linalg.inv(design.T @ (design * mean[:, None]))
    clustered = n / (n - 1.0) * bread @ (design.T @ residuals @ design) @ bread
    shared = max(phi - float((np.diag(residuals) / mean).mean()), 0.0)
    both: FloatArray = clustered + shared * bread
    return both


def _errors(slopes: FloatArray, covariances: FloatArray) -> FloatArray:
    """(k,) of coefficients times slopes (k, p): the greatest of those by each covariance, (c, p, p)."""
    variance = np.einsum("jk,ckl,jl->cj", slopes, covariances, slopes)
    error: FloatArray = np.sqrt(np.maximum(variance.max(axis=0), 0.0))
    return error


def _of_shares(design: FloatArray, mean: FloatArray, errors: FloatArray) -> FloatArray:
    """What errors (n, n_lags) of the logarithm of the exposure add to the covariance of the coefficients."""
    weighted = design * mean[:, None]
    moved = np.linalg.solve(design.T @ weighted, weighted.T @ errors)
    added: FloatArray = moved @ moved.T
    return added


def quasi_poisson(
    total: FloatArray, design: FloatArray, offset: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, their covariance and the dispersion, by iterated weighted least squares.

    total, offset (n,); design (n, p) of full rank.

    Raises
    ------
    InputError
        Where the columns of the design do not determine the coefficients, or the steps do not settle.
    """
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(total.sum() / np.exp(offset).sum())
    for _ in range(_STEPS):
        mean = np.exp(design @ beta + offset)
        information = design.T @ (design * mean[:, None])
        if np.linalg.cond(information) > 1e12:
            break
        step = np.linalg.solve(information, design.T @ (total - mean)).astype(np.float64)
        beta += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            spare = len(total) - design.shape[1]
            phi = float(((total - mean) ** 2 / mean).sum() / spare)
            covariance = phi * np.linalg.inv(information)
            return beta, covariance.astype(np.float64), phi
    remedy = "Study a longer period, or ask for less: seasonal=False, working_days='none'."
    got = "months that do not tell its parts"
    fault = Fault("trend", got, "months that do", remedy, "not_determined")
    raise InputError([fault])


def _season(
    beta: FloatArray, covariances: FloatArray, seasonal: bool
) -> tuple[FloatArray, FloatArray]:
    """(12,) factors of mean 1 and their errors, by the delta method."""
    if not seasonal:
        return frozen(np.ones(_YEAR)), frozen(np.zeros(_YEAR))
    raw = np.exp(np.append(0.0, beta[-11:]))
    factor = raw / raw.mean()
    # d factor_j / d s_k = factor_j (1[j = k] - factor_k / 12)
    slopes = factor[:, None] * (np.eye(_YEAR) - factor[None, :] / _YEAR)
    error = _errors(slopes[:, 1:], covariances[:, -11:, -11:])
    return frozen(factor), frozen(error)


def _student(freedom: int) -> float:
    from scipy import special

    return float(special.stdtrit(freedom, 0.975))
