"""What the rows of the table share: one good members table, one good line of claims, and a refusal."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from mutualfund.claims.records import ClaimChecks, ClaimRecords
from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio

START = date(2027, 1, 1)
CHECKS: dict[str, Any] = {"as_of": date(2026, 12, 31), "currency": "EUR"}
MEMBERS: dict[str, list[Any]] = {
    "member_id": ["007", "8", "A-12"],
    "age": [40, 35, 12],
    "sex": ["F", "M", "X"],
    "income": [30_000.0, 41_000.5, 0.0],
}
CLAIMS: dict[str, list[Any]] = {
    "claim_id": ["c1", "c2", "c3"],
    "member_id": ["007", "8", "007"],
    "line": ["dental", "drugs", "dental"],
    "incurred": ["2026-03-01", "2026-03-02", "2026-03-03"],
    "paid": ["2026-04-01", "2026-04-02", "2026-04-03"],
    "amount": [100.0, 15.5, 80.0],
    "allowed": [100.0, 20.0, 80.0],
    "member_paid": [0.0, 4.5, 0.0],
}


def refused(call: Any, *args: Any, **kwargs: Any) -> tuple[Fault, ...]:
    """The faults with which a call is refused."""
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return caught.value.faults


def codes(faults: tuple[Fault, ...]) -> set[str]:
    return {fault.code for fault in faults}


def with_cell(table: dict[str, list[Any]], column: str, row: int, value: Any) -> pa.Table:
    """The table with one cell changed."""
    cells = {name: list(values) for name, values in table.items()}
    cells[column][row] = value
    return pa.table(cells)


def with_column(table: dict[str, list[Any]], **columns: list[Any]) -> pa.Table:
    return pa.table({**table, **columns})


def members_refused(table: Any) -> tuple[Fault, ...]:
    return refused(Portfolio.from_frame, table, start=START)


def claims_refused(table: Any, **checks: Any) -> tuple[Fault, ...]:
    return refused(ClaimRecords.from_frame, table, ClaimChecks(**{**CHECKS, **checks}))
