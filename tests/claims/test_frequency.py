"""Claim counts against SciPy's distributions (the source of truth here) and against thinning written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from mutualfund.claims import Binomial, FrequencySpec, NegativeBinomial, Poisson, ZeroModified
from mutualfund.errors import InputError

COUNTS = np.arange(40)
ORACLES: list[tuple[Any, Any]] = [
    (Poisson(mean=0.7), stats.poisson(0.7)),
    (Poisson(mean=12.5), stats.poisson(12.5)),
    (NegativeBinomial(mean=2.86, dispersion=0.469), stats.nbinom(0.469, 0.469 / 3.329)),
    (NegativeBinomial(mean=0.11, dispersion=1.6), stats.nbinom(1.6, 1.6 / 1.71)),
    (Binomial(mean=0.9, trials=3), stats.binom(3, 0.3)),
    (Binomial(mean=6.0, trials=30), stats.binom(30, 0.2)),
]
BY_NAME = [pytest.param(ours, law, id=repr(ours)) for ours, law in ORACLES]
ZERO_MODIFIED = [
    ZeroModified(p0=0.5, base=Poisson(mean=3)),
    ZeroModified(p0=0.02, base=Poisson(mean=3)),  # fewer zeros than a Poisson
    ZeroModified(p0=0.8, base=NegativeBinomial(mean=1.5, dispersion=0.6)),
    ZeroModified(p0=0.4, base=Binomial(mean=1.2, trials=4)),
]
EVERY = [pytest.param(ours, id=repr(ours)) for ours in (*(o for o, _ in ORACLES), *ZERO_MODIFIED)]


@pytest.mark.parametrize(("ours", "law"), BY_NAME)
def test_counts_are_scipys(ours: Any, law: Any) -> None:
    np.testing.assert_allclose(ours.pmf(COUNTS), law.pmf(COUNTS), rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(ours.cdf(COUNTS), law.cdf(COUNTS), rtol=1e-12)
    np.testing.assert_allclose(ours.sf(COUNTS), law.sf(COUNTS), rtol=1e-10, atol=1e-300)
    assert ours.mean == pytest.approx(law.mean(), rel=1e-12)
    assert ours.variance == pytest.approx(law.var(), rel=1e-12)


@pytest.mark.parametrize("ours", ZERO_MODIFIED, ids=repr)
def test_a_zero_modified_count_keeps_the_proportions_of_its_base(ours: Any) -> None:
    assert float(ours.pmf(0)) == pytest.approx(ours.p0, rel=1e-12)
    rest, base = ours.pmf(np.arange(1, 9)), ours.base.pmf(np.arange(1, 9))
    kept = base > 0.0
    np.testing.assert_allclose(
        rest[kept] / base[kept], (1 - ours.p0) / float(ours.base.sf(0)), rtol=1e-12
    )


@pytest.mark.parametrize("ours", EVERY)
def test_moments_and_tails_are_those_of_the_probabilities(ours: Any) -> None:
    k = np.arange(2000.0)
    chance = ours.pmf(k)
    assert chance.sum() == pytest.approx(1.0, rel=1e-12)
    assert chance @ k == pytest.approx(ours.mean, rel=1e-11)
    assert chance @ (k - ours.mean) ** 2 == pytest.approx(ours.variance, rel=1e-10)
    np.testing.assert_allclose(np.cumsum(chance)[:30], ours.cdf(k[:30]), rtol=1e-12)
    np.testing.assert_allclose(ours.cdf(k[:30]) + ours.sf(k[:30]), 1.0, rtol=1e-14)


@pytest.mark.parametrize("ours", EVERY)
def test_counts_below_zero_and_between_whole_numbers_are_impossible(ours: Any) -> None:
    np.testing.assert_array_equal(ours.pmf([-1, 0.5, -2.5, np.inf]), 0.0)
    np.testing.assert_array_equal(ours.cdf([-1.0, -0.5]), 0.0)
    np.testing.assert_array_equal(ours.sf([-1.0, -0.5]), 1.0)
    assert float(ours.cdf(1.7)) == float(ours.cdf(1))


@pytest.mark.parametrize("ours", EVERY)
def test_at_its_own_rate_a_count_is_itself(ours: Any) -> None:
    np.testing.assert_array_equal(ours.pmf_at(1.0, 20), ours.pmf(np.arange(20)))
    np.testing.assert_array_equal(ours.pmf_at(0.0, 5), [1.0, 0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("ours", EVERY)
@given(kept=st.floats(1e-6, 1.0))
def test_keeping_each_claim_with_a_chance_is_the_law_at_the_reduced_rate(
    ours: Any, kept: float
) -> None:
    """Thinning written out: sum over n of P(N = n) times a binomial. Partial cover rests on it."""
    n = np.arange(400)
    survivors = stats.binom.pmf(np.arange(12)[:, None], n[None, :], kept)
    np.testing.assert_allclose(
        ours.pmf_at(kept, 12), survivors @ ours.pmf(n), rtol=1e-9, atol=1e-13
    )


@given(st.floats(0.01, 20), st.floats(0.05, 50), st.floats(0.0, 10))
def test_a_higher_rate_only_adds_claims(mean: float, dispersion: float, more: float) -> None:
    ours = NegativeBinomial(mean=mean, dispersion=dispersion)
    at_most = np.cumsum(ours.pmf_at(1.0, 60))
    assert np.all(np.cumsum(ours.pmf_at(1.0 + more, 60)) <= at_most + 1e-12)


def test_a_negative_binomial_of_huge_dispersion_is_a_poisson() -> None:
    ours = NegativeBinomial(mean=3.0, dispersion=1e9)
    np.testing.assert_allclose(ours.pmf(COUNTS[:20]), Poisson(mean=3.0).pmf(COUNTS[:20]), rtol=1e-6)


def test_no_frequency_gives_no_claims() -> None:
    for ours in (
        Poisson(mean=0),
        NegativeBinomial(mean=0, dispersion=2),
        Binomial(mean=0, trials=2),
    ):
        np.testing.assert_array_equal(ours.pmf([0, 1, 2]), [1.0, 0.0, 0.0])


def test_the_posterior_rate_is_the_bayes_estimate_by_quadrature() -> None:
    ours = NegativeBinomial(mean=1.3, dispersion=0.8)
    rate = np.linspace(1e-6, 60, 600_001)
    weight = stats.gamma(0.8, scale=1.3 / 0.8).pdf(rate) * stats.poisson.pmf(5, rate * 2.5)
    want = float((rate * weight).sum() / weight.sum())
    assert float(ours.posterior_rate(5, 2.5)) == pytest.approx(want, rel=1e-4)


@pytest.mark.parametrize("ours", EVERY)
def test_a_frequency_comes_out_as_it_went_in(ours: Any) -> None:
    again = TypeAdapter(FrequencySpec).validate_python(ours.model_dump())
    assert again == ours
    assert hash(again) == hash(ours)


REFUSED = [
    ({"kind": "poisson"}, "Field required"),
    ({"kind": "poisson", "mean": -0.1}, "greater than or equal to 0"),
    ({"kind": "poisson", "mean": "1"}, "valid number"),
    ({"kind": "poisson", "mean": float("nan")}, "finite|greater"),
    ({"kind": "poisson", "mean": 1, "dispersion": 2}, "Extra inputs"),
    ({"kind": "negative_binomial", "mean": 1, "dispersion": 0}, "greater than 0"),
    ({"kind": "binomial", "mean": 4, "trials": 3}, "cannot exceed its trials"),
    ({"kind": "binomial", "mean": 1, "trials": 2.5}, "valid integer"),
    ({"kind": "zero_modified", "p0": 1.0, "base": {"kind": "poisson", "mean": 1}}, "less than 1"),
    ({"kind": "zero_modified", "p0": 0.2, "base": {"kind": "poisson", "mean": 0}}, "mean > 0"),
    ({"kind": "poison", "mean": 1}, "expected tags: 'poisson'"),
]


@pytest.mark.parametrize(("written", "reason"), REFUSED, ids=str)
def test_what_cannot_be_a_frequency_is_refused(written: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        TypeAdapter(FrequencySpec).validate_python(written)


def test_a_rate_that_the_law_cannot_have_is_refused() -> None:
    with pytest.raises(InputError, match="more than 3 trials"):
        Binomial(mean=0.9, trials=3).pmf_at(4.0, 5)
    with pytest.raises(InputError, match="no chance for zero claims"):
        ZeroModified(p0=0.02, base=Poisson(mean=3)).pmf_at(2.0, 5)
    with pytest.raises(InputError, match=r"frequency\.factor: got -1"):
        Poisson(mean=1).pmf_at(-1.0, 5)
