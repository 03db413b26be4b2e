"""What may stand as the target of a reserve: a share of the contributions, a listed rule, or one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, GetPydanticSchema
from pydantic_core import core_schema

from mutualfund.assumptions.model import Ratio
from mutualfund.rules.capital.books import CapitalRule
from mutualfund.rules.capital.rbc import HealthRbc
from mutualfund.rules.capital.simple import (
    ContributionShareCapital,
    MonthsOfClaims,
    PrescribedAmount,
)
from mutualfund.rules.capital.solvency2 import SolvencyNslt

LISTED: tuple[type[BaseModel], ...] = (
    ContributionShareCapital,
    MonthsOfClaims,
    SolvencyNslt,
    HealthRbc,
    PrescribedAmount,
)
_SHARE = "a number"


def _kind(value: Any) -> Any:
    """Which of the choices a value means: a table by its kind, anything else is a share."""
    if isinstance(value, Mapping):
        return value.get("kind")
    if isinstance(value, str):
        return f"{value}, in words"  # no kind: so the refusal lists them
    return getattr(value, "kind", _SHARE)


def _own_or_listed(value: Any, handler: Any) -> Any:
    is_own = not isinstance(value, LISTED) and isinstance(value, CapitalRule)
    return value if is_own else handler(value)


def _target_schema(_source: Any, handler: Any) -> Any:
    choices = {_SHARE: handler.generate_schema(Ratio)}
    for rule in LISTED:
        choices[rule.model_fields["kind"].default] = handler.generate_schema(rule)
    listed = core_schema.tagged_union_schema(choices, _kind)
    return core_schema.no_info_wrap_validator_function(_own_or_listed, listed)


AnyTarget = Annotated[float | CapitalRule, GetPydanticSchema(_target_schema)]
"""A share of annual contributions, one of the listed capital rules, or a capital rule of one's own."""
