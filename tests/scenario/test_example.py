"""Every key of the example loads as written, comes back as written, and is missed when misspelt.

Source of truth: the file itself, read by the standard library's TOML parser.
"""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mutualfund.errors import InputError
from mutualfund.scenario import Scenario

EXAMPLE = tomllib.loads(
    (Path(__file__).parents[2] / "examples" / "harbour" / "scenario.toml").read_text("utf-8")
)


def keys_of(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every key, tables and leaves alike."""
    if isinstance(node, dict):
        inner = [found for key, value in node.items() for found in keys_of(value, (*path, key))]
        return [(*path, key) for key in node] + inner
    if isinstance(node, list):
        return [found for index, item in enumerate(node) for found in keys_of(item, (*path, index))]
    return []


def table_at(tables: dict[str, Any], path: tuple[str | int, ...]) -> Any:
    here: Any = tables
    for part in path:
        here = here[part]
    return here


def is_age_band(key: str | int) -> bool:
    return isinstance(key, str) and key[0].isdigit()


NAMED_KEYS = sorted({path for path in keys_of(EXAMPLE) if not is_age_band(path[-1])}, key=str)
BAND_KEYS = sorted({path for path in keys_of(EXAMPLE) if is_age_band(path[-1])}, key=str)


def test_the_example_has_the_keys_this_test_believes_it_has() -> None:
    assert len(NAMED_KEYS) > 90
    assert len(BAND_KEYS) == 12


def test_every_stated_value_is_kept_and_nothing_else_is_said(tables: dict[str, Any]) -> None:
    scenario = Scenario.from_dict(tables, read_members=False)
    assert scenario.to_dict() == tables_with_tuples_as_lists(tables)


def tables_with_tuples_as_lists(tables: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(tables)


def test_what_is_written_out_reads_back_as_the_same_scenario(tables: dict[str, Any]) -> None:
    first = Scenario.from_dict(tables, read_members=False)
    again = Scenario.from_dict(tomllib.loads(first.to_toml()), read_members=False)
    assert again.to_toml() == first.to_toml()
    for part in ("fund", "settings", "members", "assumptions", "rules"):
        assert getattr(again, part) == getattr(first, part)


def test_values_arrive_with_the_meaning_of_their_comment(harbour: Path) -> None:
    scenario = Scenario.load(harbour / "scenario.toml")
    rules, assumptions = scenario.rules, scenario.assumptions
    assert scenario.fund.start == date(2027, 1, 1)
    assert len(scenario.portfolio) == 10_000
    assert assumptions.line("hospital").frequency.mean == 0.11
    assert assumptions.line("hospital").severity.mean == pytest.approx(2_900, rel=1e-9)
    assert rules.benefits.line("dental").starts == date(2027, 7, 1)
    assert rules.benefits.line("hospital").deductible_applies
    assert not rules.benefits.line("dental").deductible_applies
    assert rules.reinsurance[0].retention == 15_000
    assert rules.reinsurance[1].attachment == 1.15
    assert rules.governance.accounts_lag_years == 1
    assert scenario.mortality.rates[90, 1] > scenario.mortality.rates[20, 1] > 0


@pytest.mark.parametrize("path", NAMED_KEYS, ids=lambda path: ".".join(map(str, path)))
def test_a_misspelt_key_is_refused_with_the_key_that_was_meant(
    path: tuple[str | int, ...], tables: dict[str, Any]
) -> None:
    *parents, key = path
    table = table_at(tables, tuple(parents))
    wrong = f"{key[:2]}x{key[2:]}" if len(key) > 2 else f"{key}x"
    table[wrong] = table.pop(key)
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(tables, read_members=False)
    about_it = [fault for fault in refused.value.faults if fault.field.endswith(wrong)]
    assert [fault.remedy for fault in about_it] == [f"Did you mean '{key}'?"]


@pytest.mark.parametrize("path", BAND_KEYS, ids=lambda path: ".".join(map(str, path)))
def test_a_misspelt_age_band_leaves_an_age_without_a_band(
    path: tuple[str | int, ...], tables: dict[str, Any]
) -> None:
    *parents, key = path
    table = table_at(tables, tuple(parents))
    wrong = "66+" if key == "65+" else f"{key[:-1]}"
    table[wrong] = table.pop(key)
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(tables, read_members=False)
    place = ".".join(str(part) for part in parents if not isinstance(part, int))
    assert any(
        place.split(".")[-1] in fault.field and "band" in fault.allowed
        for fault in refused.value.faults
    )
