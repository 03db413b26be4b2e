"""One fund year, for all paths of a block together, in the order of the by-laws.

Govern, members, collect, pool, pay and reserve, settle, ledger row. Everything is plain arithmetic on
arrays of shape ``(n_paths,)``: an actuary can read it against the rulebook. A path's numbers depend on that
path alone, so the size of the block cannot change them.

A fund in run-off (``settings.run_off``, insolvent at an earlier close) has no members: they leave at the
opening, owe nothing and incur nothing, and its treaties end with them. What it owes is paid as it falls due,
fixed expenses go on, and its money earns (or, below zero, costs) the market return. No surplus is shared out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mutualfund.fund.collecting import StillToCome, collect, other_receipts
from mutualfund.fund.context import Fund
from mutualfund.fund.equalisation import Exchange, PoolChance, equalise
from mutualfund.fund.govern import govern
from mutualfund.fund.marginals import Marginals, marginal_rows
from mutualfund.fund.pooling import Pooled, reinsure
from mutualfund.fund.reserving import Provisions, pay_and_reserve
from mutualfund.fund.row import Row, check_row, ledger_row
from mutualfund.fund.settle import Settlement, settle
from mutualfund.fund.state import BookedYear, FundState, pending
from mutualfund.fund.tariff import Tariff, contributions_due
from mutualfund.fund.treatments import Treatments, treatments, without_closed
from mutualfund.premiums.accounts import Accounts
from mutualfund.results.measures import PENDING
from mutualfund.rules.view import YearView
from mutualfund.sim.kernels.layout import END, FUND, START, MemberYear
from mutualfund.types import FloatArray

YearOfMembers = Callable[[FloatArray], MemberYear]
"""The compiled part: extra lapse by tariff cell (n_paths, n_cells) -> what the members' year came to."""


class ClosedYear(NamedTuple):
    """A fund year done."""

    state: FundState
    row: Row  # measure -> (n_paths,)
    marginals: Marginals  # side -> measure -> (n_paths, n_labels)


def fund_year(
    fund: Fund,
    state: FundState,
    year: int,
    year_of_members: YearOfMembers,
    fund_line_amounts: FloatArray,
    returns: FloatArray,
    pool: PoolChance | None = None,
) -> ClosedYear:
    """Carry the fund of every path of a block through fund year `year`, from 1.

    Parameters
    ----------
    fund
        What all paths share: rules by year, expected values.
    state
        The last close.
    year_of_members
        Simulates the members' year, given how many more leave because of the price.
    fund_line_amounts
        (n_paths, n_fund_lines) currency.
    returns
        (n_paths,) investment return of the year.
    pool
        What is random about the pool of funds, where there is one.

    Raises
    ------
    RunError
        If the books do not add up on any path.
    """
    # Govern: the tariff decided on the accounts then known, and the leavers it costs.
    tariff, extra_lapse = govern(fund, state, year)

    # Members: they owe contributions and fall ill; each claim is split by who bears it.
    members = without_closed(year_of_members(extra_lapse), state.members, state.closed)
    treated = treatments(members, fund_line_amounts, fund, state.closed)
    due = contributions_due(members.units, tariff.prices)

    # Collect: what members and others pay of it, now and later; what joining and leaving moves.
    rules = fund.rules[year - 1]
    collected = collect(rules, due, state.to_come)
    payers = fund.fee_payers[year - 1]
    flows = other_receipts(rules, members, payers, collected.subsidies, state.closed)

    # Pool: reinsurance, in the order of the file.
    pooled = reinsure(fund, state, members.start_by_age, treated, year)

    # Pay and reserve: the true provision beside the booked one.
    seen = BookedYear(treated.triangle, members.months.astype(np.float64), due)
    provisions = pay_and_reserve(fund, state, seen, year)

    # Settle: the pool of funds, providers, expenses, investment income; then the waterfall or the call.
    view = year_so_far(
        fund, state, members, treated, due, collected.contributions, pooled, provisions, year
    )
    exchange = equalise(fund, state, view, pool)
    owed = pending(exchange.pending, view.equalisation)
    view = replace(view, equalisation=exchange.settled, equalisation_pending=owed)
    settlement = settle(fund, view, returns, state.closed, flows)

    # Write the ledger row, and refuse it if the books do not add up.
    after = close(fund, state, tariff, members, collected.to_come, provisions, settlement, exchange)
    row = ledger_row(members, treated, provisions, settlement, after.statutory_reserve, fund.minor)
    if "equalisation" in fund.registry:
        row |= {"equalisation": exchange.settled, PENDING.name: owed}
    check_row(row, state, fund.registry, year)
    keep = fund.scenario.settings.keep
    return ClosedYear(after, row, marginal_rows(keep, treated, fund.minor))


def year_so_far(
    fund: Fund,
    state: FundState,
    members: MemberYear,
    treated: Treatments,
    due: FloatArray,
    collected: FloatArray,
    pooled: Pooled,
    provisions: Provisions,
    year: int,
) -> YearView:
    """What the rules of settlement may look at; their own amounts are still zero."""
    rules, nothing = fund.rules[year - 1], np.zeros_like(due)
    return YearView(
        year=year,
        start=fund.start_of(year),
        inflation_factor=fund.inflation_factor(year),
        members_start=members.persons[:, START].astype(np.float64),
        members_end=members.persons[:, END].astype(np.float64),
        member_months=members.months.astype(np.float64),
        contributions_due=due,
        contributions_collected=collected,
        claims_incurred=treated.total(FUND) / fund.minor,
        claims_paid=provisions.paid,
        outstanding_booked=provisions.outstanding_booked,
        reinsurance_premium=pooled.premium,
        reinsurance_recovery=pooled.recovery,
        equalisation=nothing,
        equalisation_pending_open=pending(state.pool, state.assets),
        equalisation_pending=nothing,
        provider_fixed=nothing,
        expenses=nothing,
        investment_income=nothing,
        assets_open=state.assets,
        reserve_open=state.reserve,
        reserve=nothing,
        result=nothing,
        floor=rules.reserve.floor * due,
        capital_required=nothing,
        target=nothing,
    )


def close(
    fund: Fund,
    state: FundState,
    tariff: Tariff,
    members: MemberYear,
    to_come: StillToCome,
    provisions: Provisions,
    settlement: Settlement,
    exchange: Exchange,
) -> FundState:
    """The state that the next year opens with."""
    owed = settlement.view.equalisation_pending
    ruined = settlement.assets - provisions.outstanding_true + owed < 0.0
    return FundState(
        assets=settlement.assets,
        outstanding_true=provisions.outstanding_true,
        outstanding_booked=provisions.outstanding_booked,
        statutory_reserve=ring_fenced(state, settlement),
        tariff=tariff,
        units=members.units,
        beyond=(*state.beyond, tariff.beyond),
        call_rate=call_rate(settlement),
        to_come=to_come,
        schedule=provisions.schedule,
        history=provisions.history,
        accounts=(*state.accounts, accounts(state, settlement, tariff)),
        pool=exchange.pending,
        members=members.persons[:, END],
        closed=state.closed | (ruined & fund.scenario.settings.run_off),
    )


def ring_fenced(state: FundState, settlement: Settlement) -> FloatArray:
    """The statutory part of the reserve: what was added each year, as far as the reserve still covers it."""
    reserve = reserve_close(settlement)
    return np.maximum(0.0, np.minimum(state.statutory_reserve + settlement.statutory, reserve))


def reserve_close(settlement: Settlement) -> FloatArray:
    """The booked reserve after calls, refunds and allocations."""
    view = settlement.view
    return settlement.assets - view.outstanding_booked + view.equalisation_pending


def call_rate(settlement: Settlement) -> FloatArray:
    """The call levied, as a share of the year's contributions: what the members compare next year."""
    due = settlement.view.contributions_due
    return np.where(due > 0.0, settlement.levied / np.where(due > 0.0, due, 1.0), 0.0)


def accounts(state: FundState, settlement: Settlement, tariff: Tariff) -> Accounts:
    """What a later meeting will see of the year: claims as booked, not as they truly were."""
    view = settlement.view
    return Accounts(
        year=view.year,
        contributions_due=view.contributions_due,
        claims_incurred=view.claims_paid + view.outstanding_booked - state.outstanding_booked,
        member_months=view.member_months,
        reserve_close=reserve_close(settlement),
        tariff_level=tariff.level,
        tariff_now=tariff.level,
    )
