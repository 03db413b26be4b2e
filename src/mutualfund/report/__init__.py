"""The board's page: a finished run as one HTML file in plain words.

`report.words` turns numbers into sentences, `report.board` reads the numbers off a run,
`report.pictures` draws them, `report.page` puts the page together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.report.page import headline as headline
    from mutualfund.report.page import render as render
    from mutualfund.report.page import write_report as write_report

__all__, __getattr__, __dir__ = on_demand(__name__)
