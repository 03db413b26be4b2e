"""Shocks: a bad winter, an epidemic. One draw per path and year, common to all members."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from mutualfund.assumptions.model import Factor, Freeze, Input, Name, Share, Whole


def _in_order(months: tuple[int, ...]) -> tuple[int, ...]:
    """Within twelve months of the first: a month listed out of order would fall in an unstated year."""
    steps = [(month - months[0]) % 12 for month in months]
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise ValueError(
            "calendar months in the order in which they come, each once, such as [12, 1, 2]"
        )
    return months


class Shock(Input):
    """A rare event that raises claim rates for some months.

    The shock starts in the first listed month; months listed later with a lower number fall in the
    next calendar year.

    >>> Shock(name="bad winter", probability_per_year=0.08, months=[12, 1, 2],
    ...       frequency_factor={"hospital": 1.6}).months
    (12, 1, 2)
    """

    name: Name = Field(description="the shock's name")
    probability_per_year: Share = Field(description="chance that the shock starts in a year")
    months: Annotated[
        tuple[Annotated[Whole, Field(ge=1, le=12)], ...],
        Field(min_length=1, max_length=12),
        AfterValidator(_in_order),
    ] = Field(description="calendar months 1 to 12 that it lasts, in order")
    frequency_factor: Annotated[Mapping[str, Factor], Field(min_length=1), Freeze] = Field(
        description="factor on the claim rate, by line"
    )
