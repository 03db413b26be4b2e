"""A mixture of Erlangs is the mixture of SciPy's gammas, term by term."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from mutualfund.claims import ErlangMixture, Poisson, aggregate
from mutualfund.errors import InputError

MIXTURE = ErlangMixture([2.0, 1.0, 1.0], [1, 3, 2], [0.5, 2.0, 0.1])
LAWS = [stats.gamma(1, scale=2.0), stats.gamma(3, scale=0.5), stats.gamma(2, scale=10.0)]
X = np.array([0.0, 0.4, 3.0, 25.0, 90.0])


def mixed(value: object) -> np.ndarray:
    return 0.5 * value(LAWS[0]) + 0.25 * value(LAWS[1]) + 0.25 * value(LAWS[2])


def test_probabilities_and_moments_are_mixed() -> None:
    assert MIXTURE.sf(X) == pytest.approx(mixed(lambda law: law.sf(X)), rel=1e-12)
    assert MIXTURE.cdf(X) == pytest.approx(mixed(lambda law: law.cdf(X)), rel=1e-12)
    assert MIXTURE.mean == pytest.approx(mixed(lambda law: law.mean()), rel=1e-13)
    second = mixed(lambda law: law.moment(2))
    assert MIXTURE.variance == pytest.approx(second - MIXTURE.mean**2, rel=1e-12)


def test_limited_moments_are_integrals_of_the_tail() -> None:
    for d in X[1:]:
        first = integrate.quad(MIXTURE.sf, 0, d, limit=200)[0]
        second = integrate.quad(lambda x: 2 * x * MIXTURE.sf(x), 0, d, limit=200)[0]
        assert MIXTURE.limited_mean(d) == pytest.approx(first, rel=1e-8)
        assert MIXTURE.second_limited_moment(d) == pytest.approx(second, rel=1e-8)
        assert MIXTURE.stop_loss(d) == pytest.approx(MIXTURE.mean - first, rel=1e-7)


def test_quantiles_invert_and_scaling_scales() -> None:
    q = np.array([1.0, 0.7, 1e-3, 1e-12])
    assert MIXTURE.sf(MIXTURE.isf(q)) == pytest.approx(q, rel=1e-9)
    assert MIXTURE.quantile(0.3) == pytest.approx(MIXTURE.isf(0.7), rel=1e-13)
    twice = MIXTURE.scaled(2.0)
    assert twice.sf(2 * X) == pytest.approx(MIXTURE.sf(X), rel=1e-12)


def test_it_is_a_severity_too() -> None:
    cost = aggregate(Poisson(mean=4.0), MIXTURE)
    assert cost.mean == pytest.approx(4 * MIXTURE.mean, rel=1e-13)
    assert cost.cdf(cost.mean) == pytest.approx(0.6, abs=0.05)


def test_the_phases_add_up_to_the_mean() -> None:
    start, generator = MIXTURE.phases()
    assert -start @ np.linalg.solve(generator, np.ones(start.size)) == pytest.approx(MIXTURE.mean)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (([1.0], [1, 2], [1.0]), "claims.terms"),
        (([], [], []), "claims.terms"),
        (([0.0], [1], [1.0]), "claims.weights"),
        (([1.0], [0], [1.0]), "claims.shapes"),
        (([1.0], [1.5], [1.0]), "claims.shapes"),
        (([1.0], [1], [0.0]), "claims.rates"),
    ],
)
def test_terms_out_of_range_are_refused(terms: tuple[list[float], ...], field: str) -> None:
    with pytest.raises(InputError) as refused:
        ErlangMixture(*terms)
    assert refused.value.faults[0].field.startswith(field)


def test_arrays_are_taken_and_a_mixture_can_be_a_key() -> None:
    mixture = ErlangMixture(np.array([0.5, 0.5]), np.array([1, 2]), np.array([3.0, 7.0]))
    assert mixture == ErlangMixture([0.5, 0.5], [1, 2], [3.0, 7.0])
    assert len({mixture, ErlangMixture([0.5, 0.5], [1, 2], [3.0, 7.0])}) == 1
