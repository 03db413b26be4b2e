"""Yearly mortality by age and sex: the shipped table, a user's file, or none."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.schema import MAX_AGE, SEXES
from mutualfund.types import FloatArray, frozen

_COLUMNS = ("age", "sex", "rate")
_FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True, eq=False)
class MortalityTable:
    """Chances to die within a year.

    `rates` has shape (121, 3): ages 0 to 120 last birthday, sexes F, M, X, where X is the mean of F
    and M unless the file gives it. Beyond the last age of a file its last rate holds.

    >>> MortalityTable.none().rates.shape
    (121, 3)
    """

    rates: FloatArray
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", frozen(self.rates))
        if self.rates.shape != (MAX_AGE + 1, len(SEXES)):
            raise InputError([Fault("mortality.rates", str(self.rates.shape), "shape (121, 3)")])
        if not bool(np.all((self.rates >= 0.0) & (self.rates <= 1.0))):
            raise InputError([Fault("mortality.rates", "a value outside", "chances from 0 to 1")])

    @classmethod
    def none(cls) -> MortalityTable:
        """Nobody dies."""
        return cls(np.zeros((MAX_AGE + 1, len(SEXES))), source="no deaths")

    @classmethod
    def population(cls) -> MortalityTable:
        """The shipped table; its source stands in the first lines of its file."""
        file = resources.files("mutualfund.assumptions") / "data" / "population.csv"
        return cls._parse(file.read_text(encoding="utf-8"), "population.csv")

    @classmethod
    def read_csv(cls, path: Path | str) -> MortalityTable:
        """A CSV file with the columns age, sex, rate; lines that start with # are notes.

        Raises
        ------
        InputError
            With every row that cannot be used.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = type(error).__name__
            fault = Fault(
                "members.mortality", f"'{path.name}' ({reason})", "a readable UTF-8 CSV file"
            )
            raise InputError([fault]) from None
        return cls._parse(text, path.name)

    @classmethod
    def _parse(cls, text: str, name: str) -> MortalityTable:
        notes = [line[1:].strip() for line in text.splitlines() if line.startswith("#")]
        body = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        reader = csv.DictReader(body)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            got = ", ".join(reader.fieldnames or ()) or "nothing"
            raise InputError([Fault(f"{name} header", got, "age,sex,rate", code="columns")])
        rates = _rates(list(reader), name)
        return cls(_filled(rates, name), source=" ".join(notes) or name)


def _rates(rows: Iterable[Mapping[str, str | None]], name: str) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], float] = {}
    faults: list[Fault] = []
    for number, row in enumerate(rows, start=1):
        fault = _row_fault(row, found)
        if fault:
            faults.append(Fault(f"{name} row {number}", fault[0], fault[1]))
            continue
        found[str(row["sex"]), int(str(row["age"]))] = float(str(row["rate"]))
    if faults:
        raise InputError(faults[:_FAULTS_SHOWN])
    return found


def _row_fault(
    row: Mapping[str, str | None], found: Mapping[tuple[str, int], float]
) -> tuple[str, str] | None:
    age, sex, rate = (str(row[column] or "").strip() for column in _COLUMNS)
    if not age.isdigit() or int(age) > MAX_AGE:
        return f"age '{age}'", f"a whole age from 0 to {MAX_AGE}"
    if sex not in SEXES:
        return f"sex '{sex}'", "F, M or X"
    if (sex, int(age)) in found:
        return f"age {age}, sex {sex} again", "each age and sex once"
    try:
        chance = float(rate)
    except ValueError:
        chance = math.nan
    if not 0.0 <= chance <= 1.0:
        return f"rate '{rate}'", "a chance from 0 to 1, with a decimal point"
    return None


def _filled(rates: Mapping[tuple[str, int], float], name: str) -> FloatArray:
    """(121, 3): the last rate carried on, X as the mean where it is not given."""
    table = np.empty((MAX_AGE + 1, len(SEXES)))
    for column, sex in enumerate(SEXES):
        ages = sorted(age for of, age in rates if of == sex)
        if sex == "X" and not ages:
            table[:, column] = 0.5 * (table[:, 0] + table[:, 1])
            continue
        if not ages or ages != list(range(ages[-1] + 1)):
            allowed = "every age from 0 to the last, without gaps"
            raise InputError([Fault(f"{name} sex {sex}", "ages that leave gaps", allowed)])
        values = [rates[sex, age] for age in ages]
        table[: len(ages), column] = values
        table[len(ages) :, column] = values[-1]
    return table
