"""The compiled bootstrap: one replicate is a triangle redrawn, refitted and run off.

Nothing is kept between replicates and every draw has an address (`docs/streams.md`), so any range of
replicates can be computed alone and by any thread.
"""

from __future__ import annotations

import math

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


@part
def redraw(
    fitted: FloatArray,
    root: FloatArray,
    ages: IntArray,
    residuals: FloatArray,
    replicate: Word,
    key: UIntArray,
    amounts: FloatArray,
) -> None:
    """Fitted payments plus residuals drawn with replacement, added up over ages."""
    size = U(residuals.size)
    drawn_so_far = U(0)
    low, high = U(0), U(0)
    for origin in range(ages.size):
        total = 0.0
        for age in range(ages[origin] + 1):
            turn = drawn_so_far & U(3)
            if turn == U(0):
                low, high = philox(drawn_so_far >> U(2), U(0), replicate, U(0), key[0], key[1])
            word = low if turn < U(2) else high
            word = (word & LOW) if (turn & U(1)) == U(0) else (word >> HALF)
            drawn_so_far += U(1)
            residual = residuals[np.int64((word * size) >> HALF)]
            total += fitted[origin, age] + residual * root[origin, age]
            amounts[origin, age] = total


@part
def run_off(
    ages: IntArray,
    dispersion: float,
    replicate: Word,
    key: UIntArray,
    draw: int,
    amounts: FloatArray,
    now: FloatArray,
    out_mean: FloatArray,
    out_paid: FloatArray,
    out_calendar: FloatArray,
) -> None:
    """Link ratios of the redrawn triangle, what they make of its latest amounts, and payments about that.

    Writes NaN where the amounts before a step do not add up to more than 0.
    """
    origins = ages.size
    for origin in range(origins):
        now[origin] = amounts[origin, ages[origin]]
        out_mean[origin] = 0.0
        out_paid[origin] = 0.0
    older = origins  # origins, the oldest ones, that show the step
    for step in range(amounts.shape[1] - 1):
        while older > 0 and ages[older - 1] <= step:
            older -= 1
        before, after = 0.0, 0.0
        for origin in range(older):
            before += amounts[origin, step]
            after += amounts[origin, step + 1]
        growth = after / before if before > 0.0 else np.nan
        if before == 0.0 and after == 0.0:
            growth = 1.0
        for origin in range(older, origins):
            payment = now[origin] * (growth - 1.0)
            now[origin] += payment
            out_mean[origin] += payment
            if draw == BY_CELL:
                cell = U(origin) << U(16) | U(step + 1)
                payment = drawn(payment, dispersion, cell, replicate, key[2], key[3])
                out_paid[origin] += payment
                out_calendar[step - ages[origin]] += payment
    for origin in range(origins):
        mean = out_mean[origin]
        if draw == BY_ORIGIN:
            cell = U(origin) << U(16)
            out_paid[origin] = drawn(mean, dispersion, cell, replicate, key[2], key[3])
        elif draw == NO_DRAW:
            out_paid[origin] = mean


@kernel
def replicate(
    first: int,
    fitted: FloatArray,
    root: FloatArray,
    ages: IntArray,
    residuals: FloatArray,
    dispersion: float,
    key: UIntArray,
    draw: int,
    amounts: FloatArray,
    now: FloatArray,
    out_mean: FloatArray,
    out_paid: FloatArray,
    out_calendar: FloatArray,
) -> None:
    """Replicates `first`, `first` + 1, ... into the rows of the three results.

    fitted, root: (n_origins, n_ages) fitted payments and the roots of their sizes. ages: (n_origins,) last
    known column. residuals: (n,) scaled. dispersion:
    variance over mean of a payment. key: four words, two for residuals and two for payments. draw: NO_DRAW,
    BY_ORIGIN or BY_CELL. amounts, now: workspace (n_origins, n_ages) and (n_origins,). out_mean, out_paid:
    (n, n_origins) what is still to come as estimated, and as paid. out_calendar: (n, n_ages - 1) payments by
    coming period, added to; used where payments are drawn by cell.
    """
    for row in range(out_mean.shape[0]):
        number = U(first + row)
        redraw(fitted, root, ages, residuals, number, key, amounts)
        run_off(
            ages,
            dispersion,
            number,
            key,
            draw,
            amounts,
            now,
            out_mean[row],
            out_paid[row],
            out_calendar[row],
        )
