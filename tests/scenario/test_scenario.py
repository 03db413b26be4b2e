"""Loading, changing and showing a scenario; where its files may lie."""

from __future__ import annotations

import pickle
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mutualfund.errors import InputError, RunError
from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario, archetypes

Tables = dict[str, Any]
PEOPLE = Portfolio.synthetic(60, seed=3)


@pytest.fixture
def folder(tmp_path: Path, harbour: Path) -> Path:
    """A copy of the example's folder."""
    return Path(shutil.copytree(harbour, tmp_path / "harbour"))


def rewrite(folder: Path, old: str, new: str) -> Path:
    path = folder / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_members_lie_beside_the_file(folder: Path) -> None:
    assert len(Scenario.load(folder / "scenario.toml").portfolio) == 10_000


@pytest.mark.parametrize("name", ["../members.parquet", "/etc/hostname", "inner/../../x.parquet"])
def test_a_file_outside_the_folder_is_refused(name: str, folder: Path) -> None:
    shutil.copy(folder / "members.parquet", folder.parent / "members.parquet")
    path = rewrite(folder, '"members.parquet"', f'"{name}"')
    with pytest.raises(InputError) as refused:
        Scenario.load(path)
    assert [fault.code for fault in refused.value.faults] == ["outside_folder"]


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "members.parquet").rename(folder.parent / "real.parquet")
    (folder / "members.parquet").symlink_to(folder.parent / "real.parquet")
    with pytest.raises(InputError, match="own folder"):
        Scenario.load(folder / "scenario.toml")


def test_a_mortality_file_lies_beside_the_scenario_too(folder: Path) -> None:
    rates = "age,sex,rate\n0,F,0.25\n0,M,0.5\n"
    (folder / "rates.csv").write_text(rates, encoding="utf-8")
    path = rewrite(folder, 'mortality = "population"', 'mortality = "rates.csv"')
    assert Scenario.load(path).mortality.rates[40].tolist() == [0.25, 0.5, 0.375]
    path = rewrite(folder, 'mortality = "rates.csv"', 'mortality = "../rates.csv"')
    with pytest.raises(InputError, match=r"members\.mortality"):
        Scenario.load(path)


def test_a_misspelt_file_name_is_met_with_the_one_that_is_there(folder: Path) -> None:
    path = rewrite(folder, '"members.parquet"', '"member.parquet"')
    with pytest.raises(InputError, match=r"Did you mean 'members\.parquet'\?"):
        Scenario.load(path)


def test_another_kind_of_members_file_is_refused(folder: Path) -> None:
    (folder / "members.xlsx").write_bytes(b"PK")
    path = rewrite(folder, '"members.parquet"', '"members.xlsx"')
    with pytest.raises(InputError, match=r"a \.parquet or \.csv file"):
        Scenario.load(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[fund\n", "TOML"),
        (b"start = 2026-13-02\n", "TOML"),
        ("[fund]\nname = 'Sant\xe9'\n".encode("latin-1"), "UTF-8"),
        (b"a = 1\na = 2\n", "TOML"),
    ],
)
def test_a_file_that_is_not_toml_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as refused:
        Scenario.load(path)
    assert refused.value.faults[0].field == "scenario.toml"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a readable file"):
        Scenario.load(tmp_path / "scenario.toml")


def test_a_byte_order_mark_is_read_over(folder: Path) -> None:
    path = folder / "scenario.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert Scenario.load(path, read_members=False).fund.currency == "EUR"


def test_faults_of_members_and_scenario_come_together(folder: Path) -> None:
    (folder / "members.csv").write_text("member_id,age,sex\nA,130,F\nB,40,Q\n", encoding="utf-8")
    rewrite(folder, '"members.parquet"', '"members.csv"')
    path = rewrite(folder, "paths = 20_000", "paths = 0")
    with pytest.raises(InputError) as refused:
        Scenario.load(path)
    text = str(refused.value)
    assert "settings.paths" in text
    assert "members.csv" in text
    assert len(refused.value.faults) >= 3


EUROPEAN = "member_id;age;sex;income\n007;40;F;1,5\n8;35;M;1000\n"
DECLARED = {"delimiter": ";", "decimal": ",", "encoding": "utf-8-sig"}


def with_members(tables: Tables, folder: Path, text: str, **keys: str) -> Tables:
    (folder / "members.csv").write_bytes(text.encode("utf-8-sig"))
    tables["members"] |= {"file": "members.csv"} | keys
    return tables


def test_a_members_file_of_a_european_spreadsheet_is_read_as_declared(
    tables: Tables, tmp_path: Path
) -> None:
    scenario = Scenario.from_dict(with_members(tables, tmp_path, EUROPEAN, **DECLARED), tmp_path)
    income = scenario.portfolio.income
    assert income is not None
    assert sorted(income) == [1.5, 1000.0]
    again = Scenario.from_dict(tomllib.loads(scenario.to_toml()), tmp_path)
    assert again.portfolio.digest() == scenario.portfolio.digest()
    (tmp_path / "members.csv").write_text(EUROPEAN, encoding="utf-8")
    assert len(scenario.replace("members.encoding", "utf-8").portfolio) == 2


@pytest.mark.parametrize(
    ("left_out", "remedy"),
    [
        ("encoding", 'encoding="utf-8-sig" (in a scenario file, a key of [members])'),
        ("delimiter", 'delimiter=";" (in a scenario file, a key of [members])'),
        ("decimal", 'decimal="," (in a scenario file, a key of [members])'),
    ],
)
def test_what_is_not_declared_of_a_csv_file_is_refused_with_the_key_to_state(
    left_out: str, remedy: str, tables: Tables, tmp_path: Path
) -> None:
    keys = {key: value for key, value in DECLARED.items() if key != left_out}
    if left_out == "delimiter":
        del keys["decimal"]
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(with_members(tables, tmp_path, EUROPEAN, **keys), tmp_path)
    (fault,) = refused.value.faults
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("keys", "at", "words"),
    [
        ({"file": "members.parquet", "delimiter": ";"}, "members.delimiter", "not a .csv file"),
        ({"file": "members.csv", "delimiter": "x"}, "members.delimiter", "',', ';', '\\t', '|'"),
        ({"file": "members.csv", "decimal": ","}, "members.delimiter", "than decimal"),
    ],
)
def test_how_a_file_was_written_is_stated_for_csv_files_and_without_contradiction(
    keys: Tables, at: str, words: str, tables: Tables
) -> None:
    tables["members"] |= keys
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(tables, read_members=False)
    (fault,) = refused.value.faults
    assert fault.field == at
    assert words in fault.allowed


def test_a_synthetic_membership_needs_no_file(tables: Tables) -> None:
    plans = {"basic": 0.75, "full": 0.2}
    tables["members"] |= {"synthetic": {"n": 500, "age_mix": "O", "seed": 4, "plans": plans}}
    del tables["members"]["file"]
    scenario = Scenario.from_dict(tables)
    same = Portfolio.synthetic(500, age_mix="O", seed=4, plans=plans)
    assert scenario.portfolio.digest() == same.digest()
    again = Scenario.from_dict(tomllib.loads(scenario.to_toml()))
    assert again.portfolio.digest() == same.digest()


def test_a_scenario_without_members_is_refused_unless_they_are_left_unread(tables: Tables) -> None:
    del tables["members"]["file"]
    with pytest.raises(InputError, match="a members file, or members"):
        Scenario.from_dict(tables)
    unread = Scenario.from_dict(tables, read_members=False)
    assert not unread.has_members
    with pytest.raises(RunError, match="without its members"):
        _ = unread.portfolio


def test_replace_changes_one_value_and_keeps_the_members(tables: Tables) -> None:
    scenario = Scenario.from_dict(tables, portfolio=PEOPLE)
    dearer = scenario.replace("rules.contributions.increase_per_year", 0.06)
    assert dearer.rules.contributions.increase_per_year == 0.06
    assert scenario.rules.contributions.increase_per_year == 0.04
    assert dearer.portfolio is scenario.portfolio
    assert dearer.assumptions == scenario.assumptions
    assert dearer.mortality.rates[50, 0] == scenario.mortality.rates[50, 0] > 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "Other"),
        ("settings.paths", 7),
        ("members.lapse_per_year", 0.5),
        ("assumptions.lines.hospital.trend_per_year", 0.01),
        ("assumptions.lines.dental.severity.mean", 100.0),
        ("assumptions.lines[1].frequency.mean", 0.5),
        ("assumptions.shocks.bad winter.probability_per_year", 0.5),
        ("rules.benefits.hospital.coinsurance", 0.2),
        ("rules.benefits.dental.annual_limit", 500.0),
        ("rules.contributions.monthly.18-39", 39.0),
        ("rules.reinsurance[0].retention", 20_000.0),
        ("rules.governance", {"maximum_increase": 0.2}),
    ],
)
def test_replace_takes_any_path_of_the_file(path: str, value: Any, tables: Tables) -> None:
    scenario = Scenario.from_dict(tables, portfolio=PEOPLE)
    changed = scenario.replace(path, value)
    assert changed.to_toml() != scenario.to_toml()
    there = changed.to_dict()
    for step in path.replace("[", ".[").split("."):
        if isinstance(there, list):
            by_name = {item.get("name", f"[{at}]"): item for at, item in enumerate(there)}
            there = there[int(step[1:-1])] if step.startswith("[") else by_name[step]
        else:
            there = there[step]
    assert there == value


def test_replace_with_the_same_value_changes_nothing(tables: Tables) -> None:
    scenario = Scenario.from_dict(tables, portfolio=PEOPLE)
    assert scenario.replace("rules.calls.maximum", 0.2).to_toml() == scenario.to_toml()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("rules.contribution.collection_rate", 0.9, "Did you mean 'contributions'"),
        ("rule.contributions.collection_rate", 0.9, "Did you mean 'rules'"),
        ("rules.calls.maximum", -0.5, r"rules\.calls\.maximum: got -0\.5; allowed: 0 to 10"),
        ("assumptions.lines.hospitl.trend_per_year", 0.1, "Did you mean 'hospital'"),
        ("rules.benefits.dentl.copay", 1.0, r"rules\.benefits\.dentl"),
        ("rules.contributions.increase_per_year", 0.5, "maximum_increase"),
        ("portfolio", None, "portfolio="),
    ],
)
def test_replace_refuses_what_a_file_could_not_say(
    path: str, value: Any, words: str, tables: Tables
) -> None:
    scenario = Scenario.from_dict(tables, portfolio=PEOPLE)
    with pytest.raises(InputError, match=words):
        scenario.replace(path, value)


def test_new_members_are_read_where_their_source_changes(tables: Tables) -> None:
    del tables["members"]["file"]
    tables["members"]["synthetic"] = {"n": 300}
    scenario = Scenario.from_dict(tables)
    assert len(scenario.replace("members.synthetic.n", 400).portfolio) == 400
    kept = scenario.replace("members.lapse_per_year", 0.1)
    assert kept.portfolio is scenario.portfolio


class Square:
    """A severity of one's own."""

    def quantile(self, p: Any) -> Any:
        return 100.0 * np.asarray(p) ** 2


def test_a_scenario_with_a_severity_of_ones_own_works_but_cannot_be_written(tables: Tables) -> None:
    tables["assumptions"]["lines"][1]["severity"] = Square()
    scenario = Scenario.from_dict(tables, portfolio=PEOPLE)
    assert isinstance(scenario.assumptions.line("dental").severity, Square)
    assert scenario.replace("settings.paths", 5).settings.paths == 5
    with pytest.raises(InputError, match=r"assumptions\.lines.*a Square of your own"):
        scenario.to_toml()


def test_the_card_is_static_escaped_and_shows_no_member(tables: Tables) -> None:
    tables["title"] = "<script>alert(1)</script>"
    card = Scenario.from_dict(tables, portfolio=PEOPLE)._repr_html_()
    assert "<script>" not in card
    assert "&lt;script&gt;" in card
    assert "2,400,000 EUR" in card
    assert ">60<" in card
    unread = Scenario.from_dict(tables, read_members=False)._repr_html_()
    assert "not read" in unread


def test_neither_repr_nor_error_says_anything_of_a_member(tables: Tables) -> None:
    scenario = Scenario.from_dict(tables, portfolio=PEOPLE)
    keys = [str(key) for key in PEOPLE.member_key[:5]]
    assert not any(key in repr(scenario) or key in str(scenario) for key in keys)


def test_a_scenario_travels_between_processes(tables: Tables) -> None:
    scenario = Scenario.from_dict(tables, portfolio=PEOPLE)
    there = pickle.loads(pickle.dumps(scenario))  # noqa: S301 - our own object
    assert there.to_toml() == scenario.to_toml()
    assert there.portfolio.digest() == scenario.portfolio.digest()
    assert np.array_equal(there.mortality.rates, scenario.mortality.rates)


def test_every_shipped_archetype_loads(tmp_path: Path) -> None:
    for name in archetypes.names():
        assert archetypes.path(name).is_file()
        assert Scenario.load(archetypes.path(name), read_members=False).fund.name


def test_an_unknown_archetype_is_met_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="archetype"):
        archetypes.load("mutuele")


def test_a_scenario_says_in_one_line_what_it_is(tables: Tables) -> None:
    shown = repr(Scenario.from_dict(tables, portfolio=PEOPLE))
    assert "\n" not in shown
    assert len(shown) < 120
    assert "members 60, 20,000 paths" in shown
    assert "members not read" in repr(Scenario.from_dict(tables, read_members=False))
