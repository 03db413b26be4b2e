"""Risk scores by member, taken from what another tool found: its results, CSV, JSON or a table.

The library computes no scores. A tool such as hccinfhir does: `HCCInFHIR.run` and `calculate_from_diagnosis`
give one result a person, with a `risk_score` and no identifier, so results come here by member id, as they
are or as their dumps (``result.model_dump(mode="json")``). Nothing is unpickled.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mutualfund.errors import HIDDEN, Fault, InputError, listed, require_kind
from mutualfund.premiums.columns import exposure
from mutualfund.types import FloatArray, frozen

_HIGHEST = 1000.0
_UNREADABLE = (UnicodeDecodeError, json.JSONDecodeError, csv.Error, RecursionError)


@dataclass(frozen=True, eq=False)
class RiskScores:
    """A score for each member; its repr tells how many, never whose or which.

    >>> scores = RiskScores.from_columns(["a", "b"], [0.8, 1.6])
    >>> scores, scores.average([9.0, 3.0])
    (RiskScores of 2 members, 1.0)
    """

    member_ids: tuple[str, ...]
    scores: FloatArray  # (n,)

    @classmethod
    def from_columns(cls, member_ids: Iterable[Any], scores: Iterable[Any]) -> RiskScores:
        """Scores from two columns of a data frame or two lists.

        Raises
        ------
        InputError
            For a score that is missing, no number, below zero or above 1000, a member without an id, or one
            given twice.
        """
        columns = (("member_id", member_ids, "ids"), ("risk_score", scores, "scores"))
        members, given = (listed(field, column, what) for field, column, what in columns)
        ids = tuple(_id(member, row) for row, member in enumerate(members))
        values = [_score(score, row) for row, score in enumerate(given)]
        if len(values) != len(ids):
            got, allowed = f"{len(values)} scores", f"{len(ids)}, one per member"
            raise InputError([Fault("risk_score", got, allowed, code="length")])
        first = {member: row for row, member in reversed(list(enumerate(ids)))}
        if len(first) != len(ids):
            twice = next(row for row, member in enumerate(ids) if first[member] < row)
            field = f"member_id[{twice}]"
            raise InputError([Fault(field, HIDDEN, "each member once", code="duplicate_id")])
        return cls(ids, frozen(values))

    @classmethod
    def from_results(cls, results: Mapping[Any, Any], *, score: str = "risk_score") -> RiskScores:
        """Scores from a tool's results by member id: objects with an attribute, or tables with a key.

        Parameters
        ----------
        results : member id -> result, such as hccinfhir's ``RAFResult`` or its ``model_dump()``.
        score : which of its numbers. Of hccinfhir's, ``risk_score`` is the model's own, and
            ``risk_score_payment`` the same after normalisation and coding adjustment. A transfer looks only
            at scores over their average; take one kind for all funds.

        Raises
        ------
        InputError
            As `from_columns`, and for a result without that number, by its place.

        >>> results = {"a": {"risk_score": 0.8, "hcc_list": []}, "b": {"risk_score": 1.6, "hcc_list": ["37"]}}
        >>> RiskScores.from_results(results).scores.tolist()
        [0.8, 1.6]
        """
        allowed = "a mapping from member id to the member's result"
        require_kind("results", results, Mapping, allowed, "Of two columns, use from_columns.")
        require_kind("score", score, str, "the name of a number in each result")
        found = [
            _inner(_fields(result, score), score, f"results[{row}]")
            for row, result in enumerate(results.values())
        ]
        return cls.from_columns(results, found)

    @classmethod
    def read(
        cls, path: str | Path, *, member: str = "member_id", score: str = "risk_score"
    ) -> RiskScores:
        """Scores from a .csv file with a header, or a .json file: a list of objects, or results by member id.

        Parameters
        ----------
        path : the file, UTF-8.
        member, score : names of the two columns; in JSON a dotted name leads into an object. Where the file
            has results by member id, as for `from_results`, `member` is not looked at.

        Raises
        ------
        InputError
            For another kind of file, one that cannot be read, or rows without one of the columns.
        """
        require_kind("path", path, (str, PathLike), "the path of a .csv or .json file")
        for field, name in (("member", member), ("score", score)):
            require_kind(field, name, str, "the name of a column")
        file = Path(path)
        rows = _rows(file)
        if isinstance(rows, Mapping):
            return cls.from_results(rows, score=score)
        found: tuple[list[Any], list[Any]] = ([], [])
        for row, content in enumerate(rows):
            for values, name in zip(found, (member, score), strict=True):
                values.append(_inner(content, name, f"{file.name}[{row}]"))
        return cls.from_columns(*found)

    def __repr__(self) -> str:
        return f"RiskScores of {len(self.member_ids)} members"

    def average(self, member_months: npt.ArrayLike) -> float:
        """Mean score by member-months, as a plan's `risk_score`. member_months: (n,), more than 0."""
        n = len(self.member_ids)
        remedy = "Leave the member out."
        months = exposure("member_months", member_months, n, unit="months", remedy=remedy)
        return float((self.scores * months).sum() / months.sum())


def _id(value: Any, row: int) -> str:
    if value is None or value != value or not str(value).strip():
        remedy = "Leave the member out."
        raise InputError([Fault(f"member_id[{row}]", "nothing", "an id", remedy, "missing")])
    return str(value)


def _score(value: Any, row: int) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not 0.0 <= number <= _HIGHEST:
        field = f"risk_score[{row}]"
        raise InputError([Fault(field, HIDDEN, f"a number, 0 to {_HIGHEST:g}", code="range")])
    return number


def _fields(result: Any, score: str) -> Any:
    """A result as a table: itself, or of an object the one attribute that is asked for."""
    if isinstance(result, Mapping) or score.startswith("_") or not hasattr(result, score):
        return result
    return {score: getattr(result, score)}


def _rows(file: Path) -> list[Any] | Mapping[str, Any]:
    kinds: dict[str, Callable[[str], list[Any] | Mapping[str, Any]]] = {
        ".csv": _csv_rows,
        ".json": _json_rows,
    }
    if file.suffix not in kinds:
        remedy = "Write the scores as one of these."
        raise InputError([Fault("path", repr(file.name), "a .csv or .json file", remedy, "file")])
    try:
        return kinds[file.suffix](file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        got = error.strerror or "unreadable"
        raise InputError([Fault(file.name, got, "a readable file", code="file")]) from None
    except _UNREADABLE:  # whose own words might quote a member
        raise InputError(
            [Fault(file.name, "text that cannot be read", "UTF-8, well formed", code="file")]
        ) from None


def _csv_rows(text: str) -> list[Any]:
    return list(csv.DictReader(text.splitlines()))


def _json_rows(text: str) -> list[Any] | Mapping[str, Any]:
    rows = json.loads(text, object_pairs_hook=_each_once)
    by_member = isinstance(rows, dict) and all(isinstance(row, dict) for row in rows.values())
    if not (isinstance(rows, list) or by_member):
        allowed = "a list, an object per member, or an object with the result of each member id"
        raise InputError([Fault("path", "one JSON value", allowed, code="type")])
    return rows  # type: ignore[no-any-return]


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a JSON file; of two values under one key the reader would silently keep the last."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise InputError(
            [Fault("path", "a key twice in an object", "each once", code="duplicate_id")]
        )
    return dict(pairs)


def _inner(content: Any, name: str, at: str) -> Any:
    """The value under a name, or at the end of a dotted one. What a row has instead may be a member's own."""
    if isinstance(content, Mapping) and name in content:
        return content[name]
    here = content
    for step in name.split("."):
        if not isinstance(here, Mapping) or step not in here:
            remedy = (
                "A .csv file begins with a line of column names; name others by member= and score=."
            )
            fault = Fault(at, "a row without it", f"a column {name}", remedy, "missing_column")
            raise InputError([fault])
        here = here[step]
    return here
