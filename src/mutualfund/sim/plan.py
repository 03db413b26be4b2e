"""A scenario made ready for the kernel: typed objects in, flat arrays out. Nothing is lowered anywhere else.

A `Plan` is the same for every path and worker. Paths bring their own draws (`Plan.drivers`) and member state
(`Plan.initial_state`); `Plan.member_year` runs one fund year of a block and returns exact sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from mutualfund.assumptions import HealthStates, Line
from mutualfund.errors import Fault, InputError
from mutualfund.rng import stream_key
from mutualfund.scenario import Scenario
from mutualfund.schema import minor_units
from mutualfund.sim import paths as path_draws
from mutualfund.sim.kernels import (
    ACCEPT_ONE,
    CLAIM_MAX,
    DELAYS,
    MAX_AGE,
    SCALE_BITS,
    MemberState,
    MemberTables,
    MemberYear,
    PathInputs,
    YearTables,
    empty_year,
    simulate_year,
)
from mutualfund.sim.paths import PILOT_PATH, PathDraws
from mutualfund.sim.rates import LineRates, count_tables, line_rates
from mutualfund.sim.slots import Slots, member_slots
from mutualfund.sim.tables import (
    cumulative_thresholds,
    delay_probabilities,
    month_starts,
    severity_table,
    threshold,
)
from mutualfund.sim.terms import YearLowering, month_start
from mutualfund.types import FloatArray, IntArray

AGE_CELL_STARTS = (0, 18, 25, 35, 45, 55, 65, 75, 85, 95)
AGE_CELL_LABELS = (
    *(f"{low}-{high - 1}" for low, high in pairwise(AGE_CELL_STARTS)),
    f"{AGE_CELL_STARTS[-1]}+",
)
MAX_LINES = 64
USE_MEMBER_YEARS = 200_000  # size of the simulation that measures the effective share of a plan


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
    first_rung: IntArray  # (n_lines,) the lowest rung that has tables
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
        sums = 12 * DELAYS + 40 + 7 * len(self.lines) + 12 * len(self.lines) * len(self.years)
        return 2 * self.n_slots + 2 * joiners + 8 * sums

    def delay_chances(self) -> FloatArray:
        """Chance of each payment delay in months by line, (n_lines, 64)."""
        return np.array([delay_probabilities(line.lag_months) for line in self.lines])

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
            scale=severity_scales(self.lines, seed, path, n_years, central),
            returns=path_draws.investment_returns(seed, returns.mean, returns.sd, path, n_years),
            fund_line_amounts=self._fund_line_amounts(path, central),
        )

    def headroom(self) -> FloatArray:
        """How far shocks can raise each line's rate, (n_lines,)."""
        return headroom(self.scenario, self.line_names)

    def _fund_line_amounts(self, path: np.ndarray, central: bool) -> FloatArray:
        seed, n_years = self.scenario.settings.seed, len(self.years)
        out = np.zeros((path.size, n_years, len(self.fund_lines)))
        for i, line in enumerate(self.fund_lines):
            amounts = path_draws.fund_line_amounts(seed, line, path, n_years)
            out[:, :, i] = amounts * severity_multiplier(line, seed, path, central)[:, None]
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
    ) -> MemberYear:
        """Run fund year `year` (1 is the first) of a block of paths; `state` moves on to the next year.

        Parameters
        ----------
        lapse_extra : (n_paths, n_cells) extra lapse at renewal by tariff cell, 0 to 1; None for none.
        full_exposure, waits_served : nobody joins late, leaves or waits (expected loss ratio).
        """
        n = drivers.path.size
        rules = self.years[year - 1]._replace(
            full_exposure=int(full_exposure), waits_served=int(waits_served)
        )
        extra = np.zeros((n, self.n_cells(year))) if lapse_extra is None else lapse_extra
        inputs = PathInputs(
            path=drivers.path,
            rung=drivers.rung,
            accept=np.ascontiguousarray(drivers.accept[:, year - 1]),
            scale=np.ascontiguousarray(drivers.scale[:, year - 1]),
            lapse_extra=threshold(extra, 32),
        )
        out = empty_year(n, self.n_cells(year), len(self.lines), rules.layers.shape[0])
        words = np.empty(self.max_claims, np.uint64)
        used = np.empty(2 + len(self.lines), np.int64)
        simulate_year(self.tables, rules, inputs, state, out, words, used)
        return out


def severity_multiplier(line: Line, seed: int, path: np.ndarray, central: bool) -> FloatArray:
    """Parameter error of a line's claim size, (n_paths,)."""
    cv = 0.0 if central or line.uncertainty is None else line.uncertainty.severity
    return path_draws.parameter_multiplier(seed, line.name, "severity", cv, path)


def rate_multipliers(
    lines: tuple[Line, ...], seed: int, path: np.ndarray, central: bool
) -> FloatArray:
    """Parameter error of each line's rate, (n_paths, n_lines)."""
    out = np.ones((path.size, len(lines)))
    for i, line in enumerate(lines):
        cv = 0.0 if central or line.uncertainty is None else line.uncertainty.frequency
        out[:, i] = path_draws.parameter_multiplier(seed, line.name, "frequency", cv, path)
    return out


def severity_scales(
    lines: tuple[Line, ...], seed: int, path: np.ndarray, n_years: int, central: bool
) -> IntArray:
    """Trend x parameter error of claim sizes on 2^24, (n_paths, n_years, n_lines).

    Raises
    ------
    InputError
        If claims would grow more than thirty-fold: the kernel's integers end there.
    """
    out = np.empty((path.size, n_years, len(lines)), np.int64)
    for i, line in enumerate(lines):
        trend = (1.0 + line.trend_per_year) ** np.arange(n_years)
        scale = severity_multiplier(line, seed, path, central)[:, None] * trend
        if scale.max(initial=0.0) > 30.0:
            raise InputError(
                [
                    Fault(
                        f"assumptions.lines.{line.name}.trend_per_year",
                        f"claims {scale.max():.0f} times as large by the last year",
                        "at most 30 times",
                        "Lower the trend, the uncertainty or settings.years.",
                        code="trend_overflow",
                    )
                ]
            )
        out[:, :, i] = np.rint(scale * (1 << SCALE_BITS)).astype(np.int64)
    return out


def headroom(scenario: Scenario, lines: tuple[str, ...]) -> FloatArray:
    """How far shocks can raise each line's rate, (n_lines,)."""
    shocks = scenario.assumptions.shocks
    return np.array([path_draws.largest_shock(shocks, name) for name in lines], float)


def needed_rungs(scenario: Scenario, lines: tuple[Line, ...]) -> list[IntArray]:
    """Per line, the contiguous rungs that the run's paths, or the pilot's, draw on."""
    settings = scenario.settings
    path = np.arange(settings.paths, dtype=np.uint64)
    rate = rate_multipliers(lines, settings.seed, path, not settings.parameter_risk)
    rate = np.vstack([rate, np.ones((1, len(lines)))])
    rung = path_draws.rung_of(rate * headroom(scenario, tuple(line.name for line in lines)))
    return [np.arange(rung[:, i].min(), rung[:, i].max() + 1) for i in range(len(lines))]


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
    plan = build(scenario, lines, fund_lines, plain, np.zeros((len(lines), rows), np.int64))
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
    """Lower with given use responses: `uses` distinct ones per line, `use` (n_lines, n_plan_rows) which."""
    settings, portfolio = scenario.settings, scenario.portfolio
    slots = member_slots(portfolio, scenario.members.joins_per_year, settings.years, settings.seed)
    chance = opening_state_chance(scenario)
    rates = [
        line_rates(x, scenario.assumptions, portfolio.age, portfolio.sex, chance) for x in lines
    ]
    rungs = needed_rungs(scenario, lines)
    minor = minor_units(scenario.fund.currency)
    tables, max_claims = member_tables(scenario, slots, lines, rates, uses, rungs, minor)
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
        years=tuple(lowering.lower(y, inflation, use) for y in range(1, settings.years + 1)),
        first_rung=np.array([r[0] for r in rungs], np.int64),
        max_claims=max_claims,
    )


def opening_state_chance(scenario: Scenario) -> FloatArray:
    """Chance of each health state of each opening member, (n, n_states)."""
    states, n = scenario.assumptions.health_states, len(scenario.portfolio)
    if states is None:
        return np.ones((n, 1))
    chance = np.tile(np.array(states.share, float), (n, 1))
    given = given_states(scenario)
    known = given >= 0
    chance[known] = np.eye(len(states.names))[given[known]]
    return chance


def given_states(scenario: Scenario) -> IntArray:
    """Health state of each opening member as a code of the assumptions' states; -1 where not given."""
    states, portfolio = scenario.assumptions.health_states, scenario.portfolio
    if states is None or portfolio.health_state_names is None:
        return np.full(len(portfolio), -1)
    code = np.array(
        [*(states.names.index(name) for name in portfolio.health_state_names), -1], np.int64
    )
    return code[portfolio.health_state_code]


def member_tables(
    scenario: Scenario,
    slots: Slots,
    lines: tuple[Line, ...],
    rates: list[LineRates],
    uses: list[FloatArray],
    rungs: list[IntArray],
    minor: int,
) -> tuple[MemberTables, int]:
    """The tables that do not change from year to year, and the most claims a member-year can have."""
    portfolio, seed = scenario.portfolio, scenario.settings.seed
    counts = count_tables(lines, rates, uses, rungs)
    units = scenario.rules.contributions.units(portfolio)
    given = np.where(slots.join_year == 0, given_states(scenario)[slots.source], -1)
    age = np.minimum(portfolio.age[slots.source] - np.maximum(slots.join_year - 1, 0), MAX_AGE)
    start = scenario.fund.start.month
    month_start = [month_starts(seasonality(line), start) for line in lines]
    delays = [cumulative_thresholds(delay_probabilities(line.lag_months), 20) for line in lines]
    tables = MemberTables(
        member_key=slots.member_key,
        age=age,
        sex=portfolio.sex[slots.source].astype(np.int64),
        plan=portfolio.plan_code[slots.source] + 1,
        units=np.ones(len(slots), np.int64) if units is None else units[slots.source],
        join_year=slots.join_year,
        joined_month=portfolio.joined_month[slots.source],
        given_state=given,
        member_stream=np.array([stream_key(seed, "members")], np.uint64),
        line_stream=rows_of(
            [stream_key(seed, f"line:{line.name}") for line in lines], 2, np.uint64
        ),
        **health_tables(scenario),
        age_cell=np.searchsorted(AGE_CELL_STARTS, np.arange(MAX_AGE + 1), side="right") - 1,
        factor_band=rows_of([r.band for r in rates], MAX_AGE + 1, np.int64),
        rate_row=counts.rate_row,
        use_count=np.array([u.size for u in uses], np.int64),
        count_cdf=counts.cdf,
        count_guide=counts.guide,
        severity=rows_of([line_severity(line, minor) for line in lines], None, np.int64),
        month_start=rows_of(month_start, 12, np.uint64),
        delay_start=rows_of(delays, DELAYS, np.uint64),
    )
    return MemberTables(*(normalised(array) for array in tables)), counts.max_claims


def rows_of(rows: list[np.ndarray], width: int | None, dtype: np.typing.DTypeLike) -> np.ndarray:
    """Rows as one array; a scenario without member-level lines has none."""
    if not rows:
        return np.zeros((0, width or 1), dtype)
    return np.array(rows, dtype)


def normalised(array: np.ndarray) -> np.ndarray:
    """C-contiguous and writeable-flag equal for all, so that one compiled version serves every caller."""
    return np.ascontiguousarray(array)


def seasonality(line: Line) -> FloatArray:
    """Relative weights of the calendar months, January first, (12,)."""
    return np.ones(12) if line.seasonality is None else np.array(line.seasonality, float)


def line_severity(line: Line, minor: int) -> IntArray:
    """The line's severity table, refused with the line's name where it cannot be lowered."""
    nodes = severity_table(f"assumptions.lines.{line.name}.severity", line.severity, minor)
    assert nodes.max() <= CLAIM_MAX
    return nodes


def health_tables(scenario: Scenario) -> dict[str, np.ndarray]:
    """Thresholds of health states, deaths and base lapse."""
    states = scenario.assumptions.health_states
    rates = scenario.mortality.rates
    n = 1 if states is None else len(states.names)
    lapse = scenario.members.lapse_per_year * relativity_or_one(states, "lapse_relativity", n)
    death = rates[:, :, None] * relativity_or_one(states, "mortality_relativity", n)
    if states is None:
        shares, transition = np.ones((2, 1)), np.ones((1, 1))
    else:
        shares = np.array([states.share, states.join_share or states.share], float)
        transition = np.array(states.transition, float)
    return {
        "state_share": cumulative_thresholds(shares, 32),
        "transition": cumulative_thresholds(transition, 32),
        "death": threshold(death, 32),
        "lapse": threshold(lapse, 32),
    }


def relativity_or_one(states: HealthStates | None, name: str, n: int) -> FloatArray:
    """A relativity by health state, (n,); 1 where none is given."""
    given = None if states is None else getattr(states, name)
    return np.ones(n) if given is None else np.array(given, float)


def use_responses(plan: Plan) -> tuple[list[FloatArray], IntArray]:
    """Use relative to the reference plan, from each plan's effective member share of a line's allowed cost.

    The share is measured by simulation without the response, at central parameters and year 1 terms, with all
    members on the plan (definition of the use response).

    Returns
    -------
    uses : per line, the distinct responses.
    use : (n_lines, n_plan_rows) which of them each plan's members have.
    """
    rows = 1 + len(plan.scenario.portfolio.plan_names)
    use = np.zeros((len(plan.lines), rows), np.int64)
    shares = np.array([effective_shares(plan, row) for row in range(rows)])
    uses = []
    for i, line in enumerate(plan.lines):
        if line.use_response is None:
            uses.append(np.ones(1))
            continue
        response = np.array([line.use_response.relative(share) for share in shares[:, i]])
        distinct, which = np.unique(response, return_inverse=True)
        uses.append(distinct)
        use[i] = which
    return uses, use


def effective_shares(plan: Plan, row: int) -> FloatArray:
    """The members' expected share of each line's allowed cost if all had the plan of `row`, (n_lines,)."""
    n_paths = max(1, min(50, USE_MEMBER_YEARS // plan.n_members))
    on_plan = replace(plan, tables=plan.tables._replace(plan=np.full(plan.n_slots, row)))
    drivers = on_plan.drivers(PILOT_PATH, n_paths, central=True, shocks=False)
    sums = on_plan.member_year(
        drivers, on_plan.initial_state(n_paths), 1, full_exposure=True, waits_served=True
    )
    lines = sums.lines.sum(axis=0)
    return np.asarray(lines[:, 4] / np.maximum(lines[:, 2], 1), float)
