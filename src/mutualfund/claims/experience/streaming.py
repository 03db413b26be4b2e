"""Claim lines larger than memory: read batch by batch with the checks of every file, summed by DuckDB.

The file is read once. What must be known of a line later (to find a second payment of one claim, or what a
reversal takes back) lies in the warehouse as whole numbers; memory holds one batch, the members and what the
warehouse is allowed. Members' sums are fetched from there a few thousand members at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.ledger import (
    Delays,
    Ledger,
    Measure,
    Rows,
    Sizes,
    in_cents,
    key_bound,
    no_measure,
    notes_of,
)
from mutualfund.claims.experience.warehouse import Warehouse
from mutualfund.claims.record_checks import (
    ClaimChecks,
    Movements,
    check_control,
    matched_payments,
    read_currency,
)
from mutualfund.claims.records import EXACT_COPY, SECOND_PAYMENT, UNMATCHED, ReadLines, read_lines
from mutualfund.portfolio.days import month_numbers
from mutualfund.portfolio.files import batches_of_parquet
from mutualfund.portfolio.members import Portfolio
from mutualfund.portfolio.table import SHOWN_ROWS, TableReader
from mutualfund.schema import minor_units
from mutualfund.types import IntArray

BATCH_ROWS = 1 << 18
_FACTS = "member, line, incurred, abs(amount)"
_LINE_OF_A_FILE = "claim_key, member, line, incurred, paid, amount, cents, reversal"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RowsInWarehouse:
    """The table `ledger` of a warehouse, sorted by member."""

    warehouse: Warehouse

    def between(self, first: int, last: int) -> Rows:
        """The rows of members `first` to `last`, the end left out."""
        found = self.warehouse.columns(
            "SELECT member, month, line, claims, cents FROM ledger "
            f"WHERE member >= {int(first)} AND member < {int(last)} ORDER BY member, month, line"
        )
        return Rows(*(values.astype(np.int64) for values in found.values()))


@dataclass(slots=True)
class _Incoming:
    """What adds up while the batches come."""

    names: list[str] = field(default_factory=list)
    currency: str = ""
    rows: int = 0
    amounts: list[float] = field(default_factory=list)
    reversals: int = 0
    mapped: int = 0


def ledger_of_parquet(
    path: Path,
    members: Portfolio,
    period: StudyPeriod,
    checks: ClaimChecks,
    measure: Measure,
    memory_mib: int,
) -> Ledger:
    """The ledger of a Parquet file of any size.

    Raises
    ------
    InputError
        With every fault of the file, the same as `ClaimRecords.read_parquet` finds; where DuckDB is missing.
    """
    warehouse = Warehouse(memory_mib)
    seen = _Incoming()
    reader = _load(warehouse, path, members, period, checks, measure, seen)
    _note_repeats(warehouse, reader)
    _match(warehouse, reader)
    reader.raise_faults()
    if checks.control is not None:
        check_control(path.name, checks.control, seen.rows, math.fsum(seen.amounts))
    names, codes = _in_alphabet(seen.names, checks)
    _sum(warehouse, codes)
    return _ledger(warehouse, names, seen)


def _load(
    warehouse: Warehouse,
    path: Path,
    members: Portfolio,
    period: StudyPeriod,
    checks: ClaimChecks,
    measure: Measure,
    seen: _Incoming,
) -> TableReader:
    """Read, check and store every batch; the reader that comes back holds the faults."""
    batches = batches_of_parquet(path, "claims", rows=BATCH_ROWS)
    reader = TableReader("claims", next(batches), source=path.name)
    while True:
        if measure not in reader and measure != "amount":
            raise no_measure(measure)
        read = read_lines(reader, checks)
        seen.currency = read_currency(reader, checks)
        if checks.currency is None and not reader.faults:
            checks = replace(checks, currency=seen.currency)  # later batches must have the same
        _store(warehouse, read, reader.before, members, period, measure, seen)
        columns = next(batches, None)
        if columns is None:
            return reader
        reader.turn(columns)


def _store(
    warehouse: Warehouse,
    read: ReadLines,
    before: int,
    members: Portfolio,
    period: StudyPeriod,
    measure: Measure,
    seen: _Incoming,
) -> None:
    rows = read.rows
    n = len(rows.amount)
    own = np.array([_place(seen.names, name) for name in read.line_names], dtype=np.int64)
    line = own[rows.line_code] if own.size else np.zeros(n, dtype=np.int64)
    member = np.searchsorted(members.member_key, rows.member_key)
    seen.rows += n
    seen.amounts.append(math.fsum(rows.amount))
    seen.reversals += int(rows.is_reversal.sum())
    seen.mapped += read.mapped
    cents = in_cents(np.nan_to_num(read.amounts[measure]), minor_units(seen.currency))
    lag = month_numbers(rows.paid) - month_numbers(rows.incurred)
    stored = {
        "place": np.arange(before, before + n),
        "claim_key": rows.claim_key,
        "member": member.astype(np.int32),
        "line": line.astype(np.int16),
        "incurred": rows.incurred,
        "paid": rows.paid,
        "month": period.month_of(rows.incurred).astype(np.int16),
        "lag": np.clip(lag, 0, 2**15 - 1).astype(np.int16),
        "amount": rows.amount,
        "cents": cents,
        "reversal": rows.is_reversal,
    }
    warehouse.add("lines", stored)


def _place(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)


def _note_repeats(warehouse: Warehouse, reader: TableReader) -> None:
    """Second payments of one claim, and exact copies of a line in what a study reads of it."""
    warehouse.run(
        "CREATE TEMP TABLE repeated AS SELECT claim_key FROM lines GROUP BY claim_key "
        "HAVING count(*) > 1"
    )
    warehouse.run(
        "CREATE TEMP TABLE again AS SELECT place, reversal, "
        f"row_number() OVER (PARTITION BY {_LINE_OF_A_FILE} ORDER BY place) AS alike "
        "FROM lines SEMI JOIN repeated USING (claim_key)"
    )
    warehouse.run(
        "CREATE TEMP TABLE second AS SELECT place FROM (SELECT place, row_number() OVER "
        "(PARTITION BY claim_key ORDER BY place) AS nth FROM lines SEMI JOIN again USING (place) "
        "WHERE NOT reversal AND place IN (SELECT place FROM again WHERE alike = 1)) WHERE nth > 1"
    )
    _note(warehouse, reader, "claim_id", "second", SECOND_PAYMENT)
    warehouse.run("CREATE TEMP TABLE copies AS SELECT place FROM again WHERE alike > 1")
    _note(warehouse, reader, "row", "copies", EXACT_COPY)


def _note(
    warehouse: Warehouse, reader: TableReader, column: str, table: str, words: tuple[str, str, str]
) -> None:
    """One fault for the rows of the file whose places are in `table`."""
    count = warehouse.number(f"SELECT count(*) FROM {table}")
    query = f"SELECT place FROM {table} ORDER BY place LIMIT {SHOWN_ROWS}"
    first = warehouse.columns(query)["place"]
    reader.note_found(column, count, (first + 1 - reader.before).tolist(), *words)


def _match(warehouse: Warehouse, reader: TableReader) -> None:
    """Reversals and the payments they could take back, matched as everywhere; the table `taken`."""
    warehouse.run("CREATE TEMP TABLE back AS SELECT * FROM lines WHERE reversal")
    found = warehouse.columns(
        "SELECT * FROM lines WHERE reversal OR claim_key IN (SELECT claim_key FROM back) "
        f"OR ({_FACTS}) IN (SELECT {_FACTS} FROM back) ORDER BY place"
    )
    rows = Movements(
        claim_key=found["claim_key"].astype(np.uint64),
        member_key=found["member"].astype(np.uint64),
        line_code=found["line"].astype(np.int64),
        incurred=found["incurred"],
        paid=found["paid"],
        amount=found["amount"],
        is_reversal=found["reversal"].astype(np.bool_),
    )
    payment = matched_payments(rows)
    lost = rows.is_reversal & (payment < 0)
    warehouse.add("unmatched", {"place": found["place"][lost]})
    _note(warehouse, reader, "kind", "unmatched", UNMATCHED)
    matched = payment >= 0
    warehouse.add(
        "movements",
        {"place": found["place"][payment[matched]], "cents": found["cents"][matched]},
    )
    warehouse.run(
        "CREATE TEMP TABLE taken AS SELECT place, CAST(sum(cents) AS BIGINT) AS cents "
        "FROM movements GROUP BY place"
    )


def _in_alphabet(names: list[str], checks: ClaimChecks) -> tuple[tuple[str, ...], IntArray]:
    """All lines in alphabetical order, and (n_names,) the place there of each as it was met."""
    ordered = tuple(sorted({*names, *(checks.lines or ())}))
    return ordered, np.array([ordered.index(name) for name in names], dtype=np.int64)


def _sum(warehouse: Warehouse, codes: IntArray) -> None:
    """The table `net`, payments of which something is left, and `ledger`, their sums."""
    met = np.arange(len(codes), dtype=np.int16)
    warehouse.add("alphabet", {"line": met, "code": codes.astype(np.int16)})
    warehouse.run(
        "CREATE TEMP VIEW net AS SELECT claim_key, member, month, code AS line, lag, "
        "lines.cents + coalesce(taken.cents, 0) AS cents FROM lines "
        "JOIN alphabet USING (line) LEFT JOIN taken USING (place) "
        "WHERE NOT reversal AND month >= 0 AND lines.cents + coalesce(taken.cents, 0) > 0"
    )
    warehouse.run(
        "CREATE TABLE ledger AS SELECT member, month, line, count(*) AS claims, "
        "CAST(sum(cents) AS BIGINT) AS cents FROM net GROUP BY ALL ORDER BY member, month, line"
    )


def _ledger(warehouse: Warehouse, names: tuple[str, ...], seen: _Incoming) -> Ledger:
    units = minor_units(seen.currency)
    delays = _delays(warehouse)
    counts = np.bincount(delays.line, weights=delays.claims, minlength=len(names))
    sizes = tuple(
        _sizes(warehouse, code, key_bound(int(count)), units) for code, count in enumerate(counts)
    )
    read = (("reversals", seen.reversals), ("lines mapped", seen.mapped))
    notes = notes_of(read, int(counts.sum()), seen.rows - seen.reversals)
    warehouse.run("DROP VIEW net")
    warehouse.run("DROP TABLE lines")
    return Ledger(names, seen.currency, units, RowsInWarehouse(warehouse), delays, sizes, notes)


def _delays(warehouse: Warehouse) -> Delays:
    found = warehouse.columns(
        "SELECT line, month, lag, count(*) AS claims, CAST(sum(cents) AS BIGINT) AS cents "
        "FROM net GROUP BY ALL ORDER BY line, month, lag"
    )
    return Delays(*(values.astype(np.int64) for values in found.values()))


def _sizes(warehouse: Warehouse, line: int, bound: int, units: int) -> Sizes:
    found = warehouse.columns(
        f"SELECT cents, month FROM net WHERE line = {int(line)} "
        f"AND claim_key <= {int(bound)} ORDER BY claim_key"
    )
    return Sizes(found["cents"].astype(np.float64) / units, found["month"].astype(np.int64))
