"""A run as a folder: ``manifest.json, scenario.toml, blocks/*.parquet, summary.parquet``.

The folder holds results and the scenario's text, never a member row. Every file is written beside
its place, flushed to the disk and then renamed, the manifest last; so a folder with a manifest is
whole, and the hashes in it show any later change. `results.unfinished` writes the same folder while
the run goes on.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from mutualfund.errors import MutualFundError, RunError
from mutualfund.results import manifest as manifests
from mutualfund.results.blocks import (
    BLOCK_FILE,
    Block,
    block_files,
    parquet_bytes,
    read_ledger,
    read_marginals,
)
from mutualfund.results.estimates import Estimate, Summary
from mutualfund.results.run import FundRun

if TYPE_CHECKING:
    from mutualfund.scenario import Scenario

STORED_PATHS = 5_000
"""Paths per stored block, where the manifest does not say in which blocks the run was computed."""

RECORD, JOURNAL = "started.json", "blocks.jsonl"
"""What an unfinished run was started with, and the blocks that it has stored."""

REPORT = "report.html"
"""The board's page of a run, where it was written."""

Held = Literal["nothing", "run", "unfinished", "other"]
"""What there is at the place of a run."""

_PARTIAL = ".partial"
"""How a file ends that is still being written; a killed process may leave one behind."""

_WHOLE_RUN = ("scenario.toml", "summary.parquet")


def save_run(run: FundRun, folder: Path, *, overwrite: bool = False) -> Path:
    """Write `run` into `folder` and return the folder.

    Raises
    ------
    RunError
        Where the folder holds anything already (with `overwrite`: anything but a run), or a file
        cannot be written; the message names it.
    """
    make_room(folder, overwrite=overwrite)
    files = {"scenario.toml": stored(folder, "scenario.toml", run.scenario_toml.encode())}
    for block in blocks_of(run):
        files |= {name: stored(folder, name, data) for name, data in block_files(block)}
    conclude(run, folder, files)
    return folder


def stored(folder: Path, name: str, data: bytes) -> str:
    """Write a file of a run; returns its SHA-256."""
    write_atomically(folder / name, data)
    return manifests.sha256(data)


def conclude(run: FundRun, folder: Path, files: Mapping[str, str]) -> None:
    """Write what makes the stored blocks a run: the summary and, last, the manifest.

    files: SHA-256 of the scenario's text and of every file of the blocks, by name.
    """
    files = dict(files) | {
        "summary.parquet": stored(folder, "summary.parquet", _summary_bytes(run))
    }
    content = manifests.environment() | manifests.without_folders(dict(run.manifest))
    content |= {
        "run_version": manifests.RUN_VERSION,
        "facts": run.facts.to_dict(),
        "files": files,
        "digest": run.digest(),
    }
    write_atomically(folder / "manifest.json", manifests.render(content).encode())


def load_run(folder: str | Path) -> FundRun:
    """Read a stored run after checking every file against the manifest.

    The results need nothing but the folder. `FundRun.scenario` is there without its members, and
    is None where it held rules of the user's own that no file can hold.

    Raises
    ------
    RunError
        For a folder without a manifest, for contents that are not those of a run, and for any
        file that is missing, added or altered since the run was stored; the message names the file.

    >>> load_run("no such folder")
    Traceback (most recent call last):
    mutualfund.errors.RunError: no such folder: no manifest.json; not a run, or never finished
    """
    folder = Path(folder)
    manifest = _read_manifest(folder)
    files = _verified_files(folder, manifest["files"])
    try:
        ledger = read_ledger(files)
        marginals = read_marginals(files, next(iter(ledger.values())).shape)
        text = files["scenario.toml"].decode()
    except (KeyError, ValueError, TypeError, StopIteration) as error:
        raise RunError(f"{folder.name}: its files are not those of a run") from error
    run = FundRun(_scenario(folder), ledger, marginals, manifest, text)
    if run.digest() != manifest["digest"]:
        raise RunError(f"{folder.name}: the results do not have the digest in manifest.json")
    return run


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader finds the old file or the whole new one.

    Raises
    ------
    RunError
        Where the disk is full or the folder may not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=_PARTIAL)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
    except OSError as error:
        raise RunError(f"could not write {path.name}: {error.strerror}") from error


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and the rename is durable itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def held_in(folder: Path) -> Held:
    """What there is at the place of a run: nothing that counts, a run, a part of one, or something else.

    Only a part that can be resumed counts: not what an unfinished save left behind.

    >>> held_in(Path("no such folder"))
    'nothing'
    """
    if folder.is_dir():
        if (folder / "manifest.json").is_file():
            return "run"
        if (folder / RECORD).is_file():
            return "unfinished"
        files = {path for path in folder.rglob("*") if path.is_file()}
        return "other" if files - set(_own_files(folder)) else "nothing"
    return "other" if folder.exists() else "nothing"


def make_room(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder in use; remove what an unfinished save, or with `overwrite` a run, left.

    Raises
    ------
    RunError
        Where the folder holds anything but a run, holds a run that is not to be replaced, or cannot be used.
    """
    held = require_room(folder, overwrite=overwrite)
    try:
        if not folder.exists():
            return
        # The report is the old run's; left behind alone it would be a file of somebody else's.
        # The manifest and the record follow: without them, whatever is left is visibly not a run.
        first = [REPORT] if held in ("run", "unfinished") else []
        first += ["manifest.json", RECORD]
        for path in (*(folder / name for name in first), *_own_files(folder)):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"{folder.name} cannot be used: {error.strerror}") from error


def require_room(folder: Path, *, overwrite: bool) -> Held:
    """Refuse a folder that a run may not be written to; returns what it holds, and changes nothing.

    Raises
    ------
    RunError
        As `make_room`.

    >>> require_room(Path("no such folder"), overwrite=False)
    'nothing'
    """
    try:
        held = held_in(folder)
    except OSError as error:
        raise RunError(f"{folder.name} cannot be used: {error.strerror}") from error
    if held == "other":
        what = "already holds other files" if folder.is_dir() else "is a file"
        raise RunError(f"{folder.name} {what}; name a new or empty folder")
    if held != "nothing" and not overwrite:
        raise RunError(f"{folder.name} already holds {_HELD[held]}")
    return held


_HELD = {
    "run": "a run; pass overwrite=True to replace it",
    "unfinished": "an unfinished run; pass resume=True to go on with it, or overwrite=True to replace it",
}


def _own_files(folder: Path) -> list[Path]:
    """The files in `folder` that this library writes, the manifest and the report apart."""
    candidates = [folder / name for name in (*_WHOLE_RUN, RECORD, JOURNAL)]
    candidates += sorted((folder / "blocks").glob("*.parquet"))
    candidates += sorted(folder.rglob(f".*{_PARTIAL}"))
    return [path for path in candidates if path.is_file()]


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        if held_in(folder) == "unfinished":
            raise RunError(
                f"{folder}: a run that was never finished. To finish it: simulate(scenario, "
                "folder=..., resume=True), or mutualfund run FILE --out FOLDER --resume"
            ) from None
        raise RunError(f"{folder}: no manifest.json; not a run, or never finished") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{folder.name}: manifest.json cannot be read") from error
    manifest = manifests.parse(text)
    for name in manifest["files"]:
        if name not in _WHOLE_RUN and not BLOCK_FILE.fullmatch(name):
            raise RunError(f"manifest.json lists {name!r}, which is no file of a run")
    return manifest


def _verified_files(folder: Path, hashes: Mapping[str, str]) -> dict[str, bytes]:
    present = {
        path.relative_to(folder).as_posix()
        for path in _own_files(folder)
        if path.suffix != _PARTIAL and path.name not in (RECORD, JOURNAL)
    }
    for name in sorted(present - set(hashes)):
        raise RunError(f"{folder.name}: {name} was added after the run was stored")
    contents = {}
    for name in sorted(hashes):
        if name not in present:
            raise RunError(f"{folder.name}: {name} is missing")
        contents[name] = verified(folder, name, hashes[name])
    return contents


def verified(folder: Path, name: str, sha256: str) -> bytes:
    """The content of a file of a run.

    Raises
    ------
    RunError
        Where it cannot be read or its hash is another.
    """
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise RunError(f"{folder.name}: {name} cannot be read: {error.strerror}") from error
    if manifests.sha256(data) != sha256:
        raise RunError(f"{folder.name}: {name} was altered after the run was stored")
    return data


def _scenario(folder: Path) -> Scenario | None:
    """The stored scenario without its members, or None where it is no scenario file."""
    from mutualfund.scenario import Scenario

    try:
        return Scenario.load(folder / "scenario.toml", read_members=False)
    except (MutualFundError, OSError):
        return None


def blocks_of(run: FundRun) -> Iterator[Block]:
    """The run in the blocks in which it was computed, so that it gives the files it was streamed into."""
    size = run.manifest.get("block_paths")
    size = size if isinstance(size, int) and size > 0 else STORED_PATHS
    whole = Block(0, run.ledger, run.marginals)
    for first in range(0, run.n_paths, size):
        yield whole.part(first, size)


def _summary_bytes(run: FundRun) -> bytes:
    return parquet_bytes(summary_table(run.summary()))


def summary_table(summary: Summary) -> pa.Table:
    """A summary as Arrow rows, one per estimate."""
    names = [field.name for field in fields(Estimate)]
    columns = {name: [getattr(row, name) for row in summary] for name in names}
    return pa.table(columns | {"year": pa.array(columns["year"], pa.int64())})
