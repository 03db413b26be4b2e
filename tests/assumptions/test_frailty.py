"""The frailty that lines share: valid from birth, refused with a reason."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mutualfund.assumptions import Assumptions, Frailty
from mutualfund.errors import InputError


def refused(**given: Any) -> set[str]:
    with pytest.raises(InputError) as error:
        Frailty(**given)
    return {fault.field for fault in error.value.faults}


def test_it_concerns_the_lines_it_names_and_all_where_it_names_none() -> None:
    some = Frailty(cv=0.5, lines=("visits", "drugs"))
    assert [some.concerns(name) for name in ("visits", "drugs", "dental")] == [True, True, False]
    assert Frailty(cv=0.5).concerns("dental")


@pytest.mark.parametrize("cv", [0.0, -0.3, 2.1, math.nan, math.inf, "0.5", True, None])
def test_a_spread_that_is_none_is_refused(cv: Any) -> None:
    assert refused(cv=cv) == {"cv"}


def test_the_widest_spread_is_two() -> None:
    assert Frailty(cv=2).cv == 2.0


def test_a_list_of_lines_names_some_and_other_keys_are_unknown() -> None:
    assert refused(cv=0.5, lines=[]) == {"lines"}
    assert refused(cv=0.5, lines="drugs") == {"lines"}
    assert refused(cv=0.5, line=["drugs"]) == {"line"}
    assert refused() == {"cv"}


def test_it_is_left_out_unless_stated() -> None:
    line = {
        "name": "drugs",
        "frequency": {"kind": "poisson", "mean": 2.0},
        "severity": {"kind": "exponential", "mean": 40.0},
    }
    assert Assumptions(lines=[line]).frailty is None
    shared = Assumptions(lines=[line], frailty={"cv": 0.4, "lines": ["drugs"]}).frailty
    assert shared == Frailty(cv=0.4, lines=("drugs",))
