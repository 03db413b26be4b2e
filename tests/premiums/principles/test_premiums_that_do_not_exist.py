"""Where a premium does not exist it is refused with the reason.

Source of truth: tail indices and moments of the laws (Kaas, Goovaerts, Dhaene, Denuit, *Modern Actuarial Risk
Theory* (2008), chapter 5).
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy import stats

from mutualfund.claims import Gamma, GeneralisedPareto, Lognormal, Pareto, Weibull
from mutualfund.errors import InputError
from mutualfund.premiums import (
    EsscherPrinciple,
    ExpectedValuePrinciple,
    ExponentialPrinciple,
    PremiumPrinciple,
    ProportionalHazardsPrinciple,
    StandardDeviationPrinciple,
    VariancePrinciple,
)
from premiums.principles.losses import GAMMA, OnlyQuantiles


@pytest.mark.parametrize(
    "rule", [ExponentialPrinciple(risk_aversion=1e-6), EsscherPrinciple(tilt=1e-6)]
)
@pytest.mark.parametrize(
    "loss",
    [
        Lognormal(mu=5, sigma=0.4),
        Weibull(tau=0.9, theta=100),
        GeneralisedPareto(xi=0.1, beta=100),
        Gamma(mean=100, cv=1, tail={"kind": "pareto", "above": 900, "alpha": 3.0}),
        OnlyQuantiles(stats.lognorm(0.3, scale=100), exponential_limit=0.0),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_exponential_moments_of_heavy_tails_are_refused(rule: PremiumPrinciple, loss: Any) -> None:
    with pytest.raises(InputError, match=r"heavier than every exponential.*TVaR") as caught:
        rule.premium(loss)
    assert caught.value.faults[0].code == "does_not_exist"


@pytest.mark.parametrize("rate", [1 / 300, 0.004])
def test_a_rate_at_or_beyond_the_limit_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match=r"below 0\.0033"):
        ExponentialPrinciple(risk_aversion=rate).premium(GAMMA)


def test_a_loss_of_one_s_own_with_an_end_has_every_exponential_moment() -> None:
    loss = OnlyQuantiles(stats.uniform(0, 100))
    wanted = math.log((math.exp(5) - 1) / 5) / 0.05
    found = ExponentialPrinciple(risk_aversion=0.05).premium(loss)
    assert found.premium == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(
    ("rule", "loss"),
    [
        (StandardDeviationPrinciple(loading=0.1), Pareto(alpha=1.5, above=10)),
        (VariancePrinciple(loading=0.1), Pareto(alpha=1.5, above=10)),
        (StandardDeviationPrinciple(loading=0.1), OnlyQuantiles(stats.pareto(1.5))),
        (ProportionalHazardsPrinciple(loading=0.5), Pareto(alpha=1.5, above=10)),
        (ProportionalHazardsPrinciple(loading=1.0), Pareto(alpha=1.5, above=10)),
        (ProportionalHazardsPrinciple(loading=1.0), OnlyQuantiles(stats.pareto(1.5))),
        (ExpectedValuePrinciple(loading=0.1), OnlyQuantiles(stats.pareto(0.9))),
    ],
)
def test_premiums_that_are_infinite_are_refused(rule: PremiumPrinciple, loss: Any) -> None:
    with pytest.raises(InputError) as caught:
        rule.premium(loss)
    assert caught.value.faults[0].code == "does_not_exist"


def test_a_premium_that_cannot_be_found_to_a_stated_error_is_refused() -> None:
    """It is 10 x 1.5 / (1.5 - 1.4995) = 30,000, of which half lies beyond a probability of 2^-1000."""
    with pytest.raises(InputError, match="too heavy"):
        ProportionalHazardsPrinciple(loading=0.4995).premium(Pareto(alpha=1.5, above=10))
