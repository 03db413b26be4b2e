"""What may stand as a severity: one of the listed kinds, or an object of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, GetPydanticSchema
from pydantic_core import core_schema

from mutualfund.claims import Severity, SeveritySpec
from mutualfund.errors import Fault, InputError

MIDPOINTS = 200_000
"""Quantiles over which a user's own severity that states no mean is averaged."""

_QUANTILE = (
    "quantile(p) of your own that takes a NumPy array of probabilities and returns as many amounts: "
    "finite, not below 0 (but for a fund-level line), never smaller at a greater probability"
)
_STATED = (Mapping, str, int, float, list, tuple, date, BaseModel, type(None))


def _own_or_listed(value: Any, handler: Any, info: core_schema.ValidationInfo) -> Any:
    """A user's own severity is any object with a quantile function; a table is one of the listed kinds."""
    own = not isinstance(value, Mapping) and callable(getattr(value, "quantile", None))
    if not own and isinstance(value, _STATED):
        return handler(value)
    if own and type(value).__module__.startswith("mutualfund."):  # the listed ones are tested
        return value
    wrong = _wrong_of_own(value, info.data.get("level")) if own else "no method quantile"
    if wrong:
        got = f"{wrong} (a {type(value).__name__}, line '{info.data.get('name', '')}')"
        raise InputError([Fault("", got, _QUANTILE, code="own_severity")])
    return value


def _wrong_of_own(severity: Any, level: str | None) -> str:
    """What is wrong with the amounts of a user's own severity at 1 % to 99 %; nothing where all is well."""
    probabilities = np.linspace(0.01, 0.99, 99)
    try:
        amounts = severity.quantile(probabilities.copy())
        shape, amounts = np.shape(amounts), np.asarray(amounts, np.float64)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return f"a {type(error).__name__} from quantile: {error}"
    if shape != probabilities.shape:
        return f"an answer of shape {shape} for {probabilities.size} probabilities"
    if not np.isfinite(amounts).all():
        return "amounts that are not finite"
    if level != "fund" and (amounts < 0).any():
        return "amounts below 0"
    if (np.diff(amounts) < 0).any():
        return "amounts that fall as the probability rises"
    return ""


def _severity_schema(_source: Any, handler: Any) -> Any:
    listed = handler.generate_schema(SeveritySpec)
    return core_schema.with_info_wrap_validator_function(_own_or_listed, listed)


AnySeverity = Annotated[Severity, GetPydanticSchema(_severity_schema)]


def mean_amount(severity: Severity) -> float:
    """Mean of a severity; a user's own that states none is averaged over its quantiles.

    >>> from mutualfund.claims import Gamma
    >>> mean_amount(Gamma(mean=140, cv=0.6))
    140.0
    """
    stated = getattr(severity, "mean", None)
    if stated is not None:
        return float(stated)
    midpoints = (np.arange(MIDPOINTS) + 0.5) / MIDPOINTS
    return float(np.mean(severity.quantile(midpoints)))
