"""Where a run keeps its finished blocks while it goes on: in a folder, or nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutualfund.errors import Fault, InputError, RunError
from mutualfund.fund.blocks import Range, named
from mutualfund.fund.memory import require_disk
from mutualfund.fund.resume import (
    REMEDY,
    require_same_expectations,
    require_same_run,
    unfinished,
)
from mutualfund.results.blocks import Block
from mutualfund.results.facts import is_not_a_file, scenario_text
from mutualfund.results.run import FundRun
from mutualfund.results.storage import make_room
from mutualfund.results.unfinished import UnfinishedRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan


@dataclass(slots=True)
class Checkpoints:
    """The blocks that a crash cannot take away."""

    folder: Path | None = None
    overwrite: bool = False
    run: UnfinishedRun | None = None
    is_unstated: bool = False  # the scenario holds rules or severities of the user's own

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
                checkpoints.run = unfinished(checkpoints.folder)
            elif not overwrite:
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
        return None if self.run is None else int(self.run.record["block_paths"])

    def require_disk(self, plan: Plan, block_paths: int) -> None:
        """Refuse results that the folder's disk cannot hold."""
        if (
            self.folder is not None and self.run is None
        ):  # one that is resumed has some of them already
            require_disk(plan, self.folder, block_paths)

    def require_same_run(self, scenario: Scenario, record: Mapping[str, Any]) -> None:
        """Refuse to go on with another run; record: what this one is, as far as it is known."""
        if self.run is not None:
            text = scenario_text(scenario)
            require_same_run(self.run, text, record)
            self.is_unstated = is_not_a_file(text)

    def begin(self, scenario: Scenario, record: Mapping[str, Any]) -> None:
        """Write down what is started; a run that is resumed must be the same in its expected values."""
        if self.run is not None:
            require_same_expectations(self.run, record["expected"])
            self.run.tidy()
        elif self.folder is not None:
            text = scenario_text(scenario)
            self.run = UnfinishedRun.begin(self.folder, text, record, overwrite=self.overwrite)

    def stored(self) -> Iterator[Block]:
        """The stored blocks, each checked against its hashes."""
        if self.run is not None:
            yield from (self.run.block(entry) for entry in self.run.entries.values())

    def doubtful(self) -> list[Range]:
        """The block to be computed again before any other, of a run with rules that no text states.

        Nobody can tell from outside whether such a rule still does what it did; one block shows it.
        """
        if self.run is None or not self.is_unstated:
            return []
        return [entry.paths for entry in self.run.entries.values()][:1]

    def require_same_block(self, _paths: Range, block: Block) -> None:
        """Refuse a block that is stored and comes out different now.

        Raises
        ------
        InputError
            Saying that a rule or severity has changed.
        """
        if self.run is not None and not self.run.holds(block):
            paths = named((block.first_path, block.n_paths))
            got, allowed = "other results", f"those of {paths} as they were stored"
            raise InputError([Fault("rules or severities of your own", got, allowed, REMEDY)])

    def missing(self, ranges: list[Range]) -> list[Range]:
        """The blocks that are to be computed.

        Raises
        ------
        RunError
            Where the stored blocks are not blocks of these.
        """
        held = set() if self.run is None else {entry.paths for entry in self.run.entries.values()}
        if not held <= set(ranges):
            raise RunError("the stored blocks are not those of the run that was started")
        return [paths for paths in ranges if paths not in held]

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
        if self.run is None or not self.run.entries:
            return ""
        paths = sum(entry.n_paths for entry in self.run.entries.values())
        return (
            f"{paths:,} of {self.run.record['paths']:,} paths are kept in {self.run.folder.name}; "
            "resume it with resume=True (on the command line: --resume)"
        )
