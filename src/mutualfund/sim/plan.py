"""A scenario made ready for the kernel: typed objects in, flat arrays out. Nothing is lowered anywhere else.

A `Plan` is the same for every path and worker. Paths bring their own draws (`Plan.drivers`) and member state
(`Plan.initial_state`); `Plan.member_year` runs one fund year of a block and returns exact sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.assumptions.rates import LineRates, line_rates
from mutualfund.errors import Fault, InputError
from mutualfund.scenario import Scenario
from mutualfund.schema import minor_units
from mutualfund.sim import paths as path_draws
from mutualfund.sim.dues import units_by_year
from mutualfund.sim.kernels.layout import (
    ACCEPT_ONE,
    DELAYS,
    MemberState,
    MemberTables,
    MemberYear,
    PathInputs,
    YearTables,
    empty_year,
)
from mutualfund.sim.kernels.workspace import scratch_bytes
from mutualfund.sim.kernels.year import simulate_year
from mutualfund.sim.members import AGE_CELL_STARTS, member_tables, opening_state_chance
from mutualfund.sim.multipliers import (
    check_growth,
    fund_shapes,
    headroom,
    needed_rungs,
    rate_multipliers,
    severity_multiplier,
    severity_rows,
    severity_scales,
)
from mutualfund.sim.paths import PathDraws
from mutualfund.sim.severities import severity_tables
from mutualfund.sim.slots import Slots, member_slots
from mutualfund.sim.tables import threshold
from mutualfund.sim.terms import YearLowering, month_start
from mutualfund.sim.use import use_responses
from mutualfund.types import FloatArray, IntArray, UIntArray

AGE_CELL_LABELS = (
    *(f"{low}-{high - 1}" for low, high in pairwise(AGE_CELL_STARTS)),
    f"{AGE_CELL_STARTS[-1]}+",
)
MAX_LINES = 63  # in the six bits of a claim's word, beside no line at all


@dataclass(frozen=True)
class Plan:
    """Everything the member-year needs, lowered once; see `lower`."""

    scenario: Scenario
    lines: tuple[Line, ...]  # member-level, in order of name
    fund_lines: tuple[Line, ...]  # level = "fund", in order of name
    rates: tuple[LineRates, ...]
    slots: Slots
    minor: int  # minor units in one unit of currency
    tables: MemberTables
    years: tuple[YearTables, ...]
    units: tuple[
        IntArray, ...
    ]  # by year, (n_slots,) tariff units a month; one array where they stay
    first_rung: IntArray  # (n_lines,) the lowest rung that has tables
    first_table: IntArray  # (n_lines,) severity table of a line's own shape, as paths have it
    max_claims: int

    @property
    def n_members(self) -> int:
        """Opening members."""
        return self.slots.n_opening

    @property
    def n_slots(self) -> int:
        """Opening members and all joiners."""
        return len(self.slots)

    @property
    def line_names(self) -> tuple[str, ...]:
        """Member-level lines, in the order of the kernel's line axis."""
        return tuple(line.name for line in self.lines)

    @property
    def bytes_per_path(self) -> int:
        """Memory that one path in flight holds."""
        joiners = self.n_slots - self.n_members
        # a member-year's sums, and the yearly acceptance of claims by line and month
        sums = 12 * DELAYS + 5 + 3 * len(AGE_CELL_STARTS) + 7 * len(self.lines)
        sums += 12 * len(self.lines) * len(self.years)
        return 2 * self.n_slots + 2 * joiners + 8 * sums

    @property
    def bytes_per_thread(self) -> int:
        """Memory of the kernel's scratch, which a thread keeps."""
        most = max(self.n_cells(year) for year in range(1, len(self.years) + 1))
        return scratch_bytes(self.n_slots, len(self.lines), most, self.max_claims)

    def n_cells(self, year: int) -> int:
        """Tariff cells of a year."""
        day = month_start(self.scenario.fund.start, 12 * (year - 1))
        return len(self.scenario.rules.in_force(day).contributions.cell_labels())

    def drivers(
        self, first_path: int, n_paths: int, *, central: bool = False, shocks: bool = True
    ) -> PathDraws:
        """The path-level draws of paths first_path, first_path + 1, ...

        Parameters
        ----------
        central : leave parameter error out (tariffs and reinsurance prices know no more).
        shocks : leave out shocks where False.
        """
        scenario, n_years = self.scenario, len(self.years)
        path = np.arange(first_path, first_path + n_paths).astype(np.uint64)
        seed = scenario.settings.seed
        central = central or not scenario.settings.parameter_risk
        rate = rate_multipliers(self.lines, seed, path, central)
        factor = np.ones((n_paths, n_years, len(self.lines), 12))
        if shocks and scenario.assumptions.shocks:
            factor = path_draws.shock_factors(
                seed,
                scenario.assumptions.shocks,
                self.line_names,
                scenario.fund.start.month,
                path,
                n_years,
            )
        rung = path_draws.rung_of(rate * self.headroom())
        accept = (
            rate[:, None, :, None] * factor / path_draws.rung_multiplier(rung)[:, None, :, None]
        )
        returns = scenario.assumptions.economy.investment_return
        return PathDraws(
            path=path,
            rung=rung - self.first_rung,
            accept=np.rint(np.minimum(accept, 1.0) * ACCEPT_ONE).astype(np.uint64),
            table=severity_rows(self.lines, self.first_table, scenario.settings, path, central),
            scale=severity_scales(self.lines, seed, path, central),
            returns=path_draws.investment_returns(seed, returns.mean, returns.sd, path, n_years),
            fund_line_amounts=self._fund_line_amounts(path, central),
        )

    def headroom(self) -> FloatArray:
        """How far shocks can raise each line's rate, (n_lines,)."""
        return headroom(self.scenario, self.line_names)

    def _fund_line_amounts(self, path: UIntArray, central: bool) -> FloatArray:
        seed, n_years = self.scenario.settings.seed, len(self.years)
        out = np.zeros((path.size, n_years, len(self.fund_lines)))
        for i, line in enumerate(self.fund_lines):
            multiplier = severity_multiplier(line, seed, path, central)
            for some, severity, factor in fund_shapes(line, self.scenario.settings, path, central):
                amounts = path_draws.fund_line_amounts(seed, line, severity, path[some], n_years)
                out[some, :, i] = amounts * factor * multiplier[some, None]
        return out

    def initial_state(self, n_paths: int) -> MemberState:
        """Everybody in force, nothing drawn yet."""
        joiners = self.n_slots - self.n_members
        return MemberState(
            gone=np.zeros((n_paths, self.n_slots), np.uint8),
            health=np.zeros((n_paths, self.n_slots), np.uint8),
            joined=np.zeros((n_paths, joiners), np.int16),
        )

    def member_year(
        self,
        drivers: PathDraws,
        state: MemberState,
        year: int,
        lapse_extra: FloatArray | None = None,
        *,
        full_exposure: bool = False,
        waits_served: bool = False,
        by_age: bool | None = None,
    ) -> MemberYear:
        """Run fund year `year` (1 is the first) of a block of paths; `state` moves on to the next year.

        Parameters
        ----------
        lapse_extra : (n_paths, n_cells) extra lapse at renewal by tariff cell, 0 to 1; None for none.
        full_exposure, waits_served : nobody joins, leaves or waits (expected loss ratio).
        by_age : whether the fund's part is summed by age too; as ``settings.keep`` asks unless given.
        """
        n = drivers.path.size
        extra = np.zeros((n, self.n_cells(year))) if lapse_extra is None else lapse_extra
        rules = self.years[year - 1]
        moving = rules.moving or bool(extra.any() or state.gone.any())
        rules = rules._replace(
            full_exposure=int(full_exposure),
            waits_served=int(waits_served),
            moving=int(moving and not full_exposure),
            by_age=rules.by_age if by_age is None else int(by_age),
        )
        inputs = PathInputs(
            path=drivers.path,
            rung=drivers.rung,
            accept=np.ascontiguousarray(drivers.accept[:, year - 1]),
            table=drivers.table,
            scale=drivers.scale,
            lapse_extra=threshold(extra, 32),
        )
        out = empty_year(n, self.n_cells(year), len(self.lines), rules.layers.shape[0])
        tables = self.tables._replace(units=self.units[year - 1])
        simulate_year(tables, rules, inputs, state, out, most_claims=self.max_claims)
        return out


def lower(scenario: Scenario) -> Plan:
    """Lower a scenario.

    Raises
    ------
    InputError
        If a limit of the kernel would be passed: lines, claims a member-year, claim size, years.
    """
    lines = tuple(
        sorted((x for x in scenario.assumptions.lines if x.level == "member"), key=by_name)
    )
    fund_lines = tuple(
        sorted((x for x in scenario.assumptions.lines if x.level == "fund"), key=by_name)
    )
    if len(lines) > MAX_LINES:
        raise InputError(
            [
                Fault(
                    "assumptions.lines", f"{len(lines)} lines", f"at most {MAX_LINES}", code="lines"
                )
            ]
        )
    plain = [np.ones(1) for _ in lines]
    rows = 1 + len(scenario.portfolio.plan_names)
    no_use = np.zeros((scenario.settings.years, len(lines), rows), np.int64)
    plan = build(scenario, lines, fund_lines, plain, no_use)
    if all(line.use_response is None for line in lines):
        return plan
    uses, use = use_responses(plan)
    return build(scenario, lines, fund_lines, uses, use)


def by_name(line: Line) -> str:
    """Lines are ordered by name, so the order of a file cannot matter."""
    return line.name


def build(
    scenario: Scenario,
    lines: tuple[Line, ...],
    fund_lines: tuple[Line, ...],
    uses: list[FloatArray],
    use: IntArray,
) -> Plan:
    """Lower with given use responses: `uses` by line, `use` (n_years, n_lines, n_plan_rows) which of them."""
    settings, portfolio = scenario.settings, scenario.portfolio
    slots = member_slots(portfolio, scenario.members.joins_per_year, settings.years, settings.seed)
    chance, sex = opening_state_chance(scenario), portfolio.sex.astype(np.int64)
    rates = [line_rates(x, scenario.assumptions, portfolio.age, sex, chance) for x in lines]
    rungs = needed_rungs(scenario, lines)
    minor = minor_units(scenario.fund.currency)
    check_growth(scenario, lines)
    units = units_by_year(scenario.rules.contributions, portfolio, slots, settings.years)
    tables, max_claims = member_tables(scenario, slots, lines, rates, uses, rungs, units[0])
    severities = severity_tables(scenario, lines, minor, settings.years)
    names = tuple(line.name for line in lines)
    lowering = YearLowering(scenario.rules, scenario.fund.start, portfolio.plan_names, names, minor)
    inflation = scenario.assumptions.economy.inflation
    return Plan(
        scenario=scenario,
        lines=lines,
        fund_lines=fund_lines,
        rates=tuple(rates),
        slots=slots,
        minor=minor,
        tables=tables,
        years=tuple(
            lowering.lower(
                y,
                inflation,
                use[y - 1],
                severities.by_year[y - 1],
                moving=may_move(scenario, tables),
                by_age="cells" in settings.keep,
            )
            for y in range(1, settings.years + 1)
        ),
        units=units,
        first_rung=np.array([r[0] for r in rungs], np.int64),
        first_table=severities.first,
        max_claims=max_claims,
    )


def may_move(scenario: Scenario, tables: MemberTables) -> bool:
    """Whether anybody may join, lapse or die in some year."""
    leaves = tables.lapse.any() or tables.death.any() or scenario.members.price_response > 0.0
    return bool(leaves or tables.join_year.any())
