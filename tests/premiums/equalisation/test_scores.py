"""Risk scores from another tool's files. Source of truth: files written in the test, a canary for privacy."""

from __future__ import annotations

import json
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pytest

from mutualfund.errors import InputError
from mutualfund.premiums import RiskScores

CANARY = "canary-4711"


def test_a_json_list_of_results_is_read(tmp_path: Path) -> None:
    file = tmp_path / "scores.json"
    results = [
        {"patient": {"id": CANARY}, "risk_score": 1.25, "hcc_list": ["37"]},
        {"patient": {"id": "b"}, "risk_score": "0.5", "hcc_list": []},
    ]
    file.write_text(json.dumps(results), encoding="utf-8")
    scores = RiskScores.read(file, member="patient.id")
    assert (scores.member_ids, scores.scores.tolist()) == ((CANARY, "b"), [1.25, 0.5])
    assert scores.average([4.0, 12.0]) == pytest.approx(0.6875)


@dataclass(frozen=True)
class RAFResult:
    """The fields of hccinfhir's result (0.4, datamodels.py) that are numbers of the person; it has no id."""

    risk_score: float
    risk_score_demographics: float = 0.3
    risk_score_payment: float = 0.9


def test_hccinfhir_s_results_are_taken_by_member_as_objects_as_dumps_and_from_a_file(
    tmp_path: Path,
) -> None:
    results = {CANARY: RAFResult(1.25), 17: RAFResult(0.5, risk_score_payment=0.4)}
    dumps = {member: asdict(result) for member, result in results.items()}
    (tmp_path / "results.json").write_text(json.dumps(dumps), encoding="utf-8")
    for scores in (
        RiskScores.from_results(results),
        RiskScores.from_results(dumps),
        RiskScores.read(tmp_path / "results.json"),
    ):
        assert (scores.member_ids, scores.scores.tolist()) == ((CANARY, "17"), [1.25, 0.5])
    paid = RiskScores.from_results(results, score="risk_score_payment")
    assert paid.scores.tolist() == [0.9, 0.4]
    for without in (
        {CANARY: RAFResult(1.0), "b": {"raf": CANARY}},
        {"a": RAFResult(1.0), "b": CANARY},
    ):
        with pytest.raises(InputError, match=r"results\[1\]: got .*risk_score") as refused:
            RiskScores.from_results(without)
        assert CANARY not in str(refused.value)


def test_a_member_twice_in_one_json_object_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "twice.json"
    one, other = (f'"{CANARY}": {{"risk_score": {score}}}' for score in (1, 2))
    file.write_text(f"{{{one}, {other}}}", encoding="utf-8")
    with pytest.raises(InputError, match="a key twice") as refused:
        RiskScores.read(file)
    assert CANARY not in str(refused.value)


def test_a_csv_file_and_a_frame_give_the_same(tmp_path: Path) -> None:
    frame = pd.DataFrame({"member_id": [CANARY, "b"], "raf": [1.25, 0.5]})
    frame.to_csv(tmp_path / "scores.csv", index=False)
    read = RiskScores.read(tmp_path / "scores.csv", score="raf")
    taken = RiskScores.from_columns(frame["member_id"], frame["raf"])
    assert read.scores.tolist() == taken.scores.tolist() == [1.25, 0.5]
    assert read.member_ids == taken.member_ids


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    for name in ("scores.pkl", "scores.json"):
        (tmp_path / name).write_bytes(pickle.dumps([{"member_id": "a", "risk_score": 1.0}]))
        with pytest.raises(InputError):
            RiskScores.read(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "member_id,score\na,1\n",
            r"s\.csv\[0\]: got a row without it; allowed: a column risk_score",
        ),
        (f"member_id,risk_score\n{CANARY},-1\n", r"risk_score\[0\]: got \(value not shown\)"),
        (f"member_id,risk_score\n{CANARY},\n", r"risk_score\[0\]"),
        (f"member_id,risk_score\n{CANARY},1\n{CANARY},2\n", r"member_id\[1\]: .* each member once"),
    ],
)
def test_rows_that_are_no_scores_are_refused_without_a_member_shown(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "s.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as refused:
        RiskScores.read(file)
    assert CANARY not in str(refused.value)


def test_a_file_that_is_no_list_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"risk_score": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="a list, an object per member"):
        RiskScores.read(tmp_path / "one.json")
    with pytest.raises(InputError, match=r"none\.json: got No such file"):
        RiskScores.read(tmp_path / "none.json")


def test_no_member_is_seen_in_what_is_printed() -> None:
    assert CANARY not in repr(RiskScores.from_columns([CANARY], [3.0]))
    with pytest.raises(InputError, match="Leave the member out"):
        RiskScores.from_columns([CANARY], [3.0]).average([0.0])


def test_a_file_without_a_header_does_not_show_its_first_member(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(f"{CANARY},1.5\nb,2\n", encoding="utf-8")
    (tmp_path / "s.json").write_text(f'[{{"{CANARY}": 1.5}}]', encoding="utf-8")
    for name in ("s.csv", "s.json"):
        with pytest.raises(
            InputError, match=r"a column member_id.*line of column names"
        ) as refused:
            RiskScores.read(tmp_path / name)
        assert CANARY not in str(refused.value)


@pytest.mark.parametrize("missing", [None, float("nan"), " "])
def test_a_score_belongs_to_somebody(missing: object) -> None:
    with pytest.raises(InputError, match=r"member_id\[1\]: got nothing; allowed: an id"):
        RiskScores.from_columns(["a", missing], [1.0, 2.0])
