"""Who is carried by whom: what members of a group cost beside what they pay for all members' cost.

Contributions rarely add up to the cost: they are loaded for running costs and reserves, or others pay a
part. What is compared with the cost is therefore everybody's contribution divided by one number, all
contributions over all cost. What one group receives the others then give; the loading is stated apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, numbers
from mutualfund.portfolio.privacy import suppress_small_cells
from mutualfund.premiums.columns import column
from mutualfund.premiums.group_plots import CrossSubsidyPlots
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

MOST = 1e300


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CrossSubsidies:
    """Cost and contribution by group, (n_groups,) each; not a number where nobody is in a group.

    Attributes
    ----------
    members
        Persons.
    mean_cost, mean_dues
        Currency a member.
    relativity
        Mean cost over that of all members: how many times the mean contribution the group would pay by its
        own risk.
    dues_to_cost
        All contributions over all cost: 1.2 where a fifth comes on top of the cost.
    """

    labels: tuple[str, ...]
    members: IntArray
    mean_cost: FloatArray
    mean_dues: FloatArray
    relativity: FloatArray
    dues_to_cost: float

    @property
    def received(self) -> FloatArray:
        """(n_groups,) mean cost less what of the mean contribution is for cost, currency a member.

        Above 0 the group is carried by the others, below 0 it carries them; over all members it adds up to
        nothing.
        """
        return self.mean_cost - self.mean_dues / self.dues_to_cost

    def __repr__(self) -> str:
        return (
            f"Cross-subsidies of {int(self.members.sum()):,} members in {len(self.labels)} groups, "
            f"contributions {self.dues_to_cost:.4g} times the cost"
        )

    @property
    def plot(self) -> CrossSubsidyPlots:
        """Pictures of the groups."""
        return CrossSubsidyPlots(self)

    def table(self, *, suppressed: bool = False) -> pd.DataFrame:
        """One row a group: members, mean cost, mean contribution, what it receives, relativity.

        Parameters
        ----------
        suppressed : whether to hide groups of 1 to 10 persons and what would give them away, and round the
            others to 5, as `portfolio.privacy` does. The figures of a group whose size is hidden are hidden
            too.
        """
        import pandas as pd

        members = self.members.astype(np.float64) if suppressed else self.members
        if suppressed:
            members = suppress_small_cells(self.members).cells[0]
        hidden = np.isnan(members)
        figures = {
            "mean_cost": self.mean_cost,
            "mean_contribution": self.mean_dues,
            "received": self.received,
            "relativity": self.relativity,
        }
        shown = {name: np.where(hidden, np.nan, values) for name, values in figures.items()}
        return pd.DataFrame({"group": self.labels, "members": members} | shown)


def cross_subsidies(
    cost: npt.ArrayLike, dues: npt.ArrayLike, by: npt.ArrayLike, cuts: Sequence[float]
) -> CrossSubsidies:
    """Compare cost and contribution between the bands of a value, such as age.

    Parameters
    ----------
    cost, dues : (n_members,) currency over the same time; their totals may differ.
    by : (n_members,) the value members are grouped by.
    cuts : rising; the first band lies below the first cut, each next one begins on a cut.

    Raises
    ------
    InputError
        Where something is no finite number, lengths differ, cuts do not rise, or all together pay or cost
        nothing.

    Of three members who pay 60 for a cost of 50 each, on average, the oldest is carried by the others:

    >>> found = cross_subsidies([10.0, 90.0, 50.0], [60.0, 60.0, 60.0], [20, 70, 40], [65])
    >>> found.received.tolist(), found.relativity.tolist(), found.dues_to_cost
    ([-20.0, 40.0], [0.6, 1.8], 1.2)
    """
    spent = _finite("cost", cost, None)
    paid, value = _finite("dues", dues, spent.size), _finite("by", by, spent.size)
    edges = _rising(cuts)
    for field, amounts in (("cost", spent), ("dues", paid)):
        if not amounts.sum() > 0.0:
            raise InputError([Fault(field, "nothing", "more than 0 in all", code="empty")])
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
        relativity=frozen(mean_cost / spent.mean()),
        dues_to_cost=float(paid.sum() / spent.sum()),
    )


def _finite(field: str, values: npt.ArrayLike, n: int | None) -> FloatArray:
    """Members' figures, which no refusal shows."""
    return column(field, values, n, minimum=-MOST, maximum=MOST, unit="number", show=False)


def _rising(cuts: Sequence[float]) -> FloatArray:
    edges = numbers("cuts", cuts)
    if edges.ndim != 1 or not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
        allowed = "rising cuts in a list, each once"
        raise InputError([Fault("cuts", str(edges.tolist()), allowed, code="cuts")])
    return edges


def _labels(edges: FloatArray) -> tuple[str, ...]:
    if not edges.size:
        return ("all",)
    inner = [f"{low:g} to below {high:g}" for low, high in pairwise(edges)]
    return (f"below {edges[0]:g}", *inner, f"{edges[-1]:g} and more")
