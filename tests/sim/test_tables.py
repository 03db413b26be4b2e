"""Lowering is right to its stated error, with SciPy as the oracle."""

import numpy as np
import pytest
from scipy import stats

from mutualfund.errors import InputError
from mutualfund.sim import tables
from mutualfund.sim.kernels import claims, counts, layout, packing
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
    assert tables.table_mean(np.rint(nodes)) / 100 == pytest.approx(law.mean(), rel=1e-5)
    for tail in [0.5, 0.1, 1e-2, 1e-3, 1e-5, 1e-9]:
        drawn, position = drawn_at(nodes, 1, 2 * tail)
        assert drawn / 100 == pytest.approx(law.isf(position / 2), rel=6e-4), tail
    for p in [0.4, 0.2, 0.05]:
        drawn, position = drawn_at(nodes, 0, 2 * p)
        assert drawn / 100 == pytest.approx(law.ppf(position / 2), rel=3e-3, abs=0.02), p


def drawn_at(nodes, half, position):
    """What the kernel draws near a position of a half of the table, and the exact position of that draw."""
    bits = min(int(position * (1 << 35)), (1 << 35) - 1)
    return drawn_from(whole(nodes), half << 35 | bits), (2 * bits + 1) / 2.0**36


def whole(nodes):
    """The table as the kernel has it, in whole minor units."""
    return np.rint(nodes).astype(np.int64)


def drawn_from(nodes, bits):
    """The kernel's own amount for 36 bits."""
    node, fraction = claims.node_of(np.uint64(bits))
    step = packing.packed_severity(nodes[None])[0, node]
    return int(claims.between(step, bool(bits >> 35), np.uint64(fraction)))


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
    assert set(whole(nodes).tolist()) == {100_000}
    assert {drawn_from(whole(nodes), bits) for bits in (0, 1 << 35, (1 << 36) - 1)} == {100_000}


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
    """The first byte decides, or names the smallest count from which the whole draw is followed."""
    row = count_row(Counts(lambda f: stats.nbinom(0.7, 0.7 / (0.7 + 2.9 * f))), 1.0, 60)
    guide, draws = guide_row(row), np.random.default_rng(4).integers(0, 1 << 32, 3000)
    plain = np.searchsorted(row, draws.astype(np.uint64), side="right")
    for draw, count in zip(draws.tolist(), plain.tolist(), strict=True):
        byte, found = np.uint64(draw >> 24), int(guide[draw >> 24])
        if found < 0:
            found = counts.inverted(byte, np.uint64(draw), found, row[None], 0)
        assert found == count


def test_a_sparse_line_is_one_where_few_first_bytes_can_mean_a_claim():
    rare, common = (count_row(Counts(stats.poisson), mean, 20) for mean in (0.02, 0.7))
    bound, guide = tables.screen_bound(int(rare[0])), guide_row(rare)
    assert (guide[: 256 - bound] == 0).all()
    assert guide[256 - bound] != 0
    assert tables.screen_bound(int(common[0])) == 0
    assert tables.screen_bound(1 << 32) == 1  # nobody ever has a claim


@pytest.mark.parametrize(
    ("chances", "slots", "bits"),
    [
        (np.arange(1.0, 13.0), 16, 28),
        (np.array([1.0]), 64, 14),
        (tables.delay_probabilities(1.5), 64, 14),
        (tables.delay_probabilities(24.0), 64, 14),
        (np.array([0.0, 3.0, 0.0, 1e-9]), 16, 28),
    ],
)
def test_an_alias_table_gives_each_outcome_its_chance(chances, slots, bits):
    table = tables.alias_table(chances, slots, bits)
    found = np.zeros(slots)
    for slot, entry in enumerate(table.tolist()):
        threshold, other = divmod(entry, 256)
        found[slot] += threshold / 2**bits / slots
        found[other] += (1 - threshold / 2**bits) / slots
    wanted = np.zeros(slots)
    wanted[: chances.size] = chances / chances.sum()
    assert np.abs(found - wanted).max() <= slots / (slots * 2.0**bits)


def test_a_rate_beyond_the_kernel_is_refused():
    with pytest.raises(InputError, match="1023 claims"):
        count_width("frequency", Counts(lambda f: stats.poisson(2000 * f)), 1.0)


def test_months_follow_the_calendar_from_the_start_of_the_fund_year():
    weights = np.arange(1.0, 13.0)
    chances = tables.month_chances(weights, first_calendar_month=7)
    assert chances == pytest.approx(np.roll(weights, -6) / weights.sum(), abs=1e-12)


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
    nodes = np.full(2 * layout.HALF_NODES, 8e9)
    tables.require_room("x", nodes, 1.05, 100)
    with pytest.raises(InputError, match="larger unit"):
        tables.require_room("x", nodes, 1.2, 100)


def test_a_gap_between_claims_that_the_kernel_cannot_hold_is_refused():
    class TwoPrices:
        mean = 40_000_000.0

        def quantile(self, p):
            return np.where(p < 0.9, 0.0, 40_000_000.0 / 0.1 * (p >= 0.9))

    class Rare:
        def quantile(self, p):
            return np.where(p < 0.9, 10.0, 30_000_000.0)

    with pytest.raises(InputError, match="apart"):
        severity_table("severity", Rare(), 100)
    with pytest.raises(InputError):
        severity_table("severity", TwoPrices(), 100)
