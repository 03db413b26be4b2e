"""The wording. Source of truth: the numbers in each sentence, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.report import words
from mutualfund.report.words import NO_BREAK, money, one_in

probabilities = st.floats(min_value=0.0, max_value=1.0)


def plain(text: str) -> str:
    return text.replace(NO_BREAK, " ")


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "none"),
        (1.0, "all"),
        (1 / 2000, "1 in 2,000"),
        (1 / 522, "1 in 520"),
        (1 / 99.4, "1 in 99"),
        (1 / 14, "1 in 14"),
        (0.2, "1 in 5"),
        (0.28, "28 in 100"),
        (0.5, "50 in 100"),
        (0.95, "95 in 100"),
        (0.99, "99 in 100"),
        (1 - 1 / 120, "all but 1 in 120"),
        (1 - 1 / 2000, "all but 1 in 2,000"),
    ],
)
def test_a_probability_reads_as_a_board_says_it(p: float, text: str) -> None:
    assert one_in(p) == text


@pytest.mark.parametrize(
    ("p", "lo", "hi", "text"),
    [
        (1 / 14, 1 / 15, 1 / 13, "1 in 14 (likely 1 in 13 to 1 in 15)"),
        (1 / 14, 1 / 14.1, 1 / 13.9, "1 in 14 (likely about 1 in 14)"),
        (0.0, 0.0, 3.8415 / 2003.8415, "none (likely fewer than 1 in 520)"),
        (1.0, 0.99808, 1.0, "all (likely at least 519 in 520)"),
        (0.19, 0.12, 0.4, "1 in 5 (likely 1 in 2.5 to 1 in 8)"),
        (0.5, 0.48, 0.52, "50 in 100 (likely 48 to 52 in 100)"),
        (0.5, 0.499, 0.501, "50 in 100 (likely 50 in 100)"),
    ],
)
def test_its_likely_range_reads_in_the_same_manner(
    p: float, lo: float, hi: float, text: str
) -> None:
    assert one_in(p, lo, hi) == text


@pytest.mark.parametrize("p", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        one_in(p)


@given(p=probabilities)
def test_a_spoken_chance_is_never_far_from_the_number(p: float) -> None:
    """Two significant digits of N, or one in a hundred: within a tenth, relatively."""
    text = one_in(p)
    rest = text.removeprefix("all but ")
    if text in {"none", "all"}:
        assert p in {0.0, 1.0}
        return
    top, bottom = (float(part.replace(",", "")) for part in rest.split(" in "))
    said = 1.0 - top / bottom if text.startswith("all but") else top / bottom
    exception = p if p <= 0.2 else 1.0 - p
    if exception > 1e-12:
        assert abs(said - p) <= 0.1 * exception * (not 0.2 < p <= 0.99) + 0.0051 * (0.2 < p <= 0.99)


@pytest.mark.parametrize(
    ("value", "error", "currency", "text"),
    [
        (3_123_456, 23_400, "EUR", "€3.12 million"),
        (3_123_456, 300_000, "EUR", "€3.1 million"),
        (3_123_456, 2_000_000, "EUR", "€3 million"),
        (3_123_456, 12, "EUR", "€3.12 million"),
        (999_600, 1_200, "EUR", "€1.000 million"),
        (412_345, 9_000, "GBP", "£412,000"),
        (-412_345, 9_000, "USD", "−$412,000"),
        (-300, 2_000, "EUR", "€0"),
        (0.0, 0.0, "EUR", "€0"),
        (1_234_567_890, 1e7, "KES", "KES 1.23 billion"),
        (41.504, 0.07, "EUR", "€41.50"),
        (41.5, 0.0, "EUR", "€41.50"),
        (150_321, 40, "JPY", "¥150,000"),
        (0.4, 0.0, "JPY", "¥0"),
        (87_654, 0, "XOF", "XOF 87,700"),
    ],
)
def test_money_is_rounded_to_its_own_error(
    value: float, error: float, currency: str, text: str
) -> None:
    assert plain(money(value, error, currency)) == text


@given(
    value=st.floats(min_value=-1e13, max_value=1e13),
    error=st.floats(min_value=0.0, max_value=1e12),
)
def test_a_rounded_amount_stays_within_its_error_or_three_digits(
    value: float, error: float
) -> None:
    text = plain(money(value, error, "EUR"))
    number, _, scale = text.replace("€", "").replace(",", "").replace("−", "-").partition(" ")
    factor = {"": 1.0, "million": 1e6, "billion": 1e9, "trillion": 1e12}[scale]
    assert abs(float(number) * factor - value) <= 0.5 * max(error, abs(value) / 99.0, 0.01) + 1e-6


def test_a_nonsense_amount_is_refused() -> None:
    for value, error in [(float("nan"), 0.0), (1.0, -1.0), (float("inf"), 1.0)]:
        with pytest.raises(ValueError, match="finite"):
            money(value, error)


def test_an_exact_amount_is_written_in_full() -> None:
    assert words.amount(2_400_000) == "€2,400,000"
    assert words.amount(-41.5) == "−€41.50"
    assert words.amount(1_500.4, "JPY") == "¥1,500"


def test_the_verdict_says_what_happened_in_how_many_futures() -> None:
    assert words.chance_sentence(2000, 1 / 14, 1 / 300) == (
        "Of 2,000 imagined futures, 1 in 14 saw the reserve fall below its safety line at some "
        "point, and 1 in 300 saw the money run out."
    )
    assert words.chance_sentence(2000, 1 / 14, 0.0).endswith("and none saw the money run out.")
    assert words.chance_sentence(2000, 1.0, 0.3) == (
        "Of 2,000 imagined futures, all saw the reserve fall below its safety line at some point, "
        "and 30 in 100 saw the money run out."
    )
    assert words.chance_sentence(2000, 0.0, 0.0) == (
        "Of 2,000 imagined futures, none ever saw the reserve below its safety line or ran out of "
        "money."
    )


def test_the_verdict_says_that_the_line_is_looked_at_after_extra_payments() -> None:
    assert words.chance_sentence(2000, 1 / 40, 0.0, rescued=True) == (
        "Of 2,000 imagined futures, 1 in 40 saw the reserve fall below its safety line at some point, "
        "even after extra payments, and none saw the money run out."
    )
    assert "after extra payments" in words.chance_sentence(2000, 0.0, 0.0, rescued=True)


def test_fewer_than_two_hundred_futures_are_counted() -> None:
    assert one_in(0.96, of=50) == "48 of 50"
    assert one_in(0.5, of=199) == "100 of 199"
    assert one_in(0.5, of=200) == "50 in 100"


def test_without_a_safety_line_the_verdict_speaks_of_money_running_out() -> None:
    assert (
        words.chance_sentence(500, None, 0.0) == "Of 500 imagined futures, none ran out of money."
    )
    assert words.chance_sentence(500, None, 0.01) == (
        "Of 500 imagined futures, 1 in 100 saw the money run out at some point."
    )


def test_one_year_is_singular_and_a_negative_reserve_is_a_shortfall() -> None:
    assert plain(words.middle_sentence(1, -1.2e6, 3e4, "EUR")) == (
        "The middle outcome after one year is a shortfall of €1.20 million."
    )
    assert plain(words.spread_sentence(-2e6, -1e5, (1e5, 1e4), "EUR")) == (
        "Nine in ten outcomes end between a shortfall of €2.0 million and a shortfall of €100,000."
    )
    assert plain(words.spread_sentence(1e6, 2e6, (1e5, 1e5), "JPY")) == (
        "Nine in ten outcomes end between ¥1.0 million and ¥2.0 million."
    )


def test_years_and_lists_read_as_english() -> None:
    assert words.after_years(1) == "after one year"
    assert words.after_years(15) == "after 15 years"
    assert words.join_words(["a"]) == "a"
    assert words.join_words(["a", "b", "c"]) == "a, b and c"
    assert plain(words.percent(0.153)) == "15 %"
    assert plain(words.percent(-0.02)) == "−2 %"
