"""Losses of every kind: known by quantiles alone, SciPy's, in steps, rare, cut short.

Source of truth: the library's own laws, whose premiums `test_principles` compares with closed forms, and sums
written out here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mutualfund.claims import Empirical
from mutualfund.errors import Fault, InputError
from mutualfund.premiums import (
    EsscherPrinciple,
    ExpectedValuePrinciple,
    ExponentialPrinciple,
    ProportionalHazardsPrinciple,
    TailPrinciple,
    WangPrinciple,
)
from premiums.principles.losses import EVERY, GAMMA, OnlyQuantiles, principle


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


@pytest.mark.parametrize("loss", ["text", [], [1.0, math.nan] * 9, {"a": 1}])
def test_what_is_no_loss_is_refused(loss: Any) -> None:
    with pytest.raises(InputError):
        ExpectedValuePrinciple(loading=0.1).premium(loss)
