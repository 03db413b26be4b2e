"""Ex-post claims equalisation: old and very costly members' benefits are shared, by a levy per insured unit.

These are the mechanics of the Australian scheme (Private Health Insurance (Risk Equalisation Policy) Rules;
the age split is explained in PHIAC circular 08/04): each quarter a share of the benefits, rising with the
member's age, goes into an age-based pool; what is left of a member's benefits over four quarters and
exceeds a threshold goes into a high-cost claimants pool; every fund then pays the same levy per single
equivalent unit, in each risk equalisation jurisdiction by itself. All percentages are the user's own, in
dated tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field

from mutualfund.assumptions.bands import AgeBands, covers_all_ages
from mutualfund.assumptions.model import Amount, Freeze, Input, Share
from mutualfund.errors import HIDDEN, Fault, InputError, listed
from mutualfund.premiums.columns import column, fund_names, ragged, table
from mutualfund.premiums.equalisation.dated import DatedTable, in_force, one_a_day
from mutualfund.premiums.equalisation.markets import each_market, market_names
from mutualfund.premiums.equalisation.transfers import CENTS, Transfers
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray, IntArray

_RECOVERED = (
    "Take a benefit that was recovered from the quarter that had it, and settle that quarter anew."
)
BandShares = Annotated[Mapping[str, Share], AfterValidator(covers_all_ages), Freeze]


class AgePoolTable(DatedTable):
    """Which share of a member's benefits is pooled, by age, and from where the rest counts as high cost.

    Bands cover every age once. `high_cost_share` applies to what is left of a member's benefits of the
    current and the three earlier quarters above `high_cost_threshold`.

    >>> from datetime import date
    >>> table = AgePoolTable(valid_from=date(2025, 4, 1), source="made up", high_cost_share=0.8,
    ...     high_cost_threshold=50_000, pooled_share={"0-64": 0.0, "65+": 0.5})
    >>> table.pooled([40, 70], [1000.0, 1000.0]).tolist(), table.residual([40, 70], [1000.0, 1000.0]).tolist()
    ([0.0, 500.0], [1000.0, 500.0])
    """

    pooled_share: BandShares = Field(description="share of benefits that is pooled, by age band")
    high_cost_threshold: Amount = Field(
        description="what a member's residual benefits of four quarters must exceed, fund currency"
    )
    high_cost_share: Share = Field(description="share of the excess that is pooled")

    def shares(self, ages: npt.ArrayLike) -> FloatArray:
        """(n,) share of its benefits that is pooled for each member, by (n,) age last birthday."""
        bands = AgeBands(self.pooled_share)
        return np.asarray(list(self.pooled_share.values()))[bands.index_of(_whole_ages(ages))]

    def pooled(self, ages: npt.ArrayLike, benefits: npt.ArrayLike) -> FloatArray:
        """(n,) part of members' benefits that goes into the age-based pool, fund currency."""
        share = self.shares(ages)
        return share * _amounts("benefits", benefits, share.size)

    def residual(self, ages: npt.ArrayLike, benefits: npt.ArrayLike) -> FloatArray:
        """(n,) part that stays with the fund after the age-based pool, fund currency.

        A member's residual benefits are the sum of this over the current and the three earlier quarters, each
        at the age and by the table of its own quarter.
        """
        pooled = self.pooled(ages, benefits)
        return _amounts("benefits", benefits, pooled.size) - pooled

    def by_band(self, ages: npt.ArrayLike, benefits: npt.ArrayLike) -> FloatArray:
        """(n_bands,) members' benefits added up by age band, fund currency."""
        index = AgeBands(self.pooled_share).index_of(_whole_ages(ages))
        amounts = _amounts("benefits", benefits, index.size)
        return np.asarray(
            np.bincount(index, weights=amounts, minlength=len(self.pooled_share)), dtype=np.float64
        )

    def high_cost(self, residual: npt.ArrayLike, notified: npt.ArrayLike = 0.0) -> FloatArray:
        """(n,) what members newly bring into the high-cost pool, fund currency.

        Parameters
        ----------
        residual : (n,) residual benefits of four quarters.
        notified : (n,) what was put into the pool for them in the three earlier quarters; where that exceeds
            what is due now, the difference comes back out.
        """
        left = _amounts("residual", residual, None)
        over = np.maximum(0.0, left - self.high_cost_threshold)
        return np.asarray(self.high_cost_share * over - _amounts("notified", notified, left.size))


def _whole_ages(ages: npt.ArrayLike) -> IntArray:
    """Ages last birthday; a member's own is never shown."""
    whole = column("ages", ages, None, maximum=MAX_AGE, unit="age last birthday", show=False)
    bad = np.flatnonzero(whole != np.floor(whole))
    if bad.size:
        allowed = f"whole years, 0 to {MAX_AGE}"
        raise InputError([Fault(f"ages[{bad[0]}]", HIDDEN, allowed, code="range")])
    return whole.astype(np.int64)


def _amounts(field: str, values: npt.ArrayLike, n: int | None) -> FloatArray:
    """Members' amounts, not negative and never shown."""
    return column(field, values, n, unit="fund currency", show=False)


class ClaimsEqualisation(Input):
    """An age-based pool and a high-cost pool, settled by one levy per insured unit; zero-sum to the cent.

    Receipt of a fund = its age-based pool + its high-cost pool - levy x its units, with levy = everything
    pooled / all units. A unit is what the scheme says it is (a single counts one, a couple or family two, in
    the Australian scheme).

    >>> from datetime import date
    >>> table = AgePoolTable(valid_from=date(2025, 4, 1), source="made up", high_cost_share=0.8,
    ...     high_cost_threshold=50_000, pooled_share={"0-64": 0.0, "65+": 0.5})
    >>> moved = ClaimsEqualisation(tables=[table]).transfers(
    ...     date(2025, 7, 1), ["A", "B"], units=[100, 300],
    ...     benefits=[[9_000.0, 8_000.0], [30_000.0, 0.0]], residuals=[[60_000.0], []])
    >>> moved.rates["levy_per_unit"], moved.amounts.tolist()
    (30.0, [9000.0, -9000.0])
    """

    tables: Annotated[tuple[AgePoolTable, ...], Field(min_length=1), AfterValidator(one_a_day)] = (
        Field(description="the percentages, with the days on which they were in force")
    )

    def transfers(
        self,
        on: date,
        funds: Sequence[str],
        *,
        units: npt.ArrayLike,
        benefits: npt.ArrayLike,
        residuals: Sequence[Any] = (),
        notified: Sequence[Any] = (),
        market: Sequence[str] | None = None,
        minor: int = CENTS,
    ) -> Transfers:
        """Settle one quarter, a row for each fund, or for each fund in a market.

        Parameters
        ----------
        on : first day of the quarter: the table then in force applies.
        funds : names, each once in a market.
        units : (n_funds,) insured units. A fund in run-off may have none: the levy is divided by the units of
            all funds, so it receives what it pooled and pays no levy.
        benefits : (n_funds, n_bands) eligible benefits of the quarter by age band, fund currency.
        residuals : for each fund the residual benefits of its high-cost members over four quarters; nothing
            where there are none. A member below the threshold may be left out unless something was notified
            before: that comes back out.
        notified : for each fund, member by member as in `residuals`, what was pooled before.
        market : (n_funds,) the jurisdiction of each row, settled by itself; default: all are one.
        minor : minor units per currency unit.

        Returns
        -------
        Transfers with parts `age_based_pool`, `high_cost_pool` and `levy`, and the rate `levy_per_unit`; with
        markets named, one for each, such as ``levy_per_unit.NSW``.

        Raises
        ------
        InputError
            For a market without units, an amount below zero, another number of bands, or no table on that
            day. A benefit recovered later lowers the benefits of the quarter that had it: settle that
            quarter anew and move the difference, `Transfers.true_up`, as the scheme's adjustments do
            (Risk Equalisation Policy Rules 2025, part 4).
        """
        table_now = in_force(self.tables, on)
        labels = fund_names(funds, repeated=True)
        n = len(labels)
        where = market_names(market, n)
        fund_names(labels if where is None else map("{} in {}".format, labels, where))
        insured = column("units", units, n, unit="insured units")
        bands = tuple(table_now.pooled_share)
        paid = table("benefits", benefits, n, bands, unit="fund currency", remedy=_RECOVERED)
        age_pool = _weighted(paid, np.asarray(list(table_now.pooled_share.values())))
        high_cost = _high_cost(table_now, residuals, notified, n)

        def settle(rows: list[int]) -> Transfers:
            names = [labels[row] for row in rows]
            levy = float((age_pool + high_cost)[rows].sum() / _shared_by(insured[rows]))
            parts = {
                "age_based_pool": age_pool[rows],
                "high_cost_pool": high_cost[rows],
                "levy": -levy * insured[rows],
            }
            rates = {"levy_per_unit": levy}
            return Transfers.between("claims equalisation", names, parts, rates=rates, minor=minor)

        return each_market(where, n, settle)


def _shared_by(units: FloatArray) -> float:
    """The units of all funds in a market, which bear its levy."""
    if not units.sum() > 0.0:
        remedy = "Leave out a market in which no fund insures anybody."
        fault = Fault("units", "0 in all", "more than 0 (insured units)", remedy, "zero_exposure")
        raise InputError([fault])
    return float(units.sum())


def _weighted(amounts: FloatArray, shares: FloatArray) -> FloatArray:
    total = np.zeros(amounts.shape[0])
    for place, share in enumerate(shares):
        total = total + share * amounts[:, place]
    return total


def _high_cost(
    table_now: AgePoolTable, residuals: Sequence[Any], notified: Sequence[Any], n: int
) -> FloatArray:
    """(n_funds,) what each fund brings into the high-cost pool."""
    given, known = (
        listed(field, values, "amounts for each fund")
        for field, values in (("residuals", residuals), ("notified", notified))
    )
    amounts = ragged("residuals", given or [[]] * n, n, unit="fund currency")
    before = ragged("notified", known or [np.zeros(x.size) for x in amounts], n, unit="currency")
    pooled = np.zeros(n)
    for fund, (residual, earlier) in enumerate(zip(amounts, before, strict=True)):
        earlier_amounts = column(f"notified[{fund}]", earlier, residual.size, unit="currency")
        pooled[fund] = table_now.high_cost(residual, earlier_amounts).sum()
    return pooled
