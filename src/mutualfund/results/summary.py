"""The summary of a run: which numbers a board and its actuary look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mutualfund.errors import NotEnoughPathsError
from mutualfund.results.estimates import (
    Z95,
    Estimate,
    Summary,
    mean,
    normal,
    proportion,
    ratio_of_means,
    require_paths,
)
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.results.run import FundRun

EXPECTED = ("members_start", "contributions_due", "claims_incurred", "reserve_close")
LEVELS = (0.95, 0.99)


def summarize(run: FundRun) -> Summary:
    """The main results of `run`; each row names its quantity, year, estimate and error."""
    rows = [ruin(run), prob_below_floor(run)]
    for name in EXPECTED:
        rows += [expected(run, name, year) for year in _first_and_last(run)]
    rows += [loss_ratio(run, year) for year in _first_and_last(run)]
    rows += [prob_call(run), mean_call(run), mean_refund(run)]
    rows += _tail_rows(run)
    return Summary(tuple(rows))


def ruin(run: FundRun, year: int | None = None) -> Estimate:
    """Chance of having been insolvent in any year up to `year` (the last unless named)."""
    index = run.year_index(year)
    label = f"ruin by the end of year {index + 1}"
    return proportion(run.ruined[:, index], "ruin", index + 1, label)


def prob_below_floor(run: FundRun) -> Estimate:
    """Chance that the booked reserve closes below its safety line in at least one year."""
    label = "reserve below the safety line in some year"
    return proportion(run.below_floor.sum(axis=1) > 0, "prob_below_floor", None, label)


def prob_call(run: FundRun) -> Estimate:
    """Chance of at least one call on members."""
    called = run.measure("calls").max(axis=1) > 0
    return proportion(called, "prob_call", None, "a call on members in some year")


def mean_call(run: FundRun) -> Estimate:
    """Mean amount collected in a year with a call; not a number where there never is one."""
    calls = run.measure("calls")
    years_with_call = (calls > 0).sum(axis=1).astype(np.float64)
    label = "amount of a call, in a year that has one"
    return ratio_of_means(
        calls.sum(axis=1), years_with_call, "mean_call", None, run.facts.currency, label
    )


def mean_refund(run: FundRun) -> Estimate:
    """Mean amount refunded to members in a year, years without a refund included."""
    yearly = run.measure("refunds").mean(axis=1)
    return mean(yearly, "mean_refund", None, run.facts.currency, "refund to members in a year")


def loss_ratio(run: FundRun, year: int | None = None) -> Estimate:
    """Mean claims over mean contributions due of one year, before reinsurance."""
    place = run.year_index(year) + 1
    claims, dues = run.at("claims_incurred", place), run.at("contributions_due", place)
    label = f"claims as a share of contributions, year {place}"
    return ratio_of_means(claims, dues, "loss_ratio", place, "ratio", label)


def expected(run: FundRun, name: str, year: int | None = None) -> Estimate:
    """Mean of a measure in one year (the last unless named)."""
    place = run.year_index(year) + 1
    measure = run.registry.get(name)
    unit = unit_of(run, name)
    label = f"{measure.label if measure else name.replace('_', ' ')}, year {place}"
    return mean(run.at(name, place), name, place, unit, label)


def unit_of(run: FundRun, name: str) -> str:
    """The unit a reader sees: the fund's currency code for money."""
    measure = run.registry.get(name)
    unit = measure.unit if measure else "currency"
    return run.facts.currency if unit == "currency" else unit


def value_at_risk(run: FundRun, p: float, year: int = 1) -> Estimate:
    """VaR of one year's loss; the interval is that of the binomial count of paths beyond it."""
    var = run.var(p, year)
    losses = np.sort(-run.at("result", year))
    low, high = _order_interval(losses, p)
    error = (high - low) / (2 * Z95)
    label = f"loss of year {year} not exceeded in {p:.0%} of futures (VaR)"
    return Estimate(f"var({p:g})", year, var, error, low, high, run.facts.currency, label)


def tail_value_at_risk(run: FundRun, p: float, year: int = 1) -> Estimate:
    """TVaR of one year's loss, with the standard error of the mean excess over VaR."""
    tvar, var = run.tvar(p, year), run.var(p, year)
    excess = np.maximum(-run.at("result", year) - var, 0.0)
    error = float(excess.std(ddof=1) / ((1.0 - p) * np.sqrt(excess.size)))
    label = f"mean loss of year {year} in the worst {1 - p:.0%} of futures (TVaR)"
    return normal(tvar, error, f"tvar({p:g})", year, run.facts.currency, label)


def _order_interval(ordered: FloatArray, p: float) -> tuple[float, float]:
    """95 % interval of a quantile from the order statistics around it (normal to the binomial)."""
    n = ordered.size
    half = Z95 * np.sqrt(n * p * (1.0 - p))
    low = int(np.clip(np.floor(n * p - half), 0, n - 1))
    high = int(np.clip(np.ceil(n * p + half), 0, n - 1))
    return float(ordered[low]), float(ordered[high])


def _tail_rows(run: FundRun) -> list[Estimate]:
    rows = []
    for level in LEVELS:
        try:
            require_paths(level, run.n_paths)
        except NotEnoughPathsError:
            continue
        rows += [value_at_risk(run, level), tail_value_at_risk(run, level)]
    return rows


def _first_and_last(run: FundRun) -> tuple[int, ...]:
    return (1,) if run.n_years == 1 else (1, run.n_years)
