"""The tools that take and show the times: what they must never do."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import against
import compound
import experience_study
import measure
import reserving
import tariff_glm
from compare import Comparison, environment_of
from origin import Origin, told
from profiles import QUICK
from tables import BEGIN, END, Gate, Section, between_marks, markdown, page
from timing import Timing, added_ratios, alternate, cost, middle, times_as_long


def timing(seconds: list[float], made: float) -> Timing:
    return Timing(seconds, [made] * len(seconds))


def test_no_ratio_is_printed_where_values_differ() -> None:
    rng = np.random.default_rng(1)
    ours, theirs = rng.normal(100.0, 1.0, 50), rng.normal(103.0, 1.0, 50)
    assert against._gap_or_refusal("it", {"fund": ours}, {"fund": theirs}) == against.REFUSED
    assert "fund" in against._gap_or_refusal("it", {"fund": ours}, {"fund": ours + 0.1})
    assert not any(character.isdigit() for character in markdown([against._refusal("it")]))


def test_a_gate_is_met_only_by_a_number() -> None:
    assert not Gate("speed", None, "at least", 0.0).holds
    assert Gate("speed", 45.0, "at least", 45.0).holds
    assert not Gate("speed", 44.9, "at least", 45.0).holds
    assert not Gate("memory", float("nan"), "at most", 16.0).holds


def test_every_round_runs_every_task_and_starts_with_another() -> None:
    order: list[str] = []

    def task(name: str) -> float:
        order.append(name)
        return 1.0

    alternate({"a": lambda: task("a"), "b": lambda: task("b")}, rounds=2)
    assert order == ["a", "b", "b", "a"]


def test_a_task_takes_the_time_that_its_clock_says() -> None:
    read = iter((3.0, 5.0))
    timings = alternate({"a": lambda: 4.0}, rounds=1, clock=lambda: next(read))
    assert timings["a"].seconds == [2.0]
    assert timings["a"].ns_each == 2.0 / 4.0 * 1e9


def test_ratios_are_taken_within_a_round_and_per_claim() -> None:
    """Hand-worked: the machine is twice as slow in the second round, the ratio is three in both."""
    fast, slow = timing([1.0, 2.0], 100.0), timing([1.5, 3.0], 50.0)
    assert times_as_long(slow, fast) == pytest.approx(3.0)


def test_the_fixed_part_is_taken_off_time_and_claims() -> None:
    """Hand-worked: 10 s of which 4 are fixed, 1,000 claims of which 400: an added claim takes 10 ms."""
    timings = {
        "x": timing([10.0], 1_000.0),
        "x, fixed": timing([4.0], 400.0),
        "y": timing([7.0], 800.0),
        "y, fixed": timing([1.0], 500.0),
        "z": timing([10.0], 1_000.0),
        "z, fixed": timing([9.9], 1.0),
    }
    found = cost(timings, "x")
    assert found.added == pytest.approx(1e7)
    assert found.fixed_share == pytest.approx(0.4)
    assert found.end_to_end == pytest.approx(1e7)
    assert middle(added_ratios(timings, "y", "x")) == pytest.approx(2.0)
    assert middle(added_ratios(timings, "z", "x")) is None  # nearly all of it is fixed


def test_a_section_survives_its_json() -> None:
    gate = Gate("x over y", 1.5, "at most", 1.4, "x", "town")
    section = Section("s", "Title", "Note.", [{"fund": "town", "ns": 5.25}], [gate])
    again = Section.from_dict("s", section.to_dict())
    assert page("Head", [again]) == page("Head", [section])
    assert "**no**" in page("Head", [again])


def test_only_the_text_between_the_marks_is_replaced() -> None:
    text = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    assert between_marks(text, "new") == f"above\n{BEGIN}\n\nnew\n\n{END}\nbelow\n"
    with pytest.raises(ValueError, match="measured"):
        between_marks("no marks", "new")


def test_the_shown_page_is_the_stored_numbers() -> None:
    """The README's tables are made of results.json: an edit by hand turns this red."""
    readme = (measure.HERE / "README.md").read_text(encoding="utf-8")
    stored = measure.HERE / "results.json"
    shown = measure.tables_of(stored) if stored.exists() else measure.NOTHING_YET
    assert between_marks(readme, shown) == readme


@pytest.mark.parametrize(
    ("module", "name", "peer", "gates"),
    [
        (compound, "aggregate", "aggregate", 3),
        (reserving, "reserving", "chainladder", 3),
        (tariff_glm, "tariff", "glum", 2),
        (experience_study, "study", "duckdb", 1),
    ],
)
def test_without_the_peer_its_gates_are_not_met(
    module: ModuleType, name: str, peer: str, gates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    section = measure.MEASUREMENTS[name].measure(QUICK)
    assert section.name == name
    assert len(section.gates) == gates
    assert not any(gate.holds for gate in section.gates)
    assert f"`{peer}` was not installed" in section.note
    assert section.rows == []


HERE = Origin.now("whole", ("pandas",))


def elsewhere(**changes: object) -> Origin:
    """Where this test runs, but for some things."""
    return replace(HERE, **changes)


def test_a_package_that_joins_or_goes_drops_no_section() -> None:
    fewer = {name: v for name, v in HERE.versions.items() if name != "pandas"}
    assert elsewhere(versions=fewer).stands_beside(HERE)
    gone = {**HERE.versions, "a-peer-that-is-not-installed": "1.0"}
    assert elsewhere(versions=gone, commit="abc", date="2020-01-01").stands_beside(HERE)


def test_a_package_of_another_version_another_machine_or_size_drops_the_section() -> None:
    assert not elsewhere(versions={**HERE.versions, "pandas": "0.1"}).stands_beside(HERE)
    assert not elsewhere(processor="Difference Engine").stands_beside(HERE)
    assert not elsewhere(cores=1000).stands_beside(HERE)
    assert not elsewhere(profile="quick").stands_beside(HERE)


def test_a_section_of_another_python_stands_and_says_so() -> None:
    """A peer may need it; that environment's packages are its own."""
    theirs = elsewhere(versions={**HERE.versions, "Python": "3.99.0", "numpy": "9.9.9"})
    assert theirs.stands_beside(HERE)
    heading, own = told({"start": HERE, "memory": HERE, "aggregate": theirs})
    assert "Sections measured otherwise say so." in heading
    assert list(own) == ["aggregate"]
    assert own["aggregate"].endswith("with Python 3.99.0, numpy 9.9.9.")


def test_a_section_measured_at_another_commit_says_so_and_the_others_do_not() -> None:
    later = elsewhere(date="2031-02-03", commit="abc")
    heading, own = told({"start": HERE, "full": later, "memory": HERE})
    assert HERE.commit in heading
    assert "2031" not in heading
    assert own == {"full": "Measured 2031-02-03 at commit abc."}
    assert told({"start": HERE, "memory": HERE}).own == {}


def test_only_keeps_what_still_stands(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    held = Section("start", "Start", "Note.", []).to_dict()
    file.write_text(
        json.dumps(
            {
                "start": {"origin": HERE.to_dict(), **held},
                "memory": {"origin": elsewhere(cores=1000).to_dict(), **held},
            }
        )
    )
    kept = measure.earlier(file, HERE)
    assert list(kept) == ["start"]
    assert measure.earlier(tmp_path / "none.json", HERE) == {}
    measure.write(tmp_path / "new", kept)
    assert "### Start" in (tmp_path / "new" / "README.md").read_text()


@pytest.mark.parametrize(
    ("options", "added"), [({}, set()), ({"full": True}, {"full"}), ({"long": True}, {"study"})]
)
def test_what_takes_long_is_measured_only_on_request(
    options: dict[str, bool], added: set[str]
) -> None:
    given = argparse.Namespace(**{"only": None, "full": False, "long": False} | options)
    assert set(measure.wanted(given)) == set(measure.MEASUREMENTS) - {"full", "study"} | added


def test_the_reserving_triangles_run_off() -> None:
    """The same known amounts by rows of either kind, and errors that both tasks read."""
    triangle = reserving.ours(reserving.amounts(10, 2.5), "year")
    assert (triangle.n_origins, triangle.n_ages) == (10, 10)
    assert reserving.our_mack(triangle).shape == (11,)
    assert reserving.repeated(lambda: None, 3, 4) == 12.0


def test_a_folder_without_the_library_is_not_compared(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="neither"):
        environment_of(tmp_path)


def test_a_quarter_slower_is_too_slow() -> None:
    assert not Comparison("town", [1.0], [1.25], 1.25, same_values=True).too_slow
    assert Comparison("town", [1.0], [1.26], 1.26, same_values=True).too_slow
