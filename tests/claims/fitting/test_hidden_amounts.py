"""Deductibles, limits, weights and groups: hand-worked cases, a slow twin from SciPy, and properties.

Source of truth: closed forms (exponential: money above the deductible over claims known to end; Pareto:
B. Hill, Annals of Statistics 3 (1975)), and `scipy.optimize` on a likelihood written from `scipy.stats`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from mutualfund.claims import FitError, Observed, fit_severity
from mutualfund.errors import InputError


def test_an_exponential_mean_is_money_above_deductibles_over_claims_known_to_end() -> None:
    """Five claims, deductibles 50 and 120, two of them at their limits of 400 and 900."""
    amounts, below = [90.0, 400.0, 310.0, 900.0, 130.0], [50, 50, 120, 120, 120]
    limits = [400.0, 400.0, 900.0, 900.0, 900.0]
    fit = fit_severity("exponential", Observed(amounts, below, limits))
    money = (90 - 50) + (400 - 50) + (310 - 120) + (900 - 120) + (130 - 120)
    assert fit.parameters["mean"] == pytest.approx(money / 3, rel=1e-12)
    assert fit.standard_errors["mean"] == pytest.approx(money / 3 / math.sqrt(3), rel=1e-8)
    assert fit.loglik == pytest.approx(-3 * math.log(money / 3) - 3, rel=1e-12)


def test_a_pareto_index_is_hills_with_its_error() -> None:
    amounts = [130.0, 210.0, 155.0, 310.0, 400.0, 101.0]
    fit = fit_severity("pareto", amounts, above=100.0)
    alpha = 6 / sum(math.log(x / 100) for x in amounts)
    assert fit.parameters["alpha"] == pytest.approx(alpha, rel=1e-12)
    assert fit.standard_errors["alpha"] == pytest.approx(alpha / math.sqrt(6), rel=1e-8)
    starts = [100, 200, 100, 150, 150, 100]
    seen = Observed(amounts, starts, limit=400.0)
    logs = sum(math.log(x / d) for x, d in zip(amounts, starts, strict=True))
    fit = fit_severity("pareto", seen, above=100.0)
    assert fit.parameters["alpha"] == pytest.approx(5 / logs, rel=1e-12)
    assert fit.distribution.model_dump()["above"] == 100.0


def test_an_exponential_in_equal_groups_has_a_closed_form() -> None:
    """Groups of width 100: the number of the group is geometric with chance 1 - exp(-100 / mean)."""
    counts = [50, 23, 12, 9, 4, 2]
    fit = fit_severity("exponential", Observed.grouped([0, 100, 200, 300, 400, 500, 600], counts))
    passed = sum(k * count for k, count in enumerate(counts))
    mean = 100 / math.log1p(sum(counts) / passed)
    assert fit.parameters["mean"] == pytest.approx(mean, rel=1e-9)
    # A last group without end, and a first edge above zero, which is a deductible.
    seen = Observed.grouped([100, 200, 300, 400, math.inf], [23, 12, 9, 6])
    assert seen.n == 50
    passed = 12 + 2 * 9 + 3 * 6
    ended = 23 + 12 + 9
    fit = fit_severity("exponential", seen)
    assert fit.parameters["mean"] == pytest.approx(100 / math.log1p(ended / passed), rel=1e-9)


SAMPLES: list[tuple[str, Callable[..., Any], tuple[float, ...]]] = [
    ("gamma", lambda a, t: stats.gamma(a, scale=t), (1.6, 250.0)),
    ("lognormal", lambda m, s: stats.lognorm(s, scale=math.exp(m)), (5.2, 1.1)),
    ("weibull", lambda a, t: stats.weibull_min(a, scale=t), (0.8, 300.0)),
    ("lomax", lambda a, t: stats.lomax(a, scale=t), (2.4, 400.0)),
    ("generalised_pareto", lambda a, t: stats.genpareto(a, scale=t), (0.3, 250.0)),
    ("burr", lambda a, t, g: stats.burr12(g, a, scale=t), (1.4, 300.0, 1.7)),
    ("inverse_gaussian", lambda m, k: stats.invgauss(m / k, scale=k), (300.0, 400.0)),
    ("normal", lambda m, s: stats.norm(m, s), (600.0, 150.0)),
]


def sample(law: Any, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ground-up amounts above a deductible of 40 or 90, and up to a limit of 800 or 1,500."""
    rng = np.random.default_rng(seed)
    x = law.rvs(size=8 * n, random_state=rng)
    below = rng.choice([40.0, 90.0], size=x.size)
    above = rng.choice([800.0, 1_500.0], size=x.size)
    seen = np.flatnonzero(x > below)[:n]
    return np.minimum(x, above)[seen], below[seen], above[seen]


def twin(law: Any, amount: Any, below: Any, above: Any) -> float:
    """The likelihood by SciPy, one claim after another in plain sight."""
    known = amount < above
    return float(
        law.logpdf(amount[known]).sum() + law.logsf(amount[~known]).sum() - law.logsf(below).sum()
    )


@pytest.mark.parametrize(("kind", "made", "truth"), SAMPLES, ids=[row[0] for row in SAMPLES])
def test_every_family_reaches_the_top_with_the_errors_of_a_numerical_hessian(
    kind: Any, made: Callable[..., Any], truth: tuple[float, ...]
) -> None:
    amount, below, above = sample(made(*truth), 500, seed=5)
    fit = fit_severity(kind, Observed(amount, below, above))
    values = np.array(list(fit.parameters.values()))

    def loglik(point: Any) -> float:
        return twin(made(*point), amount, below, above)

    assert fit.loglik == pytest.approx(loglik(values), rel=1e-11)
    errors = np.array(list(fit.standard_errors.values()))
    for axis, error in enumerate(errors):  # nowhere near is it higher
        for move in (-0.02, 0.02):
            aside = values.copy()
            aside[axis] += move * error
            assert loglik(aside) < fit.loglik
    theirs = np.linalg.inv(-hessian(loglik, values, 0.005 * errors))
    np.testing.assert_allclose(fit.covariance.matrix, theirs, rtol=2e-3)
    np.testing.assert_allclose(errors, np.sqrt(np.diag(theirs)), rtol=1e-3)
    assert np.all(
        np.abs(values - truth) < 5 * errors
    )  # 25 % of a parameter, as a rule, would be seen


def hessian(function: Callable[[Any], float], at: Any, step: Any) -> Any:
    """Second differences on the parameters' own scale, the plainest there are."""
    n = at.size
    out = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            one, other = np.eye(n)[i] * step[i], np.eye(n)[j] * step[j]
            corners = (
                function(at + one + other)
                - function(at + one - other)
                - function(at - one + other)
                + function(at - one - other)
            )
            out[i, j] = corners / (4 * step[i] * step[j])
    return out


def test_paid_and_ground_up_amounts_are_the_same_data() -> None:
    law = stats.lognorm(1.1, scale=180)
    amount, below, above = sample(law, 900, seed=2)
    whole = fit_severity("lognormal", Observed(amount, below, above))
    seen = Observed(amount - below, below, above, reported="paid")
    paid = fit_severity("lognormal", seen)
    assert paid.loglik == pytest.approx(whole.loglik, rel=1e-12)
    assert paid.parameters["mu"] == pytest.approx(whole.parameters["mu"], rel=1e-9)
    # The trap: payments taken for whole costs give another law, whose spread is not the claims'.
    naive = fit_severity("lognormal", amount - below)
    assert naive.parameters["sigma"] > 1.1 + 5 * naive.standard_errors["sigma"]
    assert abs(paid.parameters["mu"] - math.log(180)) < 5 * paid.standard_errors["mu"]


def test_a_deductible_that_is_forgotten_makes_claims_look_too_large() -> None:
    amount, below, above = sample(stats.expon(scale=100), 400, seed=8)
    known = fit_severity("exponential", Observed(amount, below, above))
    forgotten = fit_severity("exponential", amount)
    assert forgotten.parameters["mean"] > known.parameters["mean"] + 40.0
    assert abs(known.parameters["mean"] - 100.0) < 5 * known.standard_errors["mean"]


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.integers(1, 400), min_size=5, max_size=12, unique=True),
    st.lists(st.integers(0, 4), min_size=12, max_size=12),
)
def test_a_weight_is_so_many_claims(amounts: list[int], weights: list[int]) -> None:
    weights = [*weights[: len(amounts) - 2], 1, 2]
    capped = [min(amount, 380) + 10 for amount in (*amounts[:-1], 100)]
    one = fit_severity("exponential", Observed(capped, 10, 390, weights))
    repeated = np.repeat(capped, weights)
    other = fit_severity("exponential", Observed(repeated, 10, 390))
    assert one.n == other.n == sum(weights)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-12)
    assert one.parameters["mean"] == pytest.approx(other.parameters["mean"], rel=1e-9)
    assert one.bic == pytest.approx(other.bic, rel=1e-12)


def test_fine_groups_lose_next_to_nothing_and_coarse_ones_some() -> None:
    x = stats.gamma(1.6, scale=250).rvs(size=800, random_state=np.random.default_rng(4))
    exact = fit_severity("gamma", x)
    errors = []
    for width in (1.0, 200.0):
        edges = np.arange(0.0, x.max() + width, width)
        fit = fit_severity("gamma", Observed.grouped(edges, np.histogram(x, edges)[0]))
        assert fit.parameters["alpha"] == pytest.approx(exact.parameters["alpha"], rel=0.1)
        errors.append(fit.standard_errors["alpha"])
    assert exact.standard_errors["alpha"] < errors[0] * 1.001 < errors[1]
    assert errors[0] == pytest.approx(exact.standard_errors["alpha"], rel=0.01)


def test_groups_agree_with_scipys_search() -> None:
    edges, counts = [0.0, 50.0, 200.0, 700.0, math.inf], np.array([31, 40, 22, 7])

    def cost(logs: Any) -> float:
        chances = np.diff(stats.weibull_min(math.exp(logs[0]), scale=math.exp(logs[1])).cdf(edges))
        return -float(counts @ np.log(chances))

    options = {"xatol": 1e-9, "fatol": 1e-12}
    best = optimize.minimize(cost, [0.0, 5.0], method="Nelder-Mead", options=options)
    fit = fit_severity("weibull", Observed.grouped(edges, counts))
    assert fit.loglik == pytest.approx(-best.fun, rel=1e-10)
    assert list(fit.parameters.values()) == pytest.approx(np.exp(best.x).tolist(), rel=1e-5)


def test_a_fit_in_other_money_is_the_same_fit() -> None:
    amount, below, above = sample(stats.burr12(1.7, 1.4, scale=300), 400, seed=6)
    one = fit_severity("burr", Observed(amount, below, above))
    other = fit_severity("burr", Observed(1e6 * amount, 1e6 * below, 1e6 * above))
    for name in ("alpha", "gamma"):
        assert other.parameters[name] == pytest.approx(one.parameters[name], rel=1e-6)
    assert other.parameters["theta"] == pytest.approx(1e6 * one.parameters["theta"], rel=1e-6)
    assert other.mean_cv == pytest.approx(one.mean_cv, rel=1e-5)


def test_what_no_fund_can_have_seen_is_refused() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"amounts": [50.0, 90.0], "deductible": 60.0}, "rows 0.*above the deductible"),
        ({"amounts": [50.0, 90.0], "limit": 60.0}, "rows 1.*at most the limit"),
        ({"amounts": [50.0, 90.0], "deductible": 40.0, "limit": 40.0}, "limit .*above the deduct"),
        ({"amounts": [50.0, 90.0], "deductible": [1.0, 2.0, 3.0]}, "3 values for 2 amounts"),
        ({"amounts": [50.0, 90.0], "weights": [1.0, -1.0]}, "weights .rows 1"),
        ({"amounts": [50.0, 90.0], "weights": [0.0, 0.0]}, "at least one above 0"),
        ({"amounts": [50.0, 90.0], "reported": "net"}, "ground_up, paid"),
        ({"amounts": [50.0, math.nan]}, "rows 1"),
    ]
    for arguments, words in cases:
        with pytest.raises(InputError, match=words) as caught:
            Observed(**arguments)
        assert "90" not in str(caught.value)
    for edges, counts in (([0, 1], [1, 2]), ([0, 5, 5], [1, 2]), ([0, 5, 9], [0, 0])):
        with pytest.raises(InputError):
            Observed.grouped(edges, counts)
    with pytest.raises(InputError, match="an edge of the groups"):
        Observed.grouped([0, 100, 500], [3, 4]).excess_over(200.0)


def test_data_show_nothing_of_a_member() -> None:
    seen = Observed([731.5, 8_246.25, 20_000.0], deductible=137.0, limit=20_000.0)
    fit = fit_severity("exponential", seen)
    for text in (repr(seen), repr(fit)):
        assert not any(part in text for part in ("731", "8246", "137"))
    assert "2 known exactly, 1 at the limit" in repr(seen)
    with pytest.raises(ValueError, match="read-only"):
        seen.low[0] = 1.0


def test_what_the_data_do_not_determine_is_refused_with_a_way_out() -> None:
    with pytest.raises(FitError, match="no claim is known to end"):
        fit_severity("exponential", Observed([500.0, 500.0], limit=500.0))
    rng = np.random.default_rng(1)
    with pytest.raises(FitError, match="no heavier than an exponential"):
        fit_severity("lomax", rng.gamma(3.0, 100.0, size=400))
    with pytest.raises(FitError, match="no mean"):
        fit_severity("lomax", stats.lomax(0.8, scale=50).rvs(size=300, random_state=rng))
    with pytest.raises(InputError, match="have no parameters to fit"):
        fit_severity("empirical", [1.0, 2.0])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Write above="):
        fit_severity("pareto", [1.0, 2.0])
    with pytest.raises(InputError, match="fit_excess or fit_spliced"):
        fit_severity("pareto", [1.0, 2.0], above=1.5)
