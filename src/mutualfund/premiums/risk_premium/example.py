"""A small fund, priced: for examples."""

from __future__ import annotations

from mutualfund.assumptions import Assumptions, Line
from mutualfund.claims import LossCover
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.risk_premium.cover import LineCover
from mutualfund.premiums.risk_premium.pricing import risk_premiums
from mutualfund.premiums.risk_premium.result import RiskPremiums


def example_risk_premiums() -> RiskPremiums:
    """Two lines over four cells: visits less 10 each, and hospital stays in full.

    >>> example_risk_premiums().cells
    (('0-39', 'F'), ('0-39', 'M'), ('40+', 'F'), ('40+', 'M'))
    """
    visits = Line(
        name="visits",
        frequency={"kind": "poisson", "mean": 3.6},
        severity={"kind": "fixed", "amount": 30.0},
        age_factors={"0-39": 0.8, "40+": 1.4},
    )
    hospital = Line(
        name="hospital",
        frequency={"kind": "negative_binomial", "mean": 0.02, "dispersion": 0.5},
        severity={"kind": "lognormal", "mean": 3000.0, "cv": 2.0},
        age_factors={"0-39": 0.5, "40+": 2.0},
        sex_factors={"F": 1.1, "M": 0.9},
        uncertainty={"frequency": 0.1, "severity": 0.05},
    )
    return risk_premiums(
        Assumptions(lines=[visits, hospital]),
        Portfolio.synthetic(500, age_mix="N", seed=1),
        {"visits": LineCover(LossCover(deductible=10.0))},
        age_bands=("0-39", "40+"),
    )
