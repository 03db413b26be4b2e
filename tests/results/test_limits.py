"""Board limits as text: what may be written, what is refused, what it means."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError, NotEnoughPathsError
from mutualfund.results import FundRun, Limit
from mutualfund.results.limits import parse_condition


@pytest.mark.parametrize(
    ("text", "quantity", "year"),
    [
        ("ruin > 0.005", "ruin", 10),
        ("ruin_year_3>0.01", "ruin", 3),
        ("prob_below_floor >= .2", "prob_below_floor", None),
        ("prob_call < 1", "prob_call", None),
        ("loss_ratio > 0.95", "loss_ratio", 10),
        ("mean(reserve_close) < 2e6", "reserve_close", 10),
        ("mean( reserve_close , 3 ) <= -1_000.5", "reserve_close", 3),
        ("var(0.99) > 1e6", "var(0.99)", 1),
        ("tvar(0.95, 2) > 1e6", "tvar(0.95)", 2),
    ],
)
def test_a_limit_reads_the_quantity_it_names(
    run: FundRun, text: str, quantity: str, year: int | None
) -> None:
    estimate = Limit.parse(text).estimate(run)
    assert (estimate.quantity, estimate.year) == (quantity, year)


@pytest.mark.parametrize(
    "text",
    [
        *("ruin > 0", "mean(nosuch) > 1", "mean(result, 11) > 1", "ruin_year_11 > 0"),
        *("ruin_year_0 > 0", "var(0.99) > 1", "var(0.999) > 1", "tvar(1.5) > 1"),
        *("tvar(0.9, 99) > 1", "tvar(x) > 1"),
    ],
)
def test_what_is_refused_before_a_run_is_what_the_run_would_refuse(run: FundRun, text: str) -> None:
    limit = Limit.parse(text)
    refusals: list[str] = []
    for ask in (
        lambda: limit.estimate(run),
        lambda: limit.check(run.facts.registry, run.n_years, run.n_paths),
    ):
        try:
            ask()
        except (InputError, NotEnoughPathsError) as error:
            refusals.append(str(error).split("allowed")[0])  # the names in another order
        else:
            refusals.append("")
    assert refusals[0] == refusals[1]


def test_a_limit_is_breached_exactly_where_the_comparison_holds(run: FundRun) -> None:
    share = run.summary()["ruin"].estimate
    assert 0 < share < 0.2
    assert Limit.parse(f"ruin >= {share!r}").breached(run)
    assert not Limit.parse(f"ruin > {share!r}").breached(run)
    assert Limit.parse("ruin > 0.001").breached(run)
    assert not Limit.parse("ruin > 0.5").breached(run)
    assert Limit.parse("mean(contributions_due, 1) <= 6000000").breached(run)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ruin", "operator"),
        ("ruin > 0.5%", r"write 0\.005"),
        ("ruin > half", "a number"),
        ("ruin == 0.1", "operator"),
        ("ruin > 0.1 > 0.2", "operator"),
        ("ruins > 0.1", "a quantity among"),
        ("reserve_close < 1", "a quantity among"),
        ("mean(reserve_close, x) < 1", "a quantity among"),
        ("__import__('os').system('true') > 0", "a quantity among"),
        ("", "operator"),
    ],
)
def test_what_is_not_a_limit_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        Limit.parse(text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("mean(nothing) > 1", InputError),
        ("ruin_year_11 > 0.1", InputError),
        ("mean(result, 0) > 1", InputError),
        ("var(99) > 1", InputError),
        ("var(result) > 1", InputError),
        ("var(0.999) > 1", NotEnoughPathsError),
    ],
)
def test_what_this_run_cannot_answer_is_refused(
    run: FundRun, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Limit.parse(text).estimate(run)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_but_never_run(text: str) -> None:
    for read in (Limit.parse, parse_condition):
        with contextlib.suppress(InputError):
            read(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back_as_itself(number: float) -> None:
    assert Limit.parse(f"ruin > {number!r}").threshold == number
