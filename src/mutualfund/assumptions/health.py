"""Health states: a small Markov chain that makes costs persist from year to year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from mutualfund.assumptions.model import Factor, Freeze, Input, Name, Share, unique
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray

_SUM_TOLERANCE = 1e-6
Factors = tuple[Factor, ...]
Relativity = Annotated[
    Annotated[Factors, Tag("list")] | Annotated[Mapping[str, Factors], Freeze, Tag("table")],
    Discriminator(lambda value: "table" if isinstance(value, Mapping) else "list"),
]


class HealthStates(Input):
    """States, their opening shares, their claim relativities and their yearly transitions.

    >>> states = HealthStates(names=["well", "ill"], share=[0.9, 0.1], relativity=[0.5, 5.5],
    ...                       transition=[[0.95, 0.05], [0.45, 0.55]])
    >>> states.relativity_of("hospital").tolist()
    [0.5, 5.5]
    """

    names: Annotated[tuple[Name, ...], Field(min_length=1, max_length=16)] = Field(
        description="the states, in the order of every list below"
    )
    share: tuple[Share, ...] = Field(description="share of members in each state at the start")
    join_share: tuple[Share, ...] | None = Field(
        default=None, description="share among joiners; default share"
    )
    relativity: Relativity = Field(
        description="relative claim rate by state; one list, or a list per line"
    )
    transition: tuple[tuple[Share, ...], ...] = Field(
        description="chance to be in each state next year, one row per state"
    )
    mortality_relativity: Factors | None = Field(
        default=None, description="relative mortality by state"
    )
    lapse_relativity: Factors | None = Field(
        default=None, description="relative base lapse by state"
    )

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        faults = [*self._length_faults(), *self._sum_faults()]
        if not unique(self.names):
            faults.append(
                Fault("names", str(list(self.names)), "each name once", code="duplicate_name")
            )
        if faults:
            raise InputError(faults)
        return self

    def _lists(self) -> dict[str, tuple[Any, ...] | None]:
        lists: dict[str, tuple[Any, ...] | None] = {
            "share": self.share,
            "join_share": self.join_share,
            "transition": self.transition,
            "mortality_relativity": self.mortality_relativity,
            "lapse_relativity": self.lapse_relativity,
        }
        if isinstance(self.relativity, Mapping):
            lists |= {f"relativity.{line}": values for line, values in self.relativity.items()}
        else:
            lists["relativity"] = self.relativity
        return lists | {f"transition[{row}]": values for row, values in enumerate(self.transition)}

    def _length_faults(self) -> list[Fault]:
        wanted = len(self.names)
        return [
            Fault(key, f"{len(values)} values", f"{wanted}, one per state in names", code="length")
            for key, values in self._lists().items()
            if values is not None and len(values) != wanted
        ]

    def _sum_faults(self) -> list[Fault]:
        rows = {f"transition[{row}]": values for row, values in enumerate(self.transition)}
        sums = {"share": self.share, "join_share": self.join_share, **rows}
        return [
            Fault(key, f"a sum of {sum(values):g}", "shares that sum to 1", code="sum")
            for key, values in sums.items()
            if values is not None and abs(sum(values) - 1.0) > _SUM_TOLERANCE
        ]

    def relativity_of(self, line: str) -> FloatArray:
        """(n_states,) claim relativities of a line as written; 1 for a line the table does not name."""
        if isinstance(self.relativity, Mapping):
            listed = self.relativity.get(line, (1.0,) * len(self.names))
            return np.asarray(listed, dtype=np.float64)
        return np.asarray(self.relativity, dtype=np.float64)

    def shares_by_year(self, years: int) -> FloatArray:
        """(years, n_states) shares of a closed, ageless group, year 1 first."""
        matrix = np.asarray(self.transition, dtype=np.float64)
        shares = [np.asarray(self.share, dtype=np.float64)]
        for _ in range(years - 1):
            shares.append((shares[-1][:, None] * matrix).sum(axis=0))
        return np.asarray(shares)

    def mean_relativity(self, line: str, years: int) -> FloatArray:
        """(years,) mean claim relativity by year over that of year 1; a drift is worth a warning.

        >>> HealthStates(names=["a"], share=[1.0], relativity=[2.0],
        ...              transition=[[1.0]]).mean_relativity("x", 2).tolist()
        [1.0, 1.0]
        """
        means = (self.shares_by_year(years) * self.relativity_of(line)).sum(axis=1)
        return np.asarray(means / means[0])
