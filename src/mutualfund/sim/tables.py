"""Distributions lowered to integer tables, the only form the kernel knows.

Every severity becomes the same folded quantile table, every count a row of cumulative thresholds with a
guide, every month and delay an alias table. What the lowering costs in accuracy is stated at each
function and held by ``tests/sim/test_tables.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mutualfund.assumptions.frailty import NO_FRAILTY, FrailtyLevels, widest
from mutualfund.errors import Fault, InputError
from mutualfund.sim.kernels.layout import (
    CLAIM_MAX,
    DELAYS,
    GUIDE_BITS,
    HALF_NODES,
    NODES_PER_OCTAVE,
    OCTAVES,
    SHARE_BITS,
    STEP_MAX,
)
from mutualfund.types import FloatArray, SmallIntArray, UIntArray

MAX_COUNT = 1023  # claims of one line in one member-year
SPARSE_BYTES = 32  # first bytes that may mean a claim on a sparse line
TAIL_LOST = 0.01  # largest share of the mean that may lie beyond the table's end
RARELY_LOST = 0.05  # the same for a severity that few paths have


class HasQuantile(Protocol):
    """Anything with a quantile function is a severity."""

    def quantile(self, p: FloatArray, /) -> FloatArray: ...


class HasPmf(Protocol):
    """A claim count whose rate can be multiplied."""

    def pmf_at(self, factor: float, count: int) -> FloatArray: ...


def fold_positions() -> FloatArray:
    """Distances of the table's nodes from the far end of a half, (1153,): 2^-36 to 1, 32 nodes an octave."""
    node = np.arange(HALF_NODES)
    return np.ldexp(
        1.0 + (node % NODES_PER_OCTAVE) / NODES_PER_OCTAVE, node // NODES_PER_OCTAVE - OCTAVES
    )


def table_mean(nodes: FloatArray) -> float:
    """The mean of what the kernel draws from a table: linear between nodes, uniform over positions."""
    width = np.diff(fold_positions())
    halves = nodes.reshape(2, HALF_NODES)
    middle = 0.5 * (halves[:, :-1] + halves[:, 1:])
    return float((middle * width).sum() / (2.0 * width.sum()))


def severity_table(
    field: str, severity: HasQuantile, minor: int, most_lost: float = TAIL_LOST
) -> FloatArray:
    """The folded quantile table of a severity, in minor units not yet rounded.

    Half 0 runs from the smallest claim to the median, half 1 from the largest (1 in 2^37) to the median. The
    nodes are scaled so that the interpolated mean equals the distribution's; no claim is above `CLAIM_MAX`.
    Rounded to whole minor units, tests hold the mean to 1e-5, the distribution function to 2e-4 beside the
    rounding of claims, and upper quantiles to 6e-4 down to a tail of 1e-9.

    Parameters
    ----------
    field : where the severity stands in the scenario, for the error.
    minor : minor units in one unit of currency.
    most_lost : largest share of the mean that may lie beyond the table's end.

    Returns
    -------
    FloatArray, shape (2 * 1153,)

    Raises
    ------
    InputError
        If the tail beyond the table holds more of the mean than that, or a claim is negative.
    """
    half_distance = 0.5 * fold_positions()
    upper: Callable[[FloatArray], FloatArray] = getattr(
        severity, "isf", lambda tail: severity.quantile(1.0 - tail)
    )
    raw = np.concatenate([severity.quantile(half_distance), upper(half_distance)]) * minor
    if not np.isfinite(raw).all() or raw.min() < 0.0:
        raise InputError(
            [Fault(field, "a negative or unbounded claim", "claims of 0 or more", code="severity")]
        )
    nodes = np.minimum(raw, CLAIM_MAX)
    wanted = float(getattr(severity, "mean", table_mean(nodes) / minor)) * minor
    found = table_mean(nodes)
    if found < wanted * (1.0 - most_lost):
        raise InputError(
            [
                Fault(
                    field,
                    f"a tail with {1 - found / wanted:.1%} of the mean beyond 1 claim in 1.4e11 or "
                    f"{CLAIM_MAX / minor:.3g}",
                    f"at most {most_lost:.0%}",
                    "Use a lighter tail (a larger alpha) or cap the claim.",
                    code="severity_tail",
                )
            ]
        )
    factor = wanted / found if found > 0 else 1.0
    scaled: FloatArray = np.minimum(nodes * factor, CLAIM_MAX)
    require_steps(field, scaled, minor)
    return scaled


def require_steps(field: str, nodes: FloatArray, minor: int) -> None:
    """Refuse a severity with a gap between neighbouring quantiles that the kernel's words cannot hold.

    Raises
    ------
    InputError
        If two neighbouring nodes of a half are 2^31 minor units or more apart.
    """
    widest = float(np.abs(np.diff(nodes.reshape(2, -1), axis=1)).max())
    if widest > STEP_MAX:
        fault = Fault(
            field,
            f"no claim between two amounts that are {widest / minor:.3g} apart",
            f"a gap of at most {STEP_MAX / minor:.3g}",
            "State money in a larger unit, or give the amounts in between a chance.",
            "severity_gap",
        )
        raise InputError([fault])


def require_room(
    field: str, nodes: FloatArray, scale: float, minor: int, most_lost: float = TAIL_LOST
) -> None:
    """Refuse a severity that trend and parameter error would carry past the largest claim.

    scale : how many times the table's amounts a claim can be, on any path in any year.

    Raises
    ------
    InputError
        If more of the mean would be cut off than `most_lost`.
    """
    grown = np.asarray(nodes * scale, np.float64)
    kept = table_mean(np.asarray(np.minimum(grown, CLAIM_MAX), np.float64))
    if kept < table_mean(grown) * (1.0 - most_lost):
        raise InputError(
            [
                Fault(
                    field,
                    f"claims that grow {scale:.3g}-fold and then lose {1 - kept / table_mean(grown):.1%} "
                    f"of their mean above {CLAIM_MAX / minor:.3g}",
                    f"at most {most_lost:.0%} above the largest claim",
                    "State money in a larger unit, or make one claim of several smaller ones.",
                    code="claim_too_large",
                )
            ]
        )


def kernel_array(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """C-contiguous and read-only: plans are shared by threads, and one compiled version serves all."""
    ready = np.ascontiguousarray(array)
    ready.flags.writeable = False
    return ready


def count_width(
    field: str, frequency: HasPmf, factor: float, frailty: FrailtyLevels = NO_FRAILTY
) -> int:
    """How many thresholds a line needs at its largest rate: all but 2^-33 of the counts.

    factor : the largest rate over the mean, frailty aside. Its levels count by their chances: the highest
        come to so few member-years that a few claims more of those would not be drawn.

    Raises
    ------
    InputError
        If more than 1,023 claims a member-year would be needed, or the law has no such rate (a binomial with
        too few trials).
    """
    distribution = np.zeros(MAX_COUNT + 1)
    for level, chance in zip(frailty.level.tolist(), frailty.chance.tolist(), strict=True):
        try:
            distribution += chance * np.cumsum(frequency.pmf_at(factor * level, MAX_COUNT + 1))
        except InputError as error:
            got = f"a rate {factor * frailty.level[-1]:.3g} times its mean for some members"
            faults = [replace(fault, field=field, got=got) for fault in error.faults]
            raise InputError(faults) from error
    enough = np.flatnonzero(distribution >= 1.0 - 2.0**-33)
    if enough.size == 0:
        raise InputError(
            [
                Fault(
                    field,
                    f"a rate at which some member has more than {MAX_COUNT} claims a year",
                    f"at most {MAX_COUNT} claims of one line a member-year",
                    "Lower the mean, or make one claim of several (a day of care, a month of drugs)."
                    + less_frailty([frailty]),
                    code="claim_count",
                )
            ]
        )
    return int(enough[0]) + 1


def less_frailty(frailties: Sequence[FrailtyLevels]) -> str:
    """The way out of too many claims that a shared frailty adds to the others."""
    return "" if widest(frailties) is NO_FRAILTY else " Or lower assumptions.frailty.cv."


def count_row(frequency: HasPmf, factor: float, width: int) -> UIntArray:
    """P(N <= k) on 2^32, to the nearest; monotone in the rate. The last entry is 2^32 and never passed.

    Rounding down would turn the rounding error of a sum of 1 into a step between two rates.
    """
    cumulative = np.cumsum(frequency.pmf_at(factor, width))
    row = np.rint(np.minimum(cumulative, 1.0) * 2.0**32).astype(np.uint64)
    row[-1] = 1 << 32
    return row


def guide_row(row: UIntArray) -> SmallIntArray:
    """What the first byte of a draw says of the count, (256,): the count, or -1 - the smallest it can be."""
    starts = np.arange(1 << GUIDE_BITS, dtype=np.uint64) << np.uint64(32 - GUIDE_BITS)
    least = np.searchsorted(row, starts, side="right")
    most = np.searchsorted(row, starts + np.uint64((1 << (32 - GUIDE_BITS)) - 1), side="right")
    return np.where(least == most, least, -1 - least).astype(np.int16)


def screen_bound(none: int) -> int:
    """How many of the highest first bytes can mean a claim on a line, if few enough for a search; else 0.

    none: the line's smallest chance of no claim, on 2^32. Up to an eighth of all bytes is worth a search.
    """
    bound = max(1, (1 << GUIDE_BITS) - (none >> (32 - GUIDE_BITS)))
    return bound if bound <= SPARSE_BYTES else 0


def alias_table(chances: FloatArray, slots: int, bits: int) -> UIntArray:
    """Walker's alias table of a discrete law, (slots,): threshold on 2^bits << 8 | outcome beyond it.

    Slot s, chosen uniformly, gives s below the threshold and the other outcome from it on (Walker, *An
    efficient method for generating discrete random variables with general distributions*, ACM TOMS 3, 1977,
    253-256). Each chance is right to 1 in slots * 2^bits.
    """
    share = np.zeros(slots)
    share[: chances.size] = chances / chances.sum() * slots
    keep, other = np.ones(slots), np.arange(slots)
    small, large = (list(np.flatnonzero(x)) for x in (share < 1.0, share >= 1.0))
    while small and large:
        low, high = small.pop(), large[-1]
        keep[low], other[low] = share[low], high
        share[high] -= 1.0 - share[low]
        if share[high] < 1.0:
            small.append(large.pop())
    threshold_ = np.rint(keep * (1 << bits)).astype(np.uint64)
    return (threshold_ << np.uint64(8)) | other.astype(np.uint64)


def month_chances(seasonality: FloatArray, first_calendar_month: int) -> FloatArray:
    """Seasonal weights of the twelve fund months, (12,), summing to 1.

    seasonality: (12,) relative weights of calendar months, January first. first_calendar_month: 1 to 12.
    """
    weights = np.roll(np.asarray(seasonality, np.float64), 1 - first_calendar_month)
    chances: FloatArray = weights / weights.sum()
    return chances


def delay_probabilities(lag_months: float) -> FloatArray:
    """Payment delay in whole months, (64,): geometric with the stated mean; all later ones in the last.

    Where the geometric's tail beyond 62 months matters, its parameter is solved so that the mean is kept.
    """
    later = later_chance(lag_months)
    chances = np.asarray((1.0 - later) * later ** np.arange(DELAYS), np.float64)
    chances[-1] = later ** (DELAYS - 1)
    return chances


def later_chance(lag_months: float) -> float:
    """Chance that a payment still open after a month stays open: mean = sum of its powers 1 to 63."""
    plain = lag_months / (1.0 + lag_months)
    if plain ** (DELAYS - 1) < 1e-9:
        return plain
    # The sum rises and is convex, so from 1 Newton's steps come down to the root and never pass it. SciPy's
    # solvers would do as well, at a third of a second before the first result.
    powers, chance, step = np.arange(1, DELAYS), 1.0, 1.0
    while step > 1e-15:
        terms = chance**powers
        step = (float(terms.sum()) - lag_months) / float((powers * terms).sum() / chance)
        chance -= step
    return chance


def cumulative_thresholds(chances: FloatArray, bits: int) -> UIntArray:
    """Cumulative thresholds of discrete chances on 2^bits, rounded down; the last is 2^bits."""
    thresholds = np.floor(np.minimum(np.cumsum(chances, axis=-1), 1.0) * 2.0**bits)
    thresholds[..., -1] = 2.0**bits
    return thresholds.astype(np.uint64)


def threshold(chance: FloatArray, bits: int) -> UIntArray:
    """A probability as a threshold on 2^bits, rounded down; outside 0 to 1 it is clipped."""
    return np.floor(np.clip(chance, 0.0, 1.0) * 2.0**bits).astype(np.uint64)


def fixed_share(share: float) -> int:
    """A share on the kernel's 2^30 scale, rounded up (a share of 0.1 never pays less than a tenth)."""
    return int(np.ceil(share * (1 << SHARE_BITS)))
