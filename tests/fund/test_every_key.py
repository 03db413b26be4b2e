"""Every key of the example file, changed one at a time, does what its comment says and nothing before it.

A row names a key, its new value, the figure that moves and how, and what must stay equal to the bit because
it lies upstream. A key of the file without a row, or a row that moves nothing, is a failure. The fund is the
example's on 250 made-up members, poor enough that calls are made. Unless the row is about price, members do
not respond to it: else a dearer year would reach everything in the next.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fund.funds import HARBOUR, harbour
from fund.keys import Key, Tables, check_row, leaves, put
from fund.keys_of_assumptions import HAZARDS, HEADING, LINES, MEMBERS
from fund.keys_of_rules import BENEFITS, CONTRIBUTIONS, DUE, MONEY, REINSURANCE
from mutualfund.errors import InputError
from mutualfund.fund import pilot, simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")

KEYS = [*HEADING, *MEMBERS, *LINES, *HAZARDS, *CONTRIBUTIONS, *BENEFITS, *REINSURANCE, *MONEY]
ELSEWHERE = {"schema_version", "members.file"}  # tests of their own, below


def example() -> Tables:
    data = harbour(members=250, paths=80, years=4)
    data["fund"]["opening_reserve"] = -10_000  # so that every rule of hard times is used
    return data


def renamed(data: Tables, old: str, new: str) -> None:
    """Rename a line wherever the rules and shocks speak of it."""
    put(data, f"assumptions.lines.{old}.name", new)
    data["rules"]["benefits"][new] = data["rules"]["benefits"].pop(old)
    for shock in data["assumptions"]["shocks"]:
        if old in shock["frequency_factor"]:
            shock["frequency_factor"][new] = shock["frequency_factor"].pop(old)


@cache
def base(keen: bool) -> FundRun:
    data = example()
    if not keen:
        data["members"]["price_response"] = 0.0
    return simulate(Scenario.from_dict(data))


def changed(row: Key) -> FundRun:
    data = deepcopy(example())
    if not row.keen:
        data["members"]["price_response"] = 0.0
    if row.key.endswith(".name") and row.key.startswith("assumptions.lines."):
        renamed(data, row.key.split(".")[2], row.value)
    else:
        put(data, row.at or row.key, row.value)
    return simulate(Scenario.from_dict(data))


def test_the_table_has_a_row_for_every_key_of_the_file() -> None:
    data = tomllib.loads(HARBOUR.read_text(encoding="utf-8"))
    assert set(leaves(data)) == {row.key for row in KEYS} | ELSEWHERE
    assert len(KEYS) == len({row.key for row in KEYS})


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.key)
def test_key_moves_its_figure_and_nothing_upstream(row: Key) -> None:
    check_row(row, base(row.keen), changed(row))


def test_another_schema_version_is_refused() -> None:
    with pytest.raises(InputError, match="schema_version"):
        Scenario.from_dict(example() | {"schema_version": 2})


def test_members_come_from_the_file_that_is_named(tmp_path: Path) -> None:
    data = example()
    data["settings"] |= {"paths": 5, "years": 1}
    del data["members"]["synthetic"]
    for name, members in (("few.csv", 30), ("many.csv", 50)):
        rows = "".join(f"m{number},{20 + number % 60},F\n" for number in range(members))
        (tmp_path / name).write_text("member_id,age,sex\n" + rows, encoding="utf-8")
        data["members"]["file"] = name
        run = simulate(Scenario.from_dict(data, tmp_path))
        assert (run.measure("members_start") == members).all()


def test_calls_refunds_and_automatic_rises_all_happen_in_the_base() -> None:
    run = base(False)
    for name in ("calls", "refunds", "reinsurance_recovery"):
        assert 0.0 < (run.measure(name) > 0).mean() < 1.0, name
    stated = run.measure(DUE)[:, 3] / run.measure(DUE)[:, 0]
    assert len(np.unique(stated.round(9))) > 1
    assert pilot.MOST_PATHS == 60
