"""Plans are dealt by address: a member's plan depends on the seed and the member, not on the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio, dealing

SHARES = {"basic": 0.5, "plus": 0.3}


def test_shares_are_met_within_five_standard_errors():
    """200,000 members: a share wrong by 2 % of itself would be seen (0.01 against a bound of 0.0056)."""
    dealt = Portfolio.synthetic(200_000).with_plans(SHARES, seed=4)
    counts = np.bincount(dealt.plan_code + 1, minlength=3) / len(dealt)
    for count, share in zip(counts, (0.2, 0.5, 0.3), strict=True):
        assert abs(count - share) < 5 * np.sqrt(share * (1 - share) / len(dealt))


def test_a_member_keeps_the_plan_when_others_leave():
    everyone = Portfolio.synthetic(1000)
    half = replace(
        everyone,
        **{
            name: getattr(everyone, name)[::2]
            for name in ("member_key", "age", "sex", "joined_month", "plan_code")
        },
    )
    dealt = everyone.with_plans(SHARES, seed=4)
    assert half.with_plans(SHARES, seed=4).plan_code.tolist() == dealt.plan_code[::2].tolist()


def test_two_seeds_deal_differently():
    portfolio = Portfolio.synthetic(1000)
    first, second = (portfolio.with_plans(SHARES, seed=seed) for seed in (1, 2))
    assert first.digest() != second.digest()


def test_shares_that_add_up_to_one_leave_nobody_out(monkeypatch):
    """Ten tenths add up to a little less than 1 in binary; the largest possible draw still gets a plan."""
    shares = {f"plan {number}": 0.1 for number in range(10)}
    assert sum(shares.values()) < 1
    monkeypatch.setattr(dealing, "uniforms", lambda block: np.full(len(block), 1 - 2.0**-53))
    assert (Portfolio.synthetic(50).with_plans(shares, seed=1).plan_code == 9).all()


@pytest.mark.parametrize("shares", [{"a": -0.1}, {"a": float("nan")}, {"a": 0.7, "b": 0.4}])
def test_impossible_shares_are_refused(shares):
    with pytest.raises(InputError):
        Portfolio.synthetic(10).with_plans(shares, seed=1)
