"""What a portfolio holds and what it lacks, in counts: the data review that practice standards ask for.

The number of members is exact. Every other count is made fit to be shown by `privacy.suppress_small_cells`:
ten persons or fewer are hidden, with what would give them away, and the rest is rounded to 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.portfolio.privacy import HIDDEN_CELL, suppress_small_cells
from mutualfund.schema import SEXES

if TYPE_CHECKING:
    from mutualfund.portfolio.members import Portfolio

BANDS = ((0, 18), (19, 44), (45, 64), (65, 120))


@dataclass(frozen=True, slots=True)
class Quality:
    """A small table of counts: `rows` of (what, count), None for a count that is hidden.

    >>> print(Quality((("members", 30), ("sex X", None))))
    members  30
    sex X    *
    """

    rows: tuple[tuple[str, int | None], ...]

    def __str__(self) -> str:
        width = max(len(what) for what, _ in self.rows)
        return "\n".join(f"{what:<{width}}  {_shown(count)}" for what, count in self.rows)

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td>{escape(what)}</td><td style='text-align:right'>{_shown(count)}</td></tr>"
            for what, count in self.rows
        )
        return f"<table><caption>Portfolio</caption>{cells}</table>"


def _shown(count: int | None) -> str:
    return HIDDEN_CELL if count is None else f"{count:,}"


def quality_of(portfolio: Portfolio) -> Quality:
    """Counts by sex, age band and column filled, and what the reader of the file noted."""
    n = len(portfolio)
    by_sex = {f"sex {name}": int((portfolio.sex == c).sum()) for c, name in enumerate(SEXES)}
    rows: list[tuple[str, int | None]] = [("members", n)]
    rows += [*_safe(by_sex, n), *_safe(_by_age(portfolio), n)]
    for what, count in (*_filled(portfolio), *portfolio.notes):
        # Those without are a count as well, and subtraction would tell it.
        rows += _safe({what: count, "without": n - count}, n)[:1]
    return Quality(tuple(rows))


def _safe(counts: Mapping[str, int], n: int) -> list[tuple[str, int | None]]:
    """`counts`, which share out all `n` members, as they may be shown; all members are `n`, unrounded."""
    (cells,) = suppress_small_cells(list(counts.values())).cells
    return [
        (what, None if np.isnan(cell) else n if count == n else int(cell))
        for (what, count), cell in zip(counts.items(), cells, strict=True)
    ]


def _by_age(portfolio: Portfolio) -> dict[str, int]:
    counts = {}
    for first, last in BANDS:
        label = f"age {first}-{last}" if last < BANDS[-1][1] else f"age {first}+"
        counts[label] = int(((portfolio.age >= first) & (portfolio.age <= last)).sum())
    return counts


def _filled(portfolio: Portfolio) -> list[tuple[str, int]]:
    """Members for whom a column that may be empty is filled."""
    from mutualfund.portfolio.members import LONG_STANDING

    rows = [
        ("with a date of joining", int((portfolio.joined_month > LONG_STANDING).sum())),
        ("with a plan", int((portfolio.plan_code >= 0).sum())),
    ]
    for name in ("health_state", "region", "group", "household"):
        codes = getattr(portfolio, f"{name}_code")
        if codes is not None:
            rows.append((f"with a {name.replace('_', ' ')}", int((codes >= 0).sum())))
    if portfolio.income is not None:
        rows.append(("with an income", len(portfolio)))
    return rows
