"""What is drawn once per path of the shape of a line's severity: definition 19.

Source of truth: cases worked by hand, and the variance of a compound sum whose severity is itself drawn.
"""

import hashlib
from bisect import bisect_right
from datetime import date

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import BILLED, CLAIMS, EXTERNAL, FUND, MEMBER
from mutualfund.sim.plan import lower
from reference.member_year import philox

CARE = {
    "name": "care",
    "frequency": {"kind": "poisson", "mean": 1.5},
    "severity": {"kind": "gamma", "mean": 200, "cv": 1.0},
}


def fund(uncertainty, *, severity=None, n=60, years=2, paths=40, rules=None, alone=False, **line):
    care = {**CARE, "uncertainty": uncertainty, **line}
    care |= {} if severity is None else {"severity": severity}
    return Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 0.0},
        settings={"paths": paths, "years": years, "seed": 5},
        members={"mortality": "none"},
        assumptions={"lines": [care] if alone else [{**CARE, "name": "aids"}, care]},
        rules={"contributions": {"kind": "flat", "monthly": 10.0}, **(rules or {})},
        portfolio=Portfolio.synthetic(n, age_mix="O", seed=2, plans={"a": 0.5}),
    )


def years_of(scenario, **options):
    """All member years of a scenario's paths."""
    plan, paths = lower(scenario), scenario.settings.paths
    drivers, state = plan.drivers(0, paths, **options), plan.initial_state(paths)
    return [plan.member_year(drivers, state, y + 1) for y in range(scenario.settings.years)]


def shape(severity, **more):
    return {"severity": severity, **more}


THREE = {
    "shapes": [
        shape({"kind": "fixed", "amount": 7.0}, probability=0.25, relative_mean=3.0),
        shape({"kind": "fixed", "amount": 1.0}, probability=0.25),
    ]
}
SURE = {"kind": "fixed", "amount": 100.0}


def drawn_by_hand(chances, paths):
    """The shape of each path, from the address alone: the first 52 bits of a block in a stream by name."""
    name = b"parameter:care:shape"
    digest = hashlib.blake2b(name, digest_size=8, key=(5).to_bytes(8, "little")).digest()
    key = int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")
    found = []
    for path in range(paths):
        low, high, _, _ = philox(0, 0, path, 8 << 16, *key)
        uniform = ((high << 32 | low) >> 12) / 2**52 + 2**-53
        found.append(bisect_right(np.cumsum(chances)[:-1].tolist(), uniform))
    return np.array(found)


def test_a_claim_costs_what_its_path_s_shape_says_in_every_year_and_for_every_member():
    """66.67, 200 or 66.67, at a trend of 10 %; a copay of 150, or 30 on the plan, feels the difference."""
    scenario = fund(
        THREE,
        severity=SURE,
        trend_per_year=0.1,
        rules={"benefits": {"care": {"copay": 150.0}}, "plans": {"a": {"care": {"copay": 30.0}}}},
    )
    drawn = drawn_by_hand([0.5, 0.25, 0.25], 40)
    assert np.bincount(drawn).min() > 3
    cents = np.array([[6_667, 20_000, 6_667], [7_333, 22_000, 7_333]])
    for year, prices in zip(years_of(scenario), cents, strict=True):
        care = year.lines[:, 1]
        price = prices[drawn]
        assert (care[:, BILLED] == care[:, CLAIMS] * price).all()
        # members of the plan pay 30 of every claim, the others 150 or all of it
        of_others = np.minimum(price, 15_000) - 3_000
        of_plan = care[:, CLAIMS] * 3_000
        assert ((care[:, MEMBER] - of_plan) % of_others == 0).all()
        assert (care[:, MEMBER] + care[:, FUND] == care[:, BILLED]).all()
        others = (care[:, MEMBER] - of_plan) // of_others
        assert (care[:, FUND] == care[:, CLAIMS] * (price - 3_000) - others * of_others).all()
        assert (others > 0).all()
        assert (others < care[:, CLAIMS]).all()


def test_excess_of_loss_feels_the_path_s_shape_and_the_pilot_knows_the_line_s_own():
    """Above 700 for a member: the fourth claim of 200, the eleventh of 66.67, which nobody has."""
    layers = [{"kind": "excess_of_loss", "retention": 700, "limit": 10_000, "premium": 1.0}]
    scenario = fund(THREE, severity=SURE, alone=True, rules={"reinsurance": layers})
    excess, dear = years_of(scenario)[0].excess[:, 0], drawn_by_hand([0.5, 0.25, 0.25], 40) == 1
    assert (excess[~dear] == 0).all()
    assert (excess[dear] > 0).any()
    assert (excess[dear] % 10_000 == 0).all()
    central = years_of(scenario, central=True)[0].lines[:, 0]
    assert (central[:, BILLED] == central[:, CLAIMS] * 10_000).all()


def test_the_mean_is_kept_and_the_variance_is_that_of_chance_and_of_what_is_unsure():
    """A mean off by 2 % and a variance off by 15 % would be seen; chance alone has a third of it."""
    cvs, chances, paths = np.array([1.0, 2.0, 0.6]), np.array([0.6, 0.1, 0.3]), 4_000
    shapes = [
        shape({"kind": "lognormal", "mean": 1, "cv": cvs[1]}, probability=0.1, relative_mean=1.8),
        shape({"kind": "gamma", "mean": 9_999, "cv": cvs[2]}, probability=0.3, relative_mean=0.8),
    ]
    scenario = fund({"severity": 0.04, "shapes": shapes}, n=140, years=1, paths=paths)
    unsure = scenario.assumptions.line("care").uncertainty
    means = np.array([1.0, 1.8, 0.8])
    means /= chances @ means
    assert np.allclose(unsure.shape_means, means)
    expected = 140 * 1.5
    process = expected * 200**2 * ((chances * means**2) @ (1 + cvs**2)) * (1 + 0.04**2)
    between = chances @ means**2 * (1 + 0.04**2) - 1
    assert unsure.mean_cv == pytest.approx(np.sqrt(between))
    run, calm = (
        years_of(x)[0].lines[:, 1, BILLED] / 100
        for x in (scenario, scenario.replace("settings.parameter_risk", False))
    )
    for billed in (run, calm):
        assert abs(billed.mean() - expected * 200) < 5 * billed.std() / np.sqrt(paths)
    assert 5 * run.std() / np.sqrt(paths) < 0.025 * expected * 200
    assert calm.var() == pytest.approx(expected * 200**2 * 2.0, rel=0.15)
    assert run.var() == pytest.approx(process + (expected * 200) ** 2 * between, rel=0.15)
    assert run.var() > 3 * calm.var()


def test_shapes_that_are_the_line_s_own_change_no_bit_and_no_other_line_ever():
    same = {"shapes": [shape(CARE["severity"])] * 4, "severity": 0.1}
    plain = years_of(fund({"severity": 0.1}))
    for one, other in zip(years_of(fund(same)), plain, strict=True):
        assert all((a == b).all() for a, b in zip(one, other, strict=True))
    other_line = years_of(fund(THREE, severity=SURE))
    for one, other in zip(other_line, plain, strict=True):
        assert (one.lines[:, 0] == other.lines[:, 0]).all()
        assert (one.lines[:, 1, CLAIMS] == other.lines[:, 1, CLAIMS]).all()
        assert (one.lines[:, :, EXTERNAL] == 0).all()


def test_without_parameter_risk_there_are_no_tables_of_shapes():
    scenario = fund(THREE)
    plan, off = lower(scenario), lower(scenario.replace("settings.parameter_risk", False))
    assert [len(each.years[0].severity) for each in (plan, off)] == [2 + 3, 2]
    assert (off.drivers(0, 9).table == [0, 1]).all()
    assert (plan.drivers(0, 9, central=True).table == [0, 1]).all()
    assert set(np.unique(plan.drivers(0, 40).table)) == {0, 2, 3, 4}
    assert (plan.drivers(3, 5).table == plan.drivers(0, 8).table[3:]).all()


def test_a_fund_level_line_draws_its_shape_too():
    normal = {"kind": "normal", "mean": 2_000.0, "sd": 1e-6}
    scenario = fund(
        {"shapes": [shape({"kind": "normal", "mean": 5.0, "sd": 1e-9}, relative_mean=3.0)]},
        severity=normal,
        level="fund",
        frequency=None,
        trend_per_year=0.5,
    )
    plan, drawn = lower(scenario), drawn_by_hand([0.5, 0.5], 40)
    amounts = plan.drivers(0, 40).fund_line_amounts[:, :, 0]
    np.testing.assert_allclose(amounts, np.outer([1_000, 3_000], [1, 1.5])[drawn], rtol=1e-8)
    np.testing.assert_allclose(
        plan.drivers(0, 40, central=True).fund_line_amounts[:, 0, 0], 2_000.0, rtol=1e-8
    )


def test_a_shape_that_the_kernel_cannot_hold_is_refused_where_it_stands():
    """Of a Pareto of 1.2 a hundredth of the mean lies beyond the table; on few paths that is little."""
    heavy = {"kind": "pareto", "alpha": 1.25, "above": 100.0}
    lower(fund({"shapes": [shape(heavy, probability=0.01)]}, n=5))
    for chance, tail in ((0.9, heavy), (0.01, {**heavy, "alpha": 1.05})):
        with pytest.raises(
            InputError, match=r"care\.uncertainty\.shapes\[1\]\.severity: got a tail"
        ):
            lower(
                fund(
                    {"shapes": [shape(SURE, probability=0.05), shape(tail, probability=chance)]},
                    n=5,
                )
            )
