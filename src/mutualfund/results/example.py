"""A small run made by hand: what the examples in this documentation show, without a simulation."""

from __future__ import annotations

import numpy as np

from mutualfund.results.facts import FundFacts
from mutualfund.results.marginals import Marginal
from mutualfund.results.measures import LINE_MEASURES, MEASURES
from mutualfund.results.run import FundRun
from mutualfund.types import FloatArray


def example_run(n_paths: int = 20) -> FundRun:
    """A fund of 1,000 members and one claim line over two years, whose books add up.

    Of every twenty futures the claims of the first cost most, of the last least; nothing is drawn at
    random. `n_paths`: futures, at least 1.

    >>> example_run()
    <FundRun 'Example fund': 20 paths x 2 years>
    """
    rank = np.arange(n_paths) % 20
    claims = np.stack([1_090_000.0 - 20_000.0 * rank, 1_000_000.0 - 10_000.0 * rank], axis=1)
    dues = np.tile([1_000_000.0, 1_050_000.0], (n_paths, 1))
    expenses = 0.05 * dues
    close = 100_000.0 + np.cumsum(dues - claims - expenses, axis=1)
    opening = np.column_stack([np.full(n_paths, 100_000.0), close[:, 0]])
    known: dict[str, FloatArray] = {
        **dict.fromkeys(("members_start", "members_end"), np.full_like(dues, 1_000.0)),
        **dict.fromkeys(("contributions_due", "contributions_collected"), dues),
        **dict.fromkeys(("billed", "allowed", "claims_incurred", "claims_paid"), claims),
        **dict.fromkeys(("assets_open", "reserve_open"), opening),
        **dict.fromkeys(("assets_close", "reserve_close", "reserve_true"), close),
        "expenses": expenses,
        "result": close - opening,
        "insolvent": (close < 0.0).astype(np.float64),
    }
    ledger = {name: known.get(name, np.zeros_like(dues)) for name in MEASURES}
    by_line = {name: known.get(name, np.zeros_like(dues))[:, :, None] for name in LINE_MEASURES}
    facts = FundFacts(
        "Example", "Example fund", "EUR", "2027-01-01", ("care",), (0.05, 0.05), (0.25, 0.25)
    )
    text = 'title = "Example"\n'
    return FundRun(
        None,
        ledger,
        {"line": Marginal(("care",), by_line)},
        {"facts": facts.to_dict(), "seed": 1, "warnings": []},
        text,
    )
