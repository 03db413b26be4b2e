"""One-way comparison, lift and Lorenz curves. Source of truth: sums by hand, pandas, a published definition.

The Gini of [0, 0, 50, 150, 800] is 0.7 and the indices of the RAND data are those of `tests/published`.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import lift, lorenz, one_way
from mutualfund.types import FloatArray

ROWS = pd.DataFrame(
    {
        "region": ["north", "south", "north", "east", "south", "north"],
        "years": [1.0, 0.5, 2.0, 1.0, 1.0, 0.5],
        "cost": [100.0, 0.0, 900.0, 40.0, 310.0, 0.0],
        "expected": [200.0, 60.0, 500.0, 80.0, 150.0, 100.0],
    }
)


def test_actual_against_expected_by_level_is_the_sums_of_pandas() -> None:
    seen = one_way(
        ROWS["region"], actual=ROWS["cost"], expected=ROWS["expected"], exposure=ROWS["years"]
    )
    sums = ROWS.groupby("region").sum()
    assert seen.levels == ("east", "north", "south")
    np.testing.assert_allclose(seen.ratio, sums["cost"] / sums["expected"])
    np.testing.assert_allclose(seen.exposure, sums["years"])
    # North came to 1000 of 800: 100, 900 and 0 against 1.25 x 200, 500 and 100; of three rows two are free.
    apart = 150.0**2 + 275.0**2 + 125.0**2
    assert seen.standard_error[1] == pytest.approx((1.5 * apart) ** 0.5 / 800, rel=1e-14)
    assert np.isnan(seen.standard_error[0])
    assert seen.total == pytest.approx(1350 / 1090, rel=1e-14)
    assert list(seen.table().columns) == [
        "exposure", "actual", "expected", "ratio", "standard_error",
    ]  # fmt: skip


def test_levels_that_are_numbers_are_listed_by_size() -> None:
    assert one_way([10, 9, 10], actual=[1, 1, 1], expected=[1, 1, 1]).levels == ("9", "10")


def test_a_level_of_which_nothing_was_expected_has_no_ratio() -> None:
    seen = one_way(["a", "b"], actual=[5.0, 1.0], expected=[0.0, 2.0])
    assert np.isnan(seen.ratio[0])
    assert seen.ratio[1] == 0.5


def test_lift_sorts_by_the_expected_rate_into_groups_of_equal_exposure() -> None:
    # Rates 8, 2, 5, 1: by exposure 2 + 1 | 1 + 2.
    seen = lift(
        actual=[7.0, 5.0, 6.0, 3.0],
        expected=[16.0, 2.0, 5.0, 2.0],
        exposure=[2.0, 1.0, 1.0, 2.0],
        groups=2,
    )
    assert (seen.actual.tolist(), seen.expected.tolist()) == ([8.0, 13.0], [4.0, 21.0])
    assert seen.exposure.tolist() == [3.0, 3.0]


rows = st.lists(
    st.tuples(st.floats(0, 1e4), st.sampled_from([1.0, 2.0, 3.5]), st.floats(0.1, 1)),
    min_size=3,
    max_size=30,
)


@settings(deadline=None, max_examples=40)
@given(rows, st.randoms(), st.integers(2, 12))
def test_the_order_of_the_rows_decides_nothing(
    drawn: list[tuple[float, float, float]], order: object, groups: int
) -> None:
    shuffled = list(drawn)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    tables = []
    for one in (drawn, shuffled):
        actual, rate, years = (np.array(column) for column in zip(*one, strict=True))
        tables.append(lift(actual=actual, expected=rate * years, exposure=years, groups=groups))
    assert tables[0].levels == tables[1].levels
    np.testing.assert_allclose(tables[0].actual, tables[1].actual, rtol=1e-12, atol=1e-9)
    assert tables[0].actual.sum() == pytest.approx(sum(row[0] for row in drawn))


def by_pairs(x: FloatArray) -> float:
    """Gini as the mean absolute difference of pairs over twice the mean."""
    return float(np.abs(x[:, None] - x).sum() / (2 * x.size**2 * x.mean()))


def test_gini_equals_the_mean_difference_of_pairs() -> None:
    assert lorenz([0, 0, 50, 150, 800]).index == pytest.approx(0.7, rel=1e-14)
    costs = np.array([float((17 * k * k) % 101) for k in range(60)])
    assert lorenz(costs).index == pytest.approx(by_pairs(costs), rel=1e-12)


def test_the_concentration_index_is_twice_the_covariance_with_the_rank() -> None:
    costs = np.array([float((17 * k * k) % 101) for k in range(60)])
    income = np.array([float((7 * k) % 20) for k in range(60)])  # with ties
    rank = (pd.Series(income).rank() - 0.5) / income.size
    wanted = 2 * np.cov(costs, rank, bias=True)[0, 1] / costs.mean()
    assert lorenz(costs, rating=income).index == pytest.approx(wanted, rel=1e-12)


def test_a_weight_counts_as_so_many_rows() -> None:
    costs, income, weight = [10.0, 60.0, 5.0], [3.0, 1.0, 2.0], [2, 3, 1]
    once = lorenz(costs, rating=income, base=weight)
    many = lorenz([5.0, 5.0, 20.0, 20.0, 20.0, 5.0], rating=[3.0, 3.0, 1.0, 1.0, 1.0, 2.0])
    assert once.index == pytest.approx(many.index, rel=1e-14)


def test_a_rating_that_knows_nothing_has_no_index_and_a_turned_one_the_opposite() -> None:
    assert lorenz([1.0, 5.0, 2.0], rating=[3.0, 3.0, 3.0]).index == pytest.approx(0.0, abs=1e-15)
    up = lorenz([1.0, 5.0, 2.0], rating=[1.0, 3.0, 2.0]).index
    assert lorenz([1.0, 5.0, 2.0], rating=[-1.0, -3.0, -2.0]).index == pytest.approx(-up)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: one_way(["a"], actual=[1.0, 2.0], expected=[1.0]), r"actual: got an array of"),
        (lambda: one_way(["a"], actual=[1.0], expected=[0.0]), "expected: got 0 in all"),
        (lambda: one_way(["a"], actual=[1.0], expected=[-71.0]), r"expected\[0\]: got \(value not"),
        (
            lambda: one_way(["a", "b"], actual=[1, 2], expected=[1, 2], exposure=[1.0, 0.0]),
            r"exposure\[1\]: .* Leave out rows without exposure",
        ),
        (lambda: lift(actual=[1.0], expected=[1.0], groups=1), "groups: got 1; allowed: 2 to 100"),
        (lambda: lorenz([0.0, 0.0]), "amount: got 0 in all"),
        (lambda: lorenz([71.0, -71.0]), r"amount\[1\]: got \(value not shown\)"),
        (lambda: lorenz([1.0, 2.0], base=[1.0, 0.0]), r"base\[1\]"),
        (lambda: lorenz([1.0, 2.0], rating=[1.0]), "rating: got an array of shape"),
    ],
)
def test_rows_that_cannot_be_compared_are_refused_without_a_value_shown(
    call: object, message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        call()  # type: ignore[operator]
    assert "71" not in str(refused.value)


def test_the_pictures_show_the_numbers() -> None:
    seen = one_way(ROWS["region"], actual=ROWS["cost"], expected=ROWS["expected"])
    ax = seen.plot.ratio()
    assert [text.get_text() for text in ax.get_xticklabels()] == ["east", "north", "south"]
    curve = lorenz(ROWS["cost"])
    other = curve.plot.curve_and_diagonal()
    assert np.array_equal(np.asarray(other.get_lines()[1].get_ydata()), curve.amount)
    for one in (ax, other):
        plt.close(one.figure)  # type: ignore[arg-type]


def test_a_level_s_error_is_its_spread_over_samples_although_its_ratio_is_not_one() -> None:
    """4,000 samples of 50 rows at twice what was expected: the spread is known to 1.1 %."""
    draws = np.random.default_rng(8).gamma(2.0, 1.0, (4_000, 50))
    expected = np.ones(50)
    seen = [one_way(["a"] * 50, actual=row, expected=expected) for row in draws]
    spread = np.std([one.ratio[0] for one in seen])
    errors = np.array([one.standard_error[0] for one in seen])
    assert np.sqrt((errors**2).mean()) == pytest.approx(spread, rel=0.06)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_row_without_a_level_is_refused(missing: float | None) -> None:
    with pytest.raises(InputError, match=r"by\[1\]: got nothing; allowed: a level"):
        one_way(["a", missing], actual=[1.0, 2.0], expected=[1.0, 2.0])
    mixed = np.array([1, "a"], dtype=object)
    with pytest.raises(InputError, match="labels of several kinds"):
        one_way(mixed, actual=[1.0, 2.0], expected=[1.0, 2.0])  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["actual", "expected", "exposure"])
def test_what_is_no_number_is_refused_without_being_shown(column: str) -> None:
    columns = {"actual": [1.0], "expected": [1.0], "exposure": [1.0]} | {column: ["MEMBER-1"]}
    with pytest.raises(InputError, match=rf"{column}: got \(value not shown\)"):
        lift(**columns)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=rf"{column}: got \(value not shown\)"):
        one_way(["a"], **columns)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"amount: got \(value not shown\)"):
        lorenz(["MEMBER-1"])


def test_a_number_of_groups_is_whole() -> None:
    with pytest.raises(InputError, match=r"groups: got 2\.5; allowed: a whole number, 2 to 100"):
        lift(actual=[1.0, 2.0], expected=[1.0, 2.0], groups=2.5)  # type: ignore[arg-type]
