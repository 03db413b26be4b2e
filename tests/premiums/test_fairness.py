"""Indices of inequality against their definitions, term by term, and against large lognormal samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mutualfund.errors import InputError
from mutualfund.premiums import (
    LognormalIncome,
    atkinson,
    concentration_index,
    gini,
    grouped_concentration,
    kakwani,
    theil,
)

Amounts = st.lists(st.floats(0.0, 1e6), min_size=2, max_size=20).filter(lambda x: sum(x) > 1e-3)


@given(Amounts)
def test_gini_is_the_mean_difference_over_twice_the_mean(amounts: list[float]) -> None:
    n, total = len(amounts), sum(amounts)
    by_pairs = sum(abs(a - b) for a in amounts for b in amounts) / (2 * n * total)
    assert gini(amounts) == pytest.approx(by_pairs, abs=1e-12)


@given(Amounts, st.data())
def test_concentration_uses_mid_ranks(amounts: list[float], data: st.DataObject) -> None:
    by = data.draw(st.lists(st.integers(0, 4), min_size=len(amounts), max_size=len(amounts)))
    rank = (stats.rankdata(by) - 0.5) / len(by)
    expected = 2 * np.cov(amounts, rank, bias=True)[0, 1] / np.mean(amounts)
    assert concentration_index(amounts, by) == pytest.approx(expected, abs=1e-9)


def test_a_levy_on_income_is_neutral_and_a_flat_due_regressive() -> None:
    income = np.array([9.0, 14.0, 30.0, 47.0])
    assert kakwani(0.07 * income, income) == pytest.approx(0.0, abs=1e-15)
    assert kakwani(np.full(4, 5.0), income) == pytest.approx(-gini(income))


def test_grouped_and_single_data_agree_on_equal_groups() -> None:
    rates = [6.0, 3.0, 2.0, 1.0]
    assert grouped_concentration([25] * 4, rates) == pytest.approx(
        concentration_index(rates, [1, 2, 3, 4])
    )


def test_theil_and_atkinson_by_hand() -> None:
    """1 and 3, mean 2: T = (0.5 ln 0.5 + 1.5 ln 1.5) / 2; A(1) = 1 - sqrt(0.75); A(2) = 1 - 2/(2 + 2/3)."""
    amounts = [1.0, 3.0]
    assert theil(amounts) == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(1.5))
    assert atkinson(amounts, 1.0) == pytest.approx(1 - np.sqrt(0.75))
    assert atkinson(amounts, 2.0) == pytest.approx(0.25)
    assert theil([0.0, 2.0]) == pytest.approx(np.log(2.0))


def test_closed_forms_agree_with_a_fine_grid_of_incomes() -> None:
    """Income at 200 001 quantiles: the grid itself is off by less than 1e-3 of each index."""
    p = (np.arange(200_001) + 0.5) / 200_001
    income = stats.lognorm(0.7).ppf(p)
    law = LognormalIncome(sigma=0.7, elasticity=1.3)
    paid = income**1.3
    assert gini(income) == pytest.approx(law.gini, rel=1e-3)
    assert concentration_index(paid, income) == pytest.approx(law.concentration, rel=1e-3)
    assert kakwani(paid, income) == pytest.approx(law.kakwani, rel=1e-3)
    assert theil(income) == pytest.approx(law.theil, rel=1e-3)
    assert atkinson(income, 0.5) == pytest.approx(law.atkinson(0.5), rel=1e-3)


@pytest.mark.parametrize("amounts", [[0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0], []])
def test_amounts_that_have_no_inequality_are_refused(amounts: list[float]) -> None:
    with pytest.raises(InputError):
        gini(amounts)


def test_an_aversion_that_nought_does_not_allow_is_refused() -> None:
    with pytest.raises(InputError, match="amounts above 0"):
        atkinson([0.0, 1.0], 1.0)
    assert atkinson([0.0, 1.0], 0.5) == pytest.approx(0.5)
    with pytest.raises(InputError, match="rank_by"):
        concentration_index([1.0], [1.0, 2.0])
    with pytest.raises(InputError, match="amounts: got 1"):
        gini([3.0], unbiased=True)
