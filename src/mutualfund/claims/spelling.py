"""How a distribution is written: exactly one of its accepted spellings, kept as it was written.

A lognormal may be given by ``mu, sigma`` or by ``mean, cv``; nothing in between is guessed. The model keeps
what was written (so that a scenario file comes out as it went in) and turns it into native parameters on
demand.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    Field,
    GetJsonSchemaHandler,
    Strict,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from mutualfund.inputs.base import Refusing

Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Positive = Annotated[float, Strict(), Field(gt=0.0, allow_inf_nan=False)]
NonNegative = Annotated[float, Strict(), Field(ge=0.0, allow_inf_nan=False)]


class Spelled(Refusing):
    """A frozen model of which exactly one spelling is given.

    `spellings` lists the keys of each accepted way of writing it, as they stand in a scenario file.
    """

    spellings: ClassVar[tuple[tuple[str, ...], ...]] = ()

    def _written(self) -> tuple[str, ...]:
        """The keys given, of those that belong to some spelling, as a scenario file names them."""
        keys = {key for spelling in self.spellings for key in spelling}
        return tuple(key for key in self._given() if key in keys)

    def _given(self) -> dict[str, Any]:
        """What was given, by the names of a scenario file."""
        values = {
            field.serialization_alias or name: getattr(self, name)
            for name, field in type(self).model_fields.items()
        }
        return {key: value for key, value in values.items() if value is not None}

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return list(self._given().items())

    @model_validator(mode="after")
    def _one_spelling(self) -> Self:
        written = self._written()
        if any(set(written) == set(spelling) for spelling in self.spellings):
            return self
        ways = ", or ".join(" and ".join(spelling) for spelling in self.spellings)
        raise PydanticCustomError(
            "spelling",
            "write {ways}; got {got}",
            {"ways": ways, "got": " and ".join(written) or "none of these"},
        )

    @model_serializer(mode="plain")
    def _as_written(self) -> dict[str, Any]:
        return {key: _plain(value) for key, value in self._given().items()}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        target = handler.resolve_ref_schema(schema)
        for name, key in target.get("properties", {}).items():
            target["properties"][name] = _without_null(key)
        target["description"] = (cls.__doc__ or "").split("\n\n")[0]
        target["required"] = ["kind", *(k for k in target.get("required", ()) if k != "kind")]
        if len(cls.spellings) > 1:
            target["anyOf"] = [{"required": list(spelling)} for spelling in cls.spellings]
        elif cls.spellings:
            target["required"] = [*dict.fromkeys([*target["required"], *cls.spellings[0]])]
        return schema


def _plain(value: object) -> object:
    """A value as a scenario file can hold it."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    return list(value) if isinstance(value, tuple) else value


def _without_null(key: JsonSchemaValue) -> JsonSchemaValue:
    """A key's schema for a TOML file, which has no null: left out is left out."""
    choices = [choice for choice in key.get("anyOf", ()) if choice.get("type") != "null"]
    rest = {name: value for name, value in key.items() if name != "anyOf"}
    if rest.get("default", 0) is None:
        del rest["default"]
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {**rest, "anyOf": choices} if choices else rest
