"""The summary of a run: which numbers a board and its actuary look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mutualfund.errors import NotEnoughPathsError
from mutualfund.results import risk
from mutualfund.results.estimates import (
    Estimate,
    Summary,
    mean,
    normal,
    proportion,
    ratio_of_means,
)
from mutualfund.types import IntArray

if TYPE_CHECKING:
    from mutualfund.results.run import FundRun

EXPECTED = ("members_start", "contributions_due", "claims_incurred", "reserve_close")
LEVELS = (0.95, 0.99)


def summarize(run: FundRun) -> Summary:
    """The main results of `run`; each row names its quantity, year, estimate and error."""
    rows = [ruin(run), prob_below_zero(run)]
    rows += [prob_below_floor(run)] if any(run.facts.floors) else []
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


def prob_below_zero(run: FundRun) -> Estimate:
    """Chance that the booked reserve closes below zero in at least one year."""
    below = run.measure("reserve_close").min(axis=1) < 0
    return proportion(below, "prob_below_zero", None, "booked reserve below zero in some year")


def futures_of_100(run: FundRun) -> IntArray:
    """Of 100 futures: how many stay safe, fall below the safety line, run empty; they sum to 100.

    Whole numbers by the largest remainder. A future that runs empty is not counted twice, and
    without a floor there is no line to fall below.
    """
    empty = run.ruined[:, -1]
    below = (run.below_floor.sum(axis=1) > 0) & ~empty & any(run.facts.floors)
    paths = np.array([(~empty & ~below).sum(), below.sum(), empty.sum()])
    counts, rest = np.divmod(100 * paths, run.n_paths)
    # Ties go to the graver outcome: a picture should not hide one.
    order = np.lexsort((-np.arange(3), -rest))
    counts[order[: 100 - counts.sum()]] += 1
    return counts


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
    label = f"mean {measure.label if measure else name.replace('_', ' ')}, year {place}"
    return mean(run.at(name, place), name, place, unit, label)


def deviation(run: FundRun, name: str, year: int | None = None) -> Estimate:
    """Standard deviation over the paths of a measure in one year (the last unless named)."""
    middle, values = expected(run, name, year), run.at(name, year)
    label = f"standard deviation of {middle.label.removeprefix('mean ')}"
    return normal(risk.sd(values), risk.sd_error(values), name, middle.year, middle.unit, label)


def unit_of(run: FundRun, name: str) -> str:
    """The unit a reader sees: the fund's currency code for money."""
    measure = run.registry.get(name)
    unit = measure.unit if measure else "currency"
    return run.facts.currency if unit == "currency" else unit


def value_at_risk(run: FundRun, p: float, year: int = 1, measure: str = "result") -> Estimate:
    """VaR of one year's loss, or of the lower tail of a measure that is held."""
    value = run.var(p, year, measure=measure)
    error = risk.var_error(-run.at(measure, year), p)
    return _tail(run, "var", (value, error), p, year, measure)


def tail_value_at_risk(run: FundRun, p: float, year: int = 1, measure: str = "result") -> Estimate:
    """TVaR of one year's loss, or of the lower tail of a measure that is held."""
    value = run.tvar(p, year, measure=measure)
    error = risk.tvar_error(-run.at(measure, year), p)
    return _tail(run, "tvar", (value, error), p, year, measure)


def _tail(
    run: FundRun, kind: str, value: tuple[float, float], p: float, year: int, measure: str
) -> Estimate:
    place = run.year_index(year) + 1
    futures = f"{_percent(p)} of futures" if kind == "var" else f"the worst {_percent(1 - p)}"
    if measure == "result":
        quantity = f"{kind}({p:g})"
        words = (
            "loss of year {} not exceeded in {}" if kind == "var" else "mean loss of year {} in {}"
        )
    else:
        quantity = f"{kind}({p:g}, {measure})"
        name = run.registry[measure].label if measure in run.registry else measure
        words = name + (", year {}, kept in {}" if kind == "var" else ", year {}, mean of {}")
    label = words.format(place, futures)
    return normal(*value, quantity, place, unit_of(run, measure), label)


def _percent(p: float) -> str:
    return f"{round(100 * p, 6):g} %"


def _tail_rows(run: FundRun) -> list[Estimate]:
    rows = []
    for level in LEVELS:
        try:
            risk.require_support(run.n_paths, level)
        except NotEnoughPathsError:
            continue
        for year, measure in ((1, "result"), (run.n_years, "reserve_close")):
            rows += [
                value_at_risk(run, level, year, measure),
                tail_value_at_risk(run, level, year, measure),
            ]
    return rows


def _first_and_last(run: FundRun) -> tuple[int, ...]:
    return (1,) if run.n_years == 1 else (1, run.n_years)
