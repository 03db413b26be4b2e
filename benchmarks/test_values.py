"""Before any time is taken: every program does the same work as `simulate`, and says so where it does not.

Means and standard deviations of every figure lie within five standard errors; the sample is large enough
that 2 % of the charges would be seen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import agreement
import baseline
import compound
import contributions
import features
import mutualfund as mf
import naive_numba
import peers
import plain_numpy
import problems
import tariff_glm
import tuned_numpy
import with_pandas
from baseline import FloatArray, MemberYear
from mutualfund.fund.lowered import pieces, plan_digest
from mutualfund.sim.plan import lower

PROGRAMS = {
    "plain NumPy": plain_numpy.member_year,
    "tuned NumPy": tuned_numpy.member_year,
    "pandas": with_pandas.member_year,
    "naive Numba": naive_numba.member_year,
}
MEMBERS, PATHS, YEARS = problems.FUNDS["village"], 150, 2
LINE_NAMES = tuple(line.name for line in problems.LINES)


@pytest.fixture(scope="module")
def ours() -> agreement.Samples:
    run = mf.simulate(problems.scenario(problems.Problem(MEMBERS, 4 * PATHS, YEARS)))
    return agreement.samples_of_run(run)


@pytest.fixture(scope="module")
def work() -> baseline.Work:
    return baseline.work_of(MEMBERS, YEARS)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_gives_the_values_of_simulate(
    program: MemberYear, ours: agreement.Samples, work: baseline.Work
) -> None:
    theirs = agreement.samples_of(baseline.run(program, work, PATHS), LINE_NAMES)
    assert theirs.keys() == ours.keys()
    agreement.require_agreement("the program", ours, theirs)


def test_two_per_cent_of_the_charges_would_be_seen(
    ours: agreement.Samples, work: baseline.Work
) -> None:
    figures = baseline.run(tuned_numpy.member_year, work, PATHS)
    dearer = replace(figures, billed=figures.billed * 1.02)
    with pytest.raises(agreement.Disagreement, match="billed pharmacy"):
        agreement.require_agreement("it", ours, agreement.samples_of(dearer, LINE_NAMES))


def test_a_program_that_takes_no_deductible_is_found_out(
    ours: agreement.Samples, work: baseline.Work
) -> None:
    lines = tuple(replace(line, deductible_applies=False) for line in problems.LINES)
    figures = baseline.run(tuned_numpy.member_year, replace(work, lines=lines), PATHS)
    with pytest.raises(agreement.Disagreement, match="fund outpatient"):
        agreement.require_agreement("it", ours, agreement.samples_of(figures, LINE_NAMES))


def test_a_wider_spread_is_found_out() -> None:
    rng = np.random.default_rng(1)
    narrow: FloatArray = rng.normal(10.0, 1.0, 400)
    assert agreement.gap("x", narrow, rng.normal(10.0, 1.0, 400)).agrees
    assert not agreement.gap("x", narrow, rng.normal(10.0, 1.6, 400)).agrees


def test_payments_fall_into_the_year_of_their_month() -> None:
    """Hand-worked: treated in month 11 of year 1, paid at once, one month and thirteen months later."""
    triangle = np.zeros((baseline.MONTHS, baseline.DELAYS))
    triangle[11, [0, 1, 13]] = 5.0, 3.0, 2.0
    nothing = np.zeros_like(triangle)
    assert baseline.paid_by_year([triangle, nothing, nothing]).tolist() == [5.0, 3.0, 2.0]


@pytest.mark.parametrize("feature", features.FEATURES)
def test_every_feature_makes_a_scenario_that_says_so(feature: str) -> None:
    small = problems.Problem(60, 2, 2)
    plain, changed = problems.scenario(small), problems.scenario(replace(small, feature=feature))
    same = plain.to_toml() == changed.to_toml()
    assert same == (feature == "plain")


def test_features_stated_with_the_value_that_does_nothing_give_the_kernel_nothing_to_do() -> None:
    """Not a table, number or draw by path differs: so what is not asked for costs the kernel nothing."""
    small = problems.Problem(60, 4, 3)
    kernels_work = {}
    for feature in ("plain", "asked for nothing", "everything"):
        plan = lower(problems.scenario(replace(small, feature=feature)))
        drawn = b"".join(pieces(plan.drivers(0, small.paths), "drivers"))
        kernels_work[feature] = (plan_digest(plan), drawn)
    assert kernels_work["asked for nothing"] == kernels_work["plain"]
    assert kernels_work["everything"] != kernels_work["plain"]


def test_fund_level_programs_are_given_the_mean_and_variance_of_the_members_counts(
    work: baseline.Work,
) -> None:
    """A member's count has mean r and variance r + r^2 / k; members are independent."""
    for column in range(work.n_lines):
        rate = work.rates[work.cell(1), column]
        n, p = peers.fund_count(work, column)
        mean, variance = stats.nbinom(n, p).stats("mv")
        assert mean == pytest.approx(rate.sum())
        assert variance == pytest.approx((rate + rate**2 / problems.DISPERSION).sum())


def test_the_aggregate_distribution_is_the_mixture_of_gammas_halfway_between_points() -> None:
    for problem in compound.PROBLEMS:
        x = compound.points(problem)
        assert compound.our_error(problem, x, problem.exact(x), finer=1) < 1e-7


def test_a_tariff_has_the_coefficients_and_errors_of_glum() -> None:
    frame = tariff_glm.members(3_000)
    ours, theirs = tariff_glm.ours(frame), tariff_glm.theirs(frame)
    tariff_glm.apart(ours, theirs)
    with pytest.raises(agreement.Disagreement, match="errors"):
        tariff_glm.apart(ours._replace(errors=ours.errors * 1.00001), theirs)


def test_contribution_rules_give_the_values_of_plain_expressions() -> None:
    contributions.require_same_dues(contributions.members(20_000))


def test_a_contribution_that_is_a_cent_off_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = contributions.COMPARISONS["community"]
    dearer = plain._replace(rule=plain.rule.scaled(1.0003))
    monkeypatch.setitem(contributions.COMPARISONS, "community", dearer)
    with pytest.raises(AssertionError, match="community"):
        contributions.require_same_dues(contributions.members(20_000))
