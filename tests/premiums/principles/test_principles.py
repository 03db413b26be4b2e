"""Premium principles against closed forms and their properties.

Source of truth: closed forms of the exponential, gamma, normal, lognormal, inverse Gaussian and Pareto laws
(Kaas, Goovaerts, Dhaene, Denuit, *Modern Actuarial Risk Theory* (2008), chapter 5; Wang 1995 and 2000), and
SciPy's quadrature.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from mutualfund.claims import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    InverseGaussian,
    Lognormal,
    Normal,
    Pareto,
    Weibull,
)
from mutualfund.errors import InputError, NotEnoughPathsError
from mutualfund.premiums import (
    EsscherPrinciple,
    ExpectedValuePrinciple,
    ExponentialPrinciple,
    PercentilePrinciple,
    PremiumPrinciple,
    ProportionalHazardsPrinciple,
    StandardDeviationPrinciple,
    TailPrinciple,
    VariancePrinciple,
    WangPrinciple,
)
from premiums.principles.losses import EVERY, GAMMA, principle

GAMMA_MGF = (1 - 0.002 * 300) ** -1.7
CLOSED: list[tuple[PremiumPrinciple, Any, float]] = [
    (ExpectedValuePrinciple(loading=0.25), GAMMA, 510 * 1.25),
    (StandardDeviationPrinciple(loading=0.5), GAMMA, 510 + 0.5 * 300 * math.sqrt(1.7)),
    (VariancePrinciple(loading=0.001), GAMMA, 510 + 0.001 * 300**2 * 1.7),
    (ExponentialPrinciple(risk_aversion=0.002), GAMMA, math.log(GAMMA_MGF) / 0.002),
    (ExponentialPrinciple(risk_aversion=0.05), Normal(mean=-100, sd=30), -100 + 0.025 * 900),
    (
        ExponentialPrinciple(risk_aversion=1e-4),
        InverseGaussian(mu=1000, shape=900),
        0.9 * (1 - math.sqrt(1 - 2 * 1e6 * 1e-4 / 900)) / 1e-4,
    ),
    (EsscherPrinciple(tilt=0.002), GAMMA, 510 / (1 - 0.002 * 300)),
    (EsscherPrinciple(tilt=0.05), Normal(mean=100, sd=30), 100 + 0.05 * 900),
    (PercentilePrinciple(probability=0.97), GAMMA, stats.gamma(1.7, scale=300).ppf(0.97)),
    (TailPrinciple(probability=0.97), Exponential(mean=70), 70 * (1 - math.log(0.03))),
    (ProportionalHazardsPrinciple(loading=0.4), Exponential(mean=70), 70 * 1.4),
    (
        ProportionalHazardsPrinciple(loading=0.4),
        Pareto(alpha=2.2, above=50),
        50 * 2.2 / (2.2 - 1.4),
    ),
    (
        ProportionalHazardsPrinciple(loading=0.9),
        Pareto(alpha=2.2, above=50),
        50 * 2.2 / (2.2 - 1.9),
    ),
    (
        ProportionalHazardsPrinciple(loading=1.5),
        Weibull(tau=0.5, theta=80),
        80 * 2.5**2 * math.gamma(3),
    ),
    (WangPrinciple(shift=0.7), Normal(mean=100, sd=30), 100 + 0.7 * 30),
    (WangPrinciple(shift=0.7), Lognormal(mu=5, sigma=1.8), math.exp(5 + 0.7 * 1.8 + 1.8**2 / 2)),
    (ExponentialPrinciple(risk_aversion=0.1), Fixed(amount=40), 40.0),
    (EsscherPrinciple(tilt=0.1), Fixed(amount=40), 40.0),
    (WangPrinciple(shift=0.7), Fixed(amount=40), 40.0),
]


@pytest.mark.parametrize(("rule", "loss", "wanted"), CLOSED)
def test_premiums_are_those_of_the_closed_forms(
    rule: PremiumPrinciple, loss: Any, wanted: float
) -> None:
    found = rule.premium(loss)
    assert found.premium == pytest.approx(wanted, rel=1e-9)
    assert found.standard_error == 0.0
    assert found.numerical_error <= 1e-8 * abs(wanted)
    assert found.loading == pytest.approx(wanted - found.mean, abs=1e-6)


@pytest.mark.parametrize(
    ("rule", "g"),
    [
        (ProportionalHazardsPrinciple(loading=0.6), lambda s: s ** (1 / 1.6)),
        (WangPrinciple(shift=0.5), lambda s: stats.norm.cdf(stats.norm.ppf(s) + 0.5)),
        (TailPrinciple(probability=0.8), lambda s: min(s / 0.2, 1.0)),
    ],
)
def test_a_distortion_is_the_integral_of_the_distorted_tail(rule: PremiumPrinciple, g: Any) -> None:
    law = stats.weibull_min(1.4, scale=500)
    bend = law.isf(0.2)
    wanted = sum(
        integrate.quad(lambda x: g(law.sf(x)), a, b, epsrel=1e-11, limit=300)[0]
        for a, b in ((0.0, bend), (bend, 4000.0), (4000.0, 20000.0))
    )
    assert rule.premium(Weibull(tau=1.4, theta=500)).premium == pytest.approx(wanted, rel=1e-8)


def test_a_percentile_below_the_mean_gives_the_mean_and_says_so() -> None:
    skewed = Lognormal(mu=0, sigma=4)
    found = PercentilePrinciple(probability=0.9).premium(skewed)
    assert found.premium == found.mean == skewed.mean
    assert "below the mean" in found.note
    assert PercentilePrinciple(probability=0.9).premium(GAMMA).note == ""


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_a_parameter_below_zero_is_refused(kind: str, name: str, value: float) -> None:
    with pytest.raises(ValueError):
        principle(kind, name, -value)


@pytest.mark.parametrize("rule", [PercentilePrinciple, TailPrinciple])
def test_a_percentage_is_refused(rule: type) -> None:
    with pytest.raises(InputError, match="probability"):
        rule(probability=99.0)


laws = st.one_of(
    st.builds(Exponential, mean=st.floats(1, 900)),
    st.builds(Gamma, mean=st.floats(1, 900), cv=st.floats(0.2, 3)),
    st.builds(Fixed, amount=st.floats(1, 900)),
    st.builds(Normal, mean=st.floats(-500, 500), sd=st.floats(1, 90)),
    st.builds(Empirical, values=st.lists(st.floats(1, 900), min_size=1, max_size=9).map(tuple)),
    st.lists(st.floats(-900, 900), min_size=10, max_size=40).map(np.array),
)


def priced(rule: PremiumPrinciple, loss: Any) -> float | None:
    """The premium; None where it does not exist or the outcomes cannot carry it."""
    try:
        return rule.premium(loss).premium
    except (InputError, NotEnoughPathsError):
        return None


@settings(deadline=None, max_examples=60)
@given(laws, st.sampled_from(EVERY), st.floats(0.0, 1.0))
def test_every_premium_is_at_least_the_mean_and_rises_with_its_parameter(
    loss: Any, which: tuple[str, str, float], share: float
) -> None:
    kind, name, value = which
    less, more = (priced(principle(kind, name, x), loss) for x in (share * value, value))
    mean = ExpectedValuePrinciple(loading=0.0).premium(loss).mean
    slack = 1e-8 * (1.0 + abs(mean))
    if less is not None:
        assert less >= mean
    if less is not None and more is not None:
        assert more >= less - slack


@settings(deadline=None, max_examples=40)
@given(laws, st.sampled_from(EVERY))
def test_every_premium_equals_the_mean_where_its_parameter_is_zero(
    loss: Any, which: tuple[str, str, float]
) -> None:
    kind, name, _ = which
    found = principle(kind, name, 0.0).premium(loss)
    assert found.premium == found.mean
    assert found.note == ""


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([row for row in EVERY if row[0] != "expected_value"]), st.floats(-900, 900))
def test_a_certain_amount_more_costs_that_amount_more(
    which: tuple[str, str, float], amount: float
) -> None:
    """Translation: true of all but the expected value principle (Kaas et al. (2008), table 5.1)."""
    outcomes = np.linspace(1.0, 30.0, 500) ** 2
    rule = principle(*which)
    moved = rule.premium(outcomes + amount).premium
    assert moved == pytest.approx(rule.premium(outcomes).premium + amount, abs=1e-7)
