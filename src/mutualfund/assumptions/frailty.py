"""A yearly frailty: what makes a member's year good or bad on several lines at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict

from mutualfund.assumptions.model import Input


class Frailty(Input):
    """A gamma effect of mean 1 on a member's claim rates, fresh each member and year, shared by lines.

    It comes on top of each line's own dispersion, which stays conditional on it (definitions 8 and 9).

    >>> Frailty(cv=0.5, lines=("visits", "drugs")).concerns("dental")
    False
    """

    cv: Annotated[float, Strict(), Field(allow_inf_nan=False, gt=0.0, le=2.0)] = Field(
        description="coefficient of variation of the yearly effect"
    )
    lines: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None, description="lines that share it; default: all"
    )

    def concerns(self, line: str) -> bool:
        """Whether the line shares the frailty."""
        return self.lines is None or line in self.lines
