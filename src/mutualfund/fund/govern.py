"""Govern: this year's tariff, decided on the accounts the meeting could see (definitions 4 and 28)."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mutualfund.fund.context import Fund
from mutualfund.fund.own import own_numbers
from mutualfund.fund.state import FundState
from mutualfund.fund.tariff import Tariff, adopted, extra_lapse, opening_tariff, raised
from mutualfund.premiums.accounts import Accounts
from mutualfund.types import FloatArray


class Decision(NamedTuple):
    """What is settled before the year begins."""

    tariff: Tariff
    extra_lapse: FloatArray  # (n_paths, n_cells) chance of leaving at renewal because of the price


def govern(fund: Fund, state: FundState, year: int) -> Decision:
    """Settle the tariff of `year` and the leavers it will cost."""
    n_paths = state.assets.size
    contributions = fund.rules[year - 1].contributions
    if state.tariff is None:
        tariff = opening_tariff(contributions.prices(), n_paths)
        before = np.tile(contributions.previous_prices(), (n_paths, 1))
    else:
        tariff, before = next_tariff(fund, state, state.tariff, year), state.tariff.prices
    extra = extra_lapse(
        tariff.prices,
        before,
        state.call_rate,
        response=fund.scenario.members.price_response,
        reference=fund.price_reference,
    )
    return Decision(tariff, extra)


def next_tariff(fund: Fund, state: FundState, before: Tariff, year: int) -> Tariff:
    """The tariff of a later year: a newly voted table, or last year's moved by the rule in force.

    A table the members vote is what they pay from its first day; the rule moves it from the year after.
    """
    rules, n_paths = fund.rules[year - 1], state.assets.size
    last_year = year - 1 - rules.governance.accounts_lag_years
    seen = accounts_seen(state.accounts, before, last_year)
    rise = rules.contributions.increase(seen, year, n_paths, fund.expected.claim_trend)
    wanted = own_numbers("rules.contributions.increase", rise, n_paths, minimum=-1.0)
    maximum = rules.governance.maximum_increase
    if rules.votes_prices(fund.start_of(year)) and state.units is not None:
        return adopted(before, rules.contributions.prices(), state.units, maximum, wanted)
    answered = answered_since(state.beyond, before, last_year)
    change = rules.governance.decide(wanted, seen, rules.reserve.floor, answered)
    return raised(before, change, wanted)


def accounts_seen(accounts: tuple[Accounts, ...], now: Tariff, last_year: int) -> Accounts | None:
    """The accounts of `last_year`, restated to today's tariff; None where that year was before the first."""
    if last_year < 1:
        return None
    return replace(accounts[last_year - 1], tariff_now=now.level)


def answered_since(beyond: tuple[FloatArray, ...], now: Tariff, last_year: int) -> FloatArray:
    """(n_paths,) rise since the accounts seen that no rule wanted: decided already for the reserve's sake."""
    then = beyond[last_year - 1] if last_year >= 1 else np.ones_like(now.beyond)
    return np.maximum(0.0, now.beyond / then - 1.0)
