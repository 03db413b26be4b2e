"""A simulated path as a fund's own records, with the truth behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.fund.records.synthetic import RecordTables as RecordTables
    from mutualfund.fund.records.synthetic import SyntheticRecords as SyntheticRecords
    from mutualfund.fund.records.synthetic import synthetic_records as synthetic_records

__all__, __getattr__, __dir__ = on_demand(__name__)
