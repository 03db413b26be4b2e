"""DuckDB as a place to sort and sum what is larger than memory, shut off from everything else.

It is given arrays of whole numbers and gives arrays back: no file of the user's, no text, no identifier, so
neither its memory nor its messages can hold a member's data. It may write in its own temporary folder only;
access to other files, extensions and changes of its settings are switched off before the first row comes.
What lies in that folder (digests and amounts, no identifier) only its owner may read, and it is removed
afterwards.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mutualfund.errors import Fault, InputError

_THREADS = 2
_SHUT = (
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class Warehouse:
    """A DuckDB database in a temporary folder of its own, gone with this object.

    Parameters
    ----------
    memory_mib
        What it may hold in memory; the rest is spilled to its folder.

    Raises
    ------
    InputError
        Where DuckDB is not installed.
    """

    def __init__(self, memory_mib: int) -> None:
        duckdb = _duckdb()
        folder = Path(tempfile.mkdtemp(prefix="mutualfund-"))
        settings = {
            "memory_limit": f"{memory_mib}MiB",
            "temp_directory": str(folder / "spill"),
            "threads": str(_THREADS),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        }
        self._connection = duckdb.connect(str(folder / "study.db"), config=settings)
        weakref.finalize(self, _remove, self._connection, folder)
        for statement in _SHUT:
            self._connection.execute(statement)

    def run(self, statement: str) -> None:
        """Run one statement of our own; nothing of the user's is ever part of its text."""
        self._connection.execute(statement)

    def add(self, table: str, columns: Mapping[str, npt.NDArray[Any]]) -> None:
        """Append rows to `table`, made at the first call; columns (n,) by name."""
        names = ", ".join(columns)
        self._connection.register("arriving", pa.table(dict(columns)))
        self.run(f"CREATE TABLE IF NOT EXISTS {table} AS SELECT {names} FROM arriving LIMIT 0")
        self.run(f"INSERT INTO {table} SELECT {names} FROM arriving")
        self._connection.unregister("arriving")

    def columns(self, query: str) -> dict[str, npt.NDArray[Any]]:
        """The result of a query as arrays (n,) by name."""
        found = self._connection.execute(query).fetchnumpy()
        return {name: np.asarray(values) for name, values in found.items()}

    def number(self, query: str) -> int:
        """The one number that a query gives; 0 where it gives none."""
        (value,) = self._connection.execute(query).fetchone()
        return int(value or 0)


def _remove(connection: Any, folder: Path) -> None:
    connection.close()
    shutil.rmtree(folder, ignore_errors=True)


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        remedy = 'Install it with pip install "mutualfund-actuarial[big]", or raise memory_mib.'
        got, allowed = "no DuckDB", "DuckDB 1.4 or newer"
        raise InputError([Fault("claims", got, allowed, remedy, "no_duckdb")]) from None
    return duckdb
