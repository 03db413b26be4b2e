"""Every principle once, and losses that they price."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from mutualfund.claims import Gamma
from mutualfund.premiums import PremiumPrinciple, PrincipleSpec

EVERY = [
    ("expected_value", "loading", 0.3),
    ("standard_deviation", "loading", 0.4),
    ("variance", "loading", 0.0007),
    ("exponential", "risk_aversion", 0.0009),
    ("esscher", "tilt", 0.0009),
    ("percentile", "probability", 0.9),
    ("tvar", "probability", 0.9),
    ("proportional_hazards", "loading", 0.3),
    ("wang", "shift", 0.4),
]


def principle(kind: str, name: str, value: float) -> PremiumPrinciple:
    made: PremiumPrinciple = TypeAdapter(PrincipleSpec).validate_python({"kind": kind, name: value})
    return made


GAMMA = Gamma(alpha=1.7, theta=300.0)


class OnlyQuantiles:
    """A loss of one's own: no moments, no second tail."""

    def __init__(self, law: Any, **more: float) -> None:
        self.law_of_mine = law
        vars(self).update(more)

    def quantile(self, p: Any) -> Any:
        return self.law_of_mine.ppf(p)
