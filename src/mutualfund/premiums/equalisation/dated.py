"""Tables with the days on which they were in force: percentages change often, a scheme's mechanics rarely."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from mutualfund.assumptions.model import Day, Flag, Input
from mutualfund.errors import Fault, InputError, as_day


class DatedTable(Input):
    """Figures of a scheme that the user states, with the days of their use and where they were read.

    >>> from datetime import date
    >>> DatedTable(valid_from=date(2025, 4, 1), source="the rules of the scheme").example
    False
    """

    valid_from: Day = Field(description="first day on which the table is in force")
    valid_until: Day | None = Field(
        default=None, description="last day of it; default: until a later table begins"
    )
    source: Annotated[str, Field(strict=True, min_length=1, max_length=500)] = Field(
        description="where the figures were read, so that they can be read again"
    )
    example: Flag = Field(
        default=False, description="whether the figures are an example to replace, not law"
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            allowed = f"a day on or after valid_from, {self.valid_from}"
            raise InputError([Fault("valid_until", str(self.valid_until), allowed, code="date")])
        return self


Table = TypeVar("Table", bound=DatedTable)


def one_a_day(tables: tuple[Table, ...]) -> tuple[Table, ...]:
    """The tables themselves; refused where two begin on one day.

    Raises
    ------
    InputError
        Naming the place of the second.
    """
    begun = [table.valid_from for table in tables]
    faults = [
        Fault(f"[{place}].valid_from", str(day), "each first day once", code="duplicate_date")
        for place, day in enumerate(begun)
        if day in begun[:place]
    ]
    if faults:
        raise InputError(faults)
    return tables


def in_force(tables: Sequence[Table], on: date) -> Table:
    """The table that applies on a day: the one begun last.

    Raises
    ------
    InputError
        Where every table is dated after its use, or the one begun last had ended.

    >>> from datetime import date
    >>> old, new = (DatedTable(valid_from=date(y, 1, 1), source="-") for y in (2020, 2025))
    >>> in_force([old, new], date(2024, 12, 31)) is old
    True
    """
    on = as_day("on", on)
    begun = [place for place, table in enumerate(tables) if table.valid_from <= on]
    if not begun:
        place = min(range(len(tables)), key=lambda one: tables[one].valid_from)
        fault = Fault(
            f"tables[{place}].valid_from",
            f"{tables[place].valid_from}, the earliest",
            f"a day on or before its use on {on}",
            "Add the table that was in force then.",
            "table_after_use",
        )
        raise InputError([fault])
    place = max(begun, key=lambda one: tables[one].valid_from)
    ended = tables[place].valid_until
    if ended is not None and ended < on:
        fault = Fault(
            f"tables[{place}].valid_until",
            str(ended),
            f"a day on or after its use on {on}",
            "Add the table that follows it.",
            "table_ended",
        )
        raise InputError([fault])
    return tables[place]
