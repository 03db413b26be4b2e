"""Where a run keeps its finished blocks while it goes on: in a folder, or nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutualfund.errors import Fault, InputError, RunError
from mutualfund.fund.blocks import Range, named, path_ranges
from mutualfund.fund.memory import require_disk
from mutualfund.fund.resume import (
    REMEDY,
    begun_in,
    require_same_expectations,
    require_same_run,
)
from mutualfund.results.blocks import Block
from mutualfund.results.facts import is_not_a_file, scenario_text
from mutualfund.results.run import FundRun
from mutualfund.results.storage import blocks_of, make_room, require_room
from mutualfund.results.unfinished import UnfinishedRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan

MENDED_BY = "Delete what is named, and its paths are computed again when the run is resumed"


@dataclass(slots=True)
class Checkpoints:
    """The blocks that a crash cannot take away."""

    folder: Path | None = None
    overwrite: bool = False
    run: UnfinishedRun | None = None
    finished: FundRun | None = None  # the run in the folder, where a resume finds it whole
    is_unstated: bool = False  # the scenario holds rules or severities of the user's own
    sample: Block | None = None  # a stored block that must come out the same
    damaged: set[int] = field(default_factory=set)  # first paths of blocks that were altered

    @classmethod
    @contextmanager
    def at(
        cls, folder: str | Path | None, *, resume: bool, overwrite: bool
    ) -> Iterator[Checkpoints]:
        """The checkpoints of a run in `folder`; with none, nothing is kept.

        A `RunError` within is told with what is kept and how to go on.

        Raises
        ------
        InputError
            For `resume` or `overwrite` without a folder, or both.
        RunError
            Where the folder holds something else.
        """
        if resume + overwrite + (folder is None) > 1:
            got = "no folder" if folder is None else "resume and overwrite"
            allowed = "a folder to resume in, or one to overwrite"
            raise InputError([Fault("folder", got, allowed, code="folder")])
        checkpoints = cls(None if folder is None else Path(folder), overwrite)
        if checkpoints.folder is not None:
            if resume:
                held = begun_in(checkpoints.folder)
                checkpoints.run = held if isinstance(held, UnfinishedRun) else None
                checkpoints.finished = held if isinstance(held, FundRun) else None
            elif overwrite:  # what is there stays until there is something to replace it with
                require_room(checkpoints.folder, overwrite=True)
            else:
                make_room(checkpoints.folder, overwrite=False)
        try:
            yield checkpoints
        except RunError as error:
            kept = checkpoints.kept()
            if not kept:
                raise
            raise RunError(f"{error}. {kept}") from error

    @property
    def block_paths(self) -> int | None:
        """The size of the blocks of the run that is resumed."""
        return int(self.started["block_paths"]) if self.started else None

    @property
    def started(self) -> Mapping[str, Any]:
        """The record of the run that is resumed; empty where none is."""
        if self.run is not None:
            return self.run.record
        return {} if self.finished is None else self.finished.manifest

    def scenario_text(self) -> str:
        """The text of the scenario of the run that is resumed."""
        if self.run is not None:
            return self.run.scenario_text()
        return "" if self.finished is None else self.finished.scenario_text

    def require_disk(self, plan: Plan, block_paths: int) -> None:
        """Refuse results that the folder's disk cannot hold."""
        if self.folder is not None and not self.started:
            require_disk(plan, self.folder, block_paths)  # one that is resumed has some already

    def require_same_run(self, scenario: Scenario, record: Mapping[str, Any]) -> None:
        """Refuse to go on with another run; record: what this one is, as far as it is known."""
        if self.started:
            text = scenario_text(scenario)
            require_same_run(self.started, self.scenario_text(), text, record)
            self.is_unstated = is_not_a_file(text)

    def begin(self, scenario: Scenario, record: Mapping[str, Any]) -> None:
        """Write down what is started; a run that is resumed must be the same in its expected values."""
        if self.started:
            require_same_expectations(self.started, record["expected"])
        if self.run is not None:
            self.run.tidy()
        elif self.finished is None and self.folder is not None:
            text = scenario_text(scenario)
            self.run = UnfinishedRun.begin(self.folder, text, record, overwrite=self.overwrite)

    def stored(self) -> Iterator[Block]:
        """The stored blocks, each checked against its hashes.

        Raises
        ------
        RunError
            After the last, naming the files of all that are not as they were stored, and what mends it.
        """
        if self.run is None:
            return
        found = list[str]()
        for entry in self.run.entries.values():
            try:
                block = self.run.block(entry)
            except RunError as error:
                self.damaged.add(entry.first_path)
                found.append(str(error))
            else:
                yield block
        if found:
            raise RunError(f"{'; '.join(found)}. {MENDED_BY}")

    def doubtful(self, block_paths: int) -> list[Range]:
        """The block to be computed again before any other, of a run with rules that no text states.

        Nobody can tell from outside whether such a rule still does what it did; one block shows it.
        """
        held = self.stored() if self.finished is None else blocks_of(self.finished)
        self.sample = next(iter(held), None) if self.is_unstated else None
        if self.sample is None:
            return []
        return path_ranges(self.sample.first_path, self.sample.n_paths, block_paths)

    def require_same_block(self, paths: Range, block: Block) -> None:
        """Refuse a block that is stored and comes out different now.

        Raises
        ------
        InputError
            Saying that a rule or severity has changed.
        """
        if self.sample is not None and not self.sample.part(*paths).same(block):
            got, allowed = "other results", f"those of {named(paths)} as they were stored"
            raise InputError([Fault("rules or severities of your own", got, allowed, REMEDY)])

    def missing(self, n_paths: int, block_paths: int) -> list[Range]:
        """The blocks that are to be computed: the gaps between those stored, cut.

        Raises
        ------
        RunError
            Where stored blocks overlap or reach beyond the run.
        """
        held = [] if self.run is None else sorted(e.paths for e in self.run.entries.values())
        blocks, at = list[Range](), 0
        for first, n_held in [*held, (n_paths, 0)]:
            if first < at or n_held < 0:
                raise RunError("the stored blocks are not those of the run that was started")
            blocks += path_ranges(at, first - at, block_paths)
            at = first + n_held
        return blocks

    def keep(self, block: Block) -> None:
        """Store a block."""
        if self.run is not None:
            self.run.keep(block)

    def finish(self, run: FundRun) -> None:
        """Make a run of the stored blocks."""
        if self.run is not None:
            self.run.finish(run)

    def kept(self) -> str:
        """What there is to go on with, as a sentence."""
        if self.run is None:
            return ""
        entries = self.run.entries.values()
        paths = sum(entry.n_paths for entry in entries if entry.first_path not in self.damaged)
        if not paths:
            return ""
        return (
            f"{paths:,} of {self.run.record['paths']:,} paths are kept in {self.run.folder.name}; "
            "resume it with resume=True (on the command line: --resume)"
        )
