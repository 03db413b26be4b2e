"""Data frames of any make as Arrow columns: pandas, polars, Arrow, whatever narwhals takes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mutualfund.errors import Fault, InputError

ONE_TYPE = "one type in the whole column"


def columns_of_frame(frame: Any) -> dict[str, pa.ChunkedArray | pa.Array]:
    """The columns of `frame` as Arrow arrays by name.

    Raises
    ------
    InputError
        Where it is no data frame, or a column mixes types. The converter's own message would quote a
        value, so it is left out.

    >>> sorted(columns_of_frame(pa.table({"member_id": ["a"], "age": [40]})))
    ['age', 'member_id']
    """
    import narwhals as nw

    native = nw.from_native(frame, pass_through=True)
    if isinstance(native, nw.LazyFrame):
        native = native.collect()
    if not isinstance(native, nw.DataFrame):
        got = f"an object of type {type(frame).__name__}"
        fault = Fault("frame", got, "a pandas, polars or Arrow table", code="not_a_frame")
        raise InputError([fault])
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    faults = []
    for place, name in enumerate(native.columns, start=1):
        values = _converted(native[name])
        if values is None:
            remedy = "Convert the column to one type."
            faults.append(Fault(f"frame: column {place}", "mixed types", ONE_TYPE, remedy, "type"))
        else:
            columns[str(name)] = values
    if faults:
        raise InputError(faults)
    return columns


def _converted(series: Any) -> pa.Array | pa.ChunkedArray | None:
    try:
        return series.to_arrow()
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return None
