"""A changed copy of a frozen input: one value at a dotted path, everything checked again.

Paths are written as in a scenario file; items of a list go by their name
(``lines.hospital.trend_per_year``) or by position (``reinsurance[0].retention``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mutualfund.errors import Fault, InputError
from mutualfund.inputs.faults import did_you_mean, faults_of, listing, prefixed

Model = TypeVar("Model", bound=BaseModel)
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def steps(path: str) -> list[int | str]:
    """The parts of a dotted path.

    >>> steps("reinsurance[0].retention")
    ['reinsurance', 0, 'retention']
    """
    return [int(index) if index else name for index, name in _STEP.findall(path)]


def replaced(node: Model, path: str, value: object, at: str = "") -> Model:
    """A copy of `node` with `value` at `path`; `at` is where `node` itself stands, for errors.

    Raises
    ------
    InputError
        Where the path leads nowhere, or the changed copy is not valid; every field is named.

    >>> from mutualfund.assumptions.economy import Economy
    >>> replaced(Economy(), "investment_return.mean", 0.02).investment_return.mean
    0.02
    """
    changed: Model = _replaced(node, steps(path), value, at)
    return changed


def _replaced(node: Any, parts: list[int | str], value: object, at: str) -> Any:
    if not parts:
        return value
    step, rest = parts[0], parts[1:]
    if isinstance(node, BaseModel):
        return _in_model(node, str(step), rest, value, at)
    if isinstance(node, Mapping):
        if rest and step not in node:
            raise _no_such(at, step, node)
        inner = _replaced(node.get(step), rest, value, _deeper(at, step))
        return {**node, step: inner}
    if isinstance(node, Sequence) and not isinstance(node, str):
        index = _position(node, step, at)
        inner = _replaced(node[index], rest, value, _deeper(at, step))
        return [*node[:index], inner, *node[index + 1 :]]
    raise _no_such(at, step, ())


def _in_model(node: BaseModel, step: str, rest: list[int | str], value: object, at: str) -> Any:
    """A model is made anew from the values it was given and the one that changes."""
    given = _given(node)
    fields = _names(node)
    tables = getattr(node, "lines", None) if "lines" in type(node).model_fields else None
    if step not in fields and isinstance(tables, Mapping) and (rest or _is_table(value)):
        inner = _replaced(tables.get(step, {}), rest, value, _deeper(at, step))
        given["lines"] = {**tables, step: inner}
    elif step not in fields:
        raise _no_such(at, step, fields)
    else:
        held = getattr(node, fields[step])
        given[step] = _replaced({} if held is None else held, rest, value, _deeper(at, step))
    try:
        return type(node).model_validate(given)
    except ValidationError as error:
        raise InputError(prefixed(faults_of(error, given, type(node)), at)) from None


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping | BaseModel)


def _names(node: BaseModel) -> dict[str, str]:
    """Attribute by key, as the file spells the key."""
    return {field.alias or name: name for name, field in type(node).model_fields.items()}


def _given(node: BaseModel) -> dict[str, Any]:
    given = node.model_fields_set
    return {key: getattr(node, name) for key, name in _names(node).items() if name in given}


def _position(items: Sequence[Any], step: int | str, at: str) -> int:
    if isinstance(step, int):
        if step < len(items):
            return step
        raise _no_such(at, f"[{step}]", [f"[{index}]" for index in range(len(items))])
    names = [str(getattr(item, "name", "")) for item in items]
    if step in names:
        return names.index(step)
    raise _no_such(at, step, names)


def _deeper(at: str, step: int | str) -> str:
    if isinstance(step, int):
        return f"{at}[{step}]"
    return f"{at}.{step}" if at else step


def _no_such(at: str, step: int | str, known: Any) -> InputError:
    words = [str(word) for word in known]
    remedy = did_you_mean(str(step), words)
    allowed = listing(words) or "nothing below this value"
    return InputError(
        [Fault(_deeper(at, step), "an unknown path", allowed, remedy, "unknown_path")]
    )
