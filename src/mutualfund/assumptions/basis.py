"""All that may happen, in one validated object."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mutualfund.assumptions.economy import Economy
from mutualfund.assumptions.frailty import Frailty
from mutualfund.assumptions.health import HealthStates
from mutualfund.assumptions.lines import Line
from mutualfund.assumptions.model import Input, unique
from mutualfund.assumptions.shocks import Shock
from mutualfund.errors import Fault, InputError


class Assumptions(Input):
    """Service lines, health states, shocks and the economy.

    >>> line = Line(name="dental", frequency={"kind": "poisson", "mean": 0.7},
    ...             severity={"kind": "gamma", "mean": 140, "cv": 0.6})
    >>> Assumptions(lines=[line]).line_names
    ('dental',)
    """

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=64)] = Field(
        description="the service lines, each with its own name"
    )
    health_states: HealthStates | None = Field(
        default=None, description="persistence; leave out for one state"
    )
    frailty: Frailty | None = Field(
        default=None, description="yearly effect on a member's rates that lines share"
    )
    shocks: Annotated[tuple[Shock, ...], Field(max_length=32)] = Field(
        default=(), description="rare common events"
    )
    economy: Economy = Field(default_factory=Economy, description="investment return and inflation")

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        faults = [
            Fault(key, str(names), "each name once", code="duplicate_name")
            for key, names in (
                ("lines", [line.name for line in self.lines]),
                ("shocks", [shock.name for shock in self.shocks]),
            )
            if not unique(names)
        ]
        if faults:
            raise InputError(faults)
        return self

    @property
    def line_names(self) -> tuple[str, ...]:
        """The lines' names, in file order."""
        return tuple(line.name for line in self.lines)

    def line(self, name: str) -> Line:
        """The line of that name; `KeyError` where there is none."""
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)
