"""Other cases of premiums, pools, capital and funds, in the shape of the published ones.

Source of truth: statsmodels, SciPy, or a calculation by hand.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from published.tools import FOLDER, asked


def test_another_pool_may_have_other_bands_and_three_insurers() -> None:
    insurers = [
        {"name": name, "units": units, "benefits": benefits, "high_cost_residual_benefits": large}
        for name, units, benefits, large in (
            ("A", 10, [500, 40], []),
            ("B", 30, [0, 60], [130, 90]),
            ("C", 61, [70, 20], [400]),
        )
    ]
    inputs = {
        "age_bands": ["0-69", "70+"],
        "pool_pct": [0.1, 0.5],
        "high_cost_threshold": 100,
        "high_cost_pct": 0.25,
        "insurers": insurers,
    }
    found = asked("risk-equalisation", inputs, "levy_per_unit", "net_receipt_C", "high_cost_pool_B")
    # Pooled: A 50 + 20, B 30 + 7.5, C 7 + 10 + 75: 199.5 over 101 units.
    assert found["levy_per_unit"] == pytest.approx(199.5 / 101, rel=1e-12)
    assert found["high_cost_pool_B"] == pytest.approx(7.5, rel=1e-12)
    assert found["net_receipt_C"] == pytest.approx(92 - 61 * 199.5 / 101, rel=1e-12)


def test_another_solvency_case_may_have_two_segments_in_several_regions_and_lapse() -> None:
    inputs = {
        "sigma_prem": [0.05, 0.1],
        "sigma_res": [0.0, 0.2],
        "volumes": [[100, 50], [0, 40]],
        "div": [0.2, 0.6],
        "scr_lapse": 7,
    }
    found = asked("solvency", inputs, "sigma_by_segment", "volume", "scr_nslt")
    # 0.05 x 100 / 150 and 0.2; volumes 150 x 0.8 and 40 x 0.9.
    a, b = 5 / 150 * 120, 0.2 * 36
    assert list(np.asarray(found["sigma_by_segment"])) == pytest.approx([5 / 150, 0.2], rel=1e-12)
    assert float(found["volume"]) == pytest.approx(156.0, rel=1e-12)
    squared = 9 * (a * a + b * b + a * b) + 49
    assert float(found["scr_nslt"]) == pytest.approx(squared**0.5, rel=1e-12)


def test_another_glm_case_may_have_other_rows_terms_and_no_constant() -> None:
    inputs = {
        "response": "outpdol",
        "filter": "outpdol > 0",
        "columns": ["log(num)", "xage / 10", "female"],
        "family": "gamma",
        "link": "log",
        "n": 4256,
    }
    found = asked("glm", inputs, "coef", "se", "deviance", data="data/rand_hie_year1.csv")
    frame = pd.read_csv(FOLDER / "data/rand_hie_year1.csv")
    frame = frame[frame["outpdol"] > 0]
    terms = np.column_stack([np.log(frame["num"]), frame["xage"] / 10, frame["female"]])
    family = sm.families.Gamma(sm.families.links.Log())
    fit = sm.GLM(frame["outpdol"], terms, family=family).fit(tol=1e-13)
    np.testing.assert_allclose(found["coef"], fit.params, rtol=1e-7)
    np.testing.assert_allclose(found["se"], fit.bse, rtol=1e-7)
    assert found["deviance"] == pytest.approx(fit.deviance, rel=1e-10)


def test_another_credibility_case_may_have_weights_and_differ_less_than_chance_explains() -> None:
    """By hand: own means 3, 5, 4; three degrees of freedom; within 8, so raw between is (6.4 - 16) / 6.4."""
    inputs = {"x": [[1, 5], [7, 3], [4, 4]], "w": [[2, 2], [1, 1], [3, 1]]}
    names = ("within_variance_epv", "between_variance_vhm", "credibility_factors", "premiums")
    found = asked("credibility", inputs, *names)
    assert found["within_variance_epv"] == pytest.approx((2 * 4 + 2 * 4 + 4 + 4) / 3, rel=1e-12)
    assert found["between_variance_vhm"] == 0.0
    assert list(found["credibility_factors"]) == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(found["premiums"], (4 * 3 + 2 * 5 + 4 * 4) / 10, rtol=1e-12)


def test_another_credibility_standard_is_solved() -> None:
    found = asked("credibility", {"rows": [[0.8, 0.1, 1.5, 2.25, 60]]}, "full_claims_1", "Z_1")
    full = (stats.norm.ppf(0.9) / 0.1) ** 2 * 3.75
    assert found["full_claims_1"] == pytest.approx(full, rel=1e-12)
    assert found["Z_1"] == pytest.approx(math.sqrt(60 / full), rel=1e-12)


def test_another_loading_case_may_have_other_ages_and_couples() -> None:
    inputs = {"rows": [[29, 500], [66, 800]], "couples": [[31, 70, 3000], [28, 40, 1000]]}
    names = ("loading_pct_age_29", "premium_age_66", "couple1_premium", "couple2_loading_pct")
    found = asked("community-rating", inputs, *names)
    # nothing; 800 x (1 + 2 % x 36, capped at 70 %); (2 % + 70 %) / 2 = 36 %; (0 + 20 %) / 2
    assert list(found.values()) == pytest.approx([0.0, 1360.0, 4080.0, 10.0], rel=1e-12)


def test_another_community_case_may_have_other_cuts() -> None:
    inputs, names = {"cuts": [30.5]}, ("mean_cost_band0", "cross_subsidy_per_member_band1")
    found = asked("community-rating", inputs, *names, data="data/rand_hie_year1.csv")
    frame = pd.read_csv(FOLDER / "data/rand_hie_year1.csv")
    young = frame.xage < 30.5
    assert found[names[0]] == pytest.approx(frame.meddol[young].mean(), rel=1e-12)
    gap = frame.meddol[~young].mean() - frame.meddol.mean()
    assert found[names[1]] == pytest.approx(gap, rel=1e-10)


def test_another_fairness_case_may_have_another_ranking_with_ties() -> None:
    inputs = {"cost": "meddol", "rank": "num"}
    name = "concentration_cost_by_num"
    found = asked("fairness", inputs, name, data="data/rand_hie_year1.csv")
    frame = pd.read_csv(FOLDER / "data/rand_hie_year1.csv")
    rank = (stats.rankdata(frame.num) - 0.5) / len(frame)
    by_hand = 2 * np.cov(frame.meddol, rank, bias=True)[0, 1] / frame.meddol.mean()
    assert found[name] == pytest.approx(by_hand, rel=1e-10)


@pytest.mark.usefixtures("few_paths")
def test_another_fund_case_may_have_other_years_and_a_fund_that_loses_on_average() -> None:
    names = [f"ruin_by_year_{year}" for year in range(1, 8)]
    found = asked("fund-simulation", {"u": 10, "mu": -1, "sd": 5, "years": 7}, *names)
    chances = [found[name][0] for name in names]
    assert chances == sorted(chances)
    exact = stats.norm.cdf((-10 + 1) / 5)
    assert abs(chances[0] - exact) <= 4 * math.sqrt(exact * (1 - exact) / 1000)
