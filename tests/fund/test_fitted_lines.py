"""From records to a run: fits become a line, and what the data leave open widens the fund's future.

Source of truth: the variance of a product of independent multipliers with mean 1 (definition 19), on top of
the spread of the same run without parameter risk.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from mutualfund import Scenario, simulate
from mutualfund.assumptions import Assumptions, Line, Uncertainty
from mutualfund.claims import (
    Fit,
    FitError,
    Observed,
    fit_counts,
    fit_excess,
    fit_severity,
    fit_spliced,
    ground_up_counts,
)
from mutualfund.errors import InputError


@pytest.fixture(scope="module")
def fits() -> tuple[Fit, Fit]:
    """Few records, so that much stays open: 40 members with some 45 claims."""
    rng = np.random.default_rng(21)
    frequency = fit_counts("poisson", rng.poisson(1.2, size=40))
    return frequency, fit_severity("gamma", rng.gamma(0.8, 250.0, size=45))


def fund(frequency: Fit, severity: Fit, **settings: Any) -> Scenario:
    tables = {
        "fund": {
            "name": "Small",
            "currency": "EUR",
            "start": date(2027, 1, 1),
            "opening_reserve": 9_000.0,
        },
        "settings": {"paths": 2_000, "years": 1, "seed": 4, **settings},
        "members": {"synthetic": {"n": 150}, "mortality": "none"},
        "assumptions": {"lines": [{"name": "care", "frequency": frequency, "severity": severity}]},
        "rules": {"contributions": {"kind": "flat", "monthly": 25.0}},
    }
    return Scenario.from_dict(tables)


def test_parameter_risk_of_a_fit_widens_the_run_by_its_standard_errors(
    fits: tuple[Fit, Fit],
) -> None:
    """The spread rises from some 11 % to some 26 % of the mean; an error left out would be seen."""
    frequency, severity = fits
    cvs = frequency.mean_cv, severity.mean_cv
    assert cvs[0] == pytest.approx(1 / math.sqrt(frequency.mean * 40), rel=1e-6)
    run, calm = (
        simulate(fund(*fits, parameter_risk=risk)).measure("claims_incurred")[:, 0]
        for risk in (True, False)
    )
    mean = 150 * frequency.mean * severity.mean
    for claims in (run, calm):
        assert abs(claims.mean() - mean) < 5 * claims.std() / math.sqrt(2_000)
    open_part = (1 + cvs[0] ** 2) * (1 + cvs[1] ** 2)
    process = calm.var() / calm.mean() ** 2
    want = math.sqrt(open_part * (1 + process) - 1)
    assert min(cvs) > math.sqrt(process)  # each error alone outweighs chance
    assert run.std() / run.mean() == pytest.approx(want, rel=0.1)


def test_a_line_takes_distribution_and_error_and_what_is_stated_stays(
    fits: tuple[Fit, Fit],
) -> None:
    frequency, severity = fits
    line = Line(name="care", frequency=frequency, severity=severity)
    assert (line.frequency, line.severity) == (frequency.distribution, severity.distribution)
    shapes = [
        {"severity": x.severity, "probability": x.probability, "relative_mean": x.relative_mean}
        for x in severity.shapes
    ]
    assert len(shapes) == 4
    amounts = {"severity": severity.scale_error, "shapes": shapes}
    assert line.uncertainty == Uncertainty(frequency=frequency.mean_cv, **amounts)
    assert line.uncertainty.mean_cv == pytest.approx(severity.mean_cv, rel=0.01)
    for stated in (Uncertainty(frequency=0.02), {"frequency": 0.02}):
        kept = Line(name="care", frequency=frequency, severity=severity, uncertainty=stated)
        assert kept.uncertainty == Uncertainty(frequency=0.02, **amounts)
    for said in ({"severity": 0.3}, {"shapes": shapes[:1]}, Uncertainty(severity=0.3)):
        kept = Line(name="care", frequency=frequency, severity=severity, uncertainty=said)
        spoken = said if isinstance(said, dict) else {"severity": 0.3}
        assert kept.uncertainty == Uncertainty(frequency=frequency.mean_cv, **spoken)
    half = Line(name="care", frequency={"kind": "poisson", "mean": 1.0}, severity=severity)
    assert half.uncertainty == Uncertainty(**amounts)
    assert Assumptions(lines=[line]).line("care") == line
    written = fund(frequency, severity)
    assert Scenario.from_dict(written.to_dict()).assumptions == written.assumptions
    other = fit_severity("exponential", [100.0, 250.0, 900.0])
    changed = written.replace("assumptions.lines.care.severity", other).assumptions.line("care")
    assert changed.severity == other.distribution
    assert changed.uncertainty == line.uncertainty  # stated by then, so it stays


def test_a_spliced_fit_is_a_lines_severity() -> None:
    rng = np.random.default_rng(2)
    x = rng.lognormal(6.0, 1.0, size=500)
    fit = fit_spliced("lognormal", x, above=1_000.0)
    frequency = fit_counts("negative_binomial", [0, 1, 2, 5], weights=[60, 20, 10, 10])
    line = Line(name="care", frequency=frequency, severity=fit)
    assert line.uncertainty is not None
    assert len(line.uncertainty.shapes) == 4 + 2 * 3  # no parameter is a scale: the point stays
    # Both agree on the mean, and a parametric error is no larger than that of the plain average by far.
    assert line.uncertainty.mean_cv == pytest.approx(x.std() / x.mean() / math.sqrt(500), rel=0.4)
    with pytest.raises(FitError, match=r"157 times the fitted one \(mu = .* three standard"):
        Line(name="care", frequency=frequency, severity=fit_spliced("lognormal", x[:180], 1_000.0))


def test_a_fit_in_the_wrong_place_or_too_unsure_is_refused(fits: tuple[Fit, Fit]) -> None:
    frequency, severity = fits
    with pytest.raises(InputError, match="severity: got a fit of kind poisson"):
        Line(name="care", frequency=frequency, severity=frequency)
    with pytest.raises(InputError, match="frequency: got a fit of kind gamma"):
        Line(name="care", frequency=severity, severity=severity)
    with pytest.raises(InputError, match=r"lines\[0\]\.severity|lines.care.severity"):
        fund(frequency, frequency)
    with pytest.raises(InputError, match=r"uncertainty\.severty: got an unknown key"):
        Line(name="care", frequency=frequency, severity=severity, uncertainty={"severty": 0.1})


def reported(deductible: float) -> tuple[Fit, Fit]:
    """Two thousand members with 1.5 exponential claims each, of which those above the deductible count."""
    rng = np.random.default_rng(8)
    numbers = rng.poisson(1.5, size=2_000)
    amounts = rng.exponential(200.0, size=numbers.sum())
    member = np.repeat(np.arange(2_000), numbers)
    seen = amounts > deductible
    counts = np.bincount(member[seen], minlength=2_000)
    above = Observed(amounts[seen], deductible=deductible)
    return fit_counts("poisson", counts), fit_severity("exponential", above)


def test_reported_claims_beside_ground_up_amounts_are_refused_and_made_ground_up() -> None:
    """Above 100 of a mean of 200 some 61 % are seen; the errors add up as those of independent factors."""
    counts, amounts = reported(100.0)
    with pytest.raises(InputError, match="ground_up_counts") as refused:
        Line(name="care", frequency=counts, severity=amounts)
    assert refused.value.faults[0].code == "reported"
    whole = ground_up_counts(counts, amounts)
    assert whole.mean == pytest.approx(1.5, abs=5 * whole.mean_error)
    chance_cv = 100.0 * amounts.standard_errors["mean"] / amounts.mean**2  # of exp(-100 / mean)
    assert whole.mean_cv == pytest.approx(math.hypot(counts.mean_cv, chance_cv), rel=1e-6)
    line = Line(name="care", frequency=whole, severity=amounts)
    assert line.frequency.mean * line.severity.mean == pytest.approx(300.0, rel=0.1)
    stated = Line(name="care", frequency=counts.distribution, severity=amounts)
    assert stated.frequency == counts.distribution


def test_excesses_are_not_taken_for_whole_claims() -> None:
    sizes = 100.0 * (1.0 - (np.arange(400) + 0.5) / 400) ** -0.4
    excess = fit_excess(sizes, above=150.0)
    with pytest.raises(InputError, match="fit_spliced") as refused:
        Line(name="care", frequency={"kind": "poisson", "mean": 1.0}, severity=excess)
    assert refused.value.faults[0].code == "excess_fit"


def test_a_tail_that_may_have_no_mean_has_no_error_of_it() -> None:
    sizes = 100.0 * (1.0 - (np.arange(30) + 0.5) / 30) ** -0.8
    fit = fit_excess(sizes, above=110.0)
    assert fit.interval("xi", 0.95)[1] > 1.0
    with pytest.raises(FitError, match="no mean"):
        _ = fit.mean_cv
