"""Age bands: every age once. Source of truth: the labels as read by a person."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.assumptions import AgeBands
from mutualfund.errors import InputError


def test_bands_are_last_birthday_ages_with_both_ends_inside() -> None:
    bands = AgeBands(["0-17", "18-44", "45-64", "65+"])
    assert bands.index_of([0, 17, 18, 44, 45, 64, 65, 120, 130]).tolist() == [
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        3,
    ]
    assert bands.by_age([1.0, 2.0, 3.0, 4.0])[[17, 18]].tolist() == [1.0, 2.0]


def test_bands_may_come_in_any_order_and_with_spaces_or_a_dash() -> None:
    assert AgeBands(["65 +", "0 – 17", "18 - 64"]).index_of([0, 18, 65]).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("labels", "got"),
    [
        (["0-17", "19+"], "no band for age 18"),
        (["1+"], "no band for age 0"),
        (["0-17", "17+"], "'17+' overlapping"),
        (["0-17", "18-64"], "no band for age 65"),
        (["0-17", "64-18", "18+"], "overlapping"),
        (["young", "18+"], "'young'"),
        (["0-17", "18-200"], "beyond 120"),
        (["0+", "0+"], "overlapping"),
        ([], "no band for age 0"),
    ],
)
def test_gaps_overlaps_and_words_are_refused(labels: list[str], got: str) -> None:
    with pytest.raises(InputError) as refused:
        AgeBands(labels)
    assert got in refused.value.faults[0].got


@given(cuts=st.sets(st.integers(1, 119), max_size=8), age=st.integers(0, 120))
def test_any_cover_puts_each_age_where_its_limits_say(cuts: set[int], age: int) -> None:
    edges = [0, *sorted(cuts)]
    labels = [f"{low}-{high - 1}" for low, high in pairwise(edges)]
    bands = AgeBands([*labels, f"{edges[-1]}+"])
    assert int(bands.index_of([age])[0]) == sum(cut <= age for cut in cuts)
