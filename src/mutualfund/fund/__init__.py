"""The fund: a scenario checked, and simulated from its first day to its last close."""

from __future__ import annotations

from mutualfund.fund.check import CheckReport, check
from mutualfund.fund.premium_cells import simulated_premiums_by_cell
from mutualfund.fund.records import RecordTables, SyntheticRecords, synthetic_records
from mutualfund.fund.simulate import simulate

__all__ = [
    "CheckReport",
    "RecordTables",
    "SyntheticRecords",
    "check",
    "simulate",
    "simulated_premiums_by_cell",
    "synthetic_records",
]
