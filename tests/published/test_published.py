"""The published cases (`cases.toml`), solved through the public library and checked as its README says.

Source of truth: each case's own `source`. No expected number was produced by this project's code.
"""

from __future__ import annotations

import copy
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from mutualfund.errors import InputError
from published import evaluate as solver
from published.areas import fund_simulation

FOLDER = Path(__file__).parent
RAND = "data/rand_hie_year1.csv"
CASES = tomllib.loads((FOLDER / "cases.toml").read_text(encoding="utf-8"))["case"]


def by_id(case: dict[str, Any]) -> str:
    return str(case["id"])


def within(expected: dict[str, Any], got: object) -> bool:
    """Whether a value agrees with an entry's tolerance; a simulated one within four standard errors."""
    want = np.atleast_1d(np.array(expected["value"], float))
    if isinstance(got, tuple):
        value, error = got
        return error > 0.0 and abs(value - want[0]) <= 4.0 * error
    have = np.atleast_1d(np.asarray(got, float))
    if have.shape != want.shape:
        return False
    if "lo" in expected:
        return bool(expected["lo"] <= have[0] <= expected["hi"])
    if "atol" in expected:
        return bool(np.all(np.abs(have - want) <= expected["atol"]))
    floor = 1e-9 * np.max(np.abs(want))
    return bool(np.all(np.abs(have - want) <= expected["rtol"] * np.abs(want) + floor))


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_library_gives_the_published_values(case: dict[str, Any]) -> None:
    found = solver.evaluate(case, FOLDER)
    wrong = {
        entry["name"]: (found[entry["name"]], entry["value"])
        for entry in case["expect"]
        if not within(entry, found[entry["name"]])
    }
    assert wrong == {}


def test_no_case_is_left_out() -> None:
    assert {case["area"] for case in CASES} == set(solver.AREAS)
    assert len(CASES) == len({case["id"] for case in CASES}) == 71


@pytest.fixture
def _few_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fund_simulation, "PATHS", 1000)


@pytest.mark.usefixtures("_few_paths")
@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_only_the_area_the_inputs_the_data_and_the_names_are_read(case: dict[str, Any]) -> None:
    bare = {key: case[key] for key in ("area", "inputs", "data") if key in case}
    bare["expect"] = [{"name": entry["name"]} for entry in case["expect"]]
    assert same(solver.evaluate(bare, FOLDER), solver.evaluate(case, FOLDER))


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    """Equal but for the order in which glum's threads add up."""
    return one.keys() == other.keys() and all(
        np.allclose(np.asarray(one[name]), np.asarray(other[name]), rtol=1e-12, atol=0.0)
        for name in one
    )


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every number among a case's inputs."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from numbers(inner, (*path, place))
    elif isinstance(value, int | float):
        yield path


def moved(case: dict[str, Any], path: tuple[Any, ...], factor: float) -> dict[str, Any]:
    """The case with one input changed."""
    changed = copy.deepcopy(case)
    holder = changed["inputs"]
    for step in path[:-1]:
        holder = holder[step]
    value = holder[path[-1]]
    if is_erlang_shape(path):  # whole, so it moves by one
        holder[path[-1]] = value + 1
    elif path[-1] in WHOLE:
        holder[path[-1]] = round(value * factor) + (round(value * factor) == value)
    else:
        holder[path[-1]] = value * factor or 0.1
    return changed


def is_erlang_shape(path: tuple[Any, ...]) -> bool:
    """The number of exponentials that a claim of the term is the sum of."""
    return path[0] == "terms" and path[-1] == 1


def has_no_say(case: dict[str, Any], path: tuple[Any, ...]) -> bool:
    """Inputs that another one silences.

    A coinsurance between a deductible and an equal maximum applies to nothing; benefits of an age band of
    which nothing is pooled are not shared; deviations of a segment without volume deviate from nothing; the
    weight of a mixture's only term is all; a lapse risk of 0 becomes a tenth of a unit, which is lost beside
    millions; the `n` of a case counts the rows of its data, and another number is refused; an
    age is what is asked; every window on an exact run-off pattern shows the same growth.
    """
    if path == ("n",) or (
        path[0] == "rows" and path[2] == 0 and case["area"] == "community-rating"
    ):
        return True
    if path[0] == "window":
        return bool(case["data"] == "data/health_lags_exact.csv")
    if path[0] == "terms" and path[-1] == 0:
        return len(case["inputs"]["terms"]) == 1
    if path == ("scr_lapse",):
        return bool(case["inputs"]["scr_lapse"] == 0)
    if path[0] in ("sigma_prem", "sigma_res", "div"):
        premium, reserve = case["inputs"]["volumes"][path[1]]
        volume = {"sigma_prem": premium, "sigma_res": reserve, "div": premium + reserve}
        return bool(volume[path[0]] == 0)
    if path[0] == "insurers" and path[2] == "benefits":
        return bool(case["inputs"]["pool_pct"][path[3]] == 0)
    if path[0] != "plans" or path[2] != 1:
        return False
    deductible, _, maximum = case["inputs"]["plans"][path[1]]
    return bool(deductible == maximum)


WHOLE = ("replicates", "window", "prior_months")  # counts: moved by whole numbers
# They say what is asked: tested below, with other questions.
QUESTIONS = ("probs", "years", "points", "ds", "us", "finite", "layers")
INPUTS = [
    pytest.param(case, path, id=f"{case['id']}-{'.'.join(map(str, path))}")
    for case in CASES
    for path in numbers(case["inputs"])
    if path[0] not in QUESTIONS
    and not has_no_say(case, path)
    and not (path[0] == "x" and path[1] % 25)
]


@pytest.mark.usefixtures("_few_paths")
@pytest.mark.parametrize(("case", "path"), INPUTS)
def test_every_numeric_input_moves_the_outcome(case: dict[str, Any], path: tuple[Any, ...]) -> None:
    if is_erlang_shape(path):
        case = moved(case, ("c",), 3.0)  # a premium that larger claims leave a profit
    before = solver.evaluate(case, FOLDER)
    try:
        after = solver.evaluate(moved(case, path, 1.1), FOLDER)
    except InputError:  # a deductible above the maximum: then the other way
        after = solver.evaluate(moved(case, path, 0.9), FOLDER)
    assert not same(before, after)


def files_of(case: dict[str, Any]) -> list[str]:
    """The case's data files, none, one or several."""
    named = case.get("data", [])
    return [named] if isinstance(named, str) else list(named)


def columns_read(inputs: dict[str, Any], frame: pd.DataFrame) -> list[str]:
    """Columns that a case is about; of a yes-or-no response, one that explains it; of a triangle, an age."""
    if "ratio_prefix" in inputs:
        return [name for name in frame.columns if name.startswith(inputs["ratio_prefix"])]
    if inputs.get("family") == "binomial":
        return ["xage"]
    for said in ("column", "response", "cost"):
        if said in inputs:
            return [inputs[said]]
    ages = [name for name in frame.columns if name.startswith("dev")]
    return ages[:1] or [name for name in frame.columns if name == "meddol"] or [frame.columns[-1]]


def otherwise(column: pd.Series) -> pd.Series:
    """Counts stay counts; large values are raised by more than small: a factor moves no inequality."""
    if str(column.name).startswith("dev"):
        return column * 1.1
    whole = pd.api.types.is_integer_dtype(column)
    return column * 2 + column // 3 if whole else column**1.1


@pytest.mark.parametrize(
    ("case", "name"),
    [pytest.param(c, f, id=f"{c['id']}-{Path(f).stem}") for c in CASES for f in files_of(c)],
)
def test_each_data_file_moves_the_outcome(case: dict[str, Any], name: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for file in files_of(case):
        frame = pd.read_csv(FOLDER / file)
        if file == name:
            for column in columns_read(case["inputs"], frame):
                frame[column] = otherwise(frame[column])
        frame.to_csv(tmp_path / file, index=False)
    before, after = solver.evaluate(case, FOLDER), solver.evaluate(case, tmp_path)
    assert all(before[name] != after[name] for name in before if name.startswith("mean_member"))
    assert not same(before, after)


def asked(area: str, inputs: dict[str, Any], *names: str, data: str | None = None) -> Any:
    case = {"area": area, "inputs": inputs, "expect": [{"name": name} for name in names]}
    return solver.evaluate(case if data is None else {**case, "data": data}, FOLDER)


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


@pytest.mark.usefixtures("_few_paths")
def test_another_fund_case_may_have_other_years_and_a_fund_that_loses_on_average() -> None:
    names = [f"ruin_by_year_{year}" for year in range(1, 8)]
    found = asked("fund-simulation", {"u": 10, "mu": -1, "sd": 5, "years": 7}, *names)
    chances = [found[name][0] for name in names]
    assert chances == sorted(chances)
    exact = stats.norm.cdf((-10 + 1) / 5)
    assert abs(chances[0] - exact) <= 4 * math.sqrt(exact * (1 - exact) / 1000)


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
