"""A run folder while the run goes on: every finished block is in it, and it can be resumed.

``started.json`` says what was started: the manifest of the run to be, sealed as a manifest is.
``blocks.jsonl`` gets a line for each block once its files are safely in their place, with their hashes. A
process killed at any moment leaves whole blocks, perhaps one that nobody knows of (it is computed again) and
perhaps half a line (the last, which is ignored). The manifest takes the place of both at the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from mutualfund.errors import RunError
from mutualfund.results import manifest as manifests
from mutualfund.results.blocks import BLOCK_FILE, Block, block_files, read_block
from mutualfund.results.run import FundRun
from mutualfund.results.storage import (
    JOURNAL,
    RECORD,
    conclude,
    make_room,
    stored,
    verified,
    write_atomically,
)

PARTS: Mapping[str, type] = {
    "block_paths": int,
    "inputs": dict,
    "paths": int,
    "versions": dict,
    "cpu": str,
    "stream_version": int,
    "plan": dict,
    "expected": dict,
}
"""What the record of a started run holds beside its version and seal, and as what."""


class Entry(NamedTuple):
    """A line of the journal: a block that is stored."""

    first_path: int
    n_paths: int
    files: Mapping[str, str]  # SHA-256 by name

    @property
    def paths(self) -> tuple[int, int]:
        """First path and number of paths."""
        return self.first_path, self.n_paths

    def line(self) -> bytes:
        """The entry as the journal holds it."""
        content = {"path": self.first_path, "paths": self.n_paths, "files": dict(self.files)}
        return json.dumps(content).encode() + b"\n"


@dataclass(slots=True)
class UnfinishedRun:
    """A folder that is being filled with the blocks of a run.

    Attributes
    ----------
    folder
        Where it lies.
    record
        What was started: the content of ``started.json``.
    entries
        The blocks stored so far, by first path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     begun = UnfinishedRun.begin(Path(place), "title = 'Trial'", {"block_paths": 4})
    ...     sorted(path.name for path in Path(place).iterdir())
    ['blocks.jsonl', 'scenario.toml', 'started.json']
    """

    folder: Path
    record: Mapping[str, Any]
    entries: dict[int, Entry] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, folder: Path, scenario_text: str, record: Mapping[str, Any], *, overwrite: bool = False
    ) -> UnfinishedRun:
        """Write down what is started, in a folder that is new, empty or (with `overwrite`) holds a run.

        Raises
        ------
        RunError
            Where the folder is in use or cannot be written.
        """
        make_room(folder, overwrite=overwrite)
        content = manifests.without_folders(dict(record)) | {"run_version": manifests.RUN_VERSION}
        write_atomically(folder / "scenario.toml", scenario_text.encode())
        write_atomically(folder / JOURNAL, b"")
        write_atomically(folder / RECORD, manifests.render(content).encode())
        return cls(folder, content)

    @classmethod
    def find(cls, folder: Path) -> UnfinishedRun:
        """The unfinished run in a folder.

        Raises
        ------
        RunError
            Where a file was altered since it was stored; the message names it.
        """
        record = manifests.parse(_text(folder, RECORD), RECORD, PARTS)
        verified(folder, "scenario.toml", record["inputs"]["scenario"]["sha256"])
        entries = {entry.first_path: entry for entry in _journal(folder)}
        lost = [
            first
            for first, entry in entries.items()
            if not all((folder / name).is_file() for name in entry.files)
        ]
        for first in lost:  # as good as never computed
            del entries[first]
        return cls(folder, record, entries)

    def scenario_text(self) -> str:
        """The text of the scenario that was started."""
        return _text(self.folder, "scenario.toml")

    def tidy(self) -> None:
        """Remove what a killed process has left: half a line of the journal, files that no line names.

        Blocks may be cut otherwise now, so such a file would not always be written over.
        """
        lines = b"".join(entry.line() for entry in self.entries.values())
        write_atomically(self.folder / JOURNAL, lines)
        known = {name for entry in self.entries.values() for name in entry.files}
        for path in (self.folder / "blocks").glob("*.parquet"):
            if path.relative_to(self.folder).as_posix() not in known:
                path.unlink(missing_ok=True)

    def keep(self, block: Block) -> None:
        """Store a block; once this returns, no crash can lose it.

        Raises
        ------
        RunError
            Where the disk is full or the folder cannot be written.
        """
        files = {name: stored(self.folder, name, data) for name, data in block_files(block)}
        entry = Entry(block.first_path, block.n_paths, files)
        try:
            with (self.folder / JOURNAL).open("ab") as journal:
                journal.write(entry.line())
                journal.flush()
                os.fsync(journal.fileno())
        except OSError as error:
            raise RunError(f"could not write {JOURNAL}: {error.strerror}") from error
        self.entries[block.first_path] = entry

    def block(self, entry: Entry) -> Block:
        """A stored block, checked against its hashes.

        Raises
        ------
        RunError
            For a file that was altered, or is not of a run; the message names it.
        """
        files = {name: verified(self.folder, name, sha) for name, sha in entry.files.items()}
        try:
            block = read_block(files, entry.first_path)
        except (KeyError, ValueError, TypeError, StopIteration) as error:
            names = ", ".join(entry.files)
            raise RunError(f"{self.folder.name}: {names} do not hold a block") from error
        if block.n_paths != entry.n_paths:
            names = ", ".join(entry.files)
            raise RunError(f"{self.folder.name}: {names} do not hold the paths that {JOURNAL} says")
        return block

    def finish(self, run: FundRun) -> None:
        """Write the summary and the manifest: from now on the folder holds a run."""
        files = {"scenario.toml": self.record["inputs"]["scenario"]["sha256"]}
        for entry in self.entries.values():
            files |= entry.files
        # The text that is stored is that of the start, also where the run went on with less memory.
        as_started = replace(run, manifest={**run.manifest, "inputs": self.record["inputs"]})
        conclude(as_started, self.folder, files)
        for name in (RECORD, JOURNAL):
            (self.folder / name).unlink(missing_ok=True)


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{folder.name}: {name} cannot be read") from error


def _journal(folder: Path) -> Iterator[Entry]:
    """The entries of the journal; half a line at its end is what a killed process left."""
    whole, _, _half = _text(folder, JOURNAL).rpartition("\n")
    for line in whole.splitlines():
        try:
            content = json.loads(line)
            entry = Entry(int(content["path"]), int(content["paths"]), dict(content["files"]))
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"{folder.name}: {JOURNAL} was altered") from error
        of_this_block = f"-{entry.first_path:06d}.parquet"
        for name in entry.files:
            if not BLOCK_FILE.fullmatch(name) or not name.endswith(of_this_block):
                raise RunError(f"{folder.name}: {JOURNAL} lists {name!r}, no file of that block")
        yield entry
