"""What happened against what was expected, with intervals over members."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from mutualfund.claims.experience.keys import LINE, Key, chosen
from mutualfund.claims.experience.moments import Expected
from mutualfund.claims.experience.tables import ExperienceTable
from mutualfund.errors import Fault, InputError, numbers, require
from mutualfund.types import BoolArray, FloatArray

Of = Literal["pmpm", "per_thousand"]
Expectation = ExperienceTable | Mapping[str, float] | Mapping[tuple[str, ...], float] | float
"""One rate; a rate by label, a tuple of labels where there are several keys; or a table of another study."""


def expected_of(
    expectation: Expectation,
    expected_by: str | Sequence[str],
    of: Of,
    keys: dict[str, Key],
    lines: tuple[str, ...],
    exposed: Callable[[tuple[str, ...]], BoolArray],
) -> tuple[Expected, tuple[str, ...]]:
    """The expectation as rates a member-month, by cell and line; and the keys it is by.

    `exposed(names)` says of which cells of those keys anybody is; only they need a rate. A rate that is not
    by line is of all lines together: it comes once, in the first line's place, and cannot be split by line
    afterwards.

    Raises
    ------
    InputError
        Where a cell has no rate, a rate is no number or negative, or a key or label is not known. Labels are
        not named: a mapping by member would hold identifiers.
    """
    rates, by = _rates(expectation, expected_by, of)
    names = chosen(keys, by)
    plain = tuple(name for name in names if name != LINE)
    labels = [lines if name == LINE else keys[name].labels for name in names]
    grid = _grid(rates, labels)
    if LINE in names:
        whole = np.moveaxis(grid, names.index(LINE), -1).reshape(-1, len(lines))
    else:
        whole = np.zeros((grid.size, max(len(lines), 1)))
        whole[:, 0] = grid.ravel()
    needed = whole[exposed(plain)]
    if np.isnan(needed).any():
        got = f"no rate for {int(np.isnan(needed).sum())} cells that have members"
        allowed, remedy = "a rate for each", "State 0 where nothing is expected."
        raise InputError([Fault("expected", got, allowed, remedy, "missing_rate")])
    whole = np.nan_to_num(whole)
    require("expected", whole, minimum=0.0, maximum=1e12, unit="rate")
    per_month = 1.0 / 12_000.0 if of == "per_thousand" else 1.0
    return Expected(tuple(keys[name] for name in plain), whole * per_month), names


def _rates(
    expectation: Expectation, expected_by: str | Sequence[str], of: Of
) -> tuple[Mapping[tuple[str, ...], float], str | Sequence[str]]:
    if isinstance(expectation, ExperienceTable):
        if of not in expectation.values:
            allowed = ", ".join(expectation.values)
            raise InputError([Fault("of", repr(of), allowed, code="no_such_column")])
        texts = expectation.labels.values()
        rows = zip(*texts, strict=True) if texts else [()] * len(expectation)
        found = dict(zip(rows, expectation[of].tolist(), strict=True))
        return found, tuple(expectation.labels)
    if isinstance(expectation, Mapping):
        rates = numbers("expected", list(expectation.values()))
        _check_one_each("expected", rates, (len(expectation),))
        labels = [label if isinstance(label, tuple) else (label,) for label in expectation]
        return dict(zip(labels, rates.tolist(), strict=True)), expected_by
    rate = numbers("expected", expectation)
    _check_one_each("expected", rate, ())
    return {(): float(rate)}, ()


def _check_one_each(field: str, rates: FloatArray, shape: tuple[int, ...]) -> None:
    if rates.shape != shape:
        got, allowed = f"an array of shape {rates.shape}", "one rate, or one for each label"
        raise InputError([Fault(field, got, allowed, code="type")])


def _grid(rates: Mapping[tuple[str, ...], float], labels: list[tuple[str, ...]]) -> FloatArray:
    """A rate for each combination of labels; NaN where none is stated."""
    grid = np.full([len(texts) for texts in labels], np.nan)
    places = [{text: place for place, text in enumerate(texts)} for texts in labels]
    strange = sum(not _known(label, places) for label in rates)
    if strange:
        got = f"{strange} labels that do not occur"
        allowed, remedy = (
            "labels of the study's keys",
            "One text a label, in the order of the keys.",
        )
        raise InputError([Fault("expected", got, allowed, remedy, "unknown_label")])
    for label, rate in rates.items():
        grid[tuple(place[text] for place, text in zip(places, label, strict=True))] = rate
    return grid


def _known(label: tuple[str, ...], places: list[dict[str, int]]) -> bool:
    return len(label) == len(places) and all(
        text in place for text, place in zip(label, places, strict=True)
    )
