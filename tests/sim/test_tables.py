"""Lowering is right to its stated error, with SciPy as the oracle."""

import numpy as np
import pytest
from scipy import stats

from mutualfund.errors import InputError
from mutualfund.sim import kernels, tables
from mutualfund.sim.tables import count_row, count_width, guide_row, severity_table


class Frozen:
    """A SciPy distribution as a severity."""

    def __init__(self, law):
        self.law, self.mean = law, float(law.mean())

    def quantile(self, p):
        return self.law.ppf(p)

    def isf(self, q):
        return self.law.isf(q)


class Counts:
    """A SciPy count whose mean is multiplied."""

    def __init__(self, law):
        self.law = law

    def pmf_at(self, factor, count):
        return self.law(factor).pmf(np.arange(count))


SEVERITIES = {
    "exponential": stats.expon(scale=700),
    "gamma": stats.gamma(0.7, scale=1500),
    "lognormal": stats.lognorm(1.5, scale=90),
    "weibull": stats.weibull_min(0.6, scale=400),
    "lomax": stats.lomax(2.5, scale=2000),
    "pareto": stats.pareto(2.2, scale=290),
}


@pytest.mark.parametrize("name", SEVERITIES)
def test_severity_table_keeps_mean_spread_and_quantiles(name):
    law = SEVERITIES[name]
    nodes = severity_table("severity", Frozen(law), 100)
    assert tables.table_mean(nodes.astype(float)) / 100 == pytest.approx(law.mean(), rel=1e-5)
    for tail in [0.5, 0.1, 1e-2, 1e-3, 1e-5, 1e-9]:
        drawn, position = drawn_at(nodes, 1, 2 * tail)
        assert drawn / 100 == pytest.approx(law.isf(position / 2), rel=6e-4), tail
    for p in [0.4, 0.2, 0.05]:
        drawn, position = drawn_at(nodes, 0, 2 * p)
        assert drawn / 100 == pytest.approx(law.ppf(position / 2), rel=3e-3, abs=0.02), p


def drawn_at(nodes, half, position):
    """What the kernel draws near a position of a half of the table, and the exact position of that draw."""
    bits = min(int(position * (1 << 35)), (1 << 35) - 1)
    return kernels.draw_amount(np.uint64(half << 35 | bits), nodes[None], 0), (
        2 * bits + 1
    ) / 2.0**36


@pytest.mark.parametrize("name", SEVERITIES)
def test_distribution_function_of_the_table_is_right_to_two_in_ten_thousand(name):
    """On a fine grid of the draw itself, so without sampling error: 1 - F(x drawn at tail q) = q."""
    law, grid = SEVERITIES[name], np.linspace(0.001, 0.999, 1997)
    nodes = severity_table("severity", Frozen(law), 100)
    upper = np.array([drawn_at(nodes, 1, 2 * q)[0] for q in grid if q <= 0.5])
    lower = np.array([drawn_at(nodes, 0, 2 * (1 - q))[0] for q in grid if q > 0.5])
    drawn = np.concatenate([upper, lower]) / 100
    assert (law.sf(drawn + 0.006) - 2e-4 <= grid).all()  # a claim is rounded to the cent
    assert (grid <= law.sf(drawn - 0.006) + 2e-4).all()


def test_a_constant_claim_stays_exactly_constant():
    class Thousand:
        mean = 1000.0

        def quantile(self, p):
            return np.full_like(p, 1000.0)

    nodes = severity_table("severity", Thousand(), 100)
    assert set(nodes.tolist()) == {100_000}


def test_a_tail_that_the_table_cannot_hold_is_refused():
    with pytest.raises(InputError, match="severity_of_x"):
        severity_table("severity_of_x", Frozen(stats.pareto(1.05, scale=1e4)), 100)


def test_a_negative_claim_is_refused():
    with pytest.raises(InputError, match="negative"):
        severity_table("severity", Frozen(stats.norm(10, 5)), 100)


@pytest.mark.parametrize(
    "law",
    [lambda f: stats.poisson(0.9 * f), lambda f: stats.nbinom(0.7, 0.7 / (0.7 + 2.9 * f))],
    ids=["poisson", "negative binomial"],
)
def test_count_rows_are_the_distribution_function_and_monotone_in_the_rate(law):
    frequency = Counts(law)
    width = count_width("frequency", frequency, 3.0)
    before = None
    for factor in [0.0, 0.5, 1.0, 3.0]:
        row = count_row(frequency, factor, width)
        exact = law(factor).cdf(np.arange(width - 1)) * 2.0**32
        assert np.abs(row[:-1] - exact).max() <= 1.0
        assert row[-1] == 1 << 32
        assert before is None or (row <= before).all()
        before = row


def test_guided_inversion_equals_plain_inversion():
    row = count_row(Counts(lambda f: stats.nbinom(0.7, 0.7 / (0.7 + 2.9 * f))), 1.0, 60)
    draws = np.random.default_rng(4).integers(0, 1 << 32, 3000).astype(np.uint64)
    plain = np.searchsorted(row, draws, side="right")
    guided = [kernels.draw_count(u, row[None], guide_row(row)[None], 0) for u in draws]
    assert guided == plain.tolist()


def test_a_rate_beyond_the_kernel_is_refused():
    with pytest.raises(InputError, match="1023 claims"):
        count_width("frequency", Counts(lambda f: stats.poisson(2000 * f)), 1.0)


def test_months_follow_the_calendar_from_the_start_of_the_fund_year():
    weights = np.arange(1.0, 13.0)
    starts = tables.month_starts(weights, first_calendar_month=7)
    chances = np.diff(starts.astype(float), prepend=0.0) / 2.0**32
    assert chances == pytest.approx(np.roll(weights, -6) / weights.sum(), abs=1e-9)


def test_delays_are_geometric_with_the_stated_mean():
    chances = tables.delay_probabilities(1.5)
    assert chances @ np.arange(64) == pytest.approx(1.5, rel=1e-9)
    assert chances[3] == pytest.approx(stats.geom(0.4, loc=-1).pmf(3))
    assert tables.delay_probabilities(0.0)[0] == 1.0


@pytest.mark.parametrize("lag", [0.5, 6.0, 12.0, 24.0, 36.0])
def test_long_delays_keep_their_mean_too(lag):
    chances = tables.delay_probabilities(lag)
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    assert chances @ np.arange(64) == pytest.approx(lag, rel=1e-6)


def test_claims_that_would_be_cut_off_after_some_years_are_refused():
    nodes = np.full(2 * layout_nodes(), 8_000_000_000)
    tables.require_room("x", nodes, 1.05, 100)
    with pytest.raises(InputError, match="larger unit"):
        tables.require_room("x", nodes, 1.2, 100)


def layout_nodes():
    return kernels.HALF_NODES
