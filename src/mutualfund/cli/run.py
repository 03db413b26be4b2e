"""`run` and `report`: from a scenario file to a folder of results and a page."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mutualfund.cli.console import DONE, LIMIT_BREACHED, if_interrupted, note, progress, say
from mutualfund.errors import Fault, InputError

if TYPE_CHECKING:
    from mutualfund.results import FundRun
    from mutualfund.results.limits import Limit
    from mutualfund.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Order:
    """What a user asks `run` for."""

    file: Path
    folder: Path
    paths: int | None = None
    workers: int | None = None
    dask: str | None = None  # address of a scheduler
    resume: bool = False
    overwrite: bool = False
    limits: tuple[str, ...] = ()  # as they were typed

    def resume_command(self) -> str:
        """The command that goes on with the run."""
        words = ["mutualfund", "run", str(self.file), "--out", str(self.folder)]
        words += [] if self.paths is None else ["--paths", str(self.paths)]
        words += [] if self.workers is None else ["--workers", str(self.workers)]
        words += [] if self.dask is None else ["--dask", self.dask]
        for limit in self.limits:
            words += ["--fail-if", limit]
        return shlex.join([*words, "--resume"])

    def left_behind(self) -> str:
        """What an interrupted run leaves, and how to go on."""
        from mutualfund.results.storage import held_in

        held = held_in(self.folder)
        if held == "unfinished" or (held == "run" and not self.overwrite):
            return f"resume with: {self.resume_command()}"
        return "no results were kept."


def carry_out(order: Order) -> int:
    """Simulate a scenario, store the run block by block and its report; returns the exit code.

    Whatever can be refused is refused before the simulation begins.
    """
    from mutualfund.report import write_report
    from mutualfund.report.svg import require_matplotlib

    require_matplotlib()
    board_limits = parsed(order.limits)
    require_room(order.folder, overwrite=order.overwrite, resume=order.resume)
    scenario = loaded(order.file, order.paths)
    require_answers(board_limits, scenario)
    with if_interrupted(order.left_behind):
        finished = simulated(scenario, order)
    kept = f"the results are in '{order.folder}', without a report (mutualfund report)."
    with if_interrupted(lambda: kept):
        page = write_report(finished, order.folder / "report.html")
    breached = [limit for limit in board_limits if is_breached(limit, finished)]
    conclude(finished, page)
    return LIMIT_BREACHED if breached else DONE


def results_of(file: Path) -> Path:
    """The folder for the results of a scenario file, unless another is named.

    >>> results_of(Path("funds/harbour.toml")).name
    'harbour-run'
    """
    return Path(f"{file.stem}-run")


def simulated(scenario: Scenario, order: Order) -> FundRun:
    """The run, on threads of this process or on the workers of a Dask cluster."""
    from mutualfund.fund import simulate
    from mutualfund.fund.engines import dask_client

    with ExitStack() as stack:
        client = None if order.dask is None else stack.enter_context(dask_client(order.dask))
        return simulate(
            scenario,
            workers=order.workers,
            executor=client,
            folder=order.folder,
            resume=order.resume,
            overwrite=order.overwrite,
            progress=stack.enter_context(progress("Simulating")),
        )


def loaded(file: Path, paths: int | None = None) -> Scenario:
    """The scenario, with the number of paths that was asked for."""
    from mutualfund.scenario import Scenario

    if file.is_dir() or not file.exists():
        got = f"'{file}', which is {'a folder' if file.is_dir() else 'not there'}"
        raise InputError([Fault("FILE", got, "a scenario file (TOML)", code="file")])
    scenario = Scenario.load(file)
    return scenario if paths is None else scenario.replace("settings.paths", paths)


def parsed(limits: Sequence[str]) -> list[Limit]:
    """The board's limits, read before anything is computed.

    Raises
    ------
    InputError
        With a fault for each text that is not a limit.
    """
    from mutualfund.results.limits import Limit

    read: list[Limit] = []
    faults: list[Fault] = []
    for text in limits:
        try:
            read.append(Limit.parse(text))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return read


def require_answers(limits: Sequence[Limit], scenario: Scenario) -> None:
    """Refuse limits that a run of this scenario will not be able to answer.

    Raises
    ------
    InputError
        With a fault for each limit that asks for a measure or year there will not be.
    NotEnoughPathsError
        For the first limit that the number of futures cannot support.
    """
    from mutualfund.results.facts import FundFacts

    registry, settings = FundFacts.of(scenario).registry, scenario.settings
    faults: list[Fault] = []
    for limit in limits:
        try:
            limit.check(registry, settings.years, settings.paths)
        except InputError as error:
            faults += [replace(fault, field=f"--fail-if '{limit.text}'") for fault in error.faults]
    if faults:
        raise InputError(faults)


def require_room(folder: Path, *, overwrite: bool, resume: bool = False) -> None:
    """Refuse a folder in use, or in a place that is not there, before hours are spent on filling it."""
    from mutualfund.results.storage import held_in

    if overwrite and resume:
        raise InputError(
            [Fault("--resume", "--overwrite beside it", "one of the two", code="both")]
        )
    require_place(folder)
    held = held_in(folder)
    fitting = {"nothing"}
    if overwrite:
        fitting |= {"run", "unfinished"}
    elif resume:
        fitting |= {"unfinished", "run"}  # one that was killed before its report is there
    if held in fitting:
        return
    what, remedy = _IN_USE[held]
    got = f"'{folder}', which {what}"
    raise InputError([Fault("--out", got, "a new or empty folder", remedy, "folder_in_use")])


_IN_USE = {
    "run": ("holds a run", "Add --overwrite to replace that run."),
    "unfinished": (
        "holds an unfinished run",
        "Add --resume to go on with it, or --overwrite to replace it.",
    ),
    "other": ("is in use", "Name another with --out."),
}


def require_page(path: Path, *, overwrite: bool) -> None:
    """Refuse to write a page over a file that somebody may have written by hand."""
    require_place(path)
    if path.exists() and not overwrite:
        got, remedy = f"'{path}', which is there already", "Name another file, or add --overwrite."
        raise InputError([Fault("--out", got, "a new file", remedy, "file_in_use")])


def require_place(path: Path) -> None:
    """Refuse something to write in a folder that is not there: more often a slip than a wish."""
    if not path.absolute().parent.is_dir():
        got = f"'{path}', where '{path.parent}' is no folder"
        remedy = "Make the folder first, or name another with --out."
        raise InputError([Fault("--out", got, "a place in a folder", remedy, "no_folder")])


def is_breached(limit: Limit, finished: FundRun) -> bool:
    """Whether a limit is breached, and say so."""
    broken = limit.breached(finished)
    verdict = "breached" if broken else "kept"
    note(f"Limit {verdict}: {limit.text}; {limit.estimate(finished)}")
    if not limit.decided(finished):
        note("  Not certain: the limit lies within that range. More futures (--paths) narrow it.")
    return broken


def conclude(finished: FundRun, page: Path) -> None:
    """Say where the report is and, in one sentence, what it says."""
    from mutualfund.report import headline

    say(f"Report: {page}")
    say(headline(finished))
