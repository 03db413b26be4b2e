"""95 % intervals of fitted parameters cover the truth in 92 to 98 % of 200 generated data sets.

Source of truth: the parameters that the data were generated with, by NumPy and SciPy. Over 200 sets the
standard error of a coverage of 95 % is 1.5 %; standard errors a quarter too small would cover 86 %, those of
a likelihood that forgets the deductible next to nothing.

The intervals are normal on the logarithm of a positive parameter, the log-odds of a chance and on xi itself.
So they hold where a normal interval on the parameter covers too little: with 300 claims under deductibles and
limits that one covers 92 % for both parameters of a Lomax and 90 % for two of a Burr (800 and 200 sets).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats

from mutualfund.claims import Fit, Observed, ObservedCounts, fit_counts, fit_severity, fit_spliced

Generator = np.random.Generator


class Case(NamedTuple):
    """How data are generated and fitted, and what they were generated with, in the fit's order."""

    generated: Callable[[Generator], Any]
    fitted: Callable[[Any], Fit]
    truth: tuple[float, ...]


def hidden(amounts: np.ndarray, n: int, rng: Generator) -> Observed:
    """The first n amounts above a deductible of 40 or 90, each up to a limit of 800 or 1,500."""
    below = rng.choice([40.0, 90.0], size=amounts.size)
    above = rng.choice([800.0, 1_500.0], size=amounts.size)
    seen = np.flatnonzero(amounts > below)[:n]
    return Observed(np.minimum(amounts, above)[seen], below[seen], above[seen])


def amounts_of(kind: Any, law: Any, *truth: float, **known: float) -> Case:
    def generated(rng: Generator) -> Observed:
        return hidden(law.rvs(size=1_200, random_state=rng), 300, rng)

    return Case(generated, lambda seen: fit_severity(kind, seen, **known), truth)


def body_and_tail(rng: Generator) -> Observed:
    x = rng.lognormal(5.2, 1.1, size=1_600)
    tail = 300.0 + stats.genpareto(0.3, scale=250.0).rvs(size=x.size, random_state=rng)
    return hidden(np.where(x > 300.0, tail, x), 500, rng)


def clustered(rng: Generator) -> ObservedCounts:
    years = rng.choice([0.25, 0.5, 1.0], size=300)
    return ObservedCounts(rng.poisson(1.4 * years * rng.gamma(0.8, 1 / 0.8, size=300)), years)


CASES = {
    "exponential": amounts_of("exponential", stats.expon(scale=300), 300.0),
    "gamma": amounts_of("gamma", stats.gamma(1.6, scale=250), 1.6, 250.0),
    "weibull": amounts_of("weibull", stats.weibull_min(0.8, scale=300), 0.8, 300.0),
    "pareto": amounts_of("pareto", stats.pareto(2.2, scale=100), 2.2, above=100.0),
    "spliced": Case(
        body_and_tail,
        lambda seen: fit_spliced("lognormal", seen, above=300.0),
        (5.2, 1.1, 0.3, 250.0),
    ),
    "negative_binomial": Case(
        clustered, lambda seen: fit_counts("negative_binomial", seen), (1.4, 0.8)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_intervals_cover_the_truth_in_92_to_98_percent_of_data_sets(name: str) -> None:
    """A generalised Pareto's xi is that of the tail, given the body: its own deductibles and limits apply.

    The others, left out for their time, gave in per cent under the same deductibles and limits: Lomax 96, 96,
    generalised Pareto alone 95, 96 (800 sets); inverse Gaussian 95, 96, normal 94, 93, Burr 97, 92, 97,
    zero-modified Poisson 94, 97 (200 sets). At or beyond the borders are the scale of a Burr (91 and 92 in
    two trials), of whose three parameters 300 claims say too little, the dispersion of a zero-modified
    negative binomial from 300 members (98.5), and xi from only 40 excesses (92, every miss above).
    `test_profile` has what likelihood ratios cover there.
    """
    case, sets = CASES[name], 200
    hits = np.zeros(len(case.truth))
    for seed in range(sets):
        fit = case.fitted(case.generated(np.random.default_rng([16, seed])))
        for place, (each, value) in enumerate(zip(fit.estimates, case.truth, strict=True)):
            low, high = each.interval(0.95)
            hits[place] += low <= value <= high
    assert np.all((hits >= 0.92 * sets) & (hits <= 0.98 * sets)), hits / sets
