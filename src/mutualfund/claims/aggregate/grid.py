"""Choosing the lattice: how far it reaches and how fine it is.

How far is read off a coarse pilot of the same sum. How fine follows from the error that spreading amounts
over their neighbours makes: it adds step^2 / 6 to a claim's second moment at most, which for a sum that is
nearly normal moves its distribution function by 0.02 x claims x step^2 / variance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mutualfund.claims.aggregate.amounts import atoms_of, is_signed, unknown_chance
from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.aggregate.compound import (
    Frame,
    has_many_claims,
    is_atomic,
    largest_sum,
    rounded_law,
    severity_cells,
)
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.aggregate.units import common_unit
from mutualfund.claims.laws import Law
from mutualfund.errors import Fault, InputError, one_number, require
from mutualfund.types import FloatArray

DEFAULT_ACCURACY = 1e-7
"""Error of the distribution function that is aimed at where none is asked for."""

POINTS = 2**18
PANJER_POINTS = 2**13
"""The most points where none are stated."""

PILOT = 4096
"""Points of a pilot."""

EXACT_POINTS = 2**22
"""Points allowed, where none are stated, to put amounts of one small unit (cents) on the lattice exactly."""

_FEW = 10.0
"""Claims a year of which there may be none."""

_SHALLOWEST = 0.1
"""The largest probability beyond the grid's end that is given up for a step as fine as the claims need."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What is asked of the lattice; what is left out is chosen.

    step: distance of its points, currency. points: the most there may be (64 to 2^24; 2^18 where left out,
    2^13 for the recursion, whose time goes with their square). accuracy: the largest
    error of the distribution function; refused where `points` cannot give it. reach: the largest probability
    of an amount beyond the grid (1e-12 to 0.1); refused likewise. Without `accuracy` and `reach` the grid is
    as fine (to 1e-7) and as deep (to 1e-12, at least 1e-3) as its points allow, and the result says how much
    that is. Without `reach`, coarser lattices go on where it ends, as long as P(S > x) is right to a
    thousandth there.

    >>> Grid(step=10.0).most_points
    262144
    """

    step: float | None = None
    points: int | None = None
    accuracy: float | None = None
    reach: float | None = None

    def __post_init__(self) -> None:
        points = self.most_points
        one_number("aggregate.grid.points", points, minimum=64, maximum=2**24, unit="points")
        if points != int(points):
            field = "aggregate.grid.points"
            raise InputError([Fault(field, f"{points:g}", "a whole number", code="whole")])
        if self.step is not None:
            one_number(
                "aggregate.grid.step", self.step, minimum=1e-300, maximum=1e300, unit="currency"
            )
        if self.accuracy is not None:
            unit = "error of a probability"
            one_number(
                "aggregate.grid.accuracy", self.accuracy, minimum=1e-12, maximum=0.1, unit=unit
            )
        if self.reach is not None:
            unit = "probability beyond the grid"
            one_number("aggregate.grid.reach", self.reach, minimum=1e-12, maximum=0.1, unit=unit)

    @property
    def most_points(self) -> int:
        """The most points there may be."""
        return POINTS if self.points is None else self.points


def choose_frame(parts: Sequence[Collective], grid: Grid) -> Frame:
    """The lattice for the sum of `parts`.

    Raises
    ------
    InputError
        Where no lattice of `grid.points` points reaches far enough; it says how many would.
    """
    if any(is_signed(part.amount) for part in parts):
        return _signed_frame(parts, grid)
    stretches: dict[float, tuple[float, float]] = {}
    unknown = sum(part.count.mean * unknown_chance(part.amount) for part in parts)

    def stretched(reach: float) -> tuple[float, float]:
        if reach not in stretches:
            stretches[reach] = stretch(parts, reach)
        return stretches[reach]

    exact, most_exact = _exact_step(parts, grid), grid.points or EXACT_POINTS
    for wanted in _reaches(grid) if exact > 0.0 else ():
        reach = max(wanted, 2.0 * unknown)
        low, high = stretched(reach)
        if 0.0 < high - low <= exact * (most_exact - 3.0):
            return _frame(parts, exact, low, high, reach)
    for accuracy, wanted in _wishes(grid):
        reach = max(wanted, 2.0 * unknown)
        low, high = stretched(reach)
        step = _step(parts, grid, low, high, accuracy)
        if (high - low) / step + 3.0 <= grid.most_points:
            return _frame(parts, step, low, high, reach)
    longer = _aligned(parts, (high - low) / (grid.most_points - 3.0), coarser=True)
    free = grid.step is None and grid.accuracy is None
    fits = free and (high - low) / longer + 3.0 <= grid.most_points
    if fits and longer <= claim_width(parts):
        return _frame(parts, longer, low, high, reach)
    shallow = _shallow_frame(parts, grid)
    if shallow is not None:
        return shallow
    if fits and longer <= _width_of_sum(parts) / 4.0:
        return _frame(parts, longer, low, high, reach)
    raise InputError([_too_few_points(grid, step, high - low, reach)])


def _shallow_frame(parts: Sequence[Collective], grid: Grid) -> Frame | None:
    """A step as fine as the claims need and as many points as there may be, if that reaches far enough.

    For many small claims beside rare large ones, where a deep grid would smear the small.
    """
    if grid.step is not None or grid.reach is not None:
        return None
    low, high = stretch(parts, _SHALLOWEST)
    accuracy = 3e-4 if grid.accuracy is None else grid.accuracy
    step = _aligned(parts, math.sqrt(50.0 * accuracy) * claim_width(parts))
    end = low + step * (grid.most_points - 3.0)
    return None if end < high else _frame(parts, step, low, end, _SHALLOWEST)


def _reaches(grid: Grid) -> tuple[float, ...]:
    """The reach asked for, or the deep ones, deepest first."""
    return (1e-12, 1e-10, 1e-8, 1e-6) if grid.reach is None else (grid.reach,)


def _wishes(grid: Grid) -> Iterator[tuple[float, float]]:
    """Accuracy and reach, what is asked for or best first: a deep grid is worth a digit or two."""
    deepest = _reaches(grid)
    shallow = (1e-5, 1e-4, 1e-3) if grid.reach is None else ()
    wanted = DEFAULT_ACCURACY if grid.accuracy is None else grid.accuracy
    yield from ((wanted, reach) for reach in deepest)
    if grid.accuracy is None:
        yield from ((10.0 * wanted, reach) for reach in deepest[-2:])
        wanted *= 100.0
        yield from ((wanted, reach) for reach in deepest[-1:])
    yield from ((wanted, reach) for reach in shallow)


def _frame(
    parts: Sequence[Collective], step: float, low: float, high: float, reach: float
) -> Frame:
    """The lattice over the stretch."""
    first = math.floor(low / step)
    size = math.floor(high / step + 1e-9) - first + 2
    return Frame(step, size, first, wrapped=tilting(parts, reach))


def tilting(parts: Sequence[Collective], beyond: float) -> float:
    """The tilting at which what wraps around and what rounding is raised to are alike."""
    rounding = 2.2e-16 * (1.0 + sum(part.count.mean for part in parts))
    return min(max(math.log(2.0 * beyond / rounding) / 1.5, 0.0), 20.0)


def _too_few_points(grid: Grid, step: float, end: float, reach: float) -> Fault:
    needed = math.ceil(end / step) + 2
    allowed = f"at least {needed:,} for steps of {step:.3g} up to {end:.4g}"
    return Fault(
        "aggregate.grid.points",
        f"{grid.most_points:,}",
        f"{allowed}, the amount exceeded with probability {reach:.0e}",
        "Raise `points`, or ask for less: a longer `step`, a larger `accuracy` or `reach`.",
        code="grid_too_small",
    )


def stretch(parts: Sequence[Collective], chance: float) -> tuple[float, float]:
    """The amounts between which the sum lies but for `chance` above and next to nothing below."""
    most = largest_sum(parts)
    low, high = 0.0, _high_end(parts, chance, most)
    if high > 0.0:
        low = _low_end(parts, high)
    if low > 0.0:  # a pilot of the stretch itself is finer than one from zero
        for _ in range(2):
            pilot = _pilot(parts, low, high)
            found = float(pilot.isf(max(chance, 2.0 * pilot.beyond)))
            high = min(found + 0.05 * (found - low) + 2.0 * pilot.step, high)
    return low, high


def _high_end(parts: Sequence[Collective], chance: float, most: float) -> float:
    """About the amount that is exceeded with probability `chance`, from coarse pilots."""
    end = min(_first_guess(parts), most)
    for _ in range(200):
        if end == 0.0:
            return 0.0
        pilot = _pilot(parts, 0.0, end)
        if pilot.beyond > chance and end < most:
            end = min(4.0 * end, most)
            continue
        found = float(pilot.isf(max(chance, 2.0 * pilot.beyond)))
        if found > end / 32.0:
            return min(1.05 * found + 2.0 * pilot.step, most)
        end = 2.0 * found if found > pilot.step else 4.0 * end / PILOT
    allowed = "amounts and counts whose sum has an end that numbers can reach"
    remedy = "Limit each claim, or lower the rate."
    raise InputError(
        [Fault("aggregate.severity", "a sum without one", allowed, remedy, code="end")]
    )


def _low_end(parts: Sequence[Collective], high: float) -> float:
    """Zero, or where the sum begins if it begins so late that points are worth saving.

    A sum that lies ten standard deviations above zero is nearly normal below its mean, or falls faster. What
    is less than that comes out of the transform as probability beyond the grid, and is stated.
    """
    mean, variance = sum(part.mean for part in parts), sum(part.variance for part in parts)
    if not 0.0 < variance < math.inf:
        return 0.0
    low = mean - 9.0 * math.sqrt(variance)
    return low if 0.3 * high < low < high else 0.0


def _pilot(parts: Sequence[Collective], low: float, high: float) -> LatticeLaw:
    step = (high - low) / (PILOT - 1)
    first = math.floor(low / step)
    frame = Frame(step, PILOT, first, wrapped=tilting(parts, 1e-9))
    return rounded_law(parts, frame, severity_cells(parts, frame))


def _first_guess(parts: Sequence[Collective]) -> float:
    mean, variance = sum(part.mean for part in parts), sum(part.variance for part in parts)
    if not math.isfinite(mean):
        typical = [part.count.mean * float(part.amount.isf(0.1)) for part in parts]
        return max(10.0 * sum(typical), 1e-300)
    return mean + 10.0 * math.sqrt(variance) if math.isfinite(variance) else 20.0 * mean


def _step(
    parts: Sequence[Collective], grid: Grid, low: float, high: float, accuracy: float
) -> float:
    """The step wanted, before it is known how many points that makes."""
    if high == 0.0:
        return 1.0
    if grid.step is not None:
        return grid.step
    if has_many_claims(parts):
        return _aligned(parts, min(claim_width(parts) / 32.0, (high - low) / 1024.0))
    return _aligned(parts, min(math.sqrt(50.0 * accuracy) * claim_width(parts), high / 256.0))


def finer(parts: Sequence[Collective], step: float) -> float:
    """A step of about half the length, atoms still on the lattice."""
    return _aligned(parts, step / 2.0)


def claim_width(parts: Sequence[Collective]) -> float:
    """How wide a claim's law is, for the step: of many claims their mean square, of few the middle part.

    Claims wider than all but ten of a year count as no wider than those: there may be none of them, and
    then the rest must not be smeared.
    """
    paying = [part for part in parts if part.expected_payments > 0.0]
    claims = sum(part.expected_payments for part in paying)
    widths = [_width(part.amount, claims) for part in paying]
    if claims <= _FEW:
        return min(widths)
    numbers = np.array([part.expected_payments for part in paying])
    widest_first = np.argsort(widths)[::-1]
    surely = int(np.argmax(np.cumsum(numbers[widest_first]) >= _FEW))
    capped = np.minimum(widths, widths[widest_first[surely]])
    return math.sqrt(float(numbers @ capped**2) / claims)


def _width_of_sum(parts: Sequence[Collective]) -> float:
    """How wide the sum is without its rare large claims."""
    claims = sum(part.expected_payments for part in parts)
    return claim_width(parts) * math.sqrt(max(claims, 1.0))


def _width(law: Law, claims: float) -> float:
    some = float(law.sf(0.0))
    if claims > _FEW:
        cut = float(law.isf(0.05 * some))
        return math.sqrt(float(law.second_limited_moment(cut)) / some)
    high, low = float(law.isf(0.1 * some)), float(law.isf(0.9 * some))
    return (high - low) / 2.56 or high


def _exact_step(parts: Sequence[Collective], grid: Grid) -> float:
    """The unit of all amounts, where they have one and no other step is asked for; else zero."""
    if grid.step is not None or not all(is_atomic(part) for part in parts):
        return 0.0
    return common_unit(_positive_atoms(parts))


def _positive_atoms(parts: Sequence[Collective]) -> FloatArray:
    found = np.concatenate([atoms_of(part.amount)[0] for part in parts])
    positive = found[found > 0.0]
    return positive if positive.size else np.ones(1)


def _aligned(parts: Sequence[Collective], step: float, *, coarser: bool = False) -> float:
    """A step near `step`, not longer (or not shorter), of which the severities' atoms are multiples."""
    atoms = np.concatenate([atoms_of(part.amount)[0] for part in parts])
    if not np.any(atoms > 0.0):
        return step
    unit = common_unit(atoms[atoms > 0.0])
    if unit < step:
        return step
    parts_of_unit = unit / step
    return unit / (math.floor(parts_of_unit) if coarser else math.ceil(parts_of_unit - 1e-9))


def _signed_frame(parts: Sequence[Collective], grid: Grid) -> Frame:
    """A lattice on both sides of zero, for amounts that may be negative."""
    mean, sd = sum(p.mean for p in parts), math.sqrt(sum(p.variance for p in parts))
    require("aggregate.sd", sd, minimum=5e-324, maximum=1e300, unit="currency")
    lowest = min(float(part.amount.quantile(1e-13)) for part in parts)
    highest = max(float(part.amount.isf(1e-13)) for part in parts)
    reach = 1e-12 if grid.reach is None else grid.reach
    width = 10.0
    while True:
        low, high = min(mean - width * sd, lowest), max(mean + width * sd, highest)
        pilot = _signed_lattice(low, lowest, (high - low) / (PILOT - 3.0), PILOT)
        beyond = rounded_law(parts, pilot, severity_cells(parts, pilot)).beyond
        if beyond <= reach or width > 300.0:
            break
        width *= 1.5
    accuracy = DEFAULT_ACCURACY if grid.accuracy is None else grid.accuracy
    step = grid.step or math.sqrt(50.0 * accuracy) * claim_width(parts)
    if grid.step is None and grid.accuracy is None:
        step = max(step, (high - low) / (grid.most_points - 3.0))
    size = math.ceil((high - low) / step) + 2
    if size > grid.most_points:
        raise InputError([_too_few_points(grid, step, high - low, reach)])
    return _signed_lattice(low, lowest, step, size)


def _signed_lattice(low: float, lowest: float, step: float, size: int) -> Frame:
    first, lowest_point = (min(math.floor(end / step), -1) for end in (low, lowest))
    return Frame(step, size, first, lowest=lowest_point)
