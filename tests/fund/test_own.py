"""A fund's own rules: they look at the year, they do not write in it, and what they bring is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fund.funds import tables, village
from mutualfund.errors import InputError
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.rules import YearView
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")


class Flow:
    """A cash flow of the fund's own, paid to it."""

    name, sign = "grant", 1

    def __init__(self, amount: Callable[[YearView], Any]) -> None:
        self.amount = amount


def with_flow(amount: Callable[[YearView], Any]) -> FundRun:
    data = tables(members=20, paths=4, years=2)
    data["rules"] = data["rules"] | {"extra": (Flow(amount),)}
    return simulate(Scenario.from_dict(data), workers=1, block_paths=4)


def test_a_flow_enters_the_assets() -> None:
    run = with_flow(lambda view: 0.5 * view.contributions_due)
    assert (run.measure("grant") == 0.5 * run.measure("contributions_due")).all()


def test_a_rule_cannot_write_in_the_books() -> None:
    def forge(view: YearView) -> Any:
        view.contributions_due[:] = 0.0
        return view.contributions_due

    with pytest.raises(ValueError, match="read-only"):
        with_flow(forge)


@pytest.mark.parametrize(
    ("brought", "got"),
    [
        (1.0, r"an array of shape \(\)"),
        (np.ones(3), r"an array of shape \(3,\)"),
        (np.ones((4, 1)), r"an array of shape \(4, 1\)"),
        (np.array([1.0, np.nan, 1.0, 1.0]), "nan"),
        (np.array([1.0, np.inf, 1.0, 1.0]), "inf"),
        (np.array([1.0, -2.0, 1.0, 1.0]), "-2"),
        (None, r"an array of shape \(\)"),
        ("much", "str"),
    ],
)
def test_what_a_flow_may_not_bring_is_refused_by_name(brought: Any, got: str) -> None:
    with pytest.raises(InputError, match=rf"rules\.extra\.grant: got ({got}); allowed: finite"):
        with_flow(lambda _view: brought)


def test_a_rise_that_is_no_number_per_path_is_refused_by_name() -> None:
    scenario = village(members=20, paths=4, years=2)
    contributions = scenario.rules.contributions

    class Own:
        """Dues of one's own whose rise forgets the paths."""

        def __getattr__(self, name: str) -> Any:
            return getattr(contributions, name)

        collection_rate = 1.0
        cell_labels, cell_table = contributions.cell_labels, contributions.cell_table
        prices, previous_prices = contributions.prices, contributions.previous_prices
        units = contributions.units

        def increase(self, *_args: Any) -> Any:
            return 0.03

    with pytest.raises(InputError, match=r"rules\.contributions\.increase"):
        simulate(scenario.replace("rules.contributions", Own()))
