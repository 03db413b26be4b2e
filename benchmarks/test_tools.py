"""The tools that take and show the times: what they must never do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import against
import measure
import reserving
from compare import Comparison, environment_of
from profiles import QUICK
from tables import BEGIN, END, Gate, Section, between_marks, markdown, page
from timing import Timing, added_ratio, alternate, cost, times_as_long


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
    assert added_ratio(timings, "y", "x") == pytest.approx(2.0)
    assert added_ratio(timings, "z", "x") is None  # nearly all of it is fixed


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


def test_without_the_peer_its_gates_are_not_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserving, "find_spec", lambda _name: None)
    section = reserving.against_chainladder(QUICK)
    assert len(section.gates) == 3
    assert not any(gate.holds for gate in section.gates)
    assert "Not installed" in section.note


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
