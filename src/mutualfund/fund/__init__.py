"""The fund: a scenario checked, and simulated from its first day to its last close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.fund.check import CheckReport as CheckReport
    from mutualfund.fund.check import check as check
    from mutualfund.fund.premium_cells import (
        simulated_premiums_by_cell as simulated_premiums_by_cell,
    )
    from mutualfund.fund.records import RecordTables as RecordTables
    from mutualfund.fund.records import SyntheticRecords as SyntheticRecords
    from mutualfund.fund.records import synthetic_records as synthetic_records
    from mutualfund.fund.simulate import simulate as simulate

__all__, __getattr__, __dir__ = on_demand(__name__)
