"""The base of typed inputs: built in Python they refuse in the words of a scenario file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from mutualfund.errors import InputError
from mutualfund.inputs.faults import faults_of


class Refusing(BaseModel):
    """A frozen model, closed to unknown keys, that raises `InputError` with every fault when it is built.

    What is wrong with the whole is said of the class by its name.

    >>> class Share(Refusing):
    ...     value: float
    >>> try:
    ...     Share()
    ... except InputError as error:
    ...     print(error)
    value: got nothing; allowed: a value is required. Add value.
    """

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,  # a model within others is built with them, or when first used alone
        extra="forbid",
        hide_input_in_errors=True,
    )

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            found, name = faults_of(error, data, type(self)), type(self).__name__
            faults = [replace(fault, field=fault.field or name) for fault in found]
            raise InputError(faults) from None

    # Without this mark pydantic would call __init__ for nested tables too and lose their place in the file.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]
