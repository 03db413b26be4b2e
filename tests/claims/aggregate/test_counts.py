"""What the compound takes from a count equals what its probabilities say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mutualfund import claims
from mutualfund.claims.aggregate.counts import (
    count_law,
    generating,
    largest_count,
    panjer_numbers,
    third_central_moment,
)
from mutualfund.errors import InputError

COUNTS = {
    "poisson": claims.Poisson(mean=2.3),
    "negative binomial": claims.NegativeBinomial(mean=2.3, dispersion=0.4),
    "binomial": claims.Binomial(mean=2.3, trials=7),
    "fewer zeros": claims.ZeroModified(p0=0.05, base=claims.Poisson(mean=2.3)),
    "more zeros": claims.ZeroModified(
        p0=0.6, base=claims.NegativeBinomial(mean=2.3, dispersion=0.7)
    ),
    "zeros and trials": claims.ZeroModified(p0=0.3, base=claims.Binomial(mean=2.3, trials=5)),
    "table": [0.1, 0.0, 0.5, 0.4],
    "fixed": 4,
    "none": 0,
}
NUMBER = np.arange(2000.0)


def chances(name: str) -> np.ndarray:
    return count_law(COUNTS[name]).pmf(NUMBER)


@pytest.mark.parametrize("name", COUNTS)
def test_the_generating_function_is_the_sum_over_the_probabilities(name: str) -> None:
    z = np.array([0.0, 0.5, -0.8, 1.0, 0.6j, 0.3 - 0.9j])
    direct = (z[:, None] ** NUMBER) @ chances(name)
    assert generating(count_law(COUNTS[name]), z.astype(complex)) == pytest.approx(
        direct, abs=1e-12
    )


@pytest.mark.parametrize("name", COUNTS)
def test_the_third_central_moment_is_that_of_the_probabilities(name: str) -> None:
    law = count_law(COUNTS[name])
    direct = (NUMBER - law.mean) ** 3 @ chances(name)
    assert third_central_moment(law) == pytest.approx(direct, rel=1e-9, abs=1e-9)
    assert (NUMBER - law.mean) ** 2 @ chances(name) == pytest.approx(law.variance, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in COUNTS if name not in {"table", "fixed"}])
def test_panjer_s_numbers_step_from_one_probability_to_the_next(name: str) -> None:
    law, numbers = count_law(COUNTS[name]), panjer_numbers(count_law(COUNTS[name]))
    chance = law.pmf(NUMBER[:6])
    first = numbers.weight * (numbers.a + numbers.b) * math.exp(numbers.log_zero)
    assert chance[1] == pytest.approx(first, rel=1e-12)
    steps = numbers.a + numbers.b / NUMBER[2:6]
    assert chance[2:] == pytest.approx(steps * chance[1:-1], rel=1e-10)


def test_the_most_claims_there_can_be() -> None:
    ends = {name: largest_count(count_law(COUNTS[name])) for name in COUNTS}
    assert ends["poisson"] == ends["more zeros"] == math.inf
    assert (ends["binomial"], ends["zeros and trials"], ends["table"]) == (7.0, 5.0, 3.0)
    assert (ends["fixed"], ends["none"]) == (4.0, 0.0)


def test_a_table_of_counts_is_brought_to_a_sum_of_one() -> None:
    law = count_law([1, 1, 2])
    assert law.pmf(np.array([0.0, 1.0, 2.0, 3.0])).tolist() == [0.25, 0.25, 0.5, 0.0]
    assert (law.mean, law.variance) == (1.25, 0.6875)


@pytest.mark.parametrize(
    ("frequency", "code"),
    [
        *(("often", "frequency"), (True, "frequency"), (None, "frequency"), (2.5, "frequency")),
        *((-1, "range"), ([0.5, -0.5], "range"), ([0.0, 0.0], "weights"), ([[1.0]], "weights")),
    ],
)
def test_what_is_no_count_is_refused(frequency: object, code: str) -> None:
    with pytest.raises(InputError) as refused:
        count_law(frequency)
    assert refused.value.faults[0].field.startswith("aggregate.frequency")
    assert refused.value.faults[0].code == code


@pytest.mark.parametrize("frequency", [4, [0.5, 0.5], claims.Binomial(mean=3.0, trials=3)])
def test_a_count_without_the_recursion_is_refused_by_panjer(frequency: object) -> None:
    with pytest.raises(InputError, match='method="fft"') as refused:
        claims.aggregate(frequency, claims.Fixed(amount=1.0), method="panjer")
    assert refused.value.faults[0].code == "not_panjer"


@pytest.mark.parametrize("n", [1, 64, 65, 300, 3000])
def test_a_long_table_of_counts_has_the_generating_function_of_all_its_terms(n: int) -> None:
    """Against NumPy's sum of every term, at points near and far from the unit circle."""
    rng = np.random.default_rng(n)
    z = np.exp(2j * np.pi * rng.random(2000)) * rng.random(2000) ** 0.2
    z[:2] = 1.0, 0.0
    law = count_law(rng.dirichlet(np.full(n, 0.05)))
    wanted = np.polyval(law.pmf(np.arange(float(n)))[::-1], z)
    np.testing.assert_allclose(generating(law, z), wanted, rtol=0.0, atol=1e-15)
