"""Risk premiums by age, sex and line from a simulation: its claims one by one, sorted into cells.

The kernel sums claims by age or by line, never by both nor by sex. Here each path is drawn again from its
addresses, as for records, and every claim counted where it belongs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mutualfund.assumptions import AgeBands
from mutualfund.errors import require_whole
from mutualfund.fund.records.path import PathClaims, PathCover, drawn_path
from mutualfund.fund.records.price import expected_by_fund
from mutualfund.fund.simulate import Counter, Progress, require_scenario
from mutualfund.premiums.risk_premium.pricing import BANDS
from mutualfund.results.premium_cells import SimulatedPremiums
from mutualfund.scenario import Scenario
from mutualfund.schema import MAX_AGE, SEXES
from mutualfund.sim.kernels.layout import MONTHS
from mutualfund.sim.plan import Plan, lower
from mutualfund.types import FloatArray, IntArray


def simulated_premiums_by_cell(
    scenario: Scenario,
    *,
    age_bands: Sequence[str] = BANDS,
    year: int = 1,
    progress: Progress | None = None,
) -> SimulatedPremiums:
    """Fund payment a member-year by age band, sex and line: what `premiums.risk_premiums` gives, simulated.

    The paths are those of `simulate`, with shocks, parameter error, joiners, leavers and waiting as they
    came; by line the claims sum to its `claims_incurred` to the minor unit. Each path is drawn again claim by
    claim, in one thread, which takes far longer than the run: premiums by age or by line
    `results.simulated_risk_premiums` reads off a run.

    Parameters
    ----------
    scenario : lines with ``level = "fund"`` belong to no cell and are left out.
    age_bands : of the cells, covering every age; ages are those at the opening of the year.
    year : fund year, 1 to settings.years.
    progress : called with (paths done, paths in all) after each path.

    Returns
    -------
    SimulatedPremiums, cells without a month of cover on any path left out.

    Raises
    ------
    InputError
        If it is no `Scenario`, cannot be lowered, or has no such year.

    >>> from mutualfund.scenario import archetypes
    >>> village = archetypes.load("mutuelle").replace("members.synthetic.n", 50)
    >>> found = simulated_premiums_by_cell(village.replace("settings.paths", 3), age_bands=["0-39", "40+"])
    >>> found.cells[0], found.claims.shape[2] == len(found.lines)
    (('0-39', 'F'), True)
    """
    require_scenario(scenario)
    require_whole("year", year, minimum=1, maximum=scenario.settings.years, unit="fund year")
    bands = AgeBands.named("age_bands", age_bands)
    plan = lower(scenario)
    expected, n_paths = expected_by_fund(plan), scenario.settings.paths
    cell = _cells(plan, bands, year)
    n_cells = len(age_bands) * len(SEXES)
    cents = np.zeros((n_paths, n_cells, len(plan.lines)), np.int64)
    months = np.zeros((n_paths, n_cells), np.int64)
    count = Counter(n_paths, progress)
    for path in range(n_paths):
        claims, cover = drawn_path(plan, path, expected, year)
        _add_claims(cents[path], claims, cell, year)
        _add_months(months[path], cover, cell, year)
        count(1)
    return _premiums(plan, age_bands, cents / plan.minor, months / MONTHS)


def _cells(plan: Plan, bands: AgeBands, year: int) -> IntArray:
    """(n_slots,) age band and sex of everybody in `year`."""
    age = np.minimum(plan.tables.age + year - 1, MAX_AGE)
    return np.asarray(bands.index_of(age) * len(SEXES) + plan.tables.sex, np.int64)


def _add_claims(cents: IntArray, claims: PathClaims, cell: IntArray, year: int) -> None:
    """Add a path's claims of `year` to (n_cells, n_lines)."""
    now = claims.year == year
    np.add.at(cents, (cell[claims.slot[now]], claims.drawn.line[now]), claims.shares.fund[now])


def _add_months(months: IntArray, cover: PathCover, cell: IntArray, year: int) -> None:
    """Add a path's months of cover in `year` to (n_cells,)."""
    begins = MONTHS * (year - 1)
    first, end = (np.clip(month, begins, begins + MONTHS) for month in (cover.first, cover.end))
    np.add.at(months, cell, end - first)


def _premiums(
    plan: Plan, bands: Sequence[str], claims: FloatArray, member_years: FloatArray
) -> SimulatedPremiums:
    """Cells that somebody was in, lines in the order of the scenario's file."""
    some = np.flatnonzero(member_years.any(axis=0))
    stated = [x.name for x in plan.scenario.assumptions.lines if x.level == "member"]
    order = [plan.line_names.index(name) for name in stated]
    return SimulatedPremiums(
        cells=tuple((bands[c // len(SEXES)], SEXES[c % len(SEXES)]) for c in some.tolist()),
        lines=tuple(stated),
        claims=claims[:, some][:, :, order],
        member_years=member_years[:, some],
    )
