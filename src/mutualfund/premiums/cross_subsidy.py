"""Who is carried by whom: what members of a group cost beside what they pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, numbers
from mutualfund.premiums.columns import column
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CrossSubsidies:
    """Cost and contribution by group, (n_groups,) each; not a number where nobody is in a group.

    Attributes
    ----------
    members
        Persons.
    mean_cost, mean_dues
        Currency a member.
    received
        Mean cost less mean contribution: above 0 the group is carried by the others.
    relativity
        Mean cost over the mean contribution of all: what the group would pay by its own risk.
    """

    labels: tuple[str, ...]
    members: IntArray
    mean_cost: FloatArray
    mean_dues: FloatArray
    relativity: FloatArray

    @property
    def received(self) -> FloatArray:
        """(n_groups,) mean cost less mean contribution, currency a member."""
        return self.mean_cost - self.mean_dues

    def __repr__(self) -> str:
        return (
            f"Cross-subsidies of {int(self.members.sum()):,} members in {len(self.labels)} groups"
        )

    def table(self) -> pd.DataFrame:
        """One row a group; small groups are not hidden."""
        import pandas as pd

        return pd.DataFrame(
            {
                "group": self.labels,
                "members": self.members,
                "mean_cost": self.mean_cost,
                "mean_contribution": self.mean_dues,
                "received": self.received,
                "relativity": self.relativity,
            }
        )


def cross_subsidies(
    cost: npt.ArrayLike, dues: npt.ArrayLike, by: npt.ArrayLike, cuts: Sequence[float]
) -> CrossSubsidies:
    """Compare cost and contribution between the bands of a value, such as age.

    Parameters
    ----------
    cost, dues : (n_members,) currency over the same time.
    by : (n_members,) the value members are grouped by.
    cuts : rising; the first band lies below the first cut, each next one begins on a cut.

    Raises
    ------
    InputError
        Where something is no finite number, lengths differ, cuts do not rise, or nobody pays.

    >>> found = cross_subsidies([10.0, 90.0, 50.0], [50.0, 50.0, 50.0], [20, 70, 40], [65])
    >>> found.received.tolist(), found.relativity.tolist()
    ([-20.0, 40.0], [0.6, 1.8])
    """
    spent, paid, value = (
        _finite(field, array) for field, array in (("cost", cost), ("dues", dues), ("by", by))
    )
    edges = numbers("cuts", cuts)
    faults = []
    if not spent.shape == paid.shape == value.shape:
        faults.append(Fault("dues", f"shape {paid.shape}", f"shape {spent.shape}", code="length"))
    if edges.ndim != 1 or not (np.diff(edges) > 0).all() or np.isnan(edges).any():
        allowed = "rising cuts in a list, each once"
        faults.append(Fault("cuts", str(edges.tolist()), allowed, code="cuts"))
    if not faults and not paid.sum() > 0:
        faults.append(Fault("dues", "nothing", "members who pay something", code="empty"))
    if faults:
        raise InputError(faults)
    band = np.searchsorted(edges, value, side="right")
    n = edges.size + 1
    members = np.bincount(band, minlength=n)
    someone = np.where(members > 0, members, np.nan)
    mean_cost = np.bincount(band, spent, minlength=n) / someone
    return CrossSubsidies(
        labels=_labels(edges),
        members=frozen(members, np.int64),
        mean_cost=frozen(mean_cost),
        mean_dues=frozen(np.bincount(band, paid, minlength=n) / someone),
        relativity=frozen(mean_cost / paid.mean()),
    )


def _finite(field: str, values: npt.ArrayLike) -> FloatArray:
    """Members' figures, which no refusal shows."""
    return column(field, values, None, minimum=-1e300, maximum=1e300, unit="number", show=False)


def _labels(edges: FloatArray) -> tuple[str, ...]:
    if not edges.size:
        return ("all",)
    inner = [f"{low:g} to below {high:g}" for low, high in pairwise(edges)]
    return (f"below {edges[0]:g}", *inner, f"{edges[-1]:g} and more")
