"""`aggregate`, `total` and `individual_risks`: from risks to the distribution of a year's cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

from mutualfund.claims.aggregate.amounts import is_signed
from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.aggregate.compound import (
    RINGING,
    Frame,
    Method,
    compound_law,
    severity_cells,
)
from mutualfund.claims.aggregate.counts import Frequency
from mutualfund.claims.aggregate.farther import Rung, joined, rungs_beyond
from mutualfund.claims.aggregate.grid import (
    DEFAULT_ACCURACY,
    PANJER_POINTS,
    Grid,
    choose_frame,
    finer,
)
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.aggregate.result import Aggregate, GridError
from mutualfund.claims.aggregate.stated import stated_error
from mutualfund.claims.frequency import Binomial
from mutualfund.errors import Fault, InputError, listed, require, require_choice, require_kind

_CHOSEN = Grid()
"""Step and reach as they are chosen where nothing is asked."""

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
    method : ``"fft"``, or ``"panjer"`` for the recursion: slower, the same to rounding on its one grid.

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
    each = "one for each group"
    number = listed("individual_risks.number", number, each)
    claim_probability = listed("individual_risks.claim_probability", claim_probability, each)
    severity = listed("individual_risks.severity", severity, each)
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
    require_kind("aggregate.grid", grid, Grid, "a Grid, as Grid(reach=1e-9)")
    given = listed("total.parts", parts, "Collectives and Aggregates, as [one, other]")
    if not given:
        allowed = "at least one Collective or Aggregate"
        raise InputError([Fault("total.parts", "none", allowed, code="empty")])
    for place, part in enumerate(given):
        kinds = (Collective, Aggregate)
        require_kind(f"total.parts[{place}]", part, kinds, "a Collective or an Aggregate")
    risks = tuple(Collective(1, part) if isinstance(part, Aggregate) else part for part in given)
    _check_method(method, risks)
    if method == "panjer" and grid.points is None:
        grid = replace(grid, points=PANJER_POINTS)
    frame = choose_frame(risks, grid)
    law, error, frame = _solved(risks, frame, grid, method)
    if method == "fft" and grid.reach is None and not any(is_signed(part.amount) for part in risks):
        law, error = _reaching(law, error, rungs_beyond(risks, law))
    return Aggregate(law, error, risks, frame, method)


def _reaching(
    law: LatticeLaw, error: GridError, rungs: Sequence[Rung]
) -> tuple[LatticeLaw, GridError]:
    """The law with what lies beyond its lattice, and the error of both."""
    whole = joined(law, rungs)
    return whole, GridError(
        max(error.discretisation, *(rung.largest for rung in rungs), 0.0),
        max(error.discretisation_of_tail, *(rung.of_tail for rung in rungs), 0.0),
        max(error.aliasing, *(rung.aliasing for rung in rungs), 0.0),
        max(error.rounding, *(rung.rounding for rung in rungs), 0.0),
        whole.unknown,
    )


def _check_method(method: str, parts: tuple[Collective, ...]) -> None:
    require_choice("aggregate.method", method, get_args(Method), code="method")
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
        law, error = solved.law, stated_error(parts, frame, solved, masses, method)
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
