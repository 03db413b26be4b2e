"""The compiled bootstrap: one replicate is a triangle redrawn, refitted and run off.

Nothing is kept between replicates and every draw has an address (`docs/streams.md`), so any range of
replicates can be computed alone and by any thread.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mutualfund._jit import inline, kernel, part
from mutualfund._philox import HALF, LOW, U, Word, philox
from mutualfund.claims.reserving.normals import normal_quantile
from mutualfund.types import FloatArray, IntArray, UIntArray

NO_DRAW, BY_ORIGIN, BY_CELL = 0, 1, 2
BOOST = 0xFFFFFFFF  # the attempt number of a gamma's extra factor, which no attempt reaches
TINY = 1e-12


@inline
def unit(word: Word) -> float:
    """A float in (0, 1) from 64 bits: the highest 53, never an endpoint."""
    return (np.float64(np.int64(word >> U(11))) + 0.5) * 2.0**-53


@inline
def gamma(shape: float, cell: Word, replicate: Word, k0: Word, k1: Word) -> float:
    """A gamma of scale 1: Marsaglia and Tsang, *A simple method for generating gamma variables* (2000)."""
    boost, raised = 1.0, shape
    if shape < 1.0:
        words = philox(cell, U(BOOST), replicate, U(0), k0, k1)[0]
        boost, raised = unit(words) ** (1.0 / shape), shape + 1.0
    d = raised - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = U(0)
    while True:
        word, other = philox(cell, attempt, replicate, U(0), k0, k1)
        attempt += U(1)
        x = normal_quantile(unit(word))
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        u = unit(other)
        square = x * x
        if u < 1.0 - 0.0331 * square * square:
            return d * v * boost
        if math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
            return d * v * boost


@inline
def drawn(mean: float, dispersion: float, cell: Word, replicate: Word, k0: Word, k1: Word) -> float:
    """A gamma of this mean and of variance dispersion x |mean|, with the mean's sign."""
    if abs(mean) < TINY or not dispersion > 0.0:
        return mean
    return math.copysign(dispersion * gamma(abs(mean) / dispersion, cell, replicate, k0, k1), mean)


class FittedTriangle(NamedTuple):
    """What every replicate starts from."""

    payments: FloatArray  # (n_origins, n_ages) fitted, currency
    root: FloatArray  # (n_origins, n_ages) roots of their sizes
    ages: IntArray  # (n_origins,) last known column
    residuals: FloatArray  # (n,) scaled
    dispersion: float  # variance over mean of a payment
    key: UIntArray  # four words, two for residuals and two for payments
    draw: int  # NO_DRAW, BY_ORIGIN or BY_CELL


class Workspace(NamedTuple):
    """What one replicate is worked out in."""

    amounts: FloatArray  # (n_origins, n_ages) redrawn, cumulative
    now: FloatArray  # (n_origins,) how far each origin has been run off


class Replicates(NamedTuple):
    """What comes out, a row a replicate."""

    mean: FloatArray  # (n, n_origins) what is still to come as estimated, less what is taken back
    fall: FloatArray  # (n, n_origins) how much is taken back in it, 0 or more
    paid: FloatArray  # (n, n_origins) what is then paid
    calendar: FloatArray  # (n, n_ages - 1) by coming period, added to; used where payments are drawn by cell


@part
def redraw(fit: FittedTriangle, replicate: Word, work: Workspace) -> None:
    """Fitted payments plus residuals drawn with replacement, added up over ages."""
    size = U(fit.residuals.size)
    drawn_so_far = U(0)
    low, high = U(0), U(0)
    for origin in range(fit.ages.size):
        total = 0.0
        for age in range(fit.ages[origin] + 1):
            turn = drawn_so_far & U(3)
            if turn == U(0):
                block = drawn_so_far >> U(2)
                low, high = philox(block, U(0), replicate, U(0), fit.key[0], fit.key[1])
            word = low if turn < U(2) else high
            word = (word & LOW) if (turn & U(1)) == U(0) else (word >> HALF)
            drawn_so_far += U(1)
            residual = fit.residuals[np.int64((word * size) >> HALF)]
            total += fit.payments[origin, age] + residual * fit.root[origin, age]
            work.amounts[origin, age] = total


@inline
def paid(fit: FittedTriangle, mean: float, cell: Word, replicate: Word) -> float:
    """What is paid where this is expected, drawn at this address."""
    return drawn(mean, fit.dispersion, cell, replicate, fit.key[2], fit.key[3])


@part
def run_off(
    fit: FittedTriangle, replicate: Word, work: Workspace, row: int, out: Replicates
) -> None:
    """Link ratios of the redrawn triangle, what they make of its latest amounts, and payments about that.

    Writes NaN where the amounts before a step do not add up to more than 0. What comes and what is taken back
    are two gammas of one scale each, so an origin's sum of them has the law of its cells.
    """
    origins = fit.ages.size
    for origin in range(origins):
        work.now[origin] = work.amounts[origin, fit.ages[origin]]
        out.mean[row, origin] = 0.0
        out.fall[row, origin] = 0.0
        out.paid[row, origin] = 0.0
    older = origins  # origins, the oldest ones, that show the step
    for step in range(work.amounts.shape[1] - 1):
        while older > 0 and fit.ages[older - 1] <= step:
            older -= 1
        before, after = 0.0, 0.0
        for origin in range(older):
            before += work.amounts[origin, step]
            after += work.amounts[origin, step + 1]
        growth = after / before if before > 0.0 else np.nan
        if before == 0.0 and after == 0.0:
            growth = 1.0
        for origin in range(older, origins):
            payment = work.now[origin] * (growth - 1.0)
            work.now[origin] += payment
            out.mean[row, origin] += payment
            if payment < 0.0:
                out.fall[row, origin] -= payment
            if fit.draw == BY_CELL:
                payment = paid(fit, payment, U(origin) << U(16) | U(step + 1), replicate)
                out.paid[row, origin] += payment
                out.calendar[row, step - fit.ages[origin]] += payment
    for origin in range(origins):
        mean, fall = out.mean[row, origin], out.fall[row, origin]
        if fit.draw == NO_DRAW:
            out.paid[row, origin] = mean
        elif fit.draw == BY_ORIGIN:
            for part in range(2):
                expected = mean + fall if part == 0 else -fall
                cell = U(origin) << U(16) | U(part)
                out.paid[row, origin] += paid(fit, expected, cell, replicate)


@kernel
def replicate(first: int, fit: FittedTriangle, work: Workspace, out: Replicates) -> None:
    """Replicates `first`, `first` + 1, ... into the rows of the results."""
    for row in range(out.mean.shape[0]):
        number = U(first + row)
        redraw(fit, number, work)
        run_off(fit, number, work, row, out)
