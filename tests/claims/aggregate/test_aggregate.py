"""The distribution of a year's cost: against closed forms, the recursion, bounds and brute force.

A sum of n gamma amounts of shape a is gamma of shape n a, so a compound with gamma amounts is a mixture of
gammas over the exact counts, computed here with SciPy.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mutualfund import claims
from mutualfund.claims import Grid
from mutualfund.errors import InputError

COUNTS = {
    "poisson": (claims.Poisson(mean=3.0), stats.poisson(3.0).pmf),
    "many": (claims.Poisson(mean=60.0), stats.poisson(60.0).pmf),
    "negative binomial": (
        claims.NegativeBinomial(mean=8.0, dispersion=0.5),
        stats.nbinom(0.5, 0.5 / 8.5).pmf,
    ),
    "binomial": (claims.Binomial(mean=9.0, trials=30), stats.binom(30, 0.3).pmf),
    "zero modified": (
        claims.ZeroModified(p0=0.5, base=claims.Poisson(mean=3.0)),
        lambda n: 0.5 * stats.poisson(3.0).pmf(n) / stats.poisson(3.0).sf(0),
    ),
    "fixed": (12, lambda n: (n == 12).astype(float)),
}


class Mixture:
    """Compound of gamma amounts, term by term."""

    def __init__(self, chance: object, none: float, alpha: float, theta: float) -> None:
        n = np.arange(1, 1500)
        self.weight, self.none, self.theta = chance(n), none, theta
        self.shape = n * alpha

    def sf(self, x: np.ndarray) -> np.ndarray:
        return stats.gamma.sf(np.atleast_1d(x)[:, None], self.shape, scale=self.theta) @ self.weight

    def stop_loss(self, d: np.ndarray) -> np.ndarray:
        d = np.atleast_1d(d)[:, None]
        over = self.shape * self.theta * stats.gamma.sf(d, self.shape + 1, scale=self.theta)
        return (over - d * stats.gamma.sf(d, self.shape, scale=self.theta)) @ self.weight


def solved(name: str, alpha: float, **grid: float) -> tuple[claims.Aggregate, Mixture]:
    count, chance = COUNTS[name]
    cost = claims.aggregate(count, claims.Gamma(alpha=alpha, theta=250.0), grid=Grid(**grid))
    return cost, Mixture(chance, float(cost.pmf(0.0)), alpha, 250.0)


@pytest.mark.parametrize("alpha", [1.0, 2.5])
@pytest.mark.parametrize("name", COUNTS)
def test_the_distribution_is_within_its_stated_error_of_the_closed_form(
    name: str, alpha: float
) -> None:
    cost, exact = solved(name, alpha)
    x = np.concatenate([[1.0, 30.0], cost.quantile([0.1, 0.5, 0.9, 0.99, 0.9999, 1 - 1e-7])])
    assert cost.error.total <= 1.5e-6
    assert np.abs(cost.sf(x) - exact.sf(x)).max() <= cost.error.total
    tail = x[-3:]
    assert cost.sf(tail) == pytest.approx(exact.sf(tail), rel=3 * cost.error.discretisation_of_tail)
    d = np.array([0.0, 100.0, cost.mean, float(cost.quantile(0.9999))])
    assert cost.stop_loss(d) == pytest.approx(exact.stop_loss(d), rel=1e-4)


@pytest.mark.parametrize("name", ["poisson", "many", "negative binomial"])
def test_the_far_tail_keeps_its_digits(name: str) -> None:
    cost, exact = solved(name, 1.0)
    x = cost.isf([1e-6, 1e-9, 1e-11])
    assert cost.sf(x) == pytest.approx(exact.sf(x), rel=2e-3)
    assert cost.sf(x[1]) == pytest.approx(1e-9, rel=1e-3)
    over = cost.stop_loss(x[:2])
    assert over == pytest.approx(exact.stop_loss(x[:2]), rel=1e-3)


def test_a_coarse_grid_says_how_coarse_it_is() -> None:
    for step in (25.0, 100.0):
        cost, exact = solved("poisson", 2.5, step=step)
        x = step * np.arange(1.0, 60.0)
        gap = np.abs(cost.sf(x) - exact.sf(x)).max()
        assert 0.05 * cost.error.discretisation < gap < cost.error.discretisation
        assert cost.frame.step == step


def test_a_sum_of_many_claims_is_right_far_below_the_second_order_of_its_step() -> None:
    """Spreading amounts adds step^2 / 6 to each; 60 claims on a step of 25 would be 2e-5 off (asserted)."""
    cost, exact = solved("many", 2.5, step=25.0)
    x = 25.0 * np.arange(800.0, 2300.0, 100.0)
    second = 2.5 * 3.5 * 250.0**2
    assert 0.02 * 25.0**2 / second > 2e-5
    assert np.abs(cost.sf(x) - exact.sf(x)).max() < 1e-6


@pytest.mark.parametrize("name", [name for name in COUNTS if name != "fixed"])
def test_transform_and_recursion_agree(name: str) -> None:
    count, _ = COUNTS[name]
    severity = claims.Empirical(values=(1.0, 2.0, 5.0), weights=(5, 3, 1))
    by_fft = claims.aggregate(count, severity)
    by_panjer = claims.aggregate(count, severity, method="panjer")
    x = np.arange(0.0, by_fft.law.end)
    assert by_fft.pmf(x) == pytest.approx(by_panjer.pmf(x), abs=1e-12)
    body = x < by_fft.quantile(1 - 1e-6)
    assert by_fft.cdf(x) == pytest.approx(by_panjer.cdf(x), rel=1e-9, abs=1e-13)
    assert by_fft.stop_loss(x[body]) == pytest.approx(by_panjer.stop_loss(x[body]), rel=1e-9)


def test_transform_and_recursion_agree_on_amounts_with_a_density_and_a_large_fund() -> None:
    """The chance of no claim, exp(-1200), is no number; the recursion is scaled past it."""
    grid = Grid(step=100.0)
    count, severity = claims.Poisson(mean=1200.0), claims.Gamma(alpha=2.0, theta=100.0)
    by_panjer = claims.aggregate(count, severity, grid=grid, method="panjer")
    cost = claims.aggregate(count, severity)
    x = cost.quantile([0.01, 0.5, 0.9, 0.995])
    gap = np.abs(by_panjer.cdf(x) - cost.cdf(x)).max()
    assert 0.05 * by_panjer.error.total < gap < by_panjer.error.total < 0.03


@pytest.mark.parametrize(("mean", "trials"), [(199.0, 200), (190.0, 200)])
def test_the_recursion_is_refused_where_its_changing_signs_lose_all_digits(
    mean: float, trials: int
) -> None:
    count = claims.Binomial(mean=mean, trials=trials)
    severity = claims.Empirical(values=(0.0, 1.0, 7.0))
    with pytest.raises(InputError, match="the recursion is stable") as refused:
        claims.aggregate(count, severity, method="panjer")
    assert refused.value.faults[0].code == "unstable"


def test_a_lattice_severity_is_exact() -> None:
    """Two claims of 1 or 3, counted by hand."""
    cost = claims.aggregate(2, claims.Empirical(values=(1.0, 3.0), weights=(3, 1)))
    assert cost.pmf([2.0, 4.0, 6.0]) == pytest.approx([0.5625, 0.375, 0.0625], abs=1e-15)
    assert cost.pmf([3.0, 2.5, 100.0, -1.0]) == pytest.approx([0.0] * 4, abs=1e-15)
    assert cost.cdf([1.99, 2.0, 3.9, 4.0, 7.0, -5.0]) == pytest.approx(
        [0.0, 0.5625, 0.5625, 0.9375, 1.0, 0.0], abs=1e-14
    )
    assert cost.quantile([0.0, 0.5625, 0.5626, 0.9375, 1.0]).tolist() == [0.0, 2.0, 4.0, 4.0, 6.0]
    assert cost.stop_loss([0.0, 3.0, 5.5]) == pytest.approx([3.0, 0.5625, 0.03125], abs=1e-14)
    assert cost.limited_mean(3.0) == pytest.approx(3.0 - 0.5625, abs=1e-14)
    assert cost.tvar(0.9) == pytest.approx((0.0375 * 4 + 0.0625 * 6) / 0.1, abs=1e-12)
    assert cost.error.discretisation == cost.error.beyond == 0.0


def test_the_certain_quantile_is_the_largest_amount_there_is() -> None:
    bounded = claims.aggregate(claims.Binomial(mean=0.1, trials=40), claims.uniform(0.0, 5.0))
    assert bounded.quantile(1.0) == pytest.approx(200.0)
    endless = claims.aggregate(claims.Poisson(mean=2.0), claims.Exponential(mean=5.0))
    assert endless.quantile(1.0) == endless.isf(0.0) == math.inf
    assert endless.layer(3.0, 20.0).quantile(1.0) == 20.0
    assert bounded.cdf(200.0) == bounded.cdf(1e6) == 1.0


def test_an_atom_among_densities_stays_one() -> None:
    """A claim capped at 120: the chance that every one of exactly two claims is at the cap is squared."""
    cost = claims.aggregate(2, claims.Exponential(mean=100.0), limit=120.0)
    capped = math.exp(-1.2)
    assert cost.pmf([240.0, 120.0, 0.0]) == pytest.approx([capped**2, 0.0, 0.0], abs=1e-14)
    assert cost.cdf(240.0) == pytest.approx(1.0, abs=1e-14)
    assert cost.sf(239.999) == pytest.approx(capped**2, rel=1e-3)
    assert cost.quantile(1 - 0.5 * capped**2) == pytest.approx(240.0, rel=1e-12)
    # P(S <= 120) = P(X1 + X2 <= 120) for uncapped claims: gamma of shape two
    assert cost.cdf(120.0) == pytest.approx(stats.gamma(2, scale=100).cdf(120), abs=1e-5)


def test_moments_of_the_result_are_exact_and_infinite_where_they_do_not_exist() -> None:
    cost = claims.aggregate(claims.Poisson(mean=2.0), claims.Pareto(alpha=1.1, above=10.0))
    assert cost.mean == pytest.approx(2 * 110.0, rel=1e-12)
    assert cost.sd == math.inf and math.isnan(cost.skewness)
    x = float(cost.quantile(0.999))
    # one large claim: P(S > x) is near 2 P(X > x - mean of the rest)
    single = 2 * claims.Pareto(alpha=1.1, above=10.0).sf(x)
    assert single < 0.001 < 1.3 * single
    assert cost.tvar(0.9) == pytest.approx(
        cost.quantile(0.9) + cost.stop_loss(cost.quantile(0.9)) / 0.1
    )
    assert cost.stop_loss(x) + cost.limited_mean(x) == pytest.approx(cost.mean, rel=1e-12)


@pytest.mark.parametrize(
    ("count", "severity", "limit"),
    [
        (claims.Poisson(mean=1e5), claims.Lognormal(mean=900.0, cv=2.0), math.inf),
        (
            claims.NegativeBinomial(mean=10.0, dispersion=0.01),
            claims.Exponential(mean=100.0),
            math.inf,
        ),
        (claims.Poisson(mean=5.0), claims.Pareto(alpha=1.1, above=100.0), math.inf),
        (claims.Poisson(mean=0.001), claims.Exponential(mean=100.0), math.inf),
        (claims.Poisson(mean=4.0), claims.Normal(mean=100.0, sd=60.0), math.inf),
        (claims.Poisson(mean=1e-6), claims.Normal(mean=100.0, sd=15.0), math.inf),
        (
            claims.NegativeBinomial(mean=4.0, dispersion=0.01),
            claims.Normal(mean=9.0, sd=6.0),
            math.inf,
        ),
    ],
)
def test_extreme_cases_keep_mean_and_order(count: object, severity: object, limit: float) -> None:
    cost = claims.aggregate(count, severity, limit=limit, grid=Grid(points=2**17))
    p = np.array([0.01, 0.3, 0.5, 0.9, 0.99, 0.999])
    x = cost.quantile(p)
    assert np.all(np.diff(x) >= 0.0)
    assert np.all(cost.cdf(x) >= p - 1e-9)
    assert cost.limited_mean(x[-1]) + cost.stop_loss(x[-1]) == pytest.approx(cost.mean, rel=1e-6)
    low, high = cost.cdf_bounds(x)
    assert np.all(low <= cost.cdf(x) + cost.error.total)
    assert np.all(high >= cost.cdf(x) - cost.error.total)


def test_bounds_that_meet_are_in_order_to_the_last_digit() -> None:
    """Where hardly a year ends, both are 0 but for the transform's noise of 1e-14, which has either sign."""
    cost = claims.aggregate(claims.Poisson(mean=500), claims.Exponential(mean=1000.0))
    low, high = cost.cdf_bounds(np.linspace(0.0, 1e6, 1000))
    assert np.all(low <= high)


def test_a_very_large_fund_is_nearly_normal_with_its_own_skewness() -> None:
    """Cornish and Fisher's second term: x = mean + sd (z + skewness (z^2 - 1) / 6)."""
    cost = claims.aggregate(claims.Poisson(mean=1e5), claims.Exponential(mean=100.0))
    z = stats.norm.ppf([0.01, 0.5, 0.995])
    expected = cost.mean + cost.sd * (z + cost.skewness * (z**2 - 1) / 6)
    assert cost.quantile([0.01, 0.5, 0.995]) == pytest.approx(expected, rel=3e-7)
    assert cost.error.total < 1e-6


def test_where_no_claim_is_possible_the_cost_is_zero() -> None:
    for cost in (
        claims.aggregate(claims.Poisson(mean=0.0), claims.Pareto(alpha=1.5, above=10.0)),
        claims.aggregate(claims.Poisson(mean=3.0), claims.Fixed(amount=100.0), deductible=200.0),
        claims.aggregate(0, claims.Exponential(mean=5.0)),
        claims.aggregate(claims.Poisson(mean=3.0), claims.Fixed(amount=0.0)),
    ):
        assert cost.mean == cost.sd == 0.0 and math.isnan(cost.skewness)
        assert cost.pmf(0.0) == cost.cdf(0.0) == 1.0
        assert cost.quantile([0.0, 0.5, 1.0]).tolist() == [0.0, 0.0, 0.0]
        assert cost.stop_loss(10.0) == cost.sf(10.0) == cost.tvar(0.99) == 0.0
        assert cost.sample(3).tolist() == [0.0, 0.0, 0.0]


def test_amounts_below_zero_are_possible() -> None:
    """Three independent normals, no count: normal of three times mean and variance."""
    cost = claims.aggregate(3, claims.Normal(mean=-10.0, sd=4.0))
    law = stats.norm(-30.0, 4 * math.sqrt(3))
    x = np.array([-50.0, -30.0, -20.0, 0.0])
    assert cost.cdf(x) == pytest.approx(law.cdf(x), abs=1e-6)
    assert cost.quantile([0.01, 0.99]) == pytest.approx(law.ppf([0.01, 0.99]), rel=1e-6)
    assert cost.stop_loss(-100.0) == pytest.approx(70.0, rel=1e-6)


@given(
    mean=st.floats(0.1, 30.0),
    cv=st.floats(0.3, 3.0),
    deductible=st.floats(0.0, 300.0),
    limit=st.floats(50.0, 2000.0),
)
@settings(max_examples=10)
def test_a_layer_of_each_claim_is_bracketed_and_adds_up(
    mean: float, cv: float, deductible: float, limit: float
) -> None:
    severity = claims.Gamma(mean=200.0, cv=cv)
    grid = Grid(points=2**14)
    layer = claims.aggregate(
        claims.Poisson(mean=mean), severity, deductible=deductible, limit=limit, grid=grid
    )
    exact = mean * (severity.stop_loss(deductible) - severity.stop_loss(deductible + limit))
    assert layer.mean == pytest.approx(float(exact), rel=1e-9)
    x = layer.quantile([0.2, 0.7, 0.99])
    low, high = layer.cdf_bounds(x)
    slack = layer.error.total
    assert np.all(low - slack <= layer.cdf(x)) and np.all(layer.cdf(x) <= high + slack)
    assert layer.stop_loss(0.0) == pytest.approx(layer.mean, rel=1e-6)
    assert float(layer.pmf(0.0)) == pytest.approx(
        math.exp(-mean * float(severity.sf(deductible))), rel=1e-9
    )


def test_a_layer_of_the_year_has_the_years_bounds() -> None:
    """A payment of y from 0.5 x (S - 8000 up to 6000) is at most y where S is at most 8000 + 2 y."""
    cost = claims.aggregate(
        claims.Poisson(mean=10.0), claims.Exponential(mean=1000.0), grid=Grid(step=50.0)
    )
    for layer in (cost.layer(8000.0, 6000.0, 0.5), cost.layer(5000.0).layer(3000.0, 6000.0, 0.5)):
        low, high = layer.cdf_bounds([-1.0, 0.0, 1000.0, 2999.0, 3000.0])
        below, above = cost.cdf_bounds([8000.0, 10_000.0, 13_998.0])
        assert low.tolist() == [0.0, *below, 1.0] and high.tolist() == [0.0, *above, 1.0]
        assert np.all(low[1:4] < layer.cdf([0.0, 1000.0, 2999.0]))
        assert np.all(high[1:4] > layer.cdf([0.0, 1000.0, 2999.0]))


def test_a_layer_of_the_year_answers_from_the_year() -> None:
    """Hand-worked on the fund of two claims of 1 or 3: S is 2, 4 or 6; 3 in excess of 1, of which half."""
    cost = claims.aggregate(2, claims.Empirical(values=(1.0, 3.0), weights=(3, 1)))
    paid = cost.layer(1.0, 3.0, share=0.5)
    chance = np.array([0.5625, 0.375 + 0.0625])
    amount = np.array([0.5, 1.5])
    assert paid.mean == pytest.approx(chance @ amount, rel=1e-12)
    assert paid.variance == pytest.approx((amount - paid.mean) ** 2 @ chance, rel=1e-10)
    third = (amount - paid.mean) ** 3 @ chance
    assert paid.skewness == pytest.approx(third / paid.sd**3, rel=1e-9)
    assert paid.pmf([0.5, 1.5, 1.0, 0.0]) == pytest.approx([*chance, 0.0, 0.0], abs=1e-14)
    assert paid.cdf([0.0, 0.5, 1.4, 1.5]) == pytest.approx([0.0, 0.5625, 0.5625, 1.0], abs=1e-14)
    assert paid.quantile([0.3, 0.6]).tolist() == [0.5, 1.5]
    assert paid.stop_loss(1.0) == pytest.approx(0.5 * chance[1], rel=1e-12)
    assert paid.tvar(0.5) == pytest.approx((0.0625 * 0.5 + 0.4375 * 1.5) / 0.5, rel=1e-12)
    assert paid.limited_mean(1.0) == pytest.approx(0.5 * chance[0] + chance[1], rel=1e-12)
    half = cost.quota_share(0.5)
    assert (half.mean, half.sd) == pytest.approx((0.5 * cost.mean, 0.5 * cost.sd), rel=1e-12)
    assert half.skewness == pytest.approx(cost.skewness, rel=1e-9)


def test_the_year_s_cost_is_the_sum_of_its_layers() -> None:
    cost = claims.aggregate(claims.Poisson(mean=20.0), claims.Lognormal(mean=900.0, cv=2.0))
    points = [0.0, 9000.0, 30000.0]
    layers = [cost.layer(a, b - a) for a, b in zip(points, [*points[1:], math.inf], strict=True)]
    assert sum(layer.mean for layer in layers) == pytest.approx(cost.mean, rel=1e-9)
    x = float(cost.quantile(0.995))
    assert sum(float(layer.quantile(0.995)) for layer in layers) == pytest.approx(x, rel=1e-12)
    assert layers[1].pmf(21000.0) == pytest.approx(cost.sf(30000.0), rel=1e-12)


def test_a_sample_follows_the_distribution_and_its_seed() -> None:
    """5,000 years: the mean's standard error is 0.9 %, so five see 5 %; Kolmogorov's bound sees 3 %."""
    cost = claims.aggregate(claims.Poisson(mean=10.0), claims.Exponential(mean=1000.0))
    years = cost.sample(5000, seed=3)
    assert abs(years.mean() - cost.mean) < 5 * cost.sd / math.sqrt(5000)
    steps = (np.arange(5000) + 0.5) / 5000
    assert np.abs(np.sort(cost.cdf(years)) - steps).max() < 1.95 / math.sqrt(5000)
    assert np.array_equal(years, cost.sample(5000, seed=3))
    assert not np.array_equal(years, cost.sample(5000, seed=4))


@pytest.mark.parametrize(
    ("grid", "code"),
    [
        ({"points": 1024, "accuracy": 1e-9}, "grid_too_small"),
        ({"points": 64, "reach": 1e-9, "step": 0.01}, "grid_too_small"),
        ({"step": 500.0, "accuracy": 1e-9}, "accuracy"),
    ],
)
def test_a_grid_that_cannot_hold_the_precision_is_refused_with_the_way_out(
    grid: dict[str, float], code: str
) -> None:
    with pytest.raises(InputError, match=r"Raise `points`") as refused:
        claims.aggregate(
            claims.Poisson(mean=3.0), claims.Exponential(mean=100.0), grid=Grid(**grid)
        )
    assert refused.value.faults[0].code == code


def test_a_grid_that_was_asked_for_says_how_far_it_reaches() -> None:
    count, pareto = claims.Poisson(mean=5.0), claims.Pareto(alpha=1.1, above=100.0)
    cost = claims.aggregate(count, pareto, grid=Grid(reach=1e-3))
    assert 1e-6 < cost.error.beyond <= 2e-3
    with pytest.raises(InputError, match="deeper grid") as refused:
        cost.quantile(1 - 1e-7)
    assert refused.value.faults[0].code == "beyond_grid"
    with pytest.raises(InputError, match="the grid ends there"):
        cost.cdf(1e12)
    deep = claims.aggregate(count, pareto, grid=Grid(step=400.0, reach=1e-5))
    assert deep.error.beyond <= 2e-5
    assert deep.quantile(0.99) == pytest.approx(cost.quantile(0.99), rel=1e-3)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda cost: cost.quantile(1.1), "aggregate.quantile.p"),
        (lambda cost: cost.isf(-0.1), "aggregate.isf.q"),
        (lambda cost: cost.tvar(1.0), "tvar.p"),
        (lambda cost: cost.layer(-1.0), "aggregate.layer.deductible"),
        (lambda cost: cost.layer(1.0, 0.0), "aggregate.layer.limit"),
        (lambda cost: cost.quota_share(0.0), "aggregate.layer.share"),
        (lambda cost: cost.sample(-1), "aggregate.sample.n"),
        (lambda cost: Grid(points=10), "aggregate.grid.points"),
        (lambda cost: Grid(step=0.0), "aggregate.grid.step"),
        (lambda cost: Grid(accuracy=1.0), "aggregate.grid.accuracy"),
        (lambda cost: Grid(reach=1e-30), "aggregate.grid.reach"),
    ],
)
def test_questions_out_of_range_are_refused_by_name(call: object, field: str) -> None:
    cost = claims.aggregate(2, claims.Fixed(amount=5.0))
    with pytest.raises(InputError) as refused:
        call(cost)
    assert refused.value.faults[0].field == field


def test_pictures_and_the_table_show_the_distribution() -> None:
    cost = claims.aggregate(claims.Poisson(mean=10.0), claims.Exponential(mean=1000.0))
    curve = cost.plot.exceedance().lines[0]
    x, chance = curve.get_xdata(), curve.get_ydata()
    assert chance == pytest.approx(cost.sf(x)) and chance[-1] == pytest.approx(1e-6, rel=1e-3)
    axes = cost.plot.density()
    bars = axes.patches[0].get_data()
    assert bars.values.sum() == pytest.approx(1.0, abs=2e-3)
    assert claims.aggregate(2, claims.Fixed(amount=5.0)).plot.density() is not None
    table = cost.table([0.9, 0.995])
    assert table["tvar"].tolist() == pytest.approx([18882.12, 26519.12], rel=1e-6)
