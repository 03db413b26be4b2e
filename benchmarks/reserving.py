"""Reserving against chainladder: the bootstrap of a 10 x 10 triangle, and Mack on 120 months.

chainladder's bootstrap draws the same residuals (Pearson's over the root of 1 - leverage, centred, without
exact cells), refits, and adds a gamma to every future cell. Ours is timed through `fit`, one thread, all
results included. `pip install --group peers` installs chainladder; nothing else here needs it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from agreement import Disagreement, FloatArray, Samples, require_agreement
from mutualfund.claims.reserving import Bootstrap, Mack, Triangle
from profiles import Profile
from tables import Cell, Gate, Section
from timing import Task, Timing, alternate, say, times_as_long

YEARS, MONTHS = 10, 120
CLOSE = 1e-9  # relative: the two compute Mack's errors by different routes
NOTE = """One 10 x 10 triangle, {replicates:,} replicates, one thread; and one triangle of 120 x 120 months.
Values first: means and standard deviations of what is still to come, by origin and in total, within five
standard errors; Mack's errors by origin and in total within 1e-9. "By cell" draws a gamma for every future
cell, as chainladder does; "by origin" one for each origin's total, which has the same law."""


def amounts(n: int, tau: float, scale: float = 200.0) -> FloatArray:
    """A triangle of cumulative amounts, over-dispersed Poisson, NaN where not yet known."""
    rng = np.random.default_rng(3)
    pattern = np.exp(-np.arange(n) / tau)
    ultimate = 1e6 * (1.0 + 0.01 * np.arange(n))
    means = ultimate[:, None] * pattern / pattern.sum()
    cumulative = (scale * rng.poisson(means / scale)).cumsum(axis=1) + scale
    return np.where(np.add.outer(np.arange(n), np.arange(n)) < n, cumulative, np.nan)


def ours(cumulative: FloatArray, grain: Any) -> Triangle:
    """The triangle as we hold it."""
    first = date(2005, 1, 1)
    return Triangle.from_array(
        cumulative, first_origin=first, origin_grain=grain, development_grain=grain
    )


def theirs(cumulative: FloatArray, frequency: str) -> Any:
    """The triangle as chainladder holds it."""
    import chainladder

    periods = pd.period_range("2005-01", periods=len(cumulative), freq=frequency)
    rows, columns = np.nonzero(~np.isnan(cumulative))
    frame = pd.DataFrame(
        {
            "origin": periods[rows].to_timestamp(),
            "seen": periods[rows + columns].to_timestamp(how="end").normalize(),
            "amount": cumulative[rows, columns],
        }
    )
    return chainladder.Triangle(
        frame, origin="origin", development="seen", columns="amount", cumulative=True
    )


def their_bootstrap(triangle: Any, replicates: int) -> FloatArray:
    """(replicates, n_origins) what is still to come, by chainladder."""
    import chainladder

    sampled = chainladder.BootstrapODPSample(n_sims=replicates, random_state=1)
    fitted = chainladder.Chainladder().fit(sampled.fit_transform(triangle))
    return np.nan_to_num(np.asarray(fitted.ibnr_.values)[:, 0, :, 0])


def samples(ibnr: FloatArray) -> Samples:
    """Figures of the bootstrap: by origin after the first, and in total."""
    by_origin = {f"origin {row}": ibnr[:, row] for row in range(1, ibnr.shape[1])}
    return by_origin | {"total": ibnr.sum(axis=1)}


def their_mack(triangle: Any) -> FloatArray:
    """Mack's standard errors by origin, and the total's, by chainladder."""
    import chainladder

    fitted = chainladder.MackChainladder().fit(triangle)
    by_origin = np.asarray(fitted.mack_std_err_.values)[0, 0, :, -1]
    return np.append(np.nan_to_num(by_origin), float(np.ravel(fitted.total_mack_std_err_)[0]))


def our_mack(triangle: Triangle) -> FloatArray:
    """The same by us."""
    reserve = Mack().fit(triangle)
    return np.append(reserve.standard_error, reserve.total_standard_error)


def values_agree(yearly: FloatArray, monthly: FloatArray, replicates: int) -> str:
    """The widest gap in words.

    Raises
    ------
    Disagreement
        Where one of the figures differs.
    """
    theirs_drawn = samples(their_bootstrap(theirs(yearly, "Y"), replicates))
    widest = ""
    for payments in ("by_cell", "by_origin"):
        drawn = Bootstrap(replicates, seed=7, payments=payments).fit(ours(yearly, "year"))
        found = require_agreement("chainladder", samples(drawn.outcomes), theirs_drawn)
        widest = f"{found.figure}: {found.mean:+.1f} (mean), {found.sd:+.1f} (spread)"
        say(f"  {payments}: {widest}")
    one, other = our_mack(ours(monthly, "month")), their_mack(theirs(monthly, "M"))
    if not np.allclose(one, other, rtol=CLOSE, atol=1e-9 * other.max()):
        raise Disagreement("Mack's standard errors differ")
    return widest


def repeated(task: Callable[[], object], times: int, made: int) -> float:
    """Do it several times, so that it takes long enough to be timed; how much was made."""
    for _ in range(times):
        task()
    return float(times * made)


def tasks(yearly: FloatArray, monthly: FloatArray, replicates: int) -> dict[str, Task]:
    """All programs on the same two triangles."""
    year, month = ours(yearly, "year"), ours(monthly, "month")
    their_year, their_month = theirs(yearly, "Y"), theirs(monthly, "M")

    def bootstrap(payments: Any, workers: int) -> Task:
        method = Bootstrap(replicates, seed=7, payments=payments, workers=workers)
        return partial(repeated, partial(method.fit, year), 10, replicates)

    once = partial(their_bootstrap, their_year, replicates)
    return {
        "chainladder, bootstrap": partial(repeated, once, 1, replicates),
        "bootstrap by cell": bootstrap("by_cell", 1),
        "bootstrap by origin": bootstrap("by_origin", 1),
        "bootstrap by cell, two threads": bootstrap("by_cell", 2),
        "chainladder, Mack": partial(repeated, partial(their_mack, their_month), 3, 1),
        "Mack": partial(repeated, partial(our_mack, month), 30, 1),
    }


PAIRS = (
    ("bootstrap by cell", "chainladder, bootstrap", 25.0),
    ("bootstrap by origin", "chainladder, bootstrap", 80.0),
    ("Mack", "chainladder, Mack", 50.0),
)
GATES = {
    (name, other): Gate(f"{name} against {other}", None, "at least", bound, "x")
    for name, other, bound in PAIRS
}


def against_chainladder(profile: Profile) -> Section:
    """The table of times and the gates on their ratios."""
    title, note = "Reserving, against chainladder", NOTE.format(replicates=profile.replicates)
    if find_spec("chainladder") is None:
        say("reserving: chainladder is not installed")
        return Section.without("chainladder", "reserving", title, note, GATES.values())
    yearly, monthly = amounts(YEARS, YEARS / 4), amounts(MONTHS, 3.0)
    say("reserving against chainladder: values first")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of theirs, on newer pandas
        widest = values_agree(yearly, monthly, profile.replicates)
        timings = alternate(tasks(yearly, monthly, profile.replicates), max(profile.rounds, 5))
    gates = [
        gate.at(times_as_long(timings[other], timings[name]))
        for (name, other), gate in GATES.items()
    ]
    rows = [row(name, timing) for name, timing in timings.items()]
    return Section("reserving", title, f"{note} Widest gap: {widest}.", rows, gates)


def row(name: str, timing: Timing) -> dict[str, Cell]:
    unit = "microseconds a replicate" if "bootstrap" in name else "microseconds a fit"
    return {"what": name, "unit": unit, "time": timing.ns_each / 1e3}
