"""What a portfolio holds and what it lacks, in counts: the data review that practice standards ask for."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mutualfund.portfolio.members import Portfolio

BANDS = ((0, 18), (19, 44), (45, 64), (65, 120))


@dataclass(frozen=True, slots=True)
class Quality:
    """A small table of counts: `rows` of (what, count).

    >>> print(Quality((("members", 3),)))
    members  3
    """

    rows: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        width = max(len(what) for what, _ in self.rows)
        return "\n".join(f"{what:<{width}}  {count:,}" for what, count in self.rows)

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td>{escape(what)}</td><td style='text-align:right'>{count:,}</td></tr>"
            for what, count in self.rows
        )
        return f"<table><caption>Portfolio</caption>{cells}</table>"


def quality_of(portfolio: Portfolio) -> Quality:
    """Counts by sex, age band and column filled, and what the reader of the file noted."""
    from mutualfund.portfolio.members import LONG_STANDING, SEXES

    rows = [("members", len(portfolio))]
    rows += [(f"sex {name}", int((portfolio.sex == code).sum())) for code, name in enumerate(SEXES)]
    for first, last in BANDS:
        in_band = (portfolio.age >= first) & (portfolio.age <= last)
        label = f"age {first}-{last}" if last < BANDS[-1][1] else f"age {first}+"
        rows.append((label, int(in_band.sum())))
    rows.append(("with a date of joining", int((portfolio.joined_month > LONG_STANDING).sum())))
    rows.append(("with a plan", int((portfolio.plan_code >= 0).sum())))
    for name in ("health_state", "region", "group", "household"):
        codes = getattr(portfolio, f"{name}_code")
        if codes is not None:
            rows.append((f"with a {name.replace('_', ' ')}", int((codes >= 0).sum())))
    if portfolio.income is not None:
        rows.append(("with an income", len(portfolio)))
    return Quality(tuple(rows) + portfolio.notes)
