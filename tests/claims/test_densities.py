"""Log densities, log survivals and log chances against SciPy's.

Source of truth: `scipy.stats` with its own parametrisation of each law.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from mutualfund.claims.count_laws import (
    BinomialLaw,
    NegativeBinomialLaw,
    PoissonLaw,
    ZeroModifiedLaw,
)
from mutualfund.claims.laws import GammaLaw, LognormalLaw, NormalLaw, WeibullLaw
from mutualfund.claims.laws_heavy import BurrLaw, GeneralisedParetoLaw, InverseGaussianLaw

PAIRS: list[tuple[Any, Any]] = [
    (WeibullLaw(0.7, 300.0), stats.weibull_min(0.7, scale=300)),
    (GammaLaw(1.7, 90.0), stats.gamma(1.7, scale=90)),
    (LognormalLaw(4.0, 1.3), stats.lognorm(1.3, scale=np.exp(4.0))),
    (NormalLaw(500.0, 80.0), stats.norm(500, 80)),
    (GeneralisedParetoLaw(0.4, 120.0), stats.genpareto(0.4, scale=120)),
    (GeneralisedParetoLaw(-0.2, 900.0), stats.genpareto(-0.2, scale=900)),
    (GeneralisedParetoLaw(0.0, 120.0), stats.expon(scale=120)),
    (GeneralisedParetoLaw(0.5, 50.0, 100.0), stats.pareto(2.0, scale=100)),
    (BurrLaw(1.4, 200.0, 1.8), stats.burr12(1.8, 1.4, scale=200)),
    (InverseGaussianLaw(300.0, 150.0), stats.invgauss(2.0, scale=150)),
]
AMOUNTS = np.array([0.5, 30.0, 99.0, 101.0, 480.0, 2_500.0, 40_000.0])


@pytest.mark.parametrize(("law", "theirs"), PAIRS, ids=[type(law).__name__ for law, _ in PAIRS])
def test_log_densities_and_log_survivals_are_scipys(law: Any, theirs: Any) -> None:
    near = AMOUNTS[AMOUNTS < 3_000.0]
    np.testing.assert_allclose(law.logpdf(near), theirs.logpdf(near), rtol=1e-10)
    np.testing.assert_allclose(law.logsf(near), theirs.logsf(near), rtol=1e-9, atol=1e-15)
    with np.errstate(divide="ignore"):
        assert np.all(law.logsf(AMOUNTS) <= 0.0)


@pytest.mark.parametrize("factor", [0.3, 1.0, 2.5])
def test_log_chances_of_counts_are_scipys_at_any_rate(factor: float) -> None:
    k = np.arange(6.0)
    at = np.full(6, factor)
    nb = stats.nbinom(0.8, 0.8 / (0.8 + 0.9 * factor))
    chance = 0.9 * factor / 5
    for law, theirs in (
        (PoissonLaw(0.9), stats.poisson(0.9 * factor)),
        (NegativeBinomialLaw(0.9, 0.8), nb),
        (BinomialLaw(0.9, 5), stats.binom(5, chance)),
    ):
        np.testing.assert_allclose(law.logpmf_at(k, at), theirs.logpmf(k), rtol=1e-10)
    modified = ZeroModifiedLaw(NegativeBinomialLaw(0.9, 0.8), 0.7)
    want = np.where(k == 0.0, np.log(1 - 0.7 * nb.sf(0)), np.log(0.7) + nb.logpmf(k))
    np.testing.assert_allclose(modified.logpmf_at(k, at), want, rtol=1e-10)
    np.testing.assert_allclose(modified.at(factor).pmf(k), np.exp(want), rtol=1e-10)


def test_a_binomial_has_no_more_claims_than_trials_and_no_chance_above_one() -> None:
    law = BinomialLaw(0.9, 2)
    assert np.isneginf(law.logpmf_at(np.array([3.0]), np.ones(1)))[0]
    assert np.isneginf(law.logpmf_at(np.array([1.0]), np.array([2.3])))[0]
