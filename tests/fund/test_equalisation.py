"""Equalisation in the fund's year (definition 20): late, estimated, and not always paid.

Source of truth: the rule recomputed from the exported measures, with draws from the published generator and
the normal quantile of the standard library.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from fund.funds import same, village
from mutualfund.errors import InputError
from mutualfund.fund import simulate
from mutualfund.fund.equalisation import pool_chances
from mutualfund.results import FundRun, load_run
from mutualfund.results.measures import check_identities
from mutualfund.rng import Purpose, blocks, stream_key, uniforms
from mutualfund.rules import Equalisation, Rulebook
from mutualfund.types import BoolArray, FloatArray
from rules.views import year_view

pytestmark = pytest.mark.usefixtures("short_pilot")

MONTHLY, SEED = 25.0, 7
BARE = {"contributions": {"kind": "flat", "monthly": MONTHLY}, "reserve": {"target": 0.2}}
FINAL = {"pooled_share": 0.4, "levy_per_member": 90.0, "levy_increase_per_year": 0.5}
LATE = {"delay_years": 1, "settled_on_estimate": 0.8, "estimate_cv": 0.2}


def run_with(years: int = 3, amendments: object = (), **rule: object) -> FundRun:
    rules: dict[str, Any] = BARE | {"equalisation": rule, "amendments": amendments}
    return simulate(village(years=years, rules=rules))


def final(run: FundRun) -> FloatArray:
    """0.4 x claims - 90 x 1.5^(y - 1) x member-years, which the flat dues tell."""
    years = np.arange(run.n_years)
    members = run.measure("contributions_due") / (12 * MONTHLY)
    return 0.4 * run.measure("claims_incurred") - 90.0 * 1.5**years * members


def test_without_delay_the_final_figure_is_settled_in_its_own_year() -> None:
    run = run_with(**FINAL)
    np.testing.assert_allclose(run.measure("equalisation"), final(run), rtol=1e-9, atol=1e-9)
    assert (run.measure("equalisation") > 0).any()
    assert (run.measure("equalisation") < 0).any()
    assert check_identities(run.ledger, run.registry) < 1e-6


def drawn(run: FundRun, cv: float, chance: float) -> tuple[FloatArray, BoolArray]:
    """(n_paths, n_years) estimate over final figure, and whether the pool is in default."""
    paths = np.arange(run.n_paths, dtype=np.uint64)
    guess = np.empty((run.n_paths, run.n_years))
    default = np.empty(guess.shape, np.bool_)
    sigma = np.log(1.0 + cv**2) ** 0.5
    for year in range(run.n_years):
        stream = stream_key(SEED, "equalisation")
        words = blocks(stream, path=paths, year=year + 1, purpose=Purpose.SHOCK)
        z = np.array([NormalDist().inv_cdf(float(u)) for u in uniforms(words)])
        guess[:, year] = np.exp(sigma * z - sigma**2 / 2)
        default[:, year] = uniforms(words[..., 2:]) < chance
    return guess, default


def test_an_estimate_with_an_error_of_its_path_and_year_is_put_right_a_year_later() -> None:
    run = run_with(**FINAL, **LATE)
    known = final(run)
    now = 0.8 * drawn(run, 0.2, 0.0)[0] * known
    late = np.concatenate([np.zeros((run.n_paths, 1)), (known - now)[:, :-1]], axis=1)
    np.testing.assert_allclose(run.measure("equalisation"), now + late, rtol=1e-9, atol=1e-6)


def test_estimates_that_a_pool_in_default_did_not_pay_are_not_given_back() -> None:
    """One amount after the other, in words: a slow twin of an estimate, a default and the final figure."""
    rule = {"delay_years": 1, "settled_on_estimate": 1.0, "estimate_cv": 0.5}
    run = run_with(**FINAL, **rule, default_probability=0.5, default_pays=0.25)
    known, (guess, default) = final(run), drawn(run, 0.5, 0.5)
    wanted, owed = np.zeros(known.shape), np.zeros(known.shape)
    for path, year in np.ndindex(known.shape):
        pays = 0.25 if default[path, year] else 1.0
        figure, estimate = known[path, year], guess[path, year] * known[path, year]
        if estimate < 0:  # the fund pays, in full
            now, late = estimate, figure - estimate
        elif estimate > figure:  # too high: what was paid of the excess goes back
            now, late = pays * estimate, -pays * (estimate - figure)
        else:
            now, late = pays * estimate, figure - estimate
        wanted[path, year] += now
        owed[path, year] = late
        if year + 1 < run.n_years:
            short = late > 0 and default[path, year + 1]
            wanted[path, year + 1] += 0.25 * late if short else late
    np.testing.assert_allclose(run.measure("equalisation"), wanted, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(run.measure("equalisation_pending"), owed, rtol=1e-9, atol=1e-6)
    assert (default & (guess > 1) & (known > 0)).any()


def test_a_pool_that_never_pays_asks_nothing_of_a_fund_that_only_receives() -> None:
    rule = {"delay_years": 1, "settled_on_estimate": 1.0, "estimate_cv": 0.5}
    run = run_with(share_of_contributions=0.07, **rule, default_probability=1.0)
    assert not run.measure("equalisation").any()


def test_a_pool_in_default_pays_a_share_and_is_paid_in_full() -> None:
    run = run_with(**FINAL, default_probability=1.0, default_pays=0.126)
    known = final(run)
    wanted = np.where(known > 0, 0.126 * known, known)
    np.testing.assert_allclose(run.measure("equalisation"), wanted, rtol=1e-9, atol=1e-9)


def test_errors_and_defaults_have_the_stated_law() -> None:
    """20,000 paths: a mean off by 1 % or a chance off by 2 % of itself would be five standard errors away."""
    rule = Equalisation(
        delay_years=1,
        settled_on_estimate=1.0,
        estimate_cv=0.2,
        default_probability=0.75,
        default_pays=0.5,
    )
    paths = np.arange(20_000, dtype=np.uint64)
    first, second = pool_chances(SEED, [Rulebook(equalisation=rule)] * 2, paths)
    assert first is not None
    assert second is not None
    assert abs(first.estimate.mean() - 1.0) < 5 * 0.2 / 20_000**0.5
    assert abs(first.estimate.std() - 0.2) < 0.01
    assert abs((first.pays == 0.5).mean() - 0.75) < 5 * (0.75 * 0.25 / 20_000) ** 0.5
    for one, other in (
        (first.estimate, second.estimate),
        (first.pays, second.pays),
        (first.estimate, first.pays),
    ):
        assert abs(np.corrcoef(one, other)[0, 1]) < 5 / 20_000**0.5


def test_a_rule_of_nothing_moves_nothing_and_no_rule_has_no_measure() -> None:
    without = simulate(village(rules=BARE))
    nothing = run_with(delay_years=1, settled_on_estimate=0.5, estimate_cv=0.3)
    assert "equalisation" not in without.ledger
    assert not nothing.measure("equalisation").any()
    assert same(without, nothing, tuple(without.ledger))


def test_neither_members_nor_claims_depend_on_the_pool_and_blocks_do_not_matter() -> None:
    rules = BARE | {"equalisation": {**FINAL, **LATE, "default_probability": 0.3}}
    scenario = village(rules=rules)
    whole, parts = simulate(scenario), simulate(scenario, block_paths=7)
    assert same(whole, parts, tuple(whole.ledger))
    without = simulate(village(rules=BARE))
    assert same(whole, without, ("members_end", "billed", "claims_paid", "outstanding_booked"))
    assert not same(whole, without, ("reserve_close",))


def test_what_is_pending_is_settled_after_the_members_left_the_pool() -> None:
    leave = [{"effective": date(2028, 1, 1), "rule": "equalisation"}]
    run = run_with(years=4, amendments=leave, **FINAL, delay_years=2)
    wanted = np.zeros((run.n_paths, 4))
    wanted[:, 2] = final(run)[:, 0]
    np.testing.assert_allclose(run.measure("equalisation"), wanted, rtol=1e-9, atol=1e-9)


def test_what_the_pool_will_pay_is_reserve_already_and_its_money_is_not_shared_out() -> None:
    """Paid a year late: what is pending at a close is the year's final figure, and the reserve has it.

    Of an early and a late pool the results of the same claims are then one, and so are refunds and calls.
    """
    surplus = {"refund": 0.5}
    rules: dict[str, Any] = BARE | {"surplus": surplus, "calls": {"maximum": 0.3}}
    late, early = (
        simulate(village(years=4, rules=rules | {"equalisation": FINAL | {"delay_years": years}}))
        for years in (1, 0)
    )
    owed = late.measure("equalisation_pending")
    np.testing.assert_allclose(owed, final(late), rtol=1e-9, atol=1e-9)
    assert (owed > 0).any()
    assert (owed < 0).any()
    assert not early.measure("equalisation_pending").any()
    for measure, outstanding in (("reserve_close", "booked"), ("reserve_true", "true")):
        held = late.measure("assets_close") - late.measure(f"outstanding_{outstanding}")
        np.testing.assert_allclose(late.measure(measure), held + owed, atol=1e-6)
    for measure in ("result", "refunds", "calls", "reserve_close", "insolvent"):
        np.testing.assert_allclose(late.measure(measure), early.measure(measure), atol=1e-6)
    assert late.measure("refunds").any()
    assert late.measure("calls").any()
    assert check_identities(late.ledger, late.registry) < 1e-6


def test_a_pool_that_was_left_defaults_on_its_debts_as_before() -> None:
    leave = [{"effective": date(2028, 1, 1), "rule": "equalisation"}]
    default = {"default_probability": 1.0, "default_pays": 0.25}
    run = run_with(years=4, amendments=leave, **FINAL, delay_years=2, **default)
    wanted = np.zeros((run.n_paths, 4))
    known = final(run)[:, 0]
    wanted[:, 2] = np.where(known > 0, 0.25 * known, known)
    np.testing.assert_allclose(run.measure("equalisation"), wanted, rtol=1e-9, atol=1e-9)
    assert (known > 0).any()


def test_a_run_with_a_pool_is_stored_with_its_measure(tmp_path: Path) -> None:
    run = run_with(share_of_contributions=-0.07)
    np.testing.assert_allclose(
        run.measure("equalisation"), -0.07 * run.measure("contributions_due"), rtol=1e-12
    )
    run.save(tmp_path / "run")
    loaded = load_run(tmp_path / "run")
    assert np.array_equal(loaded.measure("equalisation"), run.measure("equalisation"))
    assert loaded.registry["equalisation"].sign == 1


def test_the_levy_rises_from_year_two() -> None:
    rule = Equalisation(levy_per_member=100.0, levy_increase_per_year=0.1, pooled_share=0.5)
    view = year_view(year=3, member_months=[18.0, 0.0], claims_incurred=[400.0, 10.0])
    assert rule.final(view) == pytest.approx([200 - 1.5 * 121, 5.0])


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"estimate_cv": 0.1}, r"estimate_cv: got 0\.1; allowed: 0 where delay_years is 0"),
        ({"settled_on_estimate": 0.5}, "settled_on_estimate: got 0.5; .* State delay_years"),
        (
            {"delay_years": 1, "estimate_cv": 0.1},
            "settled_on_estimate: got 0; allowed: more than 0",
        ),
        ({"pooled_share": 40}, "For 40 % write 0.4"),
        ({"share_of_contributions": -7}, "share_of_contributions: got -7"),
        ({"delay_years": 11}, "delay_years: got 11; allowed: 0 to 10"),
    ],
)
def test_pools_that_cannot_be_are_refused(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Equalisation(**rule)
