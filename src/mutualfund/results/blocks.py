"""A stored block: the results of some neighbouring paths, as Parquet files named by the first of them.

``ledger-000040.parquet`` has one row per path and year and one column per measure. Each side that is kept has
a file of its own beside it (``lines-000040.parquet``), with one row per path, year and label.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mutualfund.results.marginals import DIMENSIONS, Dimension, Labels, Marginal
from mutualfund.types import FloatArray

_PARTS = "|".join(("ledger", *(dimension.plural for dimension in DIMENSIONS.values())))
BLOCK_FILE = re.compile(rf"blocks/(?:{_PARTS})-\d{{6,}}\.parquet", re.ASCII)
"""What the files of blocks are called."""


class Block(NamedTuple):
    """The results of neighbouring paths.

    >>> import numpy as np
    >>> Block(40, {"result": np.zeros((8, 3))}, {}).n_paths
    8
    """

    first_path: int
    ledger: Mapping[str, FloatArray]  # measure -> (n_paths, n_years)
    marginals: Mapping[str, Marginal]  # side -> measure -> (n_paths, n_years, n_labels)

    @property
    def n_paths(self) -> int:
        """Number of its paths."""
        return int(next(iter(self.ledger.values())).shape[0])

    def part(self, first_path: int, n_paths: int) -> Block:
        """Some of its paths, as views."""
        rows = slice(first_path - self.first_path, first_path - self.first_path + n_paths)
        sides = {
            name: Marginal(side.labels, {key: x[rows] for key, x in side.measures.items()})
            for name, side in self.marginals.items()
        }
        return Block(first_path, {key: x[rows] for key, x in self.ledger.items()}, sides)

    def same(self, other: Block) -> bool:
        """Whether another block says the same, to the bit."""
        return self.first_path == other.first_path and _bits(self) == _bits(other)


def _bits(block: Block) -> dict[tuple[str, str], tuple[Labels, tuple[int, ...], bytes]]:
    parts = {"": ((), block.ledger)} | {
        name: (side.labels, side.measures) for name, side in block.marginals.items()
    }
    return {
        (part, name): (labels, values.shape, np.asarray(values, np.float64).tobytes())
        for part, (labels, arrays) in parts.items()
        for name, values in arrays.items()
    }


def block_files(block: Block) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of a block."""
    first = block.first_path
    yield f"blocks/ledger-{first:06d}.parquet", _block_bytes(block.ledger, first, {})
    for name, side in block.marginals.items():
        file = f"blocks/{DIMENSIONS[name].plural}-{first:06d}.parquet"
        yield file, _block_bytes(side.measures, first, {name: side.labels})


def _block_bytes(
    arrays: Mapping[str, FloatArray], first_path: int, labels: Mapping[str, Labels]
) -> bytes:
    shape = next(iter(arrays.values())).shape
    path, year, *codes = (axis.ravel() for axis in np.indices(shape))
    columns: dict[str, Any] = {"path": path + first_path, "year": year + 1}
    for (name, words), code in zip(labels.items(), codes, strict=True):
        columns[name] = pa.array(words).take(pa.array(code))
    columns |= {name: values.ravel() for name, values in arrays.items()}
    return parquet_bytes(pa.table(columns))


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as the content of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def read_ledger(files: Mapping[str, bytes]) -> dict[str, FloatArray]:
    """The ledger in these files, their blocks in the order of the paths."""
    table = _concatenated(files, "blocks/ledger-")
    n_years = int(table["year"].to_numpy().max())
    return {
        name: table[name].to_numpy().reshape(-1, n_years)
        for name in table.column_names
        if name not in ("path", "year")
    }


def read_marginals(files: Mapping[str, bytes], shape: tuple[int, ...]) -> dict[str, Marginal]:
    """The sides in these files, for paths and years of that shape."""
    return {
        name: _read_marginal(_concatenated(files, f"blocks/{dimension.plural}-"), dimension, shape)
        for name, dimension in DIMENSIONS.items()
        if any(file.startswith(f"blocks/{dimension.plural}-") for file in files)
    }


def read_block(files: Mapping[str, bytes], first_path: int) -> Block:
    """One block from the content of its files."""
    ledger = read_ledger(files)
    return Block(first_path, ledger, read_marginals(files, next(iter(ledger.values())).shape))


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
