"""The card a notebook shows for a run: static, escaped, small, no member rows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mutualfund.results import summary
from mutualfund.results.estimates import Estimate, readable

if TYPE_CHECKING:
    from mutualfund.results.run import FundRun

_BOX = "border:1px solid #ccc;border-radius:6px;padding:.6em .9em;max-width:36em;font-size:.95em"


def card(run: FundRun) -> str:
    """A few headline numbers as one HTML fragment, without scripts or outside addresses."""
    facts = run.facts
    head = f"{run.n_paths:,} futures of {run.n_years} years from {facts.start}"
    seed = run.manifest.get("seed")
    rows = "".join(_row(estimate) for estimate in _headlines(run))
    return (
        f'<div style="{_BOX}"><strong>{escape(facts.fund)}</strong>'
        f"<div>{escape(facts.title)}</div>"
        f'<div style="color:#666">{escape(head)}'
        f"{'' if seed is None else escape(f', seed {seed}')}</div>"
        f'<table style="margin-top:.4em"><tbody>{rows}</tbody></table></div>'
    )


def _headlines(run: FundRun) -> list[Estimate]:
    """Cheap reductions only: a card must not make a notebook wait."""
    needed = {"insolvent", "reserve_close", "contributions_due", "claims_incurred"}
    if not needed <= set(run.ledger):
        return []
    return [
        summary.ruin(run),
        summary.prob_below_floor(run) if any(run.facts.floors) else summary.prob_below_zero(run),
        summary.expected(run, "contributions_due", 1),
        summary.loss_ratio(run, 1),
        summary.expected(run, "reserve_close"),
    ]


def _row(estimate: Estimate) -> str:
    unit = "" if estimate.unit in ("share", "ratio") else f" {estimate.unit}"
    value = readable(estimate.estimate, estimate.unit) + unit
    span = f"{readable(estimate.low, estimate.unit)} to {readable(estimate.high, estimate.unit)}"
    return (
        f'<tr><td style="text-align:left">{escape(estimate.label)}</td>'
        f'<td style="text-align:right">{escape(value)}</td>'
        f'<td style="color:#666">{escape(span)}</td></tr>'
    )
