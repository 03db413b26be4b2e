"""Every principle with a parameter, and losses of one's own that know less than a law of the library."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from mutualfund.claims import (
    Gamma,
)
from mutualfund.errors import Fault, InputError
from mutualfund.premiums import (
    PremiumPrinciple,
    PrincipleSpec,
)

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


class Rare:
    """1000 with probability 5 %, otherwise nothing."""

    exponential_limit = math.inf

    def __init__(self, chance: float = 0.05, **more: float) -> None:
        self.chance = chance
        vars(self).update(more)

    def quantile(self, p: Any) -> Any:
        return np.where(np.asarray(p) > 1.0 - self.chance, 1000.0, 0.0)

    def isf(self, u: Any) -> Any:
        return np.where(np.asarray(u) < self.chance, 1000.0, 0.0)


class EndsEarly(OnlyQuantiles):
    """A lattice that cannot be asked beyond an exceedance of 1e-9, as aggregate distributions are."""

    def isf(self, u: Any) -> Any:
        if np.min(u) < 1e-9:
            raise InputError([Fault("isf", "too deep", "less deep")])
        return self.law_of_mine.isf(u)
