"""What is simulated, the transform and the recursion agree on the same fund of several lines.

Forty members, three lines. The fund's count of a line is a sum over members: Poisson with the summed mean,
negative binomial with the summed mean and dispersion. Twenty thousand paths: the standard error of the mean
is below 0.4 % (asserted), so five of them see an error of 2 %; five of the distribution function at 0.995 are
0.0025.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from mutualfund import Portfolio, Scenario, claims, simulate

MEMBERS, PATHS = 40, 20_000
TAIL = {"kind": "pareto", "above": 4000.0, "alpha": 3.0}
LINES = {
    "visits": (
        {"kind": "poisson", "mean": 3.0},
        {"kind": "gamma", "mean": 60.0, "cv": 0.7},
        claims.Poisson(mean=3.0 * MEMBERS),
        claims.Gamma(mean=60.0, cv=0.7),
    ),
    "drugs": (
        {"kind": "negative_binomial", "mean": 2.0, "dispersion": 0.5},
        {"kind": "lognormal", "mean": 80.0, "cv": 1.2},
        claims.NegativeBinomial(mean=2.0 * MEMBERS, dispersion=0.5 * MEMBERS),
        claims.Lognormal(mean=80.0, cv=1.2),
    ),
    "hospital": (
        {"kind": "binomial", "mean": 0.3, "trials": 2},
        {"kind": "lognormal", "mean": 1500.0, "cv": 1.0, "tail": TAIL},
        claims.Binomial(mean=0.3 * MEMBERS, trials=2 * MEMBERS),
        claims.Lognormal(mean=1500.0, cv=1.0, tail=TAIL),
    ),
}


@pytest.fixture(scope="module")
def costs() -> np.ndarray:
    """The fund's claims of one year on every path."""
    lines = [
        {"name": name, "frequency": count, "severity": amount}
        for name, (count, amount, _, _) in LINES.items()
    ]
    scenario = Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 0.0},
        settings={"paths": PATHS, "years": 1, "seed": 5},
        members={"mortality": "none"},
        assumptions={"lines": lines},
        rules={"contributions": {"kind": "flat", "monthly": 10.0}},
        portfolio=Portfolio.synthetic(MEMBERS),
    )
    return simulate(scenario).lines["claims_incurred"][:, 0, :].sum(axis=-1)


@pytest.fixture(scope="module")
def parts() -> list[claims.Collective]:
    return [claims.Collective(count, amount) for *_, count, amount in LINES.values()]


def test_simulation_and_transform_agree_on_a_fund_of_several_lines(
    costs: np.ndarray, parts: list[claims.Collective]
) -> None:
    exact = claims.total(parts)
    assert exact.error.total < 1e-5
    error = exact.sd / np.sqrt(PATHS)
    assert 5 * error < 0.02 * exact.mean
    assert abs(costs.mean() - exact.mean) < 5 * error
    for p in (0.05, 0.5, 0.9, 0.99, 0.995):
        quantile = np.quantile(costs, p, method="inverted_cdf")
        assert abs(exact.cdf(quantile) - p) < 5 * np.sqrt(p * (1 - p) / PATHS)
    over = np.maximum(costs - exact.quantile(0.99), 0.0)
    assert abs(over.mean() - exact.stop_loss(exact.quantile(0.99))) < 5 * over.std() / np.sqrt(
        PATHS
    )


def test_transform_and_recursion_agree_on_it_to_their_last_common_digits(
    parts: list[claims.Collective],
) -> None:
    """On one lattice, where both are exact: amounts rounded to tens by their own quantiles."""
    levels = (np.arange(200) + 0.5) / 200
    rounded = [
        claims.Collective(
            part.frequency,
            claims.Empirical(values=tuple(10.0 * np.ceil(part.severity.quantile(levels) / 10.0))),
        )
        for part in parts
    ]
    grid = claims.Grid(
        points=2**14
    )  # more than the recursion takes by itself: the far tail is asked for
    by_fft, by_panjer = (
        claims.total(rounded, method=method, grid=grid) for method in ("fft", "panjer")
    )
    assert by_fft.error.discretisation == by_panjer.error.discretisation == 0.0
    x = by_fft.quantile([0.01, 0.5, 0.9, 0.99, 0.995, 0.9999])
    assert by_fft.cdf(x) == pytest.approx(by_panjer.cdf(x), rel=1e-9)
    assert by_fft.stop_loss(x) == pytest.approx(by_panjer.stop_loss(x), rel=1e-9, abs=1e-8)
    assert by_fft.quantile(0.995) == by_panjer.quantile(0.995)
