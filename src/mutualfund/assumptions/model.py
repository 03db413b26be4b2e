"""What every input object is: frozen, closed to unknown keys, and refusing with `InputError`.

Numbers are strict (no text, no booleans), finite, and bounded where the idea has bounds. A rate or
share is a fraction, so its upper bound of 1 is what catches a percentage written by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, NoReturn, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, Strict

from mutualfund.inputs.base import Refusing

Key = TypeVar("Key")
Item = TypeVar("Item")

Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Amount = Annotated[Number, Field(ge=0.0, le=1e15)]
Factor = Annotated[Number, Field(ge=0.0, le=1e4)]
Share = Annotated[Number, Field(ge=0.0, le=1.0)]
Ratio = Annotated[Number, Field(ge=0.0, le=10.0)]
Change = Annotated[Number, Field(gt=-1.0, le=1.0)]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Day = Annotated[date, Strict()]


def _first_of_month(day: date) -> date:
    if day.day != 1:
        raise ValueError("the first day of a month")
    return day


MonthStart = Annotated[Day, AfterValidator(_first_of_month)]
Name = Annotated[
    str,
    Strict(),
    Field(min_length=1, max_length=60, pattern=r"^[^\s.\[\]](?:[^.\[\]\n]*[^\s.\[\]])?$"),
]


class FrozenTable(dict[Key, Item]):
    """A table of names and values that cannot be changed after it was made.

    >>> FrozenTable({"F": 1.0})["F"]
    1.0
    """

    def _refuse(self, *_args: object, **_named: object) -> NoReturn:
        raise TypeError("this table is frozen; use replace() to get a changed copy")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[FrozenTable[Key, Item]], tuple[dict[Key, Item]]]:
        """Pickle by contents: the default would fill the copy item by item."""
        return type(self), (dict(self),)


def _freeze(table: Mapping[Key, Item]) -> FrozenTable[Key, Item]:
    return FrozenTable(table)


Freeze = AfterValidator(_freeze)


class Input(Refusing):
    """The base of every typed input.

    Building one in Python with a wrong value raises `InputError` with every fault, as a scenario
    file does.
    """

    model_config = ConfigDict(
        allow_inf_nan=False,
        validate_default=False,
        populate_by_name=True,
    )


def unique(names: Iterable[str]) -> bool:
    """Whether no name comes twice.

    >>> unique(["hospital", "dental"])
    True
    """
    listed = list(names)
    return len(set(listed)) == len(listed)
