"""`aggregate`, `total` and `individual_risks`: from risks to the distribution of a year's cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from mutualfund.claims.aggregate.amounts import is_signed
from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.aggregate.compound import (
    RINGING,
    Compound,
    Frame,
    Masses,
    Method,
    compound_law,
    has_many_claims,
    is_smeared,
    rounded_law,
    severity_cells,
)
from mutualfund.claims.aggregate.counts import Frequency
from mutualfund.claims.aggregate.grid import (
    DEFAULT_ACCURACY,
    PANJER_POINTS,
    Grid,
    choose_frame,
    claim_width,
    finer,
)
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.aggregate.result import Aggregate, GridError
from mutualfund.claims.frequency import Binomial
from mutualfund.errors import Fault, InputError, require
from mutualfund.types import FloatArray

_CHOSEN = Grid()
"""Step and reach as they are chosen where nothing is asked."""

_SAFETY = 2.0
"""An error that falls like the step's power 0.6 or faster is below this multiple of its change."""

_TAIL = 1e-9
"""The tail's relative error is stated down to this probability."""

_COARSE = 0.1
"""Share of the probability without atoms that one point holds only where the step is too long."""

_USELESS = 0.5
"""Error of a probability from which on a distribution says nothing."""


def aggregate(
    frequency: Frequency,
    severity: Any,
    *,
    deductible: float = 0.0,
    limit: float = math.inf,
    share: float = 1.0,
    grid: Grid = _CHOSEN,
    method: Method = "fft",
) -> Aggregate:
    """The distribution of a year's total cost S = X_1 + ... + X_N.

    Parameters
    ----------
    frequency : a claim count of this library, a whole number for a fixed count, or the weights of the counts
        0, 1, 2, ...
    severity : any severity, spliced and empirical ones included, or an object with a law's questions; amounts
        in currency.
    deductible, limit, share : the cover of each claim, ``share x min(max(X - deductible, 0), limit)``:
        currency >= 0; currency >= 0, infinite for none; 0 to 1.
    grid : what is asked of the lattice; step and reach are chosen otherwise.
    method : ``"fft"``, or ``"panjer"`` for the recursion: slower, the same to rounding.

    Returns
    -------
    Aggregate
        Exact on a lattice where every claim is on one; elsewhere with its error stated in ``.error``.

    Raises
    ------
    InputError
        Where a term is out of its range, or `grid` cannot hold the precision that it asks for.

    >>> from mutualfund.claims import Fixed, Poisson
    >>> float(aggregate(Poisson(mean=2), Fixed(amount=50)).cdf(100).round(6))
    0.676676
    """
    return total([Collective(frequency, severity, deductible, limit, share)], grid, method)


def individual_risks(
    number: Sequence[int],
    claim_probability: Sequence[float],
    severity: Sequence[Any],
    *,
    grid: Grid = _CHOSEN,
) -> Aggregate:
    """The individual risk model: groups of policies, each with at most one claim a year.

    number: policies in each group (>= 1). claim_probability: of a policy of the group, 0 to 1. severity: of
    a claim of the group. Klugman, Panjer and Willmot, *Loss Models*, 4th ed. (2012), section 9.8.

    Raises
    ------
    InputError
        Where the three are not equally long, or a value is out of its range.

    >>> from mutualfund.claims import uniform
    >>> cost = individual_risks([100, 200], [0.05, 0.06], [uniform(0, 400), uniform(0, 300)])
    >>> round(cost.mean, 6), round(cost.variance, 2)
    (2800.0, 600466.67)
    """
    sizes = {len(number), len(claim_probability), len(severity)}
    if len(sizes) != 1:
        got = f"{len(number)}, {len(claim_probability)} and {len(severity)} groups"
        allowed = "the same groups in all three"
        raise InputError([Fault("individual_risks", got, allowed, code="lengths")])
    require("individual_risks.number", number, minimum=1, maximum=1e9, unit="policies")
    if any(n != int(n) for n in number):
        field, allowed = "individual_risks.number", "whole numbers of policies"
        raise InputError([Fault(field, "a number with a fraction", allowed, code="whole")])
    unit = "probability"
    require(
        "individual_risks.claim_probability", claim_probability, minimum=0, maximum=1, unit=unit
    )
    groups = zip(number, claim_probability, severity, strict=True)
    parts = [
        Collective(Binomial(mean=float(n) * float(q), trials=int(n)), amount)
        for n, q, amount in groups
    ]
    return total(parts, grid)


def total(
    parts: Sequence[Collective | Aggregate],
    grid: Grid = _CHOSEN,
    method: Method = "fft",
) -> Aggregate:
    """The distribution of the sum of independent parts: lines of a fund, groups, layers of each.

    A part is a `Collective` or a finished `Aggregate` (one with a stop loss on it, say). The errors of
    finished parts are not in the sum's own.

    Raises
    ------
    InputError
        Where there is no part, or `grid` cannot hold the precision that it asks for.

    >>> from mutualfund.claims import Exponential, Fixed, Poisson
    >>> both = total([Collective(Poisson(mean=3), Fixed(amount=40)), Collective(1, Exponential(mean=100))])
    >>> both.mean, both.variance
    (220.0, 14800.0)
    """
    if not parts:
        allowed = "at least one Collective or Aggregate"
        raise InputError([Fault("total.parts", "none", allowed, code="empty")])
    risks = tuple(Collective(1, part) if isinstance(part, Aggregate) else part for part in parts)
    _check_method(method, risks)
    if method == "panjer" and grid.points is None:
        grid = replace(grid, points=PANJER_POINTS)
    frame = choose_frame(risks, grid)
    law, error, frame = _solved(risks, frame, grid, method)
    return Aggregate(law, error, risks, frame, method)


def _check_method(method: str, parts: tuple[Collective, ...]) -> None:
    if method not in get_args(Method):
        allowed = " or ".join(get_args(Method))
        raise InputError([Fault("aggregate.method", repr(method), allowed, code="method")])
    if method == "panjer" and any(is_signed(part.amount) for part in parts):
        remedy = 'For amounts below zero write method="fft".'
        fault = Fault(
            "aggregate.method", "panjer", "amounts of at least zero", remedy, code="signed"
        )
        raise InputError([fault])


def _solved(
    parts: tuple[Collective, ...], frame: Frame, grid: Grid, method: Method
) -> tuple[LatticeLaw, GridError, Frame]:
    """The law on the frame, refined while its error is larger than wanted and points are left."""
    wanted = DEFAULT_ACCURACY if grid.accuracy is None else grid.accuracy
    while True:
        masses = severity_cells(parts, frame)
        solved = compound_law(parts, frame, masses, method=method)
        law, error = solved.law, _error(parts, frame, solved, masses, method)
        if error.discretisation <= wanted or grid.step is not None:
            break
        refined = frame.with_step(finer(parts, frame.step))
        if refined.size > grid.most_points:
            break
        frame = refined
    if grid.accuracy is not None and error.discretisation > grid.accuracy:
        raise InputError([_too_coarse(grid, error, frame)])
    if not error.total < _USELESS or float(law.mass.sum()) > 1.0 + RINGING:
        raise InputError([_useless(grid, frame)])
    if grid.reach is not None and law.beyond > 2.0 * grid.reach:
        raise InputError([_too_short(grid, law)])
    return law, error, frame


def _too_coarse(grid: Grid, error: GridError, frame: Frame) -> Fault:
    allowed = f"at least {error.discretisation:.1e} with {grid.most_points:,} points (step {frame.step:.3g})"
    remedy = "Raise `points`, shorten `step`, or ask for a larger `accuracy`."
    return Fault("aggregate.grid.accuracy", f"{grid.accuracy:g}", allowed, remedy, code="accuracy")


def _useless(grid: Grid, frame: Frame) -> Fault:
    got = f"steps of {frame.step:.3g} with {grid.most_points:,} points"
    allowed = f"a lattice whose error of a probability is below {_USELESS:g}"
    remedy = "Raise `points` or shorten `step`; limit rare large claims, or take them apart."
    return Fault("aggregate.grid", got, allowed, remedy, code="too_coarse")


def _too_short(grid: Grid, law: LatticeLaw) -> Fault:
    allowed = f"at least {law.beyond:.1e} on a grid that ends at {law.end:.4g}"
    remedy = "Raise `points` or `reach`."
    return Fault("aggregate.grid.reach", f"{grid.reach:g}", allowed, remedy, code="reach")


def _error(
    parts: tuple[Collective, ...], frame: Frame, solved: Compound, masses: Masses, method: Method
) -> GridError:
    law = solved.law
    claims = sum(part.count.mean for part in parts)
    eps = float(np.finfo(np.float64).eps)
    rounding = eps * (8.0 + min(claims, 1e9)) * math.exp(frame.tilt * frame.size)
    if law.is_atomic and not is_smeared(parts, frame):
        largest, of_tail = 0.0, 0.0
    elif _is_coarse(parts, frame, solved):
        largest, of_tail = _gap(parts, frame, law)
    else:
        largest, of_tail = _change(parts, frame, law, masses, method)
    aliasing = frame.left_of_wrapped * law.beyond
    return GridError(largest, of_tail, aliasing, rounding, law.beyond)


def _is_coarse(parts: tuple[Collective, ...], frame: Frame, solved: Compound) -> bool:
    """Whether twice the step would show nothing: the law lies on few points, or hides atoms between them."""
    if frame.size < 4 or (is_smeared(parts, frame) and not has_many_claims(parts, of_atoms=True)):
        return True
    law = solved.law
    dense = np.maximum(law.mass - law.atoms, 0.0)
    on_few = dense.max() > _COARSE * (float(dense.sum()) + law.beyond)
    return bool(on_few) or (solved.spread and frame.step > claim_width(parts))


def _gap(parts: tuple[Collective, ...], frame: Frame, law: LatticeLaw) -> tuple[float, float]:
    """The largest distance of P(S > x) from its bounds at any amount, absolute and relative in the tail."""
    rounded = [
        rounded_law(parts, frame, severity_cells(parts, frame, rounding)).survival
        for rounding in ("down", "up")
    ]
    least, most = rounded
    falls_to = np.append((law.survival + law.atoms)[1:], law.survival[-1])
    gap = np.maximum(np.maximum(most - falls_to, law.survival - least), 0.0)
    return float(np.max(gap)), _of_tail(gap, law.survival)


def _change(
    parts: tuple[Collective, ...], frame: Frame, law: LatticeLaw, masses: Masses, method: Method
) -> tuple[float, float]:
    """Twice the largest change of P(S > x), absolute and relative in the tail, when the step is doubled."""
    coarse = frame.coarser
    halved = [_merged(mass, frame.lowest) for mass in masses]
    before = compound_law(parts, coarse, halved, gather=method == "fft").law
    skipped = frame.first % 2  # where the coarse lattice begins a point before this one
    rough = np.empty(2 * before.size - 1)
    rough[::2] = before.survival
    rough[1::2] = 0.5 * (before.survival[:-1] + (before.survival + before.atoms)[1:])
    rough, fine = rough[skipped:], law.survival
    common = min(rough.size, fine.size)
    change = np.abs(fine[:common] - rough[:common])
    return _SAFETY * float(np.max(change)), _SAFETY * _of_tail(change, fine[:common])


def _of_tail(error: FloatArray, survival: FloatArray) -> float:
    tail = (survival >= _TAIL) & (survival < 0.5)
    return float(np.max(error[tail] / survival[tail])) if np.any(tail) else 0.0


def _merged(mass: FloatArray, lowest: int) -> FloatArray:
    """The masses of twice the step: those between its points are halved between their neighbours."""
    shift = lowest % 2
    padded = np.concatenate([np.zeros(shift), mass, np.zeros(2 - (mass.size + shift) % 2)])
    odd = padded[1::2]
    merged = padded[::2] + 0.5 * odd
    merged[1:] += 0.5 * odd[:-1]
    return merged
