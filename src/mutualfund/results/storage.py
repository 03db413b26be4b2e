"""A run as a folder: ``manifest.json, scenario.toml, blocks/*.parquet, summary.parquet``.

The folder holds results and the scenario's text, never a member row. Every file is written beside
its place, flushed to the disk and then renamed, the manifest last; so a folder with a manifest is
whole, and the hashes in it show any later change.
"""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mutualfund.errors import MutualFundError, RunError
from mutualfund.results import manifest as manifests
from mutualfund.results.estimates import Estimate, Summary
from mutualfund.results.marginals import DIMENSIONS, Dimension, Labels, Marginal
from mutualfund.results.run import FundRun
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.scenario import Scenario

STORED_PATHS = 5_000
"""Paths per stored block."""

_PARTIAL = ".partial"
"""How a file ends that is still being written; a killed process may leave one behind."""

_PARTS = "|".join(("ledger", *(dimension.plural for dimension in DIMENSIONS.values())))
_OWN_FILE = re.compile(
    rf"scenario\.toml|summary\.parquet|blocks/(?:{_PARTS})-\d{{6,}}\.parquet", re.ASCII
)


def save_run(run: FundRun, folder: Path, *, overwrite: bool = False) -> Path:
    """Write `run` into `folder` and return the folder.

    Raises
    ------
    RunError
        Where the folder holds anything already (with `overwrite`: anything but a run), or a file
        cannot be written; the message names it.
    """
    try:
        _make_room(folder, overwrite)
    except OSError as error:
        raise RunError(f"{folder.name} cannot be used: {error.strerror}") from error
    files = {"scenario.toml": run.scenario_toml.encode(), "summary.parquet": _summary_bytes(run)}
    files |= _blocks(run)
    for name, data in files.items():
        write_atomically(folder / name, data)
    content = manifests.environment() | manifests.without_folders(dict(run.manifest))
    content |= {
        "run_version": manifests.RUN_VERSION,
        "facts": run.facts.to_dict(),
        "files": {name: manifests.sha256(data) for name, data in files.items()},
        "digest": run.digest(),
    }
    write_atomically(folder / "manifest.json", manifests.render(content).encode())
    return folder


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
        ledger = _read_ledger(files)
        marginals = _read_marginals(files, next(iter(ledger.values())).shape)
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


def held_in(folder: Path) -> Literal["nothing", "run", "other"]:
    """What there is at the place of a run: nothing that counts, a run, or something else.

    What an unfinished save left behind does not count.

    >>> held_in(Path("no such folder"))
    'nothing'
    """
    if folder.is_dir():
        if (folder / "manifest.json").is_file():
            return "run"
        files = {path for path in folder.rglob("*") if path.is_file()}
        return "other" if files - set(_own_files(folder)) else "nothing"
    return "other" if folder.exists() else "nothing"


def _make_room(folder: Path, overwrite: bool) -> None:
    """Refuse a folder in use; remove what an unfinished save, or with `overwrite` a run, left."""
    held = held_in(folder)
    if held == "other":
        what = "already holds other files" if folder.is_dir() else "is a file"
        raise RunError(f"{folder.name} {what}; name a new or empty folder")
    if held == "run" and not overwrite:
        raise RunError(f"{folder.name} already holds a run; pass overwrite=True to replace it")
    if not folder.exists():
        return
    # The manifest goes first: without it, whatever is left is visibly not a run.
    for path in (folder / "manifest.json", *_own_files(folder)):
        path.unlink(missing_ok=True)


def _own_files(folder: Path) -> list[Path]:
    """The files in `folder` that this module writes, the manifest apart."""
    candidates = [folder / "scenario.toml", folder / "summary.parquet"]
    candidates += sorted((folder / "blocks").glob("*.parquet"))
    candidates += sorted(folder.rglob(f".*{_PARTIAL}"))
    return [path for path in candidates if path.is_file()]


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RunError(f"{folder}: no manifest.json; not a run, or never finished") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{folder.name}: manifest.json cannot be read") from error
    manifest = manifests.parse(text)
    for name in manifest["files"]:
        if not _OWN_FILE.fullmatch(name):
            raise RunError(f"manifest.json lists {name!r}, which is no file of a run")
    return manifest


def _verified_files(folder: Path, hashes: Mapping[str, str]) -> dict[str, bytes]:
    present = {
        path.relative_to(folder).as_posix()
        for path in _own_files(folder)
        if path.suffix != _PARTIAL
    }
    for name in sorted(present - set(hashes)):
        raise RunError(f"{folder.name}: {name} was added after the run was stored")
    contents = {}
    for name in sorted(hashes):
        if name not in present:
            raise RunError(f"{folder.name}: {name} is missing")
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError as error:
            raise RunError(f"{folder.name}: {name} cannot be read: {error.strerror}") from error
        if manifests.sha256(contents[name]) != hashes[name]:
            raise RunError(f"{folder.name}: {name} was altered after the run was stored")
    return contents


def _scenario(folder: Path) -> Scenario | None:
    """The stored scenario without its members, or None where it is no scenario file."""
    from mutualfund.scenario import Scenario

    try:
        return Scenario.load(folder / "scenario.toml", read_members=False)
    except (MutualFundError, OSError):
        return None


# -- blocks --------------------------------------------------------------------------------------


def _blocks(run: FundRun) -> dict[str, bytes]:
    files = {}
    for first in range(0, run.n_paths, STORED_PATHS):
        block = slice(first, first + STORED_PATHS)
        files[f"blocks/ledger-{first:06d}.parquet"] = _block_bytes(run.ledger, block, {})
        for name, side in run.marginals.items():
            file = f"blocks/{DIMENSIONS[name].plural}-{first:06d}.parquet"
            files[file] = _block_bytes(side.measures, block, {name: side.labels})
    return files


def _block_bytes(
    arrays: Mapping[str, FloatArray], block: slice, labels: Mapping[str, Labels]
) -> bytes:
    """One row per path, year (and label), one column per measure."""
    shape = next(iter(arrays.values()))[block].shape
    path, year, *codes = (axis.ravel() for axis in np.indices(shape))
    columns: dict[str, Any] = {"path": path + block.start, "year": year + 1}
    for (name, words), code in zip(labels.items(), codes, strict=True):
        columns[name] = pa.array(words).take(pa.array(code))
    columns |= {name: values[block].ravel() for name, values in arrays.items()}
    return _parquet_bytes(pa.table(columns))


def _parquet_bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _summary_bytes(run: FundRun) -> bytes:
    return _parquet_bytes(summary_table(run.summary()))


def summary_table(summary: Summary) -> pa.Table:
    """A summary as Arrow rows, one per estimate."""
    names = [field.name for field in fields(Estimate)]
    columns = {name: [getattr(row, name) for row in summary] for name in names}
    return pa.table(columns | {"year": pa.array(columns["year"], pa.int64())})


def _read_ledger(files: Mapping[str, bytes]) -> dict[str, FloatArray]:
    table = _concatenated(files, "blocks/ledger-")
    n_years = _largest(table, "year")
    return {
        name: table[name].to_numpy().reshape(-1, n_years)
        for name in table.column_names
        if name not in ("path", "year")
    }


def _read_marginals(files: Mapping[str, bytes], shape: tuple[int, ...]) -> dict[str, Marginal]:
    return {
        name: _read_marginal(_concatenated(files, f"blocks/{dimension.plural}-"), dimension, shape)
        for name, dimension in DIMENSIONS.items()
        if any(file.startswith(f"blocks/{dimension.plural}-") for file in files)
    }


def _read_marginal(table: pa.Table, dimension: Dimension, shape: tuple[int, ...]) -> Marginal:
    # Every path and year has the same labels, in the same order.
    labels = table[dimension.name][: table.num_rows // math.prod(shape)].to_pylist()
    measures = {
        name: table[name].to_numpy().reshape(*shape, len(labels))
        for name in table.column_names
        if name not in ("path", "year", dimension.name)
    }
    return Marginal(tuple(labels), measures)


def _concatenated(files: Mapping[str, bytes], prefix: str) -> pa.Table:
    # Six digits order the file names as text only up to a million paths: order by the number.
    names = sorted(
        (name for name in files if name.startswith(prefix)),
        key=lambda name: int(name.removeprefix(prefix).removesuffix(".parquet")),
    )
    return pa.concat_tables([pq.read_table(pa.BufferReader(files[name])) for name in names])


def _largest(table: pa.Table, column: str) -> int:
    return int(table[column].to_numpy().max())
