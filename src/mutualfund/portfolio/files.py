"""Members' and claims' files as Arrow columns, bounded before they are read.

A CSV file is read as text throughout, so that nothing is inferred: ``007`` stays ``007``. What a column
means is decided later, by the registry. A Parquet file may hold far more than its size or its own footer
admits, so rows times width are checked first and the bytes are counted while they are decoded.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from mutualfund.errors import Fault, InputError, require_choice, require_kind
from mutualfund.portfolio.cells import is_text
from mutualfund.schema import COLUMNS, MAX_BYTES

Columns = dict[str, "pa.Array | pa.ChunkedArray"]

MAX_COLUMNS = 200
ENCODINGS = ("utf-8", "utf-8-sig", "latin-1", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
IN_A_SCENARIO = "in a scenario file, a key of [members]"
BATCH_ROWS = 1 << 16
MAX_EXPANSION = 200  # a table with distinct identifiers stays far below it
UNREMARKABLE_BYTES = 64 * 1024**2
_BOM = b"\xef\xbb\xbf"
_PARQUET = b"PAR1"
_CONTAINERS = {
    b"\x1f\x8b": ("a gzip file", "Unpack it first."),
    b"PK\x03\x04": (
        "a zip file or a spreadsheet",
        "Unpack it first; save a spreadsheet's sheet as CSV UTF-8.",
    ),
    b"\xd0\xcf\x11\xe0": ("an old spreadsheet", "Save the sheet as CSV UTF-8."),
    b"BZh": ("a bzip2 file", "Unpack it first."),
    b"\xfd7zXZ": ("an xz file", "Unpack it first."),
    b"\x28\xb5\x2f\xfd": ("a zstd file", "Unpack it first."),
}


def columns_of_csv(
    path: str | os.PathLike[str],
    table: str,
    *,
    delimiter: str = ",",
    decimal: str = ".",
    encoding: str = "utf-8",
    max_bytes: int = MAX_BYTES,
) -> Columns:
    """The columns of a CSV file with a heading row, all of them text.

    Parameters
    ----------
    path
        A plain file; compressed files and spreadsheets are refused.
    table
        The registry's name of the table.
    delimiter, decimal, encoding
        As the file was written. `decimal` is ``"."`` or ``","``; `encoding` one of ``utf-8``,
        ``utf-8-sig`` (with a byte-order mark), ``latin-1`` and ``cp1252``. None of them is guessed.
    max_bytes
        The largest file that is read.

    Raises
    ------
    InputError
        Where the file cannot be read as declared.
    """
    file = _file(path)
    require_choice("decimal", decimal, (".", ","))
    require_choice("encoding", encoding, ENCODINGS)
    allowed = "one character other than the decimal sign"
    require_kind("delimiter", delimiter, str, allowed)
    if len(delimiter) != 1 or delimiter == decimal:
        raise InputError([Fault("delimiter", repr(delimiter), allowed, code="choice")])
    data = _decoded(file, _bounded_bytes(file, max_bytes), encoding)
    names = _headings(file, data, delimiter)
    columns = _parsed(file, data, names, delimiter)
    if decimal == ",":
        numeric = {spec.name for spec in COLUMNS[table] if spec.kind in ("number", "integer")}
        columns.update({name: _with_points(columns[name]) for name in numeric & set(names)})
    return columns


def _fault(file: Path, got: str, allowed: str, remedy: str, code: str) -> InputError:
    return InputError([Fault(file.name, got, allowed, remedy, code)])


def _file(path: str | os.PathLike[str]) -> Path:
    require_kind("path", path, (str, os.PathLike), "the path of a file")
    return Path(path)


def check_plain_file(file: Path, max_bytes: int) -> None:
    """Refuse what is missing, no plain file, too large, compressed or a spreadsheet.

    Raises
    ------
    InputError
        With one fault.
    """
    if not file.is_file():
        raise _fault(file, "no such file", "a file that exists", "Check the path.", "no_file")
    size = file.stat().st_size
    if size == 0:
        raise _fault(file, "an empty file", "a heading row and rows", "Export it again.", "empty")
    if size > max_bytes:
        got, allowed = f"{size:,} bytes", f"at most {max_bytes:,} bytes"
        raise _fault(file, got, allowed, "Split the file or raise max_bytes.", "too_large")
    with file.open("rb") as stream:
        start = stream.read(8)
    for mark, (what, remedy) in _CONTAINERS.items():
        if start.startswith(mark):
            raise _fault(file, what, "a plain CSV or Parquet file", remedy, "container")


def _bounded_bytes(file: Path, max_bytes: int) -> bytes:
    check_plain_file(file, max_bytes)
    data = file.read_bytes()
    if data.startswith(_PARQUET):
        raise _fault(file, "a Parquet file", "a CSV file", "Use read_parquet.", "container")
    return data


def _decoded(file: Path, data: bytes, encoding: str) -> bytes:
    """The file's text as UTF-8; the bytes that do not decode are not repeated."""
    if data.startswith(_BOM) and encoding != "utf-8-sig":
        remedy = (
            f'Read it with encoding="utf-8-sig" ({IN_A_SCENARIO}), or save it without the mark.'
        )
        raise _fault(file, "a byte-order mark", f"{encoding} without a mark", remedy, "bom")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _fault(file, "UTF-16 text", "UTF-8 text", "Save it as CSV UTF-8.", "encoding")
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    remedy = f'Save it as CSV UTF-8 or read it with encoding="latin-1" ({IN_A_SCENARIO}).'
    raise _fault(
        file, f"bytes that are not {encoding} in line {line}", encoding, remedy, "encoding"
    )


def _headings(file: Path, data: bytes, delimiter: str) -> list[str]:
    first = data.split(b"\n", 1)[0][:100_000].decode("utf-8", "replace")
    names = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    _check_delimiter(file, names, delimiter)
    _check_headings(file, names)
    return names


def _check_delimiter(file: Path, names: list[str], delimiter: str) -> None:
    """One heading that holds another usual delimiter is a whole heading row read the wrong way."""
    inside = [other for other in DELIMITERS if len(names) == 1 and other in names[0]]
    if inside:
        got = f"one column, whose heading contains {inside[0]!r}"
        remedy = f'Read it with delimiter="{_escaped(inside[0])}" ({IN_A_SCENARIO}).'
        raise _fault(file, got, f"columns separated by {delimiter!r}", remedy, "delimiter")


def _escaped(character: str) -> str:
    return "\\t" if character == "\t" else character


def _check_headings(file: Path, names: list[str]) -> None:
    if len(names) > MAX_COLUMNS:
        got = f"{len(names):,} columns"
        raise _fault(file, got, f"at most {MAX_COLUMNS}", "Leave out the rest.", "too_wide")
    if len(set(names)) < len(names):
        raise _fault(file, "a heading twice", "each column once", "Remove one.", "duplicate_column")


def _parsed(file: Path, data: bytes, names: list[str], delimiter: str) -> Columns:
    """Every column as text. The parser's own message would quote a row, so it is not passed on."""
    from pyarrow import csv as arrow_csv

    broken: list[int] = []

    def skip(row: Any) -> str:
        broken.append(row.number)
        return "skip"

    try:
        parsed = arrow_csv.read_csv(
            io.BytesIO(data),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
            ),
        )
    except pa.ArrowException:
        parsed = None
    if parsed is None:
        raise _fault(file, "text that is no CSV table", "CSV", "Export it again.", "unreadable")
    if broken:
        shown = ", ".join(str(number - 1) for number in broken[:5])
        s = "" if len(broken) == 1 else "s"
        got = f"{len(broken)} row{s} with too many or too few cells (data row{s} {shown})"
        allowed = f"{len(names)} cells in every row"
        remedy = f"Check for a {delimiter!r} inside a text that is not quoted."
        raise _fault(file, got, allowed, remedy, "cells")
    return dict(zip(parsed.column_names, parsed.columns, strict=True))


def _with_points(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimal commas as points. A point beside them may mean thousands, so such a cell stays unreadable."""
    import pyarrow.compute as pc

    pointed = pc.replace_substring(text, ",", ".")
    return pc.if_else(pc.match_substring(text, "."), "?", pointed)


def columns_of_parquet(
    path: str | os.PathLike[str], table: str, *, max_bytes: int = MAX_BYTES
) -> Columns:
    """The columns of a Parquet file.

    Parameters
    ----------
    path
        A plain Parquet file.
    table
        The registry's name of the table.
    max_bytes
        What the decoded columns may take in memory. The footer's rows times width are held against it
        before anything is decoded, and the bytes themselves while they come.

    Raises
    ------
    InputError
        Where the file is not Parquet, is damaged, or would take more memory.
    """
    file = _file(path)
    check_plain_file(file, max_bytes)
    parquet = _opened(file, table)
    names = list(parquet.schema_arrow.names)
    _check_headings(file, names)
    _check_footer(file, parquet, max_bytes)
    registered = {spec.name for spec in COLUMNS[table]}
    known = [name for name in names if name in registered]
    batches = _guarded(file, lambda: _bounded_batches(file, parquet, known, max_bytes))
    schema = parquet.schema_arrow
    decoded = {
        name: pa.chunked_array(
            [batch.column(name) for batch in batches], None if batches else schema.field(name).type
        )
        for name in known
    }
    # What the registry does not know is never decoded; its heading alone is reported.
    return {name: decoded.get(name, pa.nulls(parquet.metadata.num_rows)) for name in names}


def parquet_needs(path: str | os.PathLike[str], table: str) -> int:
    """Bytes that the columns of a Parquet file would take in memory, as its footer says.

    Raises
    ------
    InputError
        Where the file is not Parquet.
    """
    file = _file(path)
    check_plain_file(file, file.stat().st_size if file.is_file() else 0)
    parquet = _opened(file, table)
    return _decoded_size(parquet)


def batches_of_parquet(
    path: str | os.PathLike[str], table: str, *, rows: int
) -> Iterator[dict[str, pa.Array]]:
    """The columns of a Parquet file of any size, `rows` rows at a time, at least once.

    Memory holds one batch, so rows need not fit; a column the registry does not know comes as nulls.

    Raises
    ------
    InputError
        Where the file is not Parquet, is damaged, or one of its row groups grows beyond `MAX_BYTES`.
    """
    file = _file(path)
    check_plain_file(file, file.stat().st_size if file.is_file() else 0)
    parquet = _opened(file, table)
    names = list(parquet.schema_arrow.names)
    _check_headings(file, names)
    groups = [parquet.metadata.row_group(group) for group in range(parquet.num_row_groups)]
    if any(group.total_byte_size > MAX_BYTES for group in groups):
        got, allowed = "a row group beyond that", f"row groups of at most {MAX_BYTES:,} bytes"
        raise _fault(file, got, allowed, "Write it in smaller row groups.", "too_large")
    _check_expansion(file, parquet)
    registered = {spec.name for spec in COLUMNS[table]}
    known = [name for name in names if name in registered]
    stream = parquet.iter_batches(batch_size=rows, columns=known)
    read = 0
    if not parquet.metadata.num_rows:
        yield {field.name: pa.array([], field.type) for field in parquet.schema_arrow}
    while (batch := _guarded(file, lambda: next(stream, None))) is not None:
        read += batch.num_rows
        yield {
            name: batch.column(name) if name in registered else pa.nulls(batch.num_rows)
            for name in names
        }
    if read != parquet.metadata.num_rows:
        got, remedy = "another number of rows than its footer says", "Write it again."
        raise _fault(file, got, "a whole Parquet file", remedy, "unreadable")


def _guarded(file: Path, read: Callable[[], Any]) -> Any:
    """What `read` returns; an error of the Parquet reader is replaced, since it may quote a value."""
    try:
        return read()
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        pass
    remedy = "Write it again, uncut and not encrypted."
    raise _fault(file, "no readable Parquet", "a Parquet file", remedy, "unreadable")


def _opened(file: Path, table: str) -> Any:
    """Text columns come as small dictionaries: a long text repeated a million times stays one text."""
    from pyarrow import parquet

    schema = _guarded(file, lambda: parquet.read_schema(file))
    texts = {spec.name for spec in COLUMNS[table] if spec.kind in ("text", "label")}
    known = [field.name for field in schema if field.name in texts and is_text(field.type)]
    return _guarded(file, lambda: parquet.ParquetFile(file, read_dictionary=known))


def _check_footer(file: Path, parquet: Any, max_bytes: int) -> None:
    footer, needed = parquet.metadata, _decoded_size(parquet)
    if needed > max_bytes:
        got = f"{footer.num_rows:,} rows that take {needed:,} bytes"
        remedy = "Split the file or raise max_bytes."
        raise _fault(file, got, f"at most {max_bytes:,} bytes", remedy, "too_large")
    _check_expansion(file, parquet)


def _check_expansion(file: Path, parquet: Any) -> None:
    """Refuse a small file that says it will grow beyond what identifiers could."""
    rows, needed = parquet.metadata.num_rows, _decoded_size(parquet)
    packed = file.stat().st_size
    if needed > UNREMARKABLE_BYTES and needed > MAX_EXPANSION * packed:
        got = f"{rows:,} rows in {packed:,} bytes that grow to {needed:,}"
        allowed = f"at most {MAX_EXPANSION} times the file's size"
        remedy = "Identifiers that differ do not pack so tightly: check the file."
        raise _fault(file, got, allowed, remedy, "bomb")


def _decoded_size(parquet: Any) -> int:
    """Bytes in memory: rows times width or what the footer says, whichever is more."""
    footer = parquet.metadata
    width = sum(_width(field.type) for field in parquet.schema_arrow)
    groups = [footer.row_group(group) for group in range(footer.num_row_groups)]
    return max(int(footer.num_rows) * width, sum(int(group.total_byte_size) for group in groups))


def _width(kind: pa.DataType) -> int:
    """Bytes a cell takes in memory at least; text counts as its code in a dictionary."""
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError:
        return 4


def _bounded_batches(
    file: Path, parquet: Any, known: list[str], max_bytes: int
) -> list[pa.RecordBatch]:
    batches, taken = [], 0
    for batch in parquet.iter_batches(batch_size=BATCH_ROWS, columns=known):
        taken += batch.nbytes
        if taken > max_bytes:
            got, allowed = f"more than {max_bytes:,} bytes", f"at most {max_bytes:,} bytes"
            raise _fault(file, got, allowed, "Split the file or raise max_bytes.", "too_large")
        batches.append(batch)
    if sum(batch.num_rows for batch in batches) != parquet.metadata.num_rows:
        got, remedy = "another number of rows than its footer says", "Write it again."
        raise _fault(file, got, "a whole Parquet file", remedy, "unreadable")
    return batches
