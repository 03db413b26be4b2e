"""Bodies with tails: what is kept, what is solved, and the pieces joined against quadrature.

Source of truth: the definition (the tail keeps the body's chance of exceeding its starting point, cv is the
body's, the overall mean is the one stated) and numerical integration.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import integrate, stats

from mutualfund.claims import (
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Pareto,
    SeveritySpec,
    Weibull,
)
from mutualfund.errors import InputError

ABOVE = 29_000.0
PARETO = {"kind": "pareto", "above": ABOVE, "alpha": 2.2}
TAILS = [
    PARETO,
    {"kind": "generalised_pareto", "above": ABOVE, "xi": 0.4, "beta": 12_000},
    {"kind": "generalised_pareto", "above": ABOVE, "xi": 0.0, "beta": 12_000},
    {"kind": "exponential", "above": ABOVE, "mean": 15_000},
    {"kind": "gamma", "above": ABOVE, "mean": 9_000, "cv": 1.5},
    {"kind": "lognormal", "above": ABOVE, "mean": 9_000, "cv": 2.0},
    {"kind": "weibull", "above": ABOVE, "tau": 0.5, "theta": 6_000},
    {"kind": "lomax", "above": ABOVE, "alpha": 2.5, "theta": 20_000},
    {"kind": "burr", "above": ABOVE, "alpha": 1.5, "theta": 9_000, "gamma": 1.8},
    {"kind": "inverse_gaussian", "above": ABOVE, "mu": 9_000, "lambda": 5_000},
]


def hospital(tail: dict[str, Any] | None = None) -> Lognormal:
    return TypeAdapter(Lognormal).validate_python(
        {"kind": "lognormal", "mean": 2_900, "cv": 1.8, "tail": tail or PARETO}
    )


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["kind"])
def test_the_overall_mean_is_the_one_stated(tail: dict[str, Any]) -> None:
    severity = hospital(tail)
    assert severity.mean == pytest.approx(2_900, rel=1e-12)
    below = integrate.quad(severity.sf, 0, ABOVE, epsrel=1e-11, limit=500)[0]
    beyond = integrate.quad(lambda t: float(severity.sf(ABOVE + t / (1 - t))) / (1 - t) ** 2, 0, 1)
    assert below + beyond[0] == pytest.approx(2_900, rel=1e-6)


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["kind"])
def test_the_tail_keeps_the_bodys_chance_and_the_body_its_cv(tail: dict[str, Any]) -> None:
    severity = hospital(tail)
    sigma = math.sqrt(math.log1p(1.8**2))
    median = float(severity.quantile(0.5))
    body = stats.lognorm(sigma, scale=median)
    x = np.array([100.0, 2_000.0, ABOVE])
    np.testing.assert_allclose(severity.sf(x), body.sf(x), rtol=1e-10)


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["kind"])
def test_both_sides_of_the_joint_invert(tail: dict[str, Any]) -> None:
    severity = hospital(tail)
    q = 2.0 ** -np.arange(1.0, 41.0)
    np.testing.assert_allclose(severity.sf(severity.isf(q)) / q, 1.0, rtol=1e-11)
    np.testing.assert_allclose(severity.cdf(severity.quantile(q)) / q, 1.0, rtol=1e-11)
    assert np.all(np.diff(severity.isf(q)) > 0.0)
    np.testing.assert_allclose(severity.quantile(1.0 - q[:20]), severity.isf(q[:20]), rtol=1e-6)
    joint = float(severity.sf(ABOVE))
    around = severity.isf(joint * np.array([1 + 1e-9, 1.0, 1 - 1e-9]))
    np.testing.assert_allclose(around, ABOVE, rtol=1e-7)


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["kind"])
@pytest.mark.parametrize("d", [1_000.0, 28_000.0, 60_000.0])
def test_limited_moments_run_through_the_joint(tail: dict[str, Any], d: float) -> None:
    severity = hospital(tail)
    points = [ABOVE] if d > ABOVE else None
    limited = integrate.quad(severity.sf, 0, d, points=points, epsrel=1e-11, limit=500)[0]
    second = integrate.quad(
        lambda x: 2 * x * float(severity.sf(x)), 0, d, points=points, epsrel=1e-11, limit=500
    )[0]
    assert float(severity.limited_mean(d)) == pytest.approx(limited, rel=1e-8)
    assert float(severity.second_limited_moment(d)) == pytest.approx(second, rel=1e-8)
    assert float(severity.stop_loss(d)) == pytest.approx(2_900 - limited, rel=1e-6)


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["kind"])
def test_the_variance_is_that_of_the_whole(tail: dict[str, Any]) -> None:
    severity = hospital(tail)
    second = integrate.quad(
        lambda log: 2 * math.exp(2 * log) * float(severity.sf(math.exp(log))),
        -5,
        300,
        points=[math.log(ABOVE), 20, 50, 100],
        limit=500,
        epsrel=1e-10,
    )[0]
    assert severity.variance + severity.mean**2 == pytest.approx(second, rel=1e-7)


def test_a_tail_changes_the_cv_but_not_the_mean() -> None:
    assert hospital().cv > 1.8
    assert Lognormal(mean=2_900, cv=1.8).cv == pytest.approx(1.8)


def test_an_infinite_variance_of_the_tail_is_the_severitys() -> None:
    severity = hospital({"kind": "pareto", "above": ABOVE, "alpha": 1.9})
    assert severity.variance == math.inf
    assert math.isfinite(float(severity.second_limited_moment(1e6)))


def test_native_parameters_are_left_as_they_are() -> None:
    plain = Lognormal(mu=7.0, sigma=1.2)
    severity = Lognormal(mu=7.0, sigma=1.2, tail=hospital().tail)
    x = np.array([10.0, 1_000.0, ABOVE])
    np.testing.assert_array_equal(severity.sf(x), plain.sf(x))
    further = float(severity.tail.tail_law().mean) - ABOVE
    mean = float(plain.limited_mean(ABOVE)) + float(plain.sf(ABOVE)) * further
    assert severity.mean == pytest.approx(mean, rel=1e-14)


def test_a_tail_that_is_the_bodys_own_changes_nothing() -> None:
    plain = Exponential(mean=1_000)
    severity = Exponential(
        mean=1_000, tail={"kind": "generalised_pareto", "above": 2_500, "xi": 0, "beta": 1_000}
    )
    p = np.linspace(0.001, 0.999, 41)
    np.testing.assert_allclose(severity.quantile(p), plain.quantile(p), rtol=1e-12)
    assert severity.variance == pytest.approx(plain.variance, rel=1e-12)
    same = Gamma(mean=500, cv=1.2, tail={"kind": "gamma", "above": 900, "mean": 500, "cv": 1.2})
    np.testing.assert_allclose(same.quantile(p), Gamma(mean=500, cv=1.2).quantile(p), rtol=1e-10)


@pytest.mark.parametrize(
    "body",
    [
        Exponential(mean=900),
        Gamma(mean=900, cv=2),
        Weibull(mean=900, cv=3),
        Pareto(alpha=3, above=400),
        Empirical(values=(100.0, 900.0, 5_000.0)),
    ],
    ids=repr,
)
def test_any_body_takes_a_tail(body: Any) -> None:
    spliced = type(body).model_validate({**body.model_dump(), "tail": {**PARETO, "above": 3_000}})
    stated = body.model_dump().get("mean")
    if stated is not None:
        assert spliced.mean == pytest.approx(stated, rel=1e-12)
    far = spliced.isf(float(spliced.sf(3_000)) / 2.0**2.2)
    assert float(far) == pytest.approx(6_000, rel=1e-9)


def test_scaling_takes_the_tail_along() -> None:
    severity = hospital()
    grown = severity.scaled(1.1)
    p = np.array([0.1, 0.5, 0.999, 0.9999, 1 - 1e-9])
    np.testing.assert_allclose(grown.quantile(p), 1.1 * severity.quantile(p), rtol=1e-9)
    assert grown.model_dump()["tail"]["above"] == pytest.approx(1.1 * ABOVE)


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["kind"])
def test_a_tail_comes_out_as_it_went_in(tail: dict[str, Any]) -> None:
    written = {"kind": "lognormal", "mean": 2_900, "cv": 1.8, "tail": tail}
    severity = TypeAdapter(SeveritySpec).validate_python(written)
    assert severity.model_dump() == written
    assert TypeAdapter(SeveritySpec).validate_python(severity.model_dump()) == severity


REFUSED = [
    ({"kind": "pareto", "above": ABOVE, "alpha": 1.0}, "infinite mean"),
    ({"kind": "generalised_pareto", "above": ABOVE, "xi": 1.2, "beta": 1}, "infinite mean"),
    ({"kind": "lomax", "above": ABOVE, "alpha": 0.8, "theta": 1}, "infinite mean"),
    ({"kind": "pareto", "alpha": 2.0}, "above\n  Field required"),
    ({"kind": "pareto", "above": 100, "alpha": 3.0}, "must lie below the tail's own mean 150"),
    ({"kind": "lognormal", "above": ABOVE, "mean": 5}, "mu and sigma, or mean and cv"),
    ({"kind": "gamma", "above": 1e9, "mean": 5, "cv": 1}, "never exceeds"),
    ({"kind": "normal", "above": ABOVE, "mean": 5, "sd": 1}, "expected tags"),
    ({"kind": "fixed", "above": ABOVE, "amount": 5}, "expected tags"),
]


@pytest.mark.parametrize(("tail", "reason"), REFUSED, ids=str)
def test_a_tail_that_cannot_be_is_refused(tail: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        hospital(tail)


def test_a_mean_that_only_a_body_beyond_all_numbers_could_reach_is_refused() -> None:
    tail = {"kind": "pareto", "above": 100.0, "alpha": 3.0}
    with pytest.raises(InputError, match="too close to the tail's own mean 150"):
        Gamma(mean=149.0, cv=30.0, tail=tail)


@given(
    st.floats(100, 5_000),
    st.floats(0.3, 4),
    st.floats(1.1, 6),
    st.floats(1.05, 40),
)
def test_the_mean_is_met_wherever_the_tail_starts(
    mean: float, cv: float, alpha: float, multiple: float
) -> None:
    tail = {"kind": "pareto", "above": mean * multiple, "alpha": alpha}
    severity = Lognormal(mean=mean, cv=cv, tail=tail)
    assert severity.mean == pytest.approx(mean, rel=1e-11)


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail["kind"])
def test_a_tail_on_its_own_is_a_law_of_amounts_above_its_start(tail: dict[str, Any]) -> None:
    written = hospital(tail).tail
    assert written is not None
    law = written.tail_law()
    p = np.linspace(0.02, 0.98, 25)
    x = law.quantile(p)
    assert np.all(x > ABOVE)
    np.testing.assert_allclose(law.cdf(x), p, rtol=1e-9)
    np.testing.assert_allclose(law.sf(x), 1.0 - p, rtol=1e-9)
    np.testing.assert_array_equal(law.sf([0.0, ABOVE]), 1.0)
    np.testing.assert_allclose(law.cdf([0.0, ABOVE]), 0.0, atol=1e-15)
    beyond = integrate.quad(law.sf, ABOVE, 1e6, epsrel=1e-11, limit=500)[0]
    assert float(law.limited_mean(1e6)) == pytest.approx(ABOVE + beyond, rel=1e-9)
    assert float(law.limited_mean(500.0)) == 500.0
    assert float(law.stop_loss(500.0)) == pytest.approx(law.mean - 500.0, rel=1e-12)
