"""Other cases of claims, in the shape of the published ones: `evaluate` solves them too.

Source of truth: SciPy, or a calculation by hand.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from published import evaluate as solver
from published.tools import FOLDER, RAND, asked


def test_another_severity_case_with_other_levels_is_solved() -> None:
    inputs = {"distribution": "gamma", "alpha": 2.5, "theta": 90, "d": 10, "u": 700}
    law = stats.gamma(2.5, scale=90)
    found = asked("severity", {**inputs, "probs": [0.75]}, "var_0.75", "sf_d", "mean")
    assert found["var_0.75"] == pytest.approx(law.ppf(0.75), rel=1e-12)
    assert found["sf_d"] == pytest.approx(law.sf(10), rel=1e-12)
    assert found["mean"] == pytest.approx(225.0, rel=1e-12)


def test_another_zero_modified_case_may_have_a_negative_binomial_inside() -> None:
    inputs = {"frequency": "zm_negbin", "r": 1.5, "mean": 2.0, "p0": 0.1}
    found = asked("frequency", inputs, "prob_0", "prob_7", "sf_30")
    parent = stats.nbinom(1.5, 1.5 / 3.5)
    weight = 0.9 / parent.sf(0)
    assert found["prob_0"] == pytest.approx(0.1, rel=1e-12)
    assert found["prob_7"] == pytest.approx(weight * parent.pmf(7), rel=1e-10)
    assert found["sf_30"] == pytest.approx(weight * parent.sf(30), rel=1e-10)


def test_another_data_case_may_have_other_plans_and_another_file() -> None:
    inputs = {"column": "drugexp", "plans": [[200, 0.5, 900]]}
    names = ("mean_member_pay_plan1", "share_at_oop_max_plan1")
    found = asked("cost-sharing", inputs, *names, data="data/meps_drugs.csv")
    costs = pd.read_csv(FOLDER / "data/meps_drugs.csv")["drugexp"]
    by_hand = [min(min(x, 200) + 0.5 * max(x - 200, 0), 900) for x in costs]
    assert found["mean_member_pay_plan1"] == pytest.approx(sum(by_hand) / len(by_hand), rel=1e-12)
    share = sum(x >= 1600 for x in costs) / len(costs)
    assert found["share_at_oop_max_plan1"] == pytest.approx(share, rel=1e-12)


def test_another_fitting_case_may_take_other_rows_of_another_column() -> None:
    inputs = {"column": "outpdol", "filter": "outpdol > 20", "n": 2914}
    names = ("gamma_shape", "gamma_loglik", "weibull_aic", "lomax_alpha", "lomax_xi")
    found = asked("fitting", inputs, *names, data=RAND)
    costs = pd.read_csv(FOLDER / RAND)["outpdol"]
    costs = costs[costs > 20]
    shape, _, scale = stats.gamma.fit(costs, floc=0)
    assert found["gamma_shape"] == pytest.approx(shape, rel=1e-6)
    loglik = stats.gamma.logpdf(costs, shape, scale=scale).sum()
    assert found["gamma_loglik"] == pytest.approx(loglik, abs=1e-6)
    tau, _, theta = stats.weibull_min.fit(costs, floc=0)
    loglik = stats.weibull_min.logpdf(costs, tau, scale=theta).sum()
    assert found["weibull_aic"] == pytest.approx(4 - 2 * loglik, abs=1e-3)
    assert found["lomax_xi"] == pytest.approx(1 / found["lomax_alpha"], rel=1e-7)


def test_another_count_case_may_take_a_part_of_the_members() -> None:
    inputs = {"column": "mdvis", "filter": "xage < 18", "n": 2330}
    found = asked("fitting", inputs, "zip_pi", "zip_lam", "poisson_lam", data=RAND)
    frame = pd.read_csv(FOLDER / RAND)
    visits = frame["mdvis"][frame["xage"] < 18]
    assert found["poisson_lam"] == pytest.approx(visits.mean(), rel=1e-12)
    pi, lam = found["zip_pi"], found["zip_lam"]
    # The two score equations of a zero-inflated Poisson: its mean, and its chance of no visit.
    assert (1 - pi) * lam == pytest.approx(visits.mean(), rel=1e-8)
    assert pi + (1 - pi) * math.exp(-lam) == pytest.approx((visits == 0).mean(), rel=1e-8)


def test_a_fitting_case_whose_rows_are_not_as_many_as_it_says_is_refused() -> None:
    inputs = {"column": "mdvis", "filter": "all rows", "n": 5637}
    with pytest.raises(ValueError, match="5638 rows, not 5637"):
        asked("fitting", inputs, "poisson_lam", data=RAND)


def test_another_compound_case_may_have_other_points_and_another_severity() -> None:
    inputs = {"severity_distribution": "exponential", "frequency": "poisson", "lam": 4, "theta": 30}
    found = asked("aggregate", inputs, "mean", "cdf_77", "stop_loss_200", "prob_zero")
    n = np.arange(1, 80)
    chance = stats.poisson(4).pmf(n)
    assert found["mean"] == pytest.approx(120.0, rel=1e-12)
    assert found["prob_zero"] == pytest.approx(math.exp(-4.0), rel=1e-12)
    cdf = math.exp(-4.0) + chance @ stats.gamma(n, scale=30).cdf(77)
    assert found["cdf_77"] == pytest.approx(cdf, rel=1e-5)
    over = 30 * n * stats.gamma(n + 1, scale=30).sf(200) - 200 * stats.gamma(n, scale=30).sf(200)
    assert found["stop_loss_200"] == pytest.approx(chance @ over, rel=1e-5)


def test_another_reinsurance_case_may_have_other_layers() -> None:
    inputs = {
        "severity_distribution": "exponential",
        "lam": 10,
        "theta": 500,
        "layers": [[800, 200]],
    }
    found = asked("reinsurance", inputs, "mean_800_xs_200", "frequency_800_xs_200")
    assert found["frequency_800_xs_200"] == pytest.approx(10 * math.exp(-0.4), rel=1e-12)
    layer = 5000 * (math.exp(-0.4) - math.exp(-2.0))
    assert found["mean_800_xs_200"] == pytest.approx(layer, rel=1e-12)


def test_another_ruin_case_may_have_other_terms_and_capitals() -> None:
    """For exponential claims the chance is (1/(1+loading)) exp(-loading u / ((1+loading) mean))."""
    inputs = {"lam": 2, "c": 5, "terms": [[3, 1, 0.5]], "us": [4]}
    found = asked("ruin", inputs, "mean_claim", "psi_7", "lundberg_bound_7")
    assert found["mean_claim"] == pytest.approx(2.0, rel=1e-12)
    assert found["psi_7"] == pytest.approx(0.8 * math.exp(-0.1 * 7), rel=1e-12)
    assert found["lundberg_bound_7"] == pytest.approx(math.exp(-0.7), rel=1e-10)


def test_another_triangle_may_have_more_origins_than_ages_and_falling_amounts(
    tmp_path: Path,
) -> None:
    """Worked by hand: (160 + 130 + 95) / (100 + 110 + 90) = 1.28333, then (180 + 126) / (160 + 130)."""
    rows = [
        [2010, 100, 160, 180],
        [2011, 110, 130, 126],
        [2012, 90, 95, None],
        [2013, 80, None, None],
    ]
    pd.DataFrame(rows, columns=["origin", "dev1", "dev2", "dev3"]).to_csv(
        tmp_path / "other.csv", index=False
    )
    names = ("link_ratios", "reserve_by_origin", "total_reserve")
    case = {"area": "reserving", "inputs": {}, "data": "other.csv"}
    found = solver.evaluate(case | {"expect": [{"name": name} for name in names]}, tmp_path)
    one, two = 385 / 300, 306 / 290
    reserves = [0.0, 0.0, 95 * (two - 1), 80 * (one * two - 1)]
    assert found["link_ratios"] == pytest.approx([one, two], rel=1e-12)
    assert found["reserve_by_origin"] == pytest.approx(reserves, rel=1e-12, abs=1e-9)
    assert found["total_reserve"] == pytest.approx(sum(reserves), rel=1e-12)


def test_another_completion_case_may_have_another_window_and_prior() -> None:
    inputs = {"window": 3, "prior_months": 1, "prior_pmpm": 150.0}
    name = "ibnr_total_with_prior_for_recent_months"
    names = ("completion_factors", "ibnr_latest_12", name)
    found = asked("reserving", inputs, *names, data="data/health_lags_noisy.csv")
    table = pd.read_csv(FOLDER / "data/health_lags_noisy.csv")
    paid = table.filter(like="dev").to_numpy()
    growth = [
        paid[24 - lag - 4 : 24 - lag - 1, lag + 1].sum()
        / paid[24 - lag - 4 : 24 - lag - 1, lag].sum()
        for lag in range(11)
    ]
    share = [1 / math.prod(growth[lag:]) for lag in range(12)]
    assert found["completion_factors"] == pytest.approx(share, rel=1e-12)
    last = (1 - share[0]) * 150.0 * table["member_months"].iloc[-1]
    others = sum(found["ibnr_latest_12"][:-1])
    assert found[name] == pytest.approx(others + last, rel=1e-9)
