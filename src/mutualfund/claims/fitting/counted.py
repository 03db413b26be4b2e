"""Claim counts as a fund sees them: members, how long each was covered, what is known to raise their rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutualfund.errors import HIDDEN, Fault, InputError, numbers
from mutualfund.types import FloatArray, frozen

_MOST_CLAIMS = 1e9
"""Of larger counts the likelihood would keep too few digits to be climbed."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, init=False)
class ObservedCounts:
    """Claims of members over their exposure.

    Parameters
    ----------
    counts : (n,) whole numbers from 0 to 1e9, one a member (or one a group of equal members).
    exposure : (n,) member-years above 0; one each where left out.
    weights : (n,) how many such members each row stands for, 0 or more; one each where left out.
    relativity : (n,) how many times the average rate is expected of each member, from age, sex and health
        state, above 0. It is brought to an average of 1 over the exposure, so a fitted mean is that of the
        average member (definition 6) and a fitted dispersion is conditional on it (definition 8).

    Raises
    ------
    InputError
        Where a count is not whole, negative or above 1e9, an exposure or relativity is not positive, or
        lengths differ.

    >>> ObservedCounts([0, 1, 2], exposure=[1.0, 1.0, 0.5], weights=[70, 20, 10])
    ObservedCounts(40 claims of 100 members in 95 member-years)
    """

    counts: FloatArray  # (n,)
    exposure: FloatArray  # (n,) member-years
    weights: FloatArray  # (n,)
    factor: FloatArray  # (n,) exposure x relativity, the latter 1 on average

    def __init__(
        self,
        counts: npt.ArrayLike,
        exposure: npt.ArrayLike | None = None,
        weights: npt.ArrayLike | None = None,
        relativity: npt.ArrayLike | None = None,
    ) -> None:
        seen = numbers("counts", counts).ravel()
        years, weight, relative = (
            np.ones(seen.size) if given is None else numbers(field, given).ravel()
            for field, given in (
                ("exposure", exposure),
                ("weights", weights),
                ("relativity", relativity),
            )
        )
        _check(seen, years, weight, relative)
        average = float((weight * years * relative).sum() / (weight * years).sum())
        columns = (seen, years, weight, years * (relative / average))
        names = ("counts", "exposure", "weights", "factor")
        for name, column in zip(names, columns, strict=True):
            object.__setattr__(self, name, frozen(column))

    @property
    def n(self) -> float:
        """Members seen: the sum of the weights."""
        return float(self.weights.sum())

    @property
    def claims(self) -> float:
        """Claims seen."""
        return float(self.weights @ self.counts)

    @property
    def member_years(self) -> float:
        """Exposure of all members."""
        return float(self.weights @ self.exposure)

    def __repr__(self) -> str:
        people = f"{self.n:g} members in {self.member_years:g} member-years"
        return f"ObservedCounts({self.claims:g} claims of {people})"


def _check(seen: FloatArray, years: FloatArray, weight: FloatArray, relative: FloatArray) -> None:
    faults: list[Fault] = []
    if seen.size < 2 or seen.size != years.size:
        got = f"{seen.size} counts and {years.size} exposures"
        faults.append(Fault("counts", got, "as many of each, at least two", code="length"))
    for field, column in (("weights", weight), ("relativity", relative)):
        if column.size != seen.size:
            got = f"{column.size} values for {seen.size} counts"
            faults.append(Fault(field, got, "one for each count", code="length"))
    if not np.all((seen >= 0.0) & (seen == np.floor(seen)) & (seen <= _MOST_CLAIMS)):
        allowed = f"whole numbers from 0 to {_MOST_CLAIMS:g}"
        faults.append(Fault("counts", HIDDEN, allowed, code="not_a_count"))
    if not np.all((years > 0.0) & (years < math.inf)):
        remedy = "Leave out members who were never covered."
        faults.append(Fault("exposure", HIDDEN, "above 0 and finite", remedy, code="exposure"))
    if not (np.all((weight >= 0.0) & (weight < math.inf)) and np.any(weight > 0.0)):
        allowed = "0 or more, at least one above 0"
        faults.append(Fault("weights", HIDDEN, allowed, code="weights"))
    if not np.all((relative > 0.0) & (relative < math.inf)):
        faults.append(Fault("relativity", HIDDEN, "above 0 and finite", code="relativity"))
    if faults:
        raise InputError(faults)
