"""Benefit rules: which part of a claim the fund pays.

For each claim, in order of its moment in the year: copay, then the remaining deductible on the
rest, then coinsurance; the member's total stops at the out-of-pocket maximum, then the fund's part
stops at the annual limit, whose excess falls on the member outside the maximum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from mutualfund.assumptions.model import (
    Amount,
    Flag,
    Freeze,
    FrozenTable,
    Input,
    MonthStart,
    Share,
    Whole,
)
from mutualfund.errors import require_kind
from mutualfund.inputs.schema import inlined


class LineBenefit(Input):
    """The terms of one line.

    >>> LineBenefit(coinsurance=0.1, annual_limit=25_000).copay
    0.0
    """

    covered: Flag = Field(default=True, description="whether the fund pays for the line at all")
    starts: MonthStart | None = Field(
        default=None, description="first day of cover, the first of a month; default fund.start"
    )
    waiting_months: Annotated[Whole, Field(ge=0, le=120)] = Field(
        default=0,
        description="months from joining, or from starts if later, before the line is covered",
    )
    waive_for_existing: Flag = Field(
        default=False, description="whether those who joined before the line opened wait not at all"
    )
    copay: Amount = Field(
        default=0.0, description="the member's fixed part of each claim, fund currency"
    )
    coinsurance: Share = Field(
        default=0.0, description="the member's share above copay and deductible"
    )
    annual_limit: Amount | None = Field(
        default=None, description="the fund's greatest payment a member-year for the line"
    )
    deductible_applies: Flag = Field(
        default=True, description="whether the yearly deductible counts for the line"
    )
    external_share: Share = Field(
        default=0.0,
        description="share of the allowed cost that someone else pays before all others",
    )
    indexed: Flag = Field(
        default=False,
        description="whether the line's amounts follow inflation; stated in money of fund.start, "
        "also in an amendment",
    )


class Benefits(Input):
    """A benefit table: yearly terms over all lines, and terms by line.

    A line without terms of its own is covered in full, but for the deductible and the maximum.

    >>> benefits = Benefits(deductible=100, hospital={"coinsurance": 0.1})
    >>> benefits.line("hospital").coinsurance, benefits.line("dental").coinsurance
    (0.1, 0.0)
    """

    deductible: Amount = Field(
        default=0.0, description="per member-year, over lines that do not opt out, fund currency"
    )
    out_of_pocket_maximum: Amount | None = Field(
        default=None, description="greatest yearly cost sharing of a member, copays included"
    )
    annual_limit: Amount | None = Field(
        default=None, description="the fund's greatest payment a member-year, over all lines"
    )
    indexed: Flag = Field(
        default=False,
        description="whether these amounts follow inflation; stated in money of fund.start, also "
        "in an amendment",
    )
    lines: SkipJsonSchema[Annotated[Mapping[str, LineBenefit], Freeze]] = Field(
        default_factory=lambda: FrozenTable[str, LineBenefit](), description="terms by line"
    )

    model_config = ConfigDict(json_schema_extra=lambda schema: _lines_beside_keys(schema))

    @model_validator(mode="before")
    @classmethod
    def _collect_lines(cls, data: Any) -> Any:
        """In a file the line tables stand beside the yearly terms."""
        if not isinstance(data, Mapping):
            return data
        own = {key: value for key, value in data.items() if key in cls.model_fields}
        tables = {
            key: value
            for key, value in data.items()
            if key not in own and isinstance(value, Mapping | LineBenefit)
        }
        rest = {key: value for key, value in data.items() if key not in own and key not in tables}
        if tables:
            own["lines"] = {**own.get("lines", {}), **tables}
        return {**own, **rest}

    @model_serializer(mode="wrap")
    def _spread_lines(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        plain = handler(self)
        tables = plain.pop("lines", {})
        return {**plain, **tables}

    def line(self, name: str) -> LineBenefit:
        """The terms of a line; full cover where none are stated."""
        require_kind("line", name, str, "the name of a line")
        return self.lines.get(name, LineBenefit())


def _lines_beside_keys(schema: dict[str, Any]) -> None:
    """In the JSON Schema, as in a file, any further table of benefits is a line."""
    schema["additionalProperties"] = inlined(LineBenefit.model_json_schema())
