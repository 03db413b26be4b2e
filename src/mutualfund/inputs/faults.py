"""From pydantic's report to faults: which field, what came, what is allowed, what to write instead.

What is allowed comes from the JSON Schema, so that a message cannot disagree with its check.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mutualfund.errors import Fault, InputError, kind_of
from mutualfund.inputs.places import Place, joined, locate
from mutualfund.inputs.schema import ELSEWHERE, Schema, inlined

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_TYPES = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "date_type": "a date such as 2027-01-01, without quotes",
    "date_from_datetime_inexact": "a date such as 2027-01-01, without a time of day",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
_SHOWN = 60
_MOST_RATIO = 10
_TOO_LONG = 10**20


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy naming the nearest known word, or nothing where none is near.

    >>> did_you_mean("frequencey", ["frequency", "severity"])
    "Did you mean 'frequency'?"
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.55)
    return f"Did you mean '{near[0]}'?" if near else ""


def listing(words: Iterable[str]) -> str:
    """Words as an error lists them.

    >>> listing(["a", "b"])
    'a, b'
    """
    return ", ".join(str(word) for word in words)


def prefixed(faults: Iterable[Fault], prefix: str) -> list[Fault]:
    """The same faults seen from one level further out.

    >>> prefixed([Fault("mean", "-1", "0 or more")], "severity")[0].field
    'severity.mean'
    """
    return [replace(fault, field=joined(prefix, fault.field)) for fault in faults]


@lru_cache(maxsize=64)
def _schema_of(model: type[BaseModel]) -> Schema:
    return inlined(model.model_json_schema())


def faults_of(error: ValidationError, data: object, model: type[BaseModel]) -> list[Fault]:
    """Every fault of a pydantic report on `data`, without any value but those of the scenario file itself."""
    schema = _schema_of(model)
    found: list[Fault] = []
    for item in error.errors(include_input=False, include_url=False):
        if item["loc"][-1:] == ("[key]",):
            found += _name_faults(item, locate(item["loc"][:-2], data, schema, missing=False))
            continue
        place = locate(item["loc"], data, schema, missing=item["type"] == "missing")
        if item["type"] == "too_short" and _long_enough(place):
            continue  # too short only because its items are at fault, each of which is named
        found += _faults(str(item["type"]), item.get("ctx", {}), str(item["msg"]), place)
    return list(dict.fromkeys(found))


def _name_faults(item: Any, table: Place) -> list[Fault]:
    """What is wrong with a name in a table, whatever stands under it."""
    name = item["loc"][-2]
    path = joined(table.path, str(name))
    if item["type"] == "string_type":
        return [Fault(path, "a name that is no text", "text in quotes", code="type")]
    place = Place(path, name, {}, table.schema, {})
    return _faults(str(item["type"]), item.get("ctx", {}), str(item["msg"]), place)


def _long_enough(place: Place) -> bool:
    items = place.value
    return isinstance(items, Sequence) and len(items) >= int(place.schema.get("minItems", 0))


def _faults(kind: str, context: Mapping[str, Any], message: str, place: Place) -> list[Fault]:
    raised = context.get("error")
    if isinstance(raised, InputError):
        return prefixed(raised.faults, place.path)
    if kind == "missing":
        return [_missing(place)]
    if kind == "extra_forbidden":
        return [_unknown_key(place)]
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        # The keys of what belongs elsewhere are no faults here.
        others = () if _stated_elsewhere(context, place.union) else _shared_key_faults(place)
        return [_unknown_kind(context, place), *others]
    got = _shown(place.value)
    if kind in _RANGE:
        return [Fault(place.path, got, _range(place.schema), _percent(place), code="range")]
    if kind == "finite_number":
        allowed = f"a finite number, {_range(place.schema)}"
        return [Fault(place.path, got, allowed, code="not_finite")]
    if kind in _TYPES and place.schema.get("type") == "array":
        return [_no_list(place)]
    if kind in _TYPES:
        return [Fault(place.path, got, _TYPES[kind], _number_hint(kind, place), code="type")]
    if kind in ("too_short", "too_long"):
        return [Fault(place.path, _length(place.value), _item_range(place.schema), code="length")]
    if kind == "literal_error" and "enum" not in place.schema and "const" not in place.schema:
        return [_unknown_name(context, place)]
    if kind == "literal_error":
        words = [str(word) for word in place.schema.get("enum", [place.schema.get("const", "")])]
        remedy = did_you_mean(str(place.value), words)
        allowed = listing(word if any(map(str.isalnum, word)) else repr(word) for word in words)
        return [Fault(place.path, got, allowed, remedy, code="unknown_word")]
    if kind == "string_pattern_mismatch":
        allowed = str(place.schema.get("description") or message)
        return [Fault(place.path, got, allowed, code="text")]
    if kind == "is_instance_of":
        allowed = f"a {context.get('class')} of your own, in Python"
        return [Fault(place.path, got, allowed, code="type")]
    if kind == "value_error":
        return [Fault(place.path, got, str(raised or message))]
    return [_stated(kind, message, got, place)]


def _stated(kind: str, message: str, got: str, place: Place) -> Fault:
    """A fault that a model words itself: "what is allowed; got what came", or "this is so"."""
    if kind == "infinite_mean":
        return Fault(
            place.path, "an infinite mean", "a finite one", "No premium can pay for it.", kind
        )
    if message.startswith("this "):
        return Fault(place.path, message, "one that can be used", code=kind)
    allowed, _, came = message.partition("; got ")
    allowed = allowed.removeprefix("write ")
    return Fault(place.path, came or got, allowed[:1].lower() + allowed[1:], code=kind)


def _missing(place: Place) -> Fault:
    if isinstance(place.value, Sequence):  # an item of a list of fixed length
        return Fault(place.path, _length(place.value), _item_range(place.schema), code="length")
    key = place.path.rsplit(".", 1)[-1]
    allowed = str(place.schema.get("description") or "a value is required")
    return Fault(place.path, "nothing", allowed.rstrip("."), f"Add {key}.", code="missing")


def _no_list(place: Place) -> Fault:
    """One item where a list of such is wanted, or something else that is no list."""
    alone = isinstance(place.value, Mapping) or _is_input(place.value)
    remedy = (
        "Put it in square brackets; in a file, the heading of its table in two." if alone else ""
    )
    return Fault(place.path, _shown(place.value), _TYPES["list_type"], remedy, code="type")


def _unknown_key(place: Place) -> Fault:
    known = list(place.parent.get("properties", {}))
    key = place.path.rsplit(".", 1)[-1]
    remedy = place.parent.get(ELSEWHERE, {}).get(key) or did_you_mean(key, known)
    return Fault(place.path, "an unknown key", listing(known), remedy, code="unknown_key")


def _unknown_name(context: Mapping[str, Any], place: Place) -> Fault:
    """A key of a table whose keys are a closed list, such as sexes."""
    words = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    return Fault(place.path, "an unknown key", words, code="unknown_key")


def _unknown_kind(context: Mapping[str, Any], place: Place) -> Fault:
    kinds = listing(_kinds(place.union)) or "the name of a kind"
    tag = context.get("tag")
    if tag is not None:
        meant = did_you_mean(str(tag), _kinds(place.union))
        remedy = _stated_elsewhere(context, place.union) or meant
        return Fault(joined(place.path, "kind"), f"'{tag}'", kinds, remedy, code="unknown_kind")
    keys = place.value if isinstance(place.value, Mapping) else {}
    near = difflib.get_close_matches("kind", [str(key) for key in keys], n=1)
    if near:
        field = joined(place.path, near[0])
        return Fault(
            field, "an unknown key", f"kind = {kinds}", "Did you mean 'kind'?", "unknown_key"
        )
    return Fault(joined(place.path, "kind"), "nothing", kinds, "Add kind.", code="missing")


def _shared_key_faults(place: Place) -> Iterator[Fault]:
    """Faults of a table of unknown kind that it would have as any kind: unknown keys, wrong numbers."""
    options = [option.get("properties", {}) for option in place.union.get("oneOf", [])]
    if not options or not isinstance(place.value, Mapping):
        return
    known = dict.fromkeys(key for option in options for key in option)
    for key, value in place.value.items():
        at, schemas = joined(place.path, str(key)), [option.get(key, {}) for option in options]
        if key not in known:
            if not difflib.get_close_matches("kind", [str(key)], n=1):
                near = did_you_mean(str(key), known)
                yield Fault(at, "an unknown key", listing(known), near, "unknown_key")
        elif schemas[0].get("type") == "number" and all(one == schemas[0] for one in schemas):
            here = Place(at, value, schemas[0], {}, {})
            if isinstance(value, bool) or not isinstance(value, float | int):
                hint = _number_hint("float_type", here)
                yield Fault(at, _shown(value), _TYPES["float_type"], hint, "type")
            elif not schemas[0].get("minimum", value) <= value <= schemas[0].get("maximum", value):
                yield Fault(at, _shown(value), _range(schemas[0]), _percent(here), "range")


def _stated_elsewhere(context: Mapping[str, Any], union: Schema) -> str:
    """Where what was given as a kind of the union is stated instead; nothing where no kind says."""
    word, options = context.get("tag"), union.get("oneOf", [])
    return next(
        (str(one[ELSEWHERE][word]) for one in options if word in one.get(ELSEWHERE, {})), ""
    )


def _kinds(union: Schema) -> list[str]:
    """Names of a union's kinds, in the order of the documentation."""
    kinds = [
        one.get("properties", {}).get("kind", {}).get("const") for one in union.get("oneOf", [])
    ]
    return [str(kind) for kind in kinds if kind is not None]


def _shown(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, Mapping):
        return "a table"
    if _is_input(value):
        return kind_of(value)
    text = str(value) if hasattr(value, "isoformat") else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _is_input(value: object) -> bool:
    return hasattr(type(value), "model_fields")


def _range(schema: Schema) -> str:
    """The allowed range in words, from the schema, so that it cannot disagree with the check."""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is not None:
        start = f"more than {_number(above)}"
    else:
        start = "" if low is None else f"{_number(low)} or more"
    if high is not None and low is not None and above is None:
        return f"{_number(low)} to {_number(high)}"
    if below is not None:
        end = f"less than {_number(below)}"
    else:
        end = "" if high is None else f"at most {_number(high)}"
    return ", ".join(words for words in (start, end) if words) or "a number"


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value) if abs(value) < _TOO_LONG else "a whole number of more than 20 digits"
    return f"{value:.10g}"


def _length(value: object) -> str:
    count = len(value) if isinstance(value, Sequence | Mapping) else 0
    return "1 item" if count == 1 else f"{count} items"


def _item_range(schema: Schema) -> str:
    low = schema.get("minItems", schema.get("minProperties", 0))
    high = schema.get("maxItems", schema.get("maxProperties"))
    if high is None:
        return f"{low} items or more" if low != 1 else "at least 1 item"
    return f"{low} items" if low == high else f"{low} to {high} items"


def _percent(place: Place) -> str:
    """A share or ratio too great to be meant was probably written as a percentage."""
    most, value = place.schema.get("maximum", _MOST_RATIO + 1), place.value
    is_ratio = place.schema.get("type") == "number" and most <= _MOST_RATIO
    if is_ratio and isinstance(value, int | float) and most < value <= 100 * most:
        if value < 2.0:
            other = f"{value:g} itself is {100 * value:g} %, which is too much"
            return f"For {value:g} % write {value / 100:g}; {other}."
        return f"For {value:g} % write {value / 100:g}."
    return ""


def _number_hint(kind: str, place: Place) -> str:
    """What to write instead of a quoted number or a percentage in text."""
    if kind not in ("float_type", "int_type") or not isinstance(place.value, str):
        return ""
    text = place.value.strip()
    try:
        if text.endswith("%"):
            return f"For {text} write {float(text[:-1]) / 100:g}."
        return f"Write {float(text):g} without quotes."
    except ValueError:
        return ""
