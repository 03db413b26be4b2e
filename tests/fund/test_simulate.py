"""`simulate` itself: the same bits however it is computed, stopped cleanly, refused where it cannot run."""

from __future__ import annotations

import copy
import json
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import mutualfund.fund.memory as memory
from fund.funds import harbour, tables, village
from mutualfund.errors import InputError
from mutualfund.fund import check, simulate
from mutualfund.portfolio import Portfolio
from mutualfund.results import check_identities
from mutualfund.rng import STREAM_VERSION
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")


@pytest.fixture(scope="module")
def everything() -> Scenario:
    """The example with every rule at work, poor enough for calls and rich enough for refunds."""
    data = harbour(members=150, paths=40, years=4)
    data["fund"]["opening_reserve"] = 15_000
    return Scenario.from_dict(data)


def test_bits_do_not_depend_on_workers_or_blocks(everything: Scenario) -> None:
    digest = simulate(everything).digest()
    for workers, block_paths in [(1, 1), (1, 40), (2, 7), (3, 13), (2, 1000)]:
        assert simulate(everything, workers=workers, block_paths=block_paths).digest() == digest


def test_expected_values_do_not_depend_on_workers_or_blocks(everything: Scenario) -> None:
    runs = [simulate(everything, workers=w, block_paths=b) for w, b in [(1, 40), (3, 11)]]
    first, second = (json.dumps(run.manifest["expected"]) for run in runs)
    assert first == second


def test_bits_do_not_depend_on_the_order_of_the_members_file() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "member_id": [f"m{i:03}" for i in range(90)],
            "age": np.arange(90),
            "sex": ["F", "M", "X"] * 30,
        }
    )
    digests = set()
    for seed in (None, 3, 4):
        rows = frame if seed is None else frame.sample(frac=1.0, random_state=seed)
        data = harbour(members=90, paths=10, years=2)
        del data["members"]["synthetic"]
        portfolio = Portfolio.from_frame(rows, start=data["fund"]["start"])
        digests.add(simulate(Scenario.from_dict(data, portfolio=portfolio)).digest())
    assert len(digests) == 1


def test_every_rule_was_at_work_in_the_example(everything: Scenario) -> None:
    run = simulate(everything)
    for name in ("calls", "refunds", "allocations", "reinsurance_recovery", "statutory_reserve"):
        assert (run.measure(name) > 0).any(), name
    assert check_identities(run.ledger) < 1e-6
    np.testing.assert_allclose(
        run.lines["claims_incurred"].sum(axis=2), run.measure("claims_incurred"), rtol=1e-12
    )


def test_seeds_differ_and_a_seed_repeats(everything: Scenario) -> None:
    again = simulate(copy.deepcopy(everything)).digest()
    assert again == simulate(everything).digest()
    assert again != simulate(everything.replace("settings.seed", 8)).digest()


def test_more_paths_leave_the_first_ones_as_they_were() -> None:
    few, many = simulate(village(paths=20)), simulate(village(paths=50))
    for name, values in few.ledger.items():
        np.testing.assert_array_equal(values, many.ledger[name][:20], err_msg=name)


def test_later_years_leave_the_first_ones_as_they_were() -> None:
    short, long = simulate(village(years=2)), simulate(village(years=4))
    for name, values in short.ledger.items():
        np.testing.assert_array_equal(values, long.ledger[name][:, :2], err_msg=name)


def test_progress_counts_every_path_once() -> None:
    told: list[tuple[int, int]] = []
    simulate(village(paths=25), workers=2, block_paths=4, progress=lambda *now: told.append(now))
    assert [total for _, total in told] == [25] * 7
    done = [paths for paths, _ in told]
    assert done == sorted(done)
    assert done[-1] == 25


def test_interrupt_stops_the_blocks_and_is_raised() -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        simulate(village(paths=200, years=5), workers=2, block_paths=1, progress=interrupt)
    assert threading.active_count() == before


@pytest.mark.parametrize("argument", [{"workers": 0}, {"block_paths": 0}, {"workers": 1.5}])
def test_counts_below_one_are_refused(argument: dict[str, int]) -> None:
    with pytest.raises(InputError, match="1 or more"):
        simulate(village(), **argument)


def test_run_that_cannot_fit_names_the_number_to_lower(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 8 * 2**20)
    with pytest.raises(InputError, match=r"settings\.paths.*Lower it to"):
        simulate(village(paths=100_000), block_paths=1)
    crowd = village(members=20_000, paths=200)
    for stated, field in (({}, r"settings\.memory_mib"), ({"block_paths": 200}, "block_paths")):
        with pytest.raises(InputError, match=field + ": .*Even 1 "):
            simulate(crowd, workers=2, **stated)


def test_lines_keep_the_order_of_the_file_and_only_where_asked() -> None:
    data = tables()
    late = {
        "name": "a late name",
        "level": "fund",
        "severity": {"kind": "fixed", "amount": 120.0},
        "lag_months": 2.0,
    }
    data["assumptions"]["lines"] = [*data["assumptions"]["lines"], late]
    run = simulate(Scenario.from_dict(data))
    assert run.facts.line_names == ("care", "a late name")
    assert (run.lines["claims_incurred"][:, :, 1] == 120.0).all()
    assert (run.lines["claim_count"][:, :, 1] == 1.0).all()
    data["settings"]["keep"] = []
    assert dict(simulate(Scenario.from_dict(data)).lines) == {}


@pytest.mark.filterwarnings("ignore:.*age above 105:mutualfund.errors.MutualFundWarning")
def test_what_was_noted_of_the_members_stands_in_the_manifest() -> None:
    table = pa.table(
        {
            "member_id": [str(row) for row in range(40)],
            "age": [110] + 39 * [40],
            "sex": 20 * ["F", "M"],
        }
    )
    data = tables(paths=4)
    del data["members"]["synthetic"]
    members = Portfolio.from_frame(table, start=data["fund"]["start"])
    scenario = Scenario.from_dict(data, portfolio=members)
    # How many are so old is a count of few persons, so the note does not tell it.
    assert simulate(scenario).manifest["warnings"] == ["members older than 105: few of 40"]
    assert check(scenario).notes == ("members older than 105: few of 40",)


def test_runs_side_by_side_leave_the_warnings_of_the_process_alone() -> None:
    scenario, before = village(paths=6), list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        digests = list(pool.map(lambda _: simulate(scenario).digest(), range(12)))
    assert warnings.filters == before
    assert len(set(digests)) == 1


def test_manifest_says_how_the_numbers_came_about(everything: Scenario) -> None:
    manifest = simulate(everything, workers=2, block_paths=20).manifest
    assert (manifest["workers"], manifest["block_paths"], manifest["seed"]) == (2, 20, 2026)
    assert manifest["stream_version"] == STREAM_VERSION
    assert 0.0 < manifest["expected"]["loss_ratio"] < 1.0
    members = everything.portfolio
    assert manifest["inputs"]["members"] == {"sha256": members.digest(), "rows": 150}
    assert len(manifest["inputs"]["scenario"]["sha256"]) == 64


@pytest.mark.parametrize(
    ("given", "call"),
    [
        ("file.toml", 'mutualfund.Scenario.load("file.toml")'),
        (Path("file.toml"), 'mutualfund.Scenario.load("file.toml")'),
        ({"title": "A"}, "mutualfund.Scenario.from_dict"),
        (None, "mutualfund.Scenario"),
    ],
)
def test_what_is_no_scenario_is_refused_with_the_call_that_makes_one(given, call) -> None:
    with pytest.raises(InputError) as refused:
        simulate(given)
    assert call in refused.value.faults[0].remedy
    with pytest.raises(InputError):
        check(given)
