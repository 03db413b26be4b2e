"""Lines, health states, shocks and the economy: valid from birth, refused with a reason."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from mutualfund.assumptions import (
    Assumptions,
    Economy,
    HealthStates,
    Line,
    Membership,
    Shock,
    UseResponse,
)
from mutualfund.assumptions.paths import replaced
from mutualfund.errors import InputError
from mutualfund.types import FloatArray

POISSON = {"kind": "poisson", "mean": 0.7}
GAMMA = {"kind": "gamma", "mean": 140.0, "cv": 0.6}


def line(**changes: Any) -> Line:
    return Line(**{"name": "dental", "frequency": POISSON, "severity": GAMMA, **changes})


def refused(make: Any, **changes: Any) -> set[str]:
    with pytest.raises(InputError) as error:
        make(**changes)
    return {fault.field for fault in error.value.faults}


def test_a_fund_level_line_has_a_severity_and_no_member_factors() -> None:
    whole = Line(name="results", level="fund", severity={"kind": "normal", "mean": 9.0, "sd": 5.0})
    assert whole.frequency is None
    assert refused(
        line, level="fund", seasonality=[1.0] * 12, age_factors={"0+": 1.0}, sex_factors={"F": 1.0}
    ) == {"frequency", "seasonality", "age_factors", "sex_factors"}


def test_a_member_level_line_needs_a_frequency_and_a_cost_that_cannot_be_negative() -> None:
    assert refused(line, frequency=None) == {"frequency"}
    assert refused(line, severity={"kind": "normal", "mean": 9.0, "sd": 5.0}) == {"severity.kind"}


@dataclass(frozen=True)
class Uniform:
    """A severity of one's own: anything between 0 and `most`."""

    most: float

    def quantile(self, p: FloatArray) -> FloatArray:
        return self.most * np.asarray(p)


def test_a_severity_of_ones_own_is_any_object_with_a_quantile_function() -> None:
    own = Uniform(80.0)
    assert line(severity=own).severity is own
    assert refused(line, severity=80.0) == {"severity"}


@pytest.mark.parametrize("name", ["", " dental", "a.b", "a[0]", "x\ny"])
def test_a_name_that_a_path_could_not_hold_is_refused(name: str) -> None:
    assert refused(line, name=name) == {"name"}


def test_names_come_once() -> None:
    assert refused(Assumptions, lines=[line(), line()]) == {"lines"}


def test_tables_of_factors_are_frozen_and_copied() -> None:
    mine = {"0-17": 0.5, "18+": 1.0}
    kept = line(age_factors=mine)
    mine["0-17"] = 9.0
    assert kept.age_factors == {"0-17": 0.5, "18+": 1.0}
    with pytest.raises(TypeError, match="frozen"):
        kept.age_factors["0-17"] = 9.0  # type: ignore[index]
    assert copy.deepcopy(kept) == kept
    assert pickle.loads(pickle.dumps(kept)) == kept  # noqa: S301 - our own object


def test_use_runs_straight_between_points_and_level_beyond() -> None:
    response = UseResponse(share=[0.25, 0.95], use=[0.8, 0.6], reference_share=0.25)
    # halfway 0.7 / 0.8; beyond both ends the end values
    assert response.multiplier(np.array([0.0, 0.25, 0.6, 1.0])) == pytest.approx(
        [1.0, 1.0, 0.875, 0.75]
    )


@pytest.mark.parametrize(
    ("share", "use"),
    [([0.0], [1.0]), ([0.5, 0.5], [1, 1]), ([0.0, 1.0], [1.0]), ([0.0, 1.0], [0, 0])],
)
def test_a_use_response_without_a_curve_is_refused(share: list[float], use: list[float]) -> None:
    assert refused(UseResponse, share=share, use=use) <= {"share", "use"}


STATES: dict[str, Any] = {
    "names": ["well", "ill"],
    "share": [0.9, 0.1],
    "relativity": {"hospital": [0.5, 5.5]},
    "transition": [[0.95, 0.05], [0.25, 0.75]],
}


def test_a_line_that_the_relativity_table_leaves_out_has_one_for_all_states() -> None:
    states = HealthStates(**STATES)
    assert states.relativity_of("hospital").tolist() == [0.5, 5.5]
    assert states.relativity_of("dental").tolist() == [1.0, 1.0]


def test_the_drift_of_the_mean_relativity_is_what_the_matrix_says() -> None:
    states = HealthStates(**STATES)
    # shares of ill: 0.1, then 0.9 x 0.05 + 0.1 x 0.75 = 0.12; means 1.0, 0.44 + 0.66 = 1.10
    assert states.shares_by_year(2)[1] == pytest.approx([0.88, 0.12])
    assert states.mean_relativity("hospital", 2) == pytest.approx([1.0, 1.10])
    doubled = HealthStates(**{**STATES, "relativity": [1.0, 11.0]})
    assert doubled.mean_relativity("hospital", 2) == pytest.approx([1.0, 1.10])


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("share", [0.9, 0.2], "share"),
        ("share", [1.0], "share"),
        ("join_share", [0.5, 0.4], "join_share"),
        ("transition", [[1.0, 0.0]], "transition"),
        ("transition", [[1.0, 0.0], [0.5, 0.4]], "transition[1]"),
        ("transition", [[1.0, 0.0], [1.0]], "transition[1]"),
        ("relativity", {"hospital": [1.0]}, "relativity.hospital"),
        ("relativity", [1.0], "relativity"),
        ("mortality_relativity", [1.0, 2.0, 3.0], "mortality_relativity"),
        ("names", ["ill", "ill"], "names"),
    ],
)
def test_lists_that_do_not_fit_the_states_are_refused(key: str, value: Any, field: str) -> None:
    assert field in refused(HealthStates, **{**STATES, key: value})


def test_a_shock_may_cross_the_year_end_once() -> None:
    shock = {"name": "w", "probability_per_year": 0.1, "frequency_factor": {"hospital": 2.0}}
    assert Shock(**shock, months=[11, 12, 1, 2]).months == (11, 12, 1, 2)
    for months in ([1, 12, 1], [12, 2, 1], [3, 3], [], [0]):
        assert all(field.startswith("months") for field in refused(Shock, **shock, months=months))


def test_prices_rise_by_compounded_inflation() -> None:
    assert [Economy(inflation=0.1).inflation_factor(year) for year in (1, 2, 3)] == pytest.approx(
        [1.0, 1.1, 1.21]
    )


@pytest.mark.parametrize(("change", "prob"), [(0.15, 0.07), (0.05, 0.03), (-0.2, 0.03), (9.0, 1.0)])
def test_a_rise_above_claim_trend_adds_its_response_to_lapse(change: float, prob: float) -> None:
    # base 3 %, response 0.4, trend 5 %: ten points above add four
    rule = Membership(lapse_per_year=0.03, price_response=0.4)
    assert rule.lapse_prob(change, claim_trend=0.05) == pytest.approx(prob)


def test_a_stated_reference_takes_the_place_of_claim_trend() -> None:
    rule = Membership(price_response=0.4, price_reference=0.02)
    assert rule.lapse_prob(0.12, claim_trend=0.05) == pytest.approx(0.04)


def test_a_changed_copy_leaves_the_original_alone() -> None:
    basis = Assumptions(lines=[line(), line(name="eyes")])
    dearer = replaced(basis, "lines.eyes.severity.mean", 200.0)
    assert dearer.line("eyes").severity.mean == pytest.approx(200.0)
    assert basis.line("eyes").severity.mean == pytest.approx(140.0)
    assert dearer.line("dental") is basis.line("dental")


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("lines.ees.severity.mean", "Did you mean 'eyes'?"),
        ("lines.eyes.severty.mean", "Did you mean 'severity'?"),
        ("lines[2].name", ""),
        ("economy.inflation.mean", ""),
        ("lines.eyes.use_response.share", ""),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, remedy: str) -> None:
    basis = Assumptions(lines=[line(), line(name="eyes")])
    with pytest.raises(InputError) as error:
        replaced(basis, path, 1.0)
    assert remedy in error.value.faults[0].remedy


def test_a_value_that_is_not_allowed_is_refused_under_its_whole_path() -> None:
    basis = Assumptions(lines=[line(), line(name="eyes")])
    with pytest.raises(InputError) as error:
        replaced(basis, "lines.eyes.severity.mean", -1.0)
    assert error.value.faults[0].field == "lines.eyes.severity.mean"


class OfOwn:
    """A severity as a user may write it."""

    def __init__(self, quantile: Any) -> None:
        self.quantile = quantile


@pytest.mark.parametrize(
    ("own", "what"),
    [
        (object(), "no method quantile (a object, line 'dental')"),
        (OfOwn(lambda p: 1000.0 if p > 0.5 else 0.0), "a ValueError from quantile"),
        (OfOwn(lambda p: 100.0), "shape () for 99"),
        (OfOwn(lambda p: p * np.nan), "not finite"),
        (OfOwn(lambda p: p - 0.5), "below 0"),
        (OfOwn(lambda p: 1.0 - p), "fall as"),
    ],
)
def test_an_unusable_severity_of_ones_own_is_refused_with_its_line(own: Any, what: str) -> None:
    frequency = {"kind": "poisson", "mean": 1}
    with pytest.raises(InputError) as refused:
        Line(name="dental", frequency=frequency, severity=own)
    (fault,) = refused.value.faults
    assert fault.field == "severity"
    assert what in fault.got
    assert "line 'dental'" in fault.got
    assert "quantile(p)" in fault.allowed


def test_a_fund_level_amount_of_ones_own_may_be_a_gain() -> None:
    own = OfOwn(lambda p: p - 0.5)
    assert Line(name="levy", level="fund", severity=own).severity is own
