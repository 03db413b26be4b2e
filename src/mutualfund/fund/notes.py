"""What a reader of the results should know, as sentences for the manifest and for `check`."""

from __future__ import annotations

from mutualfund.portfolio import Portfolio


def member_notes(portfolio: Portfolio) -> list[str]:
    """What the reader of the members file noted, in counts that may be shown.

    >>> member_notes(Portfolio.synthetic(20))
    []
    """
    counts = dict(portfolio.quality().rows)
    notes = []
    for what, _ in portfolio.notes:
        count = counts[what]
        how_many = "few" if count is None else f"about {count:,}"
        notes.append(f"members {what}: {how_many} of {len(portfolio):,}")
    return notes
