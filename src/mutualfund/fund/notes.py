"""What a reader of the results should know, as sentences for the manifest and for `check`."""

from __future__ import annotations

from collections.abc import Sequence

from mutualfund.fund.expectations import Expectations
from mutualfund.portfolio import Portfolio
from mutualfund.rules import Rulebook
from mutualfund.rules.reinsurance import StopLoss


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


def pricing_notes(rules: Sequence[Rulebook], expected: Expectations) -> list[str]:
    """A sentence for every treaty that has no stated premium and never paid in the pilot run."""
    notes = []
    for book, layers, stops in zip(
        rules, expected.layer_share, expected.stop_loss_ratio, strict=True
    ):
        shares = {False: iter(layers), True: iter(stops)}
        for place, treaty in enumerate(book.reinsurance):
            is_stop = isinstance(treaty, StopLoss)
            if next(shares[is_stop]) == 0.0 and treaty.premium is None:
                kind = "stop-loss" if is_stop else "excess of loss"
                notes.append(
                    f"rules.reinsurance[{place}]: {kind} never paid in the pilot run: "
                    "its price is 0 before loading; state a premium"
                )
    return list(dict.fromkeys(notes))


def priced(rules: Sequence[Rulebook]) -> bool:
    """Whether any treaty's premium is worked out by the pilot run."""
    return any(treaty.premium is None for book in rules for treaty in book.reinsurance)
