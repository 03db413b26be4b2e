"""Bad scenario files and hostile names, case by case, through `Scenario.load` and the report."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_input.tools import MEMBERS, codes, refused
from mutualfund import Portfolio, Scenario, simulate
from mutualfund.errors import InputError
from mutualfund.report import render
from mutualfund.scenario.toml import dumps

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"
TABLES = {
    "title": "A vote",
    "fund": {
        "name": "Harbour",
        "currency": "EUR",
        "start": date(2027, 1, 1),
        "opening_reserve": 10_000.0,
    },
    "settings": {"paths": 120, "years": 2, "seed": 1},
    "members": {"file": "members.parquet", "joins_per_year": 0.04, "lapse_per_year": 0.03},
    "assumptions": {
        "lines": [
            {
                "name": "dental",
                "frequency": {"kind": "negative_binomial", "mean": 0.7, "dispersion": 1.5},
                "severity": {"kind": "gamma", "mean": 140.0, "cv": 0.6},
                "trend_per_year": 0.03,
            }
        ],
        "economy": {"investment_return": {"mean": 0.02, "sd": 0.03}, "inflation": 0.02},
    },
    "rules": {
        "contributions": {"kind": "flat", "monthly": 9.0, "collection_rate": 0.97},
        "benefits": {"deductible": 10.0, "dental": {"copay": 5.0, "waiting_months": 3}},
        "expenses": {"share_of_contributions": 0.08, "per_member": 6.0},
        "reserve": {"booking": "completion", "floor": 0.1, "target": 0.25},
    },
}


def stored(folder, tables, name="scenario.toml"):
    """A scenario file with its members beside it."""
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(MEMBERS), folder / "members.parquet")
    path = folder / name
    path.write_text(dumps(tables), encoding="utf-8")
    return path


def keys_of(node, path=()):
    """Every place of a table: tuples of keys and list positions."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key)
            yield from keys_of(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from keys_of(value, (*path, place))


def parent_of(tables, path):
    here = tables
    for step in path[:-1]:
        here = here[step]
    return here


PLACES = tuple(keys_of(TABLES))
NUMBERS = tuple(
    path for path in PLACES if isinstance(parent_of(TABLES, path)[path[-1]], float | int)
)


def test_the_scenario_of_these_tests_loads(tmp_path):
    assert len(Scenario.load(stored(tmp_path / "fund", TABLES)).portfolio) == 3


@pytest.mark.parametrize("written", ["nan", "-nan", "inf", "-inf"])
def test_row_01_toml_may_say_nan_and_infinity_and_a_scenario_may_not(tmp_path, written):
    assert len(NUMBERS) > 15
    for path in NUMBERS:
        tables = copy.deepcopy(TABLES)
        parent_of(tables, path)[path[-1]] = float(written)
        file = stored(tmp_path / "fund", tables)
        assert tomllib.loads(file.read_text()) != TABLES
        assert refused(Scenario.load, file), path


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_row_03_every_misspelt_key_is_refused_with_the_right_one(tmp_path, path):
    tables = copy.deepcopy(TABLES)
    table, key = parent_of(tables, path), path[-1]
    wrong = key[:-1] + "q" + key[-1]
    table[wrong] = table.pop(key)
    faults = refused(Scenario.load, stored(tmp_path / "fund", tables))
    assert any(wrong in fault.field for fault in faults)
    assert any("Did you mean" in fault.remedy and key in fault.remedy for fault in faults)


ESCAPES = (
    "../members.parquet",
    "../../etc/passwd",
    "sub/../../outside/members.parquet",
    "/etc/passwd",
    "link.parquet",
    "linked/members.parquet",
)


@pytest.mark.parametrize("name", ESCAPES)
def test_row_16_a_members_file_may_not_leave_the_scenarios_folder(tmp_path, name):
    outside = tmp_path / "outside"
    stored(outside, TABLES)
    pq.write_table(pa.table(MEMBERS), tmp_path / "members.parquet")
    file = stored(tmp_path / "fund", {**TABLES, "members": {"file": name}})
    (file.parent / "sub").mkdir()
    (file.parent / "link.parquet").symlink_to(outside / "members.parquet")
    (file.parent / "linked").symlink_to(outside)
    assert codes(refused(Scenario.load, file)) == {"outside_folder"}


@given(st.lists(st.sampled_from(["..", ".", "sub", "members.parquet", ""]), min_size=1, max_size=6))
def test_row_16_no_spelling_of_a_path_leaves_the_folder(tmp_path_factory, steps):
    home = tmp_path_factory.mktemp("paths")
    pq.write_table(pa.table(MEMBERS), home / "members.parquet")
    name = "/".join(steps)
    file = stored(home / "fund", {**TABLES, "members": {"file": name}})
    (file.parent / "sub").mkdir(exist_ok=True)
    place = (file.parent / name).resolve()
    try:
        Scenario.load(file)
        faults = ()
    except InputError as error:
        faults = error.faults
    if not place.is_relative_to(file.parent):
        assert codes(faults) == {"outside_folder"}
    elif not faults:
        assert place == file.parent / "members.parquet"


def test_row_16_a_link_within_the_folder_is_followed(tmp_path):
    file = stored(tmp_path / "fund", {**TABLES, "members": {"file": "link.parquet"}})
    (file.parent / "link.parquet").symlink_to(file.parent / "members.parquet")
    assert len(Scenario.load(file).portfolio) == 3


class Page(HTMLParser):
    """The elements, addresses and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.addresses, self.handlers, self.policy, self.text = [], [], [], "", ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.addresses.append(value)
            if name.startswith("on"):
                self.handlers.append(name)
        if tag == "meta" and ("http-equiv", "Content-Security-Policy") in attributes:
            self.policy = dict(attributes)["content"]

    def handle_data(self, data):
        self.text += data


def hostile_scenario():
    tables = copy.deepcopy(TABLES)
    tables |= {"title": SCRIPT, "prepared_by": SCRIPT, "intended_use": SCRIPT}
    tables["fund"]["name"] = SCRIPT
    tables["assumptions"]["lines"][0]["name"] = SCRIPT
    del tables["rules"]["benefits"]["dental"], tables["members"]["file"]
    return Scenario.from_dict(tables, portfolio=Portfolio.synthetic(60))


def test_row_18_a_script_in_a_name_is_text_in_the_report_and_in_the_cards():
    scenario = hostile_scenario()
    run = simulate(scenario, workers=1)
    report = Page(render(run))
    assert SCRIPT in report.text
    assert "default-src 'none'" in report.policy
    assert all(address.startswith(("#", "data:")) for address in report.addresses)
    for page in (report, Page(scenario._repr_html_()), Page(run._repr_html_())):
        assert not {"script", "img", "iframe", "object", "embed"} & set(page.elements)
        assert page.handlers == []


def test_row_18_a_script_in_a_plan_name_of_the_members_stays_out_of_every_card():
    table = {**MEMBERS, "plan": [SCRIPT, None, None], "region": [SCRIPT] * 3}
    portfolio = Portfolio.from_frame(pa.table(table), start=date(2027, 1, 1))
    assert "script" not in portfolio._repr_html_()
    assert "script" not in repr(portfolio)
