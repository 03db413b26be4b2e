"""Sums of independent parts, and the individual risk model: against brute force and closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from mutualfund import claims
from mutualfund.claims import Collective, Grid
from mutualfund.errors import InputError


def test_parts_on_one_lattice_add_up_exactly() -> None:
    """Convolution by hand: up to two claims of 5, one claim of 10 or 20."""
    first = Collective([0.5, 0.3, 0.2], claims.Fixed(amount=5.0))
    second = Collective(1, claims.Empirical(values=(10.0, 20.0), weights=(3, 1)))
    both = claims.total([first, second])
    outcomes = {}
    for (a, p), (b, q) in itertools.product(
        [(0, 0.5), (5, 0.3), (10, 0.2)], [(10, 0.75), (20, 0.25)]
    ):
        outcomes[a + b] = outcomes.get(a + b, 0.0) + p * q
    for amount, chance in outcomes.items():
        assert both.pmf(amount) == pytest.approx(chance, abs=1e-15)
    assert both.mean == pytest.approx(first.mean + second.mean)
    assert both.variance == pytest.approx(first.variance + second.variance)
    third = first.third_central_moment + second.third_central_moment
    assert both.skewness == pytest.approx(third / both.sd**3)


def test_poisson_lines_add_up_to_one_poisson_of_mixed_amounts() -> None:
    """Independent compound Poissons are a compound Poisson (Klugman et al. 2012, theorem 7.5)."""
    lines = [
        Collective(claims.Poisson(mean=4.0), claims.Exponential(mean=100.0)),
        Collective(claims.Poisson(mean=2.0), claims.Exponential(mean=700.0)),
    ]
    mixed = claims.ErlangMixture([4.0, 2.0], [1, 1], [1 / 100.0, 1 / 700.0])
    apart = claims.total(lines)
    together = claims.aggregate(claims.Poisson(mean=6.0), mixed)
    p = np.array([0.1, 0.5, 0.9, 0.995, 0.99999])
    assert apart.quantile(p) == pytest.approx(together.quantile(p), rel=1e-5)
    assert apart.skewness == pytest.approx(together.skewness, rel=1e-9)


def test_a_finished_part_may_carry_a_stop_loss_before_it_is_added() -> None:
    """Gamma of shape two, limited at 300, plus an independent exponential: integrated by SciPy."""
    first = claims.aggregate(2, claims.Exponential(mean=100.0)).layer(0.0, 300.0)
    both = claims.total([first, Collective(1, claims.Exponential(mean=50.0))])
    law, other = stats.gamma(2, scale=100.0), stats.expon(scale=50.0)
    for x in (150.0, 299.0, 340.0, 500.0):
        below = law.expect(lambda s, x=x: other.cdf(x - s), lb=0, ub=min(x, 300.0))
        exact = below + (law.sf(300.0) * other.cdf(x - 300.0) if x > 300 else 0.0)
        assert both.cdf(x) == pytest.approx(exact, abs=2e-5)
    assert both.mean == pytest.approx(first.mean + 50.0, rel=1e-12)


def test_whole_years_of_a_lattice_add_up_exactly() -> None:
    one = claims.aggregate(2, claims.Empirical(values=(1.0, 3.0), weights=(3, 1)))
    two = claims.total([one, one])
    four = claims.aggregate(4, claims.Empirical(values=(1.0, 3.0), weights=(3, 1)))
    x = np.arange(13.0)
    assert two.pmf(x) == pytest.approx(four.pmf(x), abs=1e-14)
    assert two.skewness == pytest.approx(four.skewness, rel=1e-9)


def test_individual_risks_are_every_outcome_of_every_policy() -> None:
    """Two policies of 40 and three of 10, 2^5 outcomes."""
    cost = claims.individual_risks(
        [2, 3], [0.3, 0.1], [claims.Fixed(amount=40.0), claims.Fixed(amount=10.0)]
    )
    chances: dict[float, float] = {}
    for ill in itertools.product([0, 1], repeat=5):
        q = [0.3, 0.3, 0.1, 0.1, 0.1]
        amount = np.dot(ill, [40, 40, 10, 10, 10])
        chance = math.prod(one if hit else 1 - one for one, hit in zip(q, ill, strict=True))
        chances[amount] = chances.get(amount, 0.0) + chance
    x = np.array(sorted(chances))
    assert cost.pmf(x) == pytest.approx([chances[value] for value in x], abs=1e-15)
    assert cost.normal_approximation().mean == pytest.approx(27.0)


def test_a_certain_claim_of_every_policy_is_a_fixed_number() -> None:
    certain = claims.individual_risks([6], [1.0], [claims.Gamma(alpha=1.5, theta=20.0)])
    law = stats.gamma(9.0, scale=20.0)
    assert certain.quantile([0.1, 0.9, 0.999]) == pytest.approx(
        law.ppf([0.1, 0.9, 0.999]), rel=1e-6
    )


@pytest.mark.parametrize(
    ("number", "chance", "code"),
    [([2, 3], [0.1], "lengths"), ([0], [0.1], "range"), ([2], [1.1], "range")],
)
def test_groups_that_do_not_fit_are_refused(
    number: list[int], chance: list[float], code: str
) -> None:
    severities = [claims.Fixed(amount=1.0)] * len(number)
    with pytest.raises(InputError) as refused:
        claims.individual_risks(number, chance, severities)
    assert refused.value.faults[0].code == code


def test_a_sum_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="at least one Collective"):
        claims.total([])


def test_parts_whose_atoms_share_no_unit_are_said_to_be_smeared() -> None:
    parts = [
        Collective(claims.Poisson(mean=1.0), claims.Fixed(amount=math.pi)),
        Collective(claims.Poisson(mean=1.0), claims.Fixed(amount=math.e)),
    ]
    cost = claims.total(parts, Grid(points=4096))
    assert cost.error.discretisation > 1e-3
    low, high = cost.cdf_bounds(5.0)
    exact = math.exp(-2.0) * 3.0  # none, one of either
    assert low - 1e-12 <= exact <= high + 1e-12


def test_a_part_whose_grid_ends_early_may_be_added_and_its_missing_tail_is_counted() -> None:
    count, pareto = claims.Poisson(mean=1.0), claims.Pareto(alpha=1.2, above=100.0)
    heavy = claims.aggregate(count, pareto, grid=Grid(reach=1e-4))
    assert heavy.error.beyond > 1e-7
    small = Collective(claims.Poisson(mean=3.0), claims.Exponential(mean=50.0))
    both = claims.total([heavy, small])
    whole = claims.total([Collective(count, pareto), small])
    x = whole.quantile([0.1, 0.5, 0.9, 0.99])
    assert both.cdf(x) == pytest.approx(whole.cdf(x), abs=2e-3)
    assert both.error.beyond >= 0.9 * heavy.error.beyond
    with pytest.raises(
        InputError, match="the grid ends there"
    ):  # nothing is known of the part there
        both.isf(0.5 * heavy.error.beyond)
    capped = claims.total([heavy.layer(0.0, 5000.0), small])
    assert capped.error.beyond < 1e-11
    assert capped.mean == pytest.approx(float(heavy.limited_mean(5000.0)) + 150.0, rel=1e-9)
    farther = claims.total([claims.aggregate(count, pareto), small])
    assert farther.error.beyond < 1e-9
    assert farther.isf(1e-7) == pytest.approx(float(whole.isf(1e-7)), rel=2e-3)


def test_a_finished_distribution_may_be_the_amount_of_a_claim() -> None:
    """A claim that is itself a fund's year: three of them are a Poisson of three times the mean."""
    year = claims.aggregate(claims.Poisson(mean=2.0), claims.Fixed(amount=10.0))
    three = claims.aggregate(3, year)
    six = claims.aggregate(claims.Poisson(mean=6.0), claims.Fixed(amount=10.0))
    x = 10.0 * np.arange(20)
    assert three.pmf(x) == pytest.approx(six.pmf(x), abs=1e-13)
    assert three.skewness == pytest.approx(six.skewness, rel=1e-9)


def test_the_skewness_of_what_contains_a_finished_part_is_that_of_its_parts() -> None:
    lines = [
        Collective(claims.Poisson(mean=4.0), claims.Lognormal(mean=100.0, cv=1.5)),
        Collective(claims.Poisson(mean=2.0), claims.Exponential(mean=700.0)),
    ]
    whole = claims.total(lines)
    in_two = claims.total([claims.total(lines[:1]), lines[1]])
    assert in_two.skewness == pytest.approx(whole.skewness, rel=1e-9)
    assert claims.Collective(1, whole).skewness == pytest.approx(whole.skewness, rel=1e-9)
    assert claims.Collective(1, whole, share=0.5).skewness == pytest.approx(
        whole.skewness, rel=1e-9
    )


def test_the_skewness_of_an_open_layer_is_that_of_the_tail_integral() -> None:
    """Exponential of mean 100 above 150: E[(X - 150)+^k] = k! 100^k exp(-1.5)."""
    year = claims.aggregate(1, claims.Exponential(mean=100.0), grid=Grid(step=0.05, reach=1e-5))
    assert year.error.beyond > 0.0
    over = year.layer(150.0)
    chance = math.exp(-1.5)
    first, second, third = (math.factorial(k) * 100.0**k * chance for k in (1, 2, 3))
    variance = second - first**2
    skewness = (third - 3 * first * variance - first**3) / variance**1.5
    assert over.skewness == pytest.approx(skewness, rel=1e-3)
    with pytest.raises(InputError, match="the grid ends there"):  # needs the shape beyond the grid
        _ = year.layer(150.0, 1e6).skewness
