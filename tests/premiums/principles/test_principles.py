"""Premium principles against closed forms, brute sums and repeated sampling.

Source of truth: closed forms of the exponential, gamma, normal, lognormal, inverse Gaussian and Pareto laws
(Kaas, Goovaerts, Dhaene, Denuit, *Modern Actuarial Risk Theory* (2008), chapter 5; Wang 1995 and 2000),
SciPy's quadrature, and sums written out here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import integrate, stats

from mutualfund.claims import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    GeneralisedPareto,
    InverseGaussian,
    Lognormal,
    Normal,
    Pareto,
    Weibull,
)
from mutualfund.errors import Fault, InputError, NotEnoughPathsError
from mutualfund.premiums import (
    EsscherPrinciple,
    ExpectedValuePrinciple,
    ExponentialPrinciple,
    PercentilePrinciple,
    PremiumPrinciple,
    PrincipleSpec,
    ProportionalHazardsPrinciple,
    StandardDeviationPrinciple,
    TailPrinciple,
    VariancePrinciple,
    WangPrinciple,
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


GAMMA, GAMMA_MGF = Gamma(alpha=1.7, theta=300.0), (1 - 0.002 * 300) ** -1.7
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


class OnlyQuantiles:
    """A loss of one's own: no moments, no second tail."""

    def __init__(self, law: Any, **more: float) -> None:
        self.law_of_mine = law
        vars(self).update(more)

    def quantile(self, p: Any) -> Any:
        return self.law_of_mine.ppf(p)


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_a_loss_that_knows_nothing_but_quantiles_is_priced_like_one_that_knows_all(
    kind: str, name: str, value: float
) -> None:
    rule = principle(kind, name, value)
    own = OnlyQuantiles(stats.gamma(1.7, scale=300), exponential_limit=1 / 300)
    known, asked = rule.premium(GAMMA), rule.premium(own)
    assert asked.mean == pytest.approx(known.mean, rel=1e-7)
    assert asked.premium == pytest.approx(known.premium, rel=1e-6)


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_a_frozen_distribution_of_scipy_is_priced_as_the_library_s_own(
    kind: str, name: str, value: float
) -> None:
    rule, frozen = principle(kind, name, value), stats.gamma(1.7, scale=300)
    if kind in ("exponential", "esscher"):  # SciPy does not say how heavy a tail is
        with pytest.raises(InputError, match=r"not known whether it is light.* exponential_limit"):
            rule.premium(frozen)
        with pytest.raises(InputError, match="not known whether it is light"):
            rule.premium(OnlyQuantiles(frozen))
        assert rule.premium(stats.uniform(0, 500)).premium > 250.0  # it has an end
        frozen.exponential_limit = 1 / 300
        assert rule.premium(frozen).premium == pytest.approx(rule.premium(GAMMA).premium, rel=1e-8)
        return
    assert rule.premium(frozen).premium == pytest.approx(rule.premium(GAMMA).premium, rel=1e-8)
    with pytest.raises(InputError, match="a gamma_gen"):
        rule.premium(stats.gamma)  # without parameters


def test_a_frozen_count_of_scipy_is_priced_as_the_sum_over_its_steps() -> None:
    above = stats.poisson(3).sf(np.arange(60)) ** (1 / 1.5)
    found = ProportionalHazardsPrinciple(loading=0.5).premium(stats.poisson(3))
    assert found.premium == pytest.approx(float(above.sum()), rel=1e-12)
    assert found.mean == pytest.approx(3.0, rel=1e-14)
    shifted = WangPrinciple(shift=0.3).premium(stats.nbinom(2, 0.1, loc=5))
    above = stats.norm.cdf(stats.norm.ppf(stats.nbinom(2, 0.1).sf(np.arange(2000))) + 0.3)
    assert shifted.premium == pytest.approx(5.0 + float(above.sum()), rel=1e-10)
    tilted = EsscherPrinciple(tilt=0.1).premium(stats.poisson(3))  # Poisson(3 e^0.1)
    assert tilted.premium == pytest.approx(3.0 * math.exp(0.1), rel=1e-10)
    with pytest.raises(InputError, match="a least number"):
        WangPrinciple(shift=0.3).premium(stats.skellam(3, 2))


def test_a_loss_may_state_its_limit_as_a_method() -> None:
    class Light(OnlyQuantiles):
        def exponential_limit(self) -> float:
            return 0.1

    found = EsscherPrinciple(tilt=0.01).premium(Light(stats.expon(scale=10)))
    assert found.premium == pytest.approx(10 / (1 - 0.01 * 10), rel=1e-6)


def test_a_loss_in_steps_is_priced_as_the_sum_over_its_steps() -> None:
    """Poisson(3) claims of 50, known by quantiles alone; the sums are over 60 counts."""
    counts = np.arange(60)
    chance = stats.poisson(3).pmf(counts)
    above = stats.poisson(3).sf(counts - 1)[1:]
    loss = OnlyQuantiles(stats.poisson(3), exponential_limit=math.inf)
    hazards = ProportionalHazardsPrinciple(loading=0.5).premium(loss)
    assert hazards.premium == pytest.approx(float((above ** (1 / 1.5)).sum()), rel=1e-5)
    assert abs(hazards.premium - float((above ** (1 / 1.5)).sum())) <= hazards.numerical_error
    exponential = ExponentialPrinciple(risk_aversion=0.3).premium(loss)
    wanted = math.log(float(chance @ np.exp(0.3 * counts))) / 0.3
    assert wanted == pytest.approx(3 * (math.exp(0.3) - 1) / 0.3, rel=1e-12)
    assert exponential.premium == pytest.approx(wanted, rel=1e-5)


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


@pytest.mark.parametrize("chance", [0.05, 1e-5])
def test_a_loss_that_is_rare_is_not_taken_for_none(chance: float) -> None:
    """By hand: the mean 1000 q, the distorted mean 1000 g(q), the moment 1 - q + q exp(1000 a)."""
    loss, a = Rare(chance), 0.0005
    weighted = chance * math.exp(1000 * a)
    wanted = {
        ExpectedValuePrinciple(loading=0.3): 1000 * chance * 1.3,
        ProportionalHazardsPrinciple(loading=0.25): 1000 * chance**0.8,
        WangPrinciple(shift=0.3): 1000 * stats.norm.sf(stats.norm.isf(chance) - 0.3),
        ExponentialPrinciple(risk_aversion=a): math.log1p(chance * math.expm1(1000 * a)) / a,
        EsscherPrinciple(tilt=a): 1000 * weighted / (1 - chance + weighted),
    }
    for rule, premium in wanted.items():
        found = rule.premium(loss)
        assert found.mean == pytest.approx(1000 * chance, rel=1e-6)
        assert found.premium == pytest.approx(premium, rel=1e-6)
        assert found.note == ""


def test_a_loss_beside_which_others_are_nothing_is_found_however_rare() -> None:
    """1 for certain, and 1e30 more with probability 1e-25: nearly all of the mean is that."""

    class Ruinous(OnlyQuantiles):
        def isf(self, u: Any) -> Any:
            return np.where(np.asarray(u) < 1e-25, 1e30, 1.0)

        def quantile(self, p: Any) -> Any:
            return np.ones(np.shape(p))

    found = ProportionalHazardsPrinciple(loading=0.0).premium(Ruinous(None))
    assert found.mean == pytest.approx(1e5 + 1, rel=1e-5)


def test_a_mean_above_its_own_quantiles_is_refused() -> None:
    with pytest.raises(InputError, match="State the mean of the same loss"):
        WangPrinciple(shift=0.1).premium(Rare(mean=90.0, variance=1.0))


class EndsEarly(OnlyQuantiles):
    """A lattice that cannot be asked beyond an exceedance of 1e-9, as aggregate distributions are."""

    def isf(self, u: Any) -> Any:
        if np.min(u) < 1e-9:
            raise InputError([Fault("isf", "too deep", "less deep")])
        return self.law_of_mine.isf(u)


def test_a_lattice_that_ends_early_is_priced_as_far_as_it_goes() -> None:
    loss = EndsEarly(stats.gamma(1.7, scale=300), mean=510.0, variance=1.7 * 300**2)
    for rule in (ProportionalHazardsPrinciple(loading=0.2), WangPrinciple(shift=0.3)):
        wanted = rule.premium(GAMMA).premium
        found = rule.premium(loss)
        assert found.premium == pytest.approx(wanted, rel=2e-5)
        assert abs(found.premium - wanted) <= found.numerical_error


# ---- simulated outcomes ------------------------------------------------------------------------


def by_hand(rule: PremiumPrinciple, x: np.ndarray) -> float:
    """The principle on outcomes, from its definition."""
    x, n, value = np.sort(x), x.size, rule.parameter
    match rule.kind:  # type: ignore[attr-defined]
        case "expected_value":
            return float(x.mean() * (1 + value))
        case "standard_deviation":
            return float(x.mean() + value * x.std(ddof=1))
        case "variance":
            return float(x.mean() + value * x.var(ddof=1))
        case "exponential":
            return math.log(float(np.exp(value * x).mean())) / value
        case "esscher":
            return float((x * np.exp(value * x)).mean() / np.exp(value * x).mean())
        case "percentile":
            return float(x[math.ceil(round(n * value, 9)) - 1])
        case "tvar":
            worst, left = 0.0, n * (1 - value)
            for outcome in x[::-1]:
                part = min(left, 1.0)
                worst, left = worst + part * outcome, left - part
            return float(worst / (n * (1 - value)))
        case "proportional_hazards":
            tail = (np.arange(n, -1, -1) / n) ** (1 / (1 + value))
        case "wang":
            tail = stats.norm.cdf(stats.norm.ppf(np.arange(n, -1, -1) / n) + value)
    return float(x @ (tail[:-1] - tail[1:]))


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_outcomes_are_priced_by_the_definition(kind: str, name: str, value: float) -> None:
    outcomes = np.random.default_rng(3).gamma(1.7, 300, 997)
    outcomes[:40] = outcomes[40]  # ties
    rule = principle(kind, name, value)
    assert rule.premium(outcomes).premium == pytest.approx(by_hand(rule, outcomes), rel=1e-11)


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_the_standard_error_is_the_spread_of_the_premium_over_repeated_samples(
    kind: str, name: str, value: float
) -> None:
    """400 samples of 600: the spread is known to 3.5 %, so an error off by a fifth is caught."""
    made, rule = np.random.default_rng(11), principle(kind, name, value)
    found = [rule.premium(made.gamma(3.0, 100, 600)) for _ in range(400)]
    spread = np.std([one.premium for one in found], ddof=1)
    assert np.mean([one.standard_error for one in found]) == pytest.approx(spread, rel=0.18)


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_outcomes_and_their_law_agree_within_five_standard_errors(
    kind: str, name: str, value: float
) -> None:
    """40,000 outcomes: relative errors of a few per mille, so a 2 % error is caught."""
    rule = principle(kind, name, value)
    found = rule.premium(np.random.default_rng(5).gamma(1.7, 300, 40_000))
    exact = rule.premium(GAMMA).premium
    assert abs(found.premium - exact) <= 5 * found.standard_error + found.numerical_error
    assert found.standard_error < 0.004 * exact * (3 if kind in ("tvar", "percentile") else 2)


def test_a_premium_that_rests_on_a_few_outcomes_is_refused() -> None:
    outcomes = np.random.default_rng(5).exponential(100, 200)
    for rule in (
        TailPrinciple(probability=0.96),
        PercentilePrinciple(probability=0.96),
        ExponentialPrinciple(risk_aversion=1.0),
        EsscherPrinciple(tilt=1.0),
        ProportionalHazardsPrinciple(loading=50.0),
        WangPrinciple(shift=6.0),
    ):
        with pytest.raises(NotEnoughPathsError, match="fewer than 10"):
            rule.premium(outcomes)
    with pytest.raises(NotEnoughPathsError):
        ExpectedValuePrinciple(loading=0.1).premium(outcomes[:9])


def test_outcomes_may_come_as_a_column_of_a_table() -> None:
    outcomes = np.random.default_rng(5).exponential(100, 200)
    rule = TailPrinciple(probability=0.9)
    for column in (pd.Series(outcomes), pl.Series(outcomes)):
        assert rule.premium(column) == rule.premium(outcomes)


def test_an_empirical_severity_is_a_law_not_a_sample() -> None:
    """By hand: 10, 20, 60 with weights 5, 3, 2; TVaR at 0.7 is (0.2 x 60 + 0.1 x 20) / 0.3."""
    loss = Empirical(values=(10, 20, 60), weights=(5, 3, 2))
    found = TailPrinciple(probability=0.7).premium(loss)
    assert found.premium == pytest.approx((0.2 * 60 + 0.1 * 20) / 0.3, rel=1e-12)
    assert found.standard_error == 0.0
    tilted = EsscherPrinciple(tilt=0.02).premium(loss).premium
    weights = [share * math.exp(0.02 * x) for share, x in ((0.5, 10), (0.3, 20), (0.2, 60))]
    by_hand_ = sum(w * x for w, x in zip(weights, (10, 20, 60), strict=True)) / sum(weights)
    assert tilted == pytest.approx(by_hand_, rel=1e-12)


# ---- where a premium does not exist ------------------------------------------------------------


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


def test_a_percentile_below_the_mean_gives_the_mean_and_says_so() -> None:
    skewed = Lognormal(mu=0, sigma=4)
    found = PercentilePrinciple(probability=0.9).premium(skewed)
    assert found.premium == found.mean == skewed.mean
    assert "below the mean" in found.note
    assert PercentilePrinciple(probability=0.9).premium(GAMMA).note == ""


@pytest.mark.parametrize("loss", ["text", [], [1.0, math.nan] * 9, {"a": 1}])
def test_what_is_no_loss_is_refused(loss: Any) -> None:
    with pytest.raises(InputError):
        ExpectedValuePrinciple(loading=0.1).premium(loss)


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_a_parameter_below_zero_is_refused(kind: str, name: str, value: float) -> None:
    with pytest.raises(ValueError):
        principle(kind, name, -value)


@pytest.mark.parametrize("rule", [PercentilePrinciple, TailPrinciple])
def test_a_percentage_is_refused(rule: type) -> None:
    with pytest.raises(InputError, match="probability"):
        rule(probability=99.0)


# ---- properties --------------------------------------------------------------------------------

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
