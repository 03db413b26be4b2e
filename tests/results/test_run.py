"""`FundRun`: what it holds and answers. Truth: counting on arrays small enough to count by hand."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError, NotEnoughPathsError, RunError
from mutualfund.results import FundRun, Marginal
from mutualfund.results.facts import FundFacts


def small(floor: float = 0.1, **ledger: list[list[float]]) -> FundRun:
    """A run with just the named measures, one list per path."""
    arrays = {name: np.array(values) for name, values in ledger.items()}
    n_years = next(iter(arrays.values())).shape[1]
    facts = FundFacts(
        "t", "f", "EUR", "2027-07-01", ("care",), (floor,) * n_years, (0.2,) * n_years
    )
    return FundRun(None, arrays, {}, {"facts": facts.to_dict()})


def test_results_are_read_only_and_do_not_follow_the_callers_array() -> None:
    values = np.zeros((2, 3))
    facts = FundFacts("t", "f", "EUR", "2027-01-01", (), (0.0,) * 3, (0.0,) * 3)
    run = FundRun(None, {"result": values}, {}, {"facts": facts.to_dict()})
    values[:] = 7.0
    assert run.measure("result").max() == 0.0
    with pytest.raises(ValueError, match="read-only"):
        run.measure("result")[0, 0] = 1.0
    with pytest.raises(TypeError):
        run.ledger["other"] = values  # type: ignore[index]
    with pytest.raises(AttributeError):
        run.ledger = {}  # type: ignore[misc]


def test_arrays_of_unequal_shape_are_refused() -> None:
    facts = {"facts": FundFacts("t", "f", "EUR", "2027-01-01", (), (0.0,), (0.0,)).to_dict()}
    with pytest.raises(RunError, match="n_paths, n_years"):
        FundRun(None, {"a": np.zeros((2, 1)), "b": np.zeros((1, 1))}, {}, facts)
    with pytest.raises(RunError, match="n_paths, n_years"):
        FundRun(None, {}, {}, facts)
    for shape in ((2, 1, 3), (2, 2, 2), (2, 1)):
        uneven = {"line": Marginal(("care", "drugs"), {"billed": np.zeros(shape)})}
        with pytest.raises(RunError, match="billed by line"):
            FundRun(None, {"a": np.zeros((2, 1))}, uneven, facts)
    other = {"line": Marginal(("drugs",), {"billed": np.zeros((2, 1, 1))})}
    with pytest.raises(RunError, match="order of the fund's lines"):
        FundRun(None, {"a": np.zeros((2, 1))}, other, facts)
    with pytest.raises(RunError, match="facts"):
        FundRun(None, {"a": np.zeros((2, 1))}, {}, {})


def test_an_unknown_measure_names_the_nearest() -> None:
    run = small(reserve_close=[[1.0]])
    with pytest.raises(InputError, match="Did you mean reserve_close"):
        run.measure("reserve_closing")


@pytest.mark.parametrize("year", [0, 3, -1])
def test_a_year_outside_the_run_is_refused(year: int) -> None:
    with pytest.raises(InputError, match="1 to 2"):
        small(result=[[1.0, 2.0]]).at("result", year)


def test_ruin_is_cumulative_and_counts_a_path_once() -> None:
    # Path 0 is empty in years 1 and 3, path 1 in year 2, paths 2 and 3 never.
    run = small(insolvent=[[1, 0, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0]])
    assert [row.estimate for row in run.ruin_by_year()] == [0.25, 0.5, 0.5]
    assert [row.year for row in run.ruin_by_year()] == [1, 2, 3]
    assert run.ruined[:, 1].tolist() == [True, True, False, False]


def test_the_safety_line_is_the_floor_times_the_years_contributions() -> None:
    run = small(reserve_close=[[9.0, 10.0, 19.0]], contributions_due=[[100.0, 100.0, 200.0]])
    assert run.below_floor.tolist() == [[True, False, True]]


def test_a_reserve_that_a_call_filled_up_to_the_line_is_not_below_it() -> None:
    # A call leaves the reserve at the line but for a rounding; a cent short of it is short.
    closes = [[10.0 - 6e-11], [10.0 + 6e-11], [9.99]]
    run = small(reserve_close=closes, contributions_due=[[100.0], [100.0], [100.0]])
    assert run.below_floor.tolist() == [[False], [False], [True]]


def test_a_probability_counts_paths_in_the_named_year() -> None:
    run = small(reserve_close=[[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 6.0]])
    assert run.probability("reserve_close < 3", year=1).estimate == 0.5
    assert run.probability("reserve_close <= 3", year=1).estimate == 0.75
    assert run.probability("reserve_close > 5").estimate == 0.25
    assert run.probability("reserve_close >= 5e0").estimate == 1.0


def test_a_quantile_is_the_smallest_value_that_enough_paths_do_not_exceed() -> None:
    run = small(result=[[float(k)] for k in range(100)])
    # F(89) = 0.9 exactly, so 89 is the smallest x with F(x) >= 0.9.
    assert run.quantile("result", 0.9) == 89.0
    assert run.quantile("result", 0.1) == 9.0
    with pytest.raises(NotEnoughPathsError):
        run.quantile("result", 0.95)


def test_var_and_tvar_are_of_the_loss() -> None:
    run = small(
        result=[[-float(k)] for k in range(100)], reserve_close=[[float(k)] for k in range(100)]
    )
    assert run.var(0.9) == 89.0
    assert run.tvar(0.9) == pytest.approx(np.mean(np.arange(90, 100)))
    # The lower tail of the reserve: the worst ten are 0 to 9, and 10 is kept in 90 of 100.
    assert run.tvar(0.9, measure="reserve_close") == pytest.approx(4.5)
    assert run.var(0.9, measure="reserve_close") == 10.0


def test_the_bad_tail_of_claims_is_the_upper_one_and_of_contributions_the_lower() -> None:
    rising = [[float(k)] for k in range(100)]
    run = small(claims_incurred=rising, contributions_due=rising, outstanding_true=rising)
    for burden in ("claims_incurred", "outstanding_true"):
        assert run.var(0.9, measure=burden) == 89.0
        assert run.tvar(0.9, measure=burden) == pytest.approx(94.5)
    assert run.var(0.9, measure="contributions_due") == 10.0
    assert run.tvar(0.9, measure="contributions_due") == pytest.approx(4.5)


def test_a_percentage_is_an_error_that_says_what_to_write() -> None:
    run = small(result=[[float(k)] for k in range(100)])
    for ask in (run.var, run.tvar):
        with pytest.raises(InputError, match=r"write 0\.99"):
            ask(99)
        with pytest.raises(NotEnoughPathsError, match="1,000 outcomes"):
            ask(0.99)


def test_a_copy_and_a_pickle_are_the_same_run(run: FundRun) -> None:
    stored = pickle.dumps(run)
    for twin in (copy.deepcopy(run), pickle.loads(stored)):  # noqa: S301 - written just above
        assert twin.digest() == run.digest()
        assert twin.manifest == run.manifest


def test_the_repr_says_what_it_is_without_numbers_of_members(run: FundRun) -> None:
    assert repr(run) == """<FundRun "Harbour Workers' Fund": 2,000 paths x 10 years>"""


# -- the digest ----------------------------------------------------------------------------------


def test_the_digest_is_the_hash_its_description_says() -> None:
    run = small(b=[[1.5]], a=[[-2.0]])
    head = json.dumps({"digest": 1, "paths": 1, "years": 1, "lines": ["care"]}).encode()
    text = head + b"\nledger.a\n" + np.array([-2.0], "<f8").tobytes()
    text += b"\nledger.b\n" + np.array([1.5], "<f8").tobytes()
    assert run.digest() == hashlib.sha256(text).hexdigest()


def test_the_digest_does_not_see_order_layout_or_the_sign_of_zero() -> None:
    values = np.arange(6.0).reshape(2, 3)
    one = small(a=values.tolist(), b=[[0.0] * 3] * 2)
    facts = {"facts": one.facts.to_dict()}
    other = FundRun(None, {"b": np.full((2, 3), -0.0), "a": np.asfortranarray(values)}, {}, facts)
    assert other.digest() == one.digest()


def test_the_digest_does_not_see_which_bits_a_missing_number_has() -> None:
    facts = {"facts": small(a=[[0.0]]).facts.to_dict()}
    bits = (0x7FF8000000000000, 0xFFF8000000000001)
    runs = [
        FundRun(None, {"a": np.array([[pattern]], np.uint64).view(np.float64)}, {}, facts)
        for pattern in bits
    ]
    assert runs[0].digest() == runs[1].digest()


@given(data=st.data())
def test_any_single_change_changes_the_digest(run_of: Callable[..., FundRun], data: Any) -> None:
    run = run_of(n_paths=4, n_years=2)
    part = data.draw(st.sampled_from(["ledger", "line", "month", "age"]))
    held = {"ledger": run.ledger} | {by: run.marginal(by).measures for by in run.marginals}
    arrays = {by: {name: v.copy() for name, v in named.items()} for by, named in held.items()}
    name = data.draw(st.sampled_from(sorted(arrays[part])))
    place = data.draw(st.integers(0, arrays[part][name].size - 1))
    value = arrays[part][name].flat[place]
    arrays[part][name].flat[place] = np.nextafter(value, np.inf)
    sides = {by: Marginal(run.marginal(by).labels, arrays[by]) for by in run.marginals}
    changed = FundRun(None, arrays["ledger"], sides, run.manifest, run.scenario_text)
    assert changed.digest() != run.digest()


@pytest.mark.parametrize("by", ["line", "month", "age"])
def test_a_marginal_that_is_not_there_changes_the_digest(run: FundRun, by: str) -> None:
    fewer = {name: side for name, side in run.marginals.items() if name != by}
    assert FundRun(None, run.ledger, fewer, run.manifest).digest() != run.digest()


def test_the_names_of_a_marginal_are_in_the_digest(run_of: Callable[..., FundRun]) -> None:
    run = run_of(n_paths=3, n_years=1)
    ages = Marginal(("0-17", "18-69", "70+"), run.marginal("age").measures)
    renamed = FundRun(None, run.ledger, dict(run.marginals) | {"age": ages}, run.manifest)
    assert renamed.digest() != run.digest()


def test_a_side_that_was_not_kept_says_how_to_keep_it(run: FundRun) -> None:
    plain = FundRun(None, run.ledger, {}, run.manifest)
    for by, word in (("line", "lines"), ("month", "months"), ("age", "cells")):
        with pytest.raises(InputError, match=rf'settings\.keep = \["{word}"\]'):
            plain.marginal(by)
    with pytest.raises(InputError, match="'cell'"):
        run.marginal("cell")  # type: ignore[arg-type]
    assert dict(plain.lines) == {}


def test_marginals_are_read_only(run: FundRun) -> None:
    with pytest.raises(ValueError, match="read-only"):
        run.marginal("age").measures["member_months"][0, 0, 0] = 1.0
    with pytest.raises(TypeError):
        run.marginals["line"] = run.marginal("age")  # type: ignore[index]


def test_mean_and_sd_are_those_of_the_values_with_their_errors(run: FundRun) -> None:
    """Source of truth: NumPy on the values; the error of the sd by drawing the paths again."""
    values = run.at("claims_incurred", 2)
    mean, sd = run.mean("claims_incurred", 2), run.sd("claims_incurred", 2)
    assert mean.estimate == values.mean()
    assert sd.estimate == values.std(ddof=1)
    assert (sd.year, sd.unit) == (mean.year, mean.unit) == (2, "EUR")
    random = np.random.default_rng(3)
    again = [random.choice(values, values.size).std(ddof=1) for _ in range(800)]
    assert sd.standard_error == pytest.approx(np.std(again), rel=0.1)
