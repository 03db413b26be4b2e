"""A simulated path as a fund's own records, with the truth behind them."""

from __future__ import annotations

from mutualfund.fund.records.synthetic import RecordTables, SyntheticRecords, synthetic_records

__all__ = ["RecordTables", "SyntheticRecords", "synthetic_records"]
