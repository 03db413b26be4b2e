"""The stated error is on the safe side of the true one: against exact mixtures, or it is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mutualfund import claims
from mutualfund.claims import Collective, Grid
from mutualfund.errors import InputError


def exact_sf(rate: float, alpha: float, theta: float, x: np.ndarray) -> np.ndarray:
    """A Poisson number of gamma amounts: gammas mixed over the count, by SciPy."""
    n = np.arange(1, 400)
    return stats.gamma.sf(x[:, None], n * alpha, scale=theta) @ stats.poisson(rate).pmf(n)


def on_a_step(rate: float, alpha: float, step: float) -> claims.Aggregate | None:
    """The year's cost on a lattice of this step, or nothing where it is refused as too coarse."""
    count, severity = claims.Poisson(mean=rate), claims.Gamma(alpha=alpha, theta=10.0)
    try:
        return claims.aggregate(count, severity, grid=Grid(step=step))
    except InputError as refused:
        if refused.faults[0].code == "too_coarse":
            return None
        raise


@pytest.mark.parametrize("alpha", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("rate", [0.05, 0.5, 3.0, 30.0])
def test_at_every_step_the_truth_is_within_the_stated_error_or_the_step_is_refused(
    rate: float, alpha: float
) -> None:
    """Between the points too, whether or not a claim is wider than the step."""
    answered = 0
    for multiple in (0.05, 0.2, 1.0, 4.0, 10.0):
        cost = on_a_step(rate, alpha, 10.0 * alpha * multiple)
        if cost is None:
            continue
        x = np.linspace(1e-3, 0.98 * cost.law.end, 1500)
        gap = np.abs(cost.sf(x) - exact_sf(rate, alpha, 10.0, x)).max()
        assert gap <= cost.error.total < 0.5
        answered += 1
    assert answered >= 2


@pytest.mark.parametrize(
    ("grid", "code"),
    [({"step": 1e6, "accuracy": 1e-7}, "accuracy"), ({"step": 1e6}, "too_coarse")],
)
def test_a_lattice_coarser_than_the_claims_is_refused(grid: dict[str, float], code: str) -> None:
    with pytest.raises(InputError) as refused:
        claims.aggregate(claims.Poisson(mean=3.0), claims.Exponential(mean=10.0), grid=Grid(**grid))
    assert refused.value.faults[0].code == code


def test_masses_that_are_no_probabilities_are_not_returned() -> None:
    count, severity = claims.Poisson(mean=100.0), claims.Lognormal(mean=1e3, cv=5.0)
    with pytest.raises(InputError, match="steps of"):
        claims.aggregate(count, severity, grid=Grid(points=64))
    cost = claims.aggregate(count, severity, grid=Grid(points=512, reach=0.01))
    assert cost.law.mass.min() > -1e-6 and cost.law.mass.sum() <= 1.0 + 1e-6


@pytest.mark.parametrize(
    ("rare", "large", "mean", "grid"),
    [
        (0.02, claims.Lognormal(mean=1e8, cv=1.0), 10.0, Grid()),
        (0.02, claims.Lognormal(mean=1e8, cv=1.0), 10.0, Grid(accuracy=0.01)),
        (0.2, claims.Lognormal(mean=1e6, cv=2.0), 50.0, Grid()),
    ],
)
def test_many_small_claims_beside_rare_large_ones_are_not_smeared(
    rare: float, large: object, mean: float, grid: Grid
) -> None:
    """Below the large amounts the year is the small claims' and no large claim came."""
    parts = [
        Collective(claims.Poisson(mean=rare), large),
        Collective(claims.Poisson(mean=100.0), claims.Exponential(mean=mean)),
    ]
    cost = claims.total(parts, grid)
    x = mean * np.array([80.0, 100.0, 120.0])
    exact = math.exp(-rare) * (1.0 - exact_sf(100.0, 1.0, mean, x))
    slack = 5e-5  # a large claim among so small a year's cost
    assert np.abs(cost.cdf(x) - exact).max() <= cost.error.total + slack
    assert cost.error.total < 0.01
    assert cost.error.beyond <= 0.1


def test_amounts_in_cents_are_exact() -> None:
    amounts = np.round(np.random.default_rng(5).lognormal(6.0, 1.2, 400), 2)
    cost = claims.aggregate(1, claims.Empirical(values=tuple(amounts)))
    values, counts = np.unique(amounts, return_counts=True)
    assert cost.pmf(values) == pytest.approx(counts / 400, abs=1e-13)
    assert cost.cdf(values) == pytest.approx(np.cumsum(counts) / 400, abs=1e-12)
    assert cost.error.discretisation == 0.0 and "not exact" not in repr(cost)


def test_amounts_off_the_lattice_are_said_not_to_be_exact() -> None:
    amounts = np.random.default_rng(5).lognormal(6.0, 1.2, 400)
    cost = claims.aggregate(1, claims.Empirical(values=tuple(amounts)), grid=Grid(points=2**16))
    x = np.sort(amounts)
    gap = np.abs(cost.cdf(x) - np.arange(1, 401) / 400).max()
    assert gap <= cost.error.total and "not exact" in repr(cost)


def test_a_probability_is_never_above_one() -> None:
    cost = claims.aggregate(claims.Poisson(mean=4000.0), claims.Exponential(mean=1.0))
    assert cost.frame.first > 0
    x = np.linspace(0.0, 6000.0, 3001)
    assert cost.cdf(x).min() >= 0.0 and cost.sf(x).max() <= 1.0
    assert cost.quantile(0.0) == cost.isf(1.0) == 0.0
    signed = claims.aggregate(3, claims.Normal(mean=-10.0, sd=4.0))
    assert signed.quantile(0.0) == -math.inf


def test_a_quantile_that_rounding_hides_is_refused() -> None:
    cost = claims.aggregate(claims.Poisson(mean=10.0), claims.Exponential(mean=1000.0))
    for question in (
        lambda: cost.isf(0.5 * cost.error.rounding),
        lambda: cost.quantile([0.5, 0.5 * cost.error.rounding]),
        lambda: cost.layer(1.0).isf(0.5 * cost.error.rounding),
    ):
        with pytest.raises(InputError) as refused:
            question()
        assert refused.value.faults[0].code == "rounding"
    assert math.isfinite(cost.isf(1e-11))


def test_what_is_no_number_is_refused() -> None:
    cost = claims.aggregate(claims.Poisson(mean=10.0), claims.Exponential(mean=1000.0))
    for question in (cost.cdf, cost.stop_loss, cost.pmf, cost.layer(5.0).cdf):
        with pytest.raises(InputError, match="got nan"):
            question([1.0, math.nan])


class OwnLaw:
    """A law of the user's own: an exponential that says no more than it must."""

    def __init__(self) -> None:
        self.own = claims.Exponential(mean=100.0).law

    def __getattr__(self, name: str) -> object:
        if name in ("amount_law", "tail_index", "distribution", "layer_third_moment", "decay_rate"):
            raise AttributeError(name)
        if name.startswith("_") or name in ("beyond", "end", "largest", "atoms_and_chances"):
            raise AttributeError(name)
        return getattr(self.own, name)


def test_a_law_of_ones_own_without_a_tail_index_has_no_known_third_moment() -> None:
    risk = Collective(claims.Poisson(mean=3.0), OwnLaw())
    assert risk.sd == pytest.approx(math.sqrt(3.0 * 2.0) * 100.0)
    assert math.isnan(risk.skewness)
    assert math.isfinite(Collective(3, OwnLaw(), limit=500.0).skewness)


@pytest.mark.parametrize(
    ("call", "field", "code"),
    [
        (
            lambda: claims.aggregate(3, claims.Fixed(amount=1.0), method="ftt"),
            "aggregate.method",
            "method",
        ),
        (
            lambda: claims.aggregate(
                claims.Poisson(mean=3.0), claims.Normal(mean=5.0, sd=9.0), method="panjer"
            ),
            "aggregate.method",
            "signed",
        ),
        (
            lambda: claims.individual_risks([10.5], [0.1], [claims.Fixed(amount=1.0)]),
            "individual_risks.number",
            "whole",
        ),
        (lambda: Grid(points=1000.5), "aggregate.grid.points", "whole"),
        (
            lambda: claims.aggregate(2, claims.Fixed(amount=5.0)).sample(3, seed=-1),
            "aggregate.sample.seed",
            "range",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_by_name(call: object, field: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert (refused.value.faults[0].field, refused.value.faults[0].code) == (field, code)


def test_a_fit_is_taken_for_its_distribution() -> None:
    counts = claims.fit_counts("poisson", [0, 1, 2, 1, 3])
    amounts = claims.fit_severity("exponential", [10.0, 20.0, 40.0, 90.0])
    cost = claims.aggregate(counts, amounts)
    assert cost.mean == pytest.approx(1.4 * 40.0, rel=1e-6)
