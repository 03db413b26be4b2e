"""Far beyond the finest lattice the answers are right to the error that they state.

Source of truth: the Laplace transform of a Poisson number of Lomax amounts (an exponential integral) and of
exponentials, inverted by Talbot's method with 40 digits in mpmath.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from mutualfund import claims
from mutualfund.claims import Collective, Grid
from mutualfund.errors import InputError

SMALL = Collective(claims.Poisson(mean=200.0), claims.Exponential(mean=100.0))
RARE = Collective(claims.Poisson(mean=0.05), claims.Lomax(alpha=2.5, theta=1e6))
RARER = Collective(claims.Poisson(mean=0.05), claims.Lomax(alpha=2.5, theta=1e7))
MANY = Collective(claims.Poisson(mean=3000.0), claims.Lomax(alpha=2.2, theta=1000.0))


@pytest.mark.parametrize(
    ("parts", "truth"),
    [
        (
            [SMALL, RARE],
            [
                (1e7, 0.000126358985464, 921.326898815),
                (3e7, 9.38925940943e-6, 193.663595956),
                (1e8, 4.8838551173e-7, 32.8662919721),
            ],
        ),
        (
            [SMALL, RARER],
            [
                (1e7, 0.00895423904126, 119844.502957),
                (1e9, 4.88167857655e-7, 328.57502968),
            ],
        ),
        (
            [MANY],
            [
                (4e6, 0.000317305980785, 389.955398497),
                (1e7, 8.96186181449e-6, 55.9760518868),
                (3e7, 5.13566943272e-7, 11.7689558052),
            ],
        ),
    ],
    ids=["rare", "rarer", "many"],
)
def test_a_fund_of_two_scales_is_known_far_beyond_its_finest_grid(
    parts: list[Collective], truth: list[tuple[float, float, float]]
) -> None:
    """Its finest lattice ends where one year in a thousand, or in forty, is dearer."""
    cost = claims.total(parts)
    assert cost.error.total < 1e-4 and cost.error.discretisation_of_tail < 2e-3
    assert cost.error.beyond < 1e-7
    slack = max(cost.error.discretisation_of_tail, 1e-9)
    for x, chance, over in truth:
        assert cost.sf(x) == pytest.approx(chance, rel=slack)
        assert cost.stop_loss(x) == pytest.approx(over, rel=slack)
        assert cost.limited_mean(x) == pytest.approx(cost.mean - over, rel=1e-6)
        assert cost.isf(chance) == pytest.approx(x, rel=slack)
        assert cost.tvar(1.0 - chance) == pytest.approx(x + over / chance, rel=2 * slack)


def test_where_one_lattice_hands_over_to_the_next_nothing_jumps() -> None:
    cost = claims.total([SMALL, RARE])
    end = cost.law.end
    x = end * np.array([1.0 - 1e-9, 1.0, 1.0 + 1e-9])
    for question in (cost.sf, cost.stop_loss, cost.limited_mean, cost.second_limited_moment):
        assert question(x) == pytest.approx(float(question(end)), rel=1e-6)
    chance = np.geomspace(1e-2, 1e-9, 300)
    assert np.all(np.diff(cost.isf(chance)) > 0.0)
    assert cost.sf(cost.isf(chance)) == pytest.approx(chance, rel=1e-6)
    assert cost.isf([1.0, 1e-8, 0.5]).tolist() == [0.0, float(cost.isf(1e-8)), float(cost.isf(0.5))]
    assert cost.isf(0.0) == math.inf
    assert cost.second_limited_moment(1e9) == pytest.approx(
        cost.variance + cost.mean**2, rel=0.05
    )  # the rest is 4 % here: alpha is 2.5
    layer = cost.layer(2e7, 5e7, share=0.5)
    assert layer.mean == pytest.approx(
        0.5 * float(cost.stop_loss(2e7) - cost.stop_loss(7e7)), rel=1e-9
    )
    assert math.isfinite(layer.skewness)
    doubled = claims.aggregate(1, cost, share=0.5)
    assert doubled.isf(1e-7) == pytest.approx(0.5 * float(cost.isf(1e-7)), rel=2e-3)


def test_a_grid_that_was_asked_for_stays_alone() -> None:
    cost = claims.total([SMALL, RARE], Grid(reach=1e-2))
    assert cost.law.farther is None and cost.law.unknown == cost.error.beyond > 1e-3
    with pytest.raises(InputError, match="the grid ends there"):
        cost.isf(1e-5)
