"""Amounts on a lattice: what is kept exactly, what is bounded, what is rounded where."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund import claims
from mutualfund.claims.aggregate.amounts import amount_law, covered
from mutualfund.claims.aggregate.cells import atom_cells, cells
from mutualfund.claims.aggregate.stated import _merged
from mutualfund.claims.aggregate.units import common_unit

LAWS = {
    "gamma": amount_law(claims.Gamma(alpha=0.6, theta=90.0)),
    "pareto": amount_law(claims.Pareto(alpha=2.6, above=30.0)),
    "layer": covered(amount_law(claims.Exponential(mean=80.0)), 35.0, 200.0, 1.0),
    "spliced": amount_law(
        claims.Lognormal(mean=60.0, cv=0.9, tail={"kind": "pareto", "above": 200.0, "alpha": 3.0})
    ),
}


@pytest.mark.parametrize("name", LAWS)
def test_a_mean_preserving_lattice_keeps_every_stop_loss_premium_at_its_points(name: str) -> None:
    law, step = LAWS[name], 5.0
    mass = cells(law, step, 40_000)
    points = step * np.arange(mass.size)
    deductibles = np.array([0.0, 20.0, 100.0])
    kept = np.maximum(points - deductibles[:, None], 0.0) @ mass
    end = points[-1]
    exact = law.stop_loss(deductibles) - law.stop_loss(end) - (end - deductibles) * law.sf(end)
    assert kept == pytest.approx(exact, rel=1e-6)
    assert mass.min() >= 0.0 and mass.sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", LAWS)
def test_rounding_down_and_up_brackets_the_law(name: str) -> None:
    law, step, size = LAWS[name], 5.0, 400
    x = np.array([3.0, 35.0, 77.0, 200.0, 240.0, 1500.0])
    place = np.floor(x / step).astype(int)
    down = np.cumsum(cells(law, step, size, rounding="down"))
    up = np.cumsum(cells(law, step, size, rounding="up"))
    at = np.minimum(place, down.size - 1)
    assert np.all(up[np.minimum(place, up.size - 1)] <= law.cdf(x) + 1e-12)
    assert np.all(down[at] >= law.cdf(x) - 1e-12)


def test_a_signed_law_is_spread_on_both_sides_of_zero() -> None:
    law = amount_law(claims.Normal(mean=-3.0, sd=2.0))
    mass = cells(law, 0.5, 80, first=-40)
    points = 0.5 * (np.arange(mass.size) - 40)
    assert mass.sum() == pytest.approx(1.0, abs=1e-12)
    assert points @ mass == pytest.approx(-3.0, abs=1e-10)
    assert (points + 3) ** 2 @ mass == pytest.approx(4.0 + 0.5**2 / 6, rel=1e-4)


def test_separate_amounts_go_to_their_points_or_between_their_neighbours() -> None:
    law = amount_law(claims.Empirical(values=(0.3, 0.9, 2.2), weights=(1, 2, 1)))
    assert cells(law, 0.1, 50)[[3, 9, 22]].tolist() == [0.25, 0.5, 0.25]
    assert cells(law, 1.0, 50) == pytest.approx([0.175 + 0.05, 0.075 + 0.45, 0.2, 0.05])
    assert cells(law, 1.0, 50, rounding="down").tolist() == [0.75, 0.0, 0.25]
    assert cells(law, 1.0, 50, rounding="up").tolist()[:4] == [0.0, 0.75, 0.0, 0.25]
    assert cells(law, 1.0, 1).size == 1  # no point but zero: the rest lies beyond
    assert atom_cells(law, 1.0, 50).sum() == 0.0
    assert atom_cells(law, 0.1, 50).sum() == 1.0


@pytest.mark.parametrize("lowest", [0, -7, -8])
def test_the_cells_of_twice_the_step_follow_from_those_of_the_step(lowest: int) -> None:
    law = amount_law(claims.Normal(mean=4.0, sd=0.5) if lowest else claims.Gamma(mean=4.0, cv=0.5))
    fine, coarse = cells(law, 0.5, 60, lowest), cells(law, 1.0, 30, lowest // 2)
    merged = _merged(fine, lowest)
    common = min(merged.size, coarse.size) - 1
    assert merged[:common] == pytest.approx(coarse[:common], abs=1e-13)


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=6), st.sampled_from([1.0, 0.01, 2.5, 1 / 3])
)
@settings(max_examples=20)
def test_every_amount_is_a_multiple_of_the_common_unit(whole: list[int], unit: float) -> None:
    values = np.array(whole) * unit
    found = common_unit(values)
    if found == 0.0:  # a third of one: only amounts with few parts are recognised
        assert unit == 1 / 3
        return
    assert values / found == pytest.approx(np.rint(values / found), rel=1e-9)
    assert found >= unit * math.gcd(*whole) * (1 - 1e-9)


def test_amounts_without_a_common_unit_have_none() -> None:
    assert common_unit(np.array([1.0, math.pi])) == 0.0
    assert common_unit(np.array([1e18, 3.0])) == 0.0
