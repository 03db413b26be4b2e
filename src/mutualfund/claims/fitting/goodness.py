"""Can the data come from the fitted law? Bootstrapped distances; chi-square for groups and counts.

The tabulated p-values of Kolmogorov-Smirnov and Anderson-Darling hold for a law known beforehand. A fitted
one lies closer to its own data, so here each p-value comes from fitting again to claims drawn from the fit,
with the deductible and the limit that each claim had (parametric bootstrap).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.claims.count_laws import CountLaw
from mutualfund.claims.fitting.counted import ObservedCounts
from mutualfund.claims.fitting.fit import Fit, require_fit
from mutualfund.claims.fitting.likelihood import merged
from mutualfund.claims.fitting.maximum import FitError
from mutualfund.claims.fitting.observed import Observed
from mutualfund.claims.laws import Law
from mutualfund.claims.severity import SeverityModel
from mutualfund.errors import Fault, InputError, one_number, require_whole
from mutualfund.rng import Purpose, blocks, stream_key, uniforms
from mutualfund.types import BoolArray, FloatArray

if TYPE_CHECKING:
    import pandas as pd

FEWEST_EXPECTED = 5.0
"""Cells of a chi-square test are joined until each expects so many (Cochran 1954)."""

_MOST_DRAWN = 5_000
"""Claims of a sample: of a larger one the distances, times the root of its size, have the same law."""

_COUNTS_APART = 100
"""Counts up to this one have a cell each; those beyond share as many cells as that."""


@dataclass(frozen=True, slots=True)
class GoodnessTest:
    """One test: `statistic` grows with misfit, `p_value` is the chance of one as large if the law is true."""

    name: str
    statistic: float
    p_value: float
    degrees_of_freedom: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class GoodnessOfFit:
    """The tests of one fit; `replicates` bootstrap samples were fitted, none where p-values are tabulated."""

    tests: tuple[GoodnessTest, ...]
    replicates: int

    def __repr__(self) -> str:
        found = ", ".join(f"{each.name} p = {each.p_value:.3g}" for each in self.tests)
        return f"GoodnessOfFit: {found}"

    def test(self, name: str) -> GoodnessTest:
        """The test of that name: kolmogorov_smirnov, anderson_darling or chi_square."""
        for each in self.tests:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.tests)
        raise InputError([Fault("name", repr(name), known, code="unknown_test")])

    def to_pandas(self) -> pd.DataFrame:
        """One row a test."""
        import pandas as pd

        columns = ("name", "statistic", "p_value", "degrees_of_freedom")
        rows = [{key: getattr(each, key) for key in columns} for each in self.tests]
        return pd.DataFrame(rows).rename(columns={"name": "test"}).set_index("test")


def goodness_of_fit(fit: Fit, replicates: int = 99, seed: int = 1) -> GoodnessOfFit:
    """Test whether the data of a fit can come from its distribution.

    Amounts known one by one: Kolmogorov-Smirnov and Anderson-Darling, the latter more watchful in the tails.
    Each amount is turned into its chance given its deductible, which is uniform if the law is right; limits
    are met by the product-limit estimate. Of more than 5,000 claims the samples are of 5,000, deductibles and
    limits in the same proportions, and the distances are compared at their sizes. Amounts in groups, and
    counts: Pearson's chi-square with one degree of freedom less for each parameter; with unequal exposures
    that is an approximation.

    Parameters
    ----------
    fit : of a severity or a count, with its data.
    replicates : bootstrap samples, 19 or more; the smallest p-value possible is 1 / (replicates + 1).
    seed : key of the draws; the same seed gives the same p-values.

    Raises
    ------
    InputError
        Where the fit has no data of its own, weights are not whole, groups are too few, or claims are still
        open: how far each would have been known is not, and no sample can be drawn as it was.
    FitError
        Where more than a tenth of the bootstrap samples cannot be fitted.

    Source: M. Stephens in R. D'Agostino, M. Stephens (eds.), *Goodness-of-fit techniques* (1986), chapter 4.

    >>> from mutualfund.claims import fit_severity
    >>> sizes = [100 * (1 - (k + 0.5) / 200) ** -0.5 for k in range(200)]
    >>> fit = fit_severity("exponential", sizes)
    >>> goodness_of_fit(fit, replicates=19).test("anderson_darling").p_value
    0.05
    """
    require_fit("fit", fit)
    one_number("replicates", replicates, minimum=19, maximum=100_000, unit="bootstrap samples")
    require_whole("seed", seed, minimum=0, maximum=2**64 - 1, unit="seed")
    if isinstance(fit.data, ObservedCounts):
        law: CountLaw = fit.distribution.law  # type: ignore[assignment]
        return _of_cells(*_count_cells(law, fit.data), len(fit.estimates))
    if not isinstance(fit.data, Observed) or not isinstance(fit.distribution, SeverityModel):
        allowed = "a fit to data; this one was derived from another"
        raise InputError([Fault("fit", "a fit without data", allowed, code="no_data")])
    if np.any(~fit.data.exact & ~fit.data.at_limit):
        return _of_cells(*_group_cells(fit.distribution.law, fit.data), len(fit.estimates))
    return _bootstrapped(fit, fit.data, replicates, seed)


def _bootstrapped(fit: Fit, seen: Observed, replicates: int, seed: int) -> GoodnessOfFit:
    _refuse_open_claims(seen)
    law: Law = fit.distribution.law  # type: ignore[assignment]
    distances = np.array(_distances(law, seen), dtype=np.float64)
    below, above = _terms_to_draw(seen)
    member = np.arange(below.size, dtype=np.uint64)
    key = stream_key(seed, "goodness of fit")
    found: list[tuple[float, float]] = []
    for replicate in range(replicates):
        u = uniforms(blocks(key, member=member, path=replicate, purpose=Purpose.CLAIM))
        drawn = _drawn(law, below, above, u)
        try:
            refitted = fit.again(drawn) if fit.again is not None else fit
        except FitError:
            continue
        found.append(_distances(refitted.distribution.law, drawn))  # type: ignore[arg-type]
    if len(found) < 0.9 * replicates:
        raise FitError(
            f"{replicates - len(found)} of {replicates} samples drawn from the fit could not be fitted: "
            "it stands on too few claims"
        )
    as_large = distances * np.array([math.sqrt(seen.n / below.size), 1.0])
    beyond = (np.array(found) >= as_large).sum(axis=0)
    names = ("kolmogorov_smirnov", "anderson_darling")
    tests = tuple(
        GoodnessTest(name, float(distance), float((1 + count) / (len(found) + 1)))
        for name, distance, count in zip(names, distances, beyond, strict=True)
    )
    return GoodnessOfFit(tests, len(found))


def _refuse_open_claims(seen: Observed) -> None:
    """Refuse claims whose limit is only where they stand: those of a sample would be cut elsewhere."""
    shared = np.isin(seen.limit, seen.limit[seen.exact])
    unlimited = seen.exact & np.isinf(seen.limit)
    if np.any(seen.at_limit & ~shared) and np.any(unlimited):
        got = "claims at limits of their own beside claims without a limit, as open claims are"
        allowed = "limits that were set beforehand, known for every claim"
        remedy = "Give every claim its policy's limit; judge open claims by fit.plot.survival()."
        raise InputError([Fault("limit", got, allowed, remedy, code="open_claims")])


def _terms_to_draw(seen: Observed) -> tuple[FloatArray, FloatArray]:
    """Deductible and limit of each claim of a sample: those of every claim seen, or of some at even steps."""
    if np.any(seen.weights != np.floor(seen.weights)):
        remedy = "Distances with broken weights have no bootstrap."
        raise InputError([Fault("weights", "weights that are not whole", "whole", remedy, "whole")])
    size = int(min(seen.n, _MOST_DRAWN))
    place = (np.arange(size) + 0.5) * (seen.n / size)
    row = np.searchsorted(np.cumsum(seen.weights), place)
    return seen.deductible[row], seen.limit[row]


def _drawn(law: Law, below: FloatArray, above: FloatArray, u: FloatArray) -> Observed:
    """Claims of `law` that exceed each deductible, known up to each limit."""
    amount = law.isf(u * law.sf(below))
    least = np.nextafter(below, np.inf)  # rounding may put one on its deductible
    return Observed(np.clip(amount, least, above), below, np.maximum(above, least))


def _distances(law: Law, seen: Observed) -> tuple[float, float]:
    """Kolmogorov-Smirnov and Anderson-Darling."""
    used = seen.weights > 0.0
    left = law.sf(seen.low[used]) / law.sf(seen.deductible[used])
    return distances_from_uniform(left, seen.exact[used], seen.weights[used])


def distances_from_uniform(
    left: FloatArray, known: BoolArray, weight: FloatArray
) -> tuple[float, float]:
    """Distances between the product-limit estimate of chances and the uniform law.

    left: (n,) one minus each chance, exact near zero. known: (n,) false where the chance is at least that.
    weight: (n,) how many claims have it.

    Kolmogorov-Smirnov is the largest gap. Anderson-Darling is n times the integral of gap^2 / (u (1 - u)) up
    to the largest chance seen, which between two steps of the estimate has a closed form.
    """
    from scipy import special

    order = np.lexsort((~known, -left))
    left, known, weight = left[order], known[order], weight[order]
    u, at_risk = 1.0 - left, np.cumsum(weight[::-1])[::-1]
    after = 1.0 - np.cumprod(1.0 - known * weight / at_risk)
    before = np.concatenate([[0.0], after[:-1]])
    gaps = np.maximum(np.abs(after - u), np.abs(before - u))
    supremum = float(gaps.max(initial=0.0, where=known))

    def antiderivative(level: FloatArray, at: FloatArray, rest: FloatArray) -> FloatArray:
        squares = special.xlogy(level**2, at) - special.xlogy((1.0 - level) ** 2, rest)
        return np.asarray(squares - at, dtype=np.float64)

    ends, rests = np.append(u, 1.0), np.append(left, 0.0)
    upper = antiderivative(before, u, left)
    lower = antiderivative(before, np.append(0.0, u[:-1]), np.append(1.0, left[:-1]))
    total = float((upper - lower).sum())
    if known[-1]:
        one = np.ones(1)
        total += float(antiderivative(one, ends[-1:], rests[-1:])[0])
        total -= float(antiderivative(one, u[-1:], left[-1:])[0])
    return supremum, float(at_risk[0]) * total


def _group_cells(law: Law, seen: Observed) -> tuple[FloatArray, FloatArray]:
    """(seen, expected) claims of each group, and of what lies beyond the last."""
    start = float(seen.deductible[0])
    if np.any(seen.exact | seen.at_limit) or np.any(seen.deductible != start):
        allowed = "amounts all in groups above one deductible, or none in groups"
        raise InputError([Fault("amounts", "both", allowed, code="mixed_groups")])
    order = np.argsort(seen.low)
    low, high = seen.low[order], seen.high[order]
    chance = (law.sf(low) - law.sf(high)) / law.sf(start)
    beyond = law.sf(high[-1:]) / law.sf(start)
    return np.append(seen.weights[order], 0.0), seen.n * np.append(chance, beyond)


def _count_cells(law: CountLaw, seen: ObservedCounts) -> tuple[FloatArray, FloatArray]:
    """(seen, expected) members with 0, 1, 2, ... claims, and with more than the last of these."""
    weight, factor = merged(seen.weights, seen.factor)
    ends = _ends_of_cells(seen)
    more = np.zeros(ends.size)
    try:
        for many, rate in zip(weight.tolist(), factor.tolist(), strict=True):
            more += many * law.at(rate).sf(ends)
    except ValueError as reason:
        raise FitError(f"the fitted count is none at every exposure: {reason}") from None
    cell = np.searchsorted(ends, seen.counts)
    had = np.bincount(cell, weights=seen.weights, minlength=ends.size + 1).astype(np.float64)
    return had, -np.diff(np.concatenate([[seen.n], more, [0.0]]))


def _ends_of_cells(seen: ObservedCounts) -> FloatArray:
    """The largest count of each cell: every small one, and some of the large ones, split evenly."""
    counts, weight = np.unique(seen.counts, return_inverse=True)
    members = np.cumsum(np.bincount(weight.ravel(), weights=seen.weights))
    apart = np.arange(min(counts[-1], _COUNTS_APART) + 1.0)
    split = np.arange(1, _COUNTS_APART) / _COUNTS_APART * members[-1]
    return np.union1d(apart, counts[np.searchsorted(members, split)])


def _of_cells(seen: FloatArray, expected: FloatArray, parameters: int) -> GoodnessOfFit:
    from scipy import special

    cells = _joined(seen, expected)
    freedom = len(cells) - 1 - parameters
    if freedom < 1:
        got = f"{len(cells)} cells that expect {FEWEST_EXPECTED:g} or more"
        allowed = f"at least {parameters + 2} for {parameters} parameters"
        raise InputError([Fault("groups", got, allowed, code="too_few_cells")])
    statistic = sum((had - want) ** 2 / want for had, want in cells)
    p_value = float(special.chdtrc(freedom, statistic))
    return GoodnessOfFit((GoodnessTest("chi_square", statistic, p_value, freedom),), 0)


def _joined(seen: FloatArray, expected: FloatArray) -> list[tuple[float, float]]:
    """Neighbouring cells put together from the first on until each expects enough."""
    cells, had, want = [], 0.0, 0.0
    for one, other in zip(seen.tolist(), expected.tolist(), strict=True):
        had, want = had + one, want + other
        if want >= FEWEST_EXPECTED:
            cells.append((had, want))
            had = want = 0.0
    if cells and want > 0.0:
        last = cells.pop()
        cells.append((last[0] + had, last[1] + want))
    return cells
