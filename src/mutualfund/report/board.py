"""Every number the page shows, read off a run once.

Each is an `Estimate` with its Monte Carlo error, under a name that the page repeats beside the number
(``data-fact``), so that anybody can read the page back and compare it with the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.errors import NotEnoughPathsError
from mutualfund.report.few import TOO_FEW
from mutualfund.results import risk, summary
from mutualfund.results.estimates import Estimate, mean, normal, proportion
from mutualfund.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from mutualfund.results import FundRun

RESERVE = "reserve_close"
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of money going in or out: its yearly mean in the first and in the last year."""

    name: str
    label: str
    into: bool
    first: Estimate
    last: Estimate


@dataclass(frozen=True, slots=True)
class Futures:
    """A hundred futures in proportion to all of them: they sum to 100.

    Each is counted once, by the worst that happened: `called` are those that stayed safe because members
    made an extra payment.
    """

    safe: int
    called: int
    below: int
    empty: int


@dataclass(frozen=True, eq=False, slots=True)
class Board:
    """What the board reads.

    Attributes
    ----------
    years
        Name of each fund year: "2027", or "2027/28" where it does not begin in January.
    ever_below, below_by_year
        Chance that the booked reserve closes below the safety line in any year, and in each year. None and
        empty where the rules name no line.
    ever_empty, empty_by_year
        Chance of insolvency in any year, and in any year up to each (definition 27).
    quantiles
        Level -> reserve at each year's end, (n_years,), currency; levels that the paths cannot support are
        missing.
    singles
        The reserve of each future at each year's end, (n_paths, n_years), currency, where the futures are
        too few even for a middle; else no row.
    line
        Safety line, mean of all futures, (n_years,), currency; None where there is none.
    floor
        The line as a share of the first year's contributions.
    opening
        Reserve on the first day, currency.
    middle, low, high
        The 0.5, 0.05 and 0.95 quantiles of the reserve at the end, with their errors; None where the paths
        cannot support them.
    flows
        Means of all that moves the fund's money; `kept` is what they leave, in the first and last year.
    dues
        Mean contributions due, of all members together, in the first and last year, currency a year.
    """

    currency: str
    n_paths: int
    years: tuple[str, ...]
    ever_below: Estimate | None
    below_by_year: tuple[Estimate, ...]
    ever_empty: Estimate
    empty_by_year: tuple[Estimate, ...]
    called: Estimate
    refunded: Estimate
    opening: float
    quantiles: dict[float, FloatArray]
    singles: FloatArray
    line: FloatArray | None
    floor: float
    middle: Estimate | None
    low: Estimate | None
    high: Estimate | None
    futures: Futures
    flows: tuple[Flow, ...]
    kept: tuple[Estimate, Estimate]
    dues: tuple[Estimate, Estimate]

    @classmethod
    def of(cls, run: FundRun) -> Board:
        """Read everything off `run`."""
        levels = {p: q for p in LEVELS if (q := _by_year(run, p)) is not None}
        floors = np.array(run.facts.floors)
        line = np.mean(floors * run.measure("contributions_due"), axis=0)
        return cls(
            currency=run.facts.currency,
            n_paths=run.n_paths,
            years=year_names(run),
            ever_below=summary.prob_below_floor(run) if has_line(run) else None,
            below_by_year=_below_by_year(run) if has_line(run) else (),
            ever_empty=summary.ruin(run),
            empty_by_year=run.ruin_by_year().rows,
            called=summary.prob_call(run),
            refunded=_ever(run.measure("refunds") > 0, "prob_refund"),
            opening=float(run.measure("reserve_open")[:, 0].mean()),
            quantiles=levels,
            singles=run.measure(RESERVE)[: 0 if 0.5 in levels else None],
            line=line if has_line(run) else None,
            floor=float(floors[0]),
            middle=reserve_quantile(run, 0.5),
            low=reserve_quantile(run, 0.05),
            high=reserve_quantile(run, 0.95),
            futures=_futures(run),
            flows=_flows(run),
            kept=(_kept(run, 1), _kept(run, run.n_years)),
            dues=(_dues(run, 1), _dues(run, run.n_years)),
        )

    @property
    def n_years(self) -> int:
        """Number of fund years."""
        return len(self.years)

    @property
    def rescued(self) -> bool:
        """Whether members made extra payments in any future: the reserve is looked at after them."""
        return self.called.estimate > 0.0

    @property
    def too_few(self) -> bool:
        """Whether the futures are too few to decide anything."""
        return self.n_paths < TOO_FEW


def has_line(run: FundRun) -> bool:
    """Whether the rules name a safety line in any year."""
    return any(run.facts.floors)


def year_names(run: FundRun) -> tuple[str, ...]:
    """The fund years as people call them."""
    first = [run.facts.year_of(year) for year in range(1, run.n_years + 1)]
    if run.facts.start[5:7] == "01":
        return tuple(str(year) for year in first)
    return tuple(f"{year}/{(year + 1) % 100:02d}" for year in first)


def reserve_quantile(run: FundRun, p: float) -> Estimate | None:
    """A quantile of the reserve at the end of the last year; None where the paths are too few for it."""
    try:
        value = run.quantile(RESERVE, p)
    except NotEnoughPathsError:
        return None
    error = risk.var_error(run.at(RESERVE), p)
    quantity = f"{RESERVE}_q{p:g}"
    return normal(value, error, quantity, run.n_years, run.facts.currency, f"level {p:g}")


def _by_year(run: FundRun, p: float) -> FloatArray | None:
    try:
        return np.array([run.quantile(RESERVE, p, year + 1) for year in range(run.n_years)])
    except NotEnoughPathsError:
        return None


def _ever(hits: BoolArray, name: str) -> Estimate:
    return proportion(np.asarray(hits.any(axis=1)), name, None, name)


def _below_by_year(run: FundRun) -> tuple[Estimate, ...]:
    name = "below_floor"
    return tuple(
        proportion(run.below_floor[:, index], name, index + 1, name) for index in range(run.n_years)
    )


def _flows(run: FundRun) -> tuple[Flow, ...]:
    """Every measure with a sign that moves money in some path and either year, money in first."""
    flows = []
    for measure in run.registry.values():
        if measure.kind != "flow" or not measure.sign:
            continue
        first, last = (summary.expected(run, measure.name, year) for year in (1, run.n_years))
        if first.estimate or last.estimate:
            flows.append(Flow(measure.name, measure.label, measure.sign > 0, first, last))
    return tuple(sorted(flows, key=lambda flow: not flow.into))


def _kept(run: FundRun, year: int) -> Estimate:
    kept = run.at("assets_close", year) - run.at("assets_open", year)
    label = "money kept in the year"
    return mean(kept, "kept", year, run.facts.currency, label)


def _dues(run: FundRun, year: int) -> Estimate:
    return summary.expected(run, "contributions_due", year)


def _futures(run: FundRun) -> Futures:
    """The hundred of the summary, with those split off that stayed safe because members paid extra."""
    safe, below, empty = summary.futures_of_100(run).tolist()
    fine = ~run.ruined[:, -1]
    if has_line(run):
        fine &= ~run.below_floor.any(axis=1)
    aided = fine & (run.measure("calls") > 0).any(axis=1)
    called = round(safe * float(aided.sum()) / max(1, int(fine.sum())))
    return Futures(safe - called, called, below, empty)
