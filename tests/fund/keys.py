"""A row of a table of keys: what changes, which figure moves and how, and what stays equal to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mutualfund.results import FundRun
from mutualfund.results.measures import MEASURES

Tables = dict[str, Any]
Figure = Callable[[FundRun], Any]

PERSONS = ("members_start", "joined", "lapsed", "died", "members_end")
ILLNESS = (*PERSONS, "billed")
CLAIMS = (*ILLNESS, "allowed", "member_paid", "external_paid", "provider_borne", "claims_incurred")
PAYMENTS = (*CLAIMS, "claims_paid", "outstanding_true")
CEDED = (*PAYMENTS, "outstanding_booked", "reinsurance_recovery", "reinsurance_premium")
EVERYTHING = tuple(MEASURES)
HOSPITAL, DENTAL = "hospital", "dental"


def mean(name: str, year: int | None = None) -> Figure:
    """Mean over paths of a measure, in one year or over all."""
    return lambda run: float((run.measure(name) if year is None else run.at(name, year)).mean())


def sd(name: str) -> Figure:
    """Spread over paths of a measure summed over the years."""
    return lambda run: float(run.measure(name).sum(axis=1).std())


def of_line(name: str, line: str, *, spread: bool = False, year: int | None = None) -> Figure:
    """Mean, or spread over paths, of a line's amount."""

    def figure(run: FundRun) -> float:
        values = run.lines[name][:, :, run.facts.line_names.index(line)]
        values = values if year is None else values[:, year - 1 : year]
        return float(values.sum(axis=1).std() if spread else values.mean())

    return figure


def believed(age_cell: int) -> Figure:
    """Expected claims a member-month at an age, on which premiums and reinsurance rest."""
    return lambda run: run.manifest["expected"]["claims_per_month"][0][age_cell]


def text_of(run: FundRun) -> str:
    """The scenario as the run's folder will hold it."""
    return run.scenario_toml


@dataclass(frozen=True)
class Key:
    """One key, or a table of the file where the key alone cannot change."""

    key: str
    value: Any
    figure: Figure
    how: str  # "up", "down" or "other"
    same: tuple[str, ...] = ()  # measures equal to the bit in all years
    same_first: tuple[str, ...] = ()  # measures equal to the bit in the first year
    same_lines: tuple[tuple[str, str], ...] = ()  # (line measure, line) equal to the bit
    keen: bool = False  # members respond to price
    at: str = ""  # what is replaced, where not the key itself


def line_stays(*lines: str) -> tuple[tuple[str, str], ...]:
    """A line's claims; who bears them may still move, for deductible and maximum span the lines."""
    return tuple((name, line) for line in lines for name in ("claim_count", "billed"))


def counts_stay() -> tuple[tuple[str, str], ...]:
    return (("claim_count", HOSPITAL), *line_stays(DENTAL))


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Paths of all keys; tables in a list go by name, or by position."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, item in enumerate(value):
            yield from leaves(item, f"{path}.{item.get('name', place)}")
    else:
        yield path


def put(data: Tables, path: str, value: Any) -> None:
    """Set the value at a path of `leaves`, in place."""
    at: Any = data
    *way, last = path.split(".")
    for step in way:
        if isinstance(at, list):
            named = [item for item in at if item.get("name") == step]
            at = named[0] if named else at[int(step)]
        else:
            at = at[step]
    at[int(last) if isinstance(at, list) else last] = value


def moved(before: Any, after: Any, how: str) -> bool:
    if how == "up":
        return bool(after > before)
    if how == "down":
        return bool(after < before)
    return bool(after != before)


def check_row(row: Key, before: FundRun, after: FundRun) -> None:
    """The figure moved as the row says, and everything it names as upstream is equal to the bit."""
    assert moved(row.figure(before), row.figure(after), row.how), row.figure(before)
    for name in row.same:
        np.testing.assert_array_equal(after.measure(name), before.measure(name), err_msg=name)
    for name in row.same_first:
        np.testing.assert_array_equal(after.at(name, 1), before.at(name, 1), err_msg=name)
    for name, line in row.same_lines:
        place = before.facts.line_names.index(line)
        ours, theirs = before.lines[name][:, :, place], after.lines[name][:, :, place]
        np.testing.assert_array_equal(theirs, ours, err_msg=f"{name} of {line}")
