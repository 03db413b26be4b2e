"""What a study shows of a line and a draft cannot hold, said in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mutualfund.assumptions.material import Material
from mutualfund.claims.experience.moments import FEW

_YEAR = 12
_LATER = 0.01
"""The share of cost still to come after every delay that was seen, above which it is said."""
_GROWS = 0.02
"""Growth a year of claims a member, if it is beyond three standard errors too, above which it is said."""


def cautions_of(held: Material, line: str) -> Iterator[str]:
    """What a reader of the line's assumptions should know."""
    yield from _paid_later(held, line)
    yield from _use_that_grows(held, line)
    if held.few(line):
        yield (
            f"lines.{line}: fewer than {FEW} members had a claim, who hardly show how far costs and delays "
            "vary; the errors of their means are those of claims at large, the spread is yours to judge"
        )


def _paid_later(held: Material, line: str) -> Iterator[str]:
    """Payments had not run off within the longest delay that could be seen."""
    run_off = held.run_offs[held.place(line)].cost
    months, later = len(run_off.share), run_off.beyond
    if later > _LATER:
        much = f"about {100 * later:.0f} % of the cost is" if later < 1.0 else "an unknown part is"
        yield (
            f"lines.{line}: payments had not run off within the {months} months that could be seen; if they "
            f"go on falling off as they did, {much} paid later still and missing from the draft"
        )


def _use_that_grows(held: Material, line: str) -> Iterator[str]:
    """Claims a member grew: a draft's growth is that of the cost of a claim (docs/definitions.md, 11)."""
    place = held.place(line)
    if np.count_nonzero(held.monthly.claims[:, place]) < 2 * _YEAR:
        return
    found = held.trend(place, "frequency", seasonal=False)
    if abs(found.per_year) > max(_GROWS, 3.0 * found.standard_error):
        yield (
            f"lines.{line}: claims a member moved by {100 * found.per_year:+.1f} % a year (standard error "
            f"{100 * found.standard_error:.1f} points); the draft has the mean of the period for all years"
        )
