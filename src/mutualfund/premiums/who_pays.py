"""Who pays more and who pays less under another contribution rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.privacy import suppress_small_cells
from mutualfund.premiums.contributions import ContributionRule
from mutualfund.premiums.contributions.fund_year import fund_year
from mutualfund.premiums.contributions.own_rule import monthly_dues, require_rules
from mutualfund.premiums.group_plots import WhoPaysPlots
from mutualfund.premiums.sides import AGE_BANDS, Side, mean_by, sides_of
from mutualfund.schema import minor_units, require_currency
from mutualfund.types import BoolArray, FloatArray

if TYPE_CHECKING:
    import pandas as pd

SMALL = 10  # persons


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SideOfChange:
    """The groups of one side; money is the mean a month, fund currency."""

    side: Side
    before: FloatArray  # (n_groups,)
    after: FloatArray  # (n_groups,)
    counts: FloatArray  # (n_groups, 3) members who pay more, less, the same

    def __repr__(self) -> str:
        return f"{self.side.name}: {len(self.side.labels)} groups"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WhoPays:
    """Two rules compared on the same members; see `who_pays`.

    >>> from mutualfund.premiums import AgeBandContribution, FlatContribution
    >>> by_age = AgeBandContribution(monthly={"0-34": 20.0, "35+": 40.0})
    >>> flat, members = FlatContribution(monthly=30.0), Portfolio.synthetic(500)
    >>> who_pays(flat, by_age, members, currency="EUR")
    Who pays: 500 members by all, age
    """

    sides: tuple[SideOfChange, ...]
    n_members: int
    currency: str

    def __repr__(self) -> str:
        names = ", ".join(side.side.name for side in self.sides)
        return f"Who pays: {self.n_members:,} members by {names}"

    @property
    def plot(self) -> WhoPaysPlots:
        """Pictures of the groups."""
        return WhoPaysPlots(self)

    def table(self, *, suppressed: bool = False) -> pd.DataFrame:
        """One row a group: members, mean monthly contribution before and after, who pays more and less.

        Parameters
        ----------
        suppressed : whether to hide counts of 1 to 10 persons and what would give them away, and round the
            others to 5, as `portfolio.privacy` does. Means of a group whose count is hidden are hidden too.

        Returns
        -------
        Columns side, group, members, before, after, change, relative_change, more, less, same; hidden is
        not a number.
        """
        import pandas as pd

        frames = [_frame(side, suppressed) for side in self.sides]
        return pd.concat(frames, ignore_index=True)


def who_pays(
    before: ContributionRule,
    after: ContributionRule,
    portfolio: Portfolio,
    *,
    currency: str,
    at: int | date = 1,
    age_bands: Sequence[str] = AGE_BANDS,
) -> WhoPays:
    """Compare what the same members owe under two rules, by age, income, family size and health state.

    Sides whose column the members lack are left out. Income is split into fifths of the members; members of
    no household count as living alone. Balance the second rule to the first's total to see what is only
    shifted.

    Parameters
    ----------
    before, after : the two rules, listed or of one's own (see `ContributionRule`).
    portfolio : the members on the fund's first day.
    currency : ISO 4217. A change of less than half its minor unit a month is none: nobody is asked for it.
    at : fund year or day, as in `Contribution.monthly_dues`. Members are as old as then; their income,
        household and health state are those of the first day.
    age_bands : such as ``("0-17", "18-64", "65+")``, every age once.

    Raises
    ------
    InputError
        Where a rule cannot be applied to the members, the bands leave gaps, or the currency is no code.
    """
    require_rules(before=before, after=after)
    require_currency("currency", currency)
    owed, owes = monthly_dues(before, portfolio, at), monthly_dues(after, portfolio, at)
    change, least = owes - owed, 0.5 / minor_units(currency)
    kinds = np.stack([change > least, change < -least, np.abs(change) <= least], axis=1)
    sides = tuple(
        SideOfChange(side, mean_by(owed, side), mean_by(owes, side), _counts(kinds, side))
        for side in sides_of(portfolio, age_bands, fund_year(portfolio, at))
    )
    return WhoPays(sides, len(portfolio), currency)


def _counts(kinds: BoolArray, side: Side) -> FloatArray:
    columns = [np.bincount(side.group, kind, minlength=len(side.labels)) for kind in kinds.T]
    return np.stack(columns, axis=1)


def _frame(side: SideOfChange, suppressed: bool) -> pd.DataFrame:
    import pandas as pd

    counts, members = side.counts, side.counts.sum(axis=1)
    before, after = side.before, side.after
    if suppressed:
        counts, members = _fit_to_be_shown(counts)
        before, after = (np.where(np.isnan(members), np.nan, mean) for mean in (before, after))
    change = after - before
    relative = np.where(before > 0.0, change / np.where(before > 0.0, before, 1.0), np.nan)
    return pd.DataFrame(
        {
            "side": side.side.name,
            "group": side.side.labels,
            "members": members,
            "before": before,
            "after": after,
            "change": change,
            "relative_change": relative,
            "more": counts[:, 0],
            "less": counts[:, 1],
            "same": counts[:, 2],
        }
    )


def _fit_to_be_shown(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Counts and group sizes with the small ones hidden; how many all are together is public.

    Hidden cells are always more than ten persons together, so the means of the groups that are shown, taken
    from that of all, tell nothing of fewer.
    """
    safe = suppress_small_cells(counts)
    everybody = len(counts) == 1 and counts.sum() > SMALL
    return safe.cells, counts.sum(axis=1) if everybody else safe.row_totals
