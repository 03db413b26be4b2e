"""Settle: providers, expenses, investment income, then the waterfall or the call (definitions 24 to 27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mutualfund.fund.context import Fund
from mutualfund.fund.own import own_numbers
from mutualfund.rules import Rulebook
from mutualfund.rules.capital import Books
from mutualfund.rules.surplus import Distribution
from mutualfund.rules.view import YearView
from mutualfund.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """The close of a year, (n_paths,) currency."""

    view: YearView  # the year's amounts before calls, refunds and allocations
    own_flows: Mapping[str, FloatArray]  # what only some funds have, positive as named
    allocations: FloatArray
    refunds: FloatArray
    statutory: FloatArray  # this year's ring-fenced part
    levied: FloatArray
    calls: FloatArray
    assets: FloatArray  # the cash account at the close


def settle(
    fund: Fund,
    view: YearView,
    returns: FloatArray,
    closed: BoolArray,
    flows: Mapping[str, FloatArray],
) -> Settlement:
    """Close the year: each step adds its amount to the view that the next rule reads.

    Parameters
    ----------
    view
        The year so far: contributions, claims, provisions, reinsurance. Expenses, investment income, reserve,
        result and what is aimed at are still zero.
    returns
        (n_paths,) investment return of the year.
    closed
        (n_paths,) funds in run-off: without members there is nobody to share a surplus with.
    flows
        Entry fees, members' shares and subsidies by name, (n_paths,) each; those in this run's ledger count.

    Raises
    ------
    InputError
        If a cash-flow rule of the fund's own brings anything but an amount per path.
    """
    rules = fund.rules[view.year - 1]
    view = replace(view, provider_fixed=provider_fees(fund, view))
    view = replace(view, expenses=rules.expenses.amount(view))
    view = replace(view, investment_income=investment_income(fund, view, returns))
    view = aimed(fund, view)
    own_flows = {name: amount for name, amount in flows.items() if name in fund.registry}
    own_flows |= {
        rule.name: own_numbers(
            f"rules.extra.{rule.name}", rule.amount(view), closed.size, minimum=0.0
        )
        for rule in rules.extra
    }
    cash = cash_of_year(view)
    for name, amount in own_flows.items():
        cash = cash + fund.registry[name].sign * amount
    reserve = cash - view.outstanding_booked + view.equalisation_pending
    view = replace(view, reserve=reserve, result=reserve - view.reserve_open)
    shared = rules.surplus.distribute(without_shares(rules, view, flows))
    parts = Distribution(*(np.where(closed, 0.0, part) for part in shared))
    levied = rules.calls.levy(view)
    calls = rules.calls.collected(levied)
    return Settlement(
        view=view,
        own_flows=own_flows,
        allocations=parts.allocations,
        refunds=parts.refunds,
        statutory=parts.statutory,
        levied=levied,
        calls=calls,
        assets=cash + calls - parts.refunds - parts.allocations,
    )


def without_shares(rules: Rulebook, view: YearView, flows: Mapping[str, FloatArray]) -> YearView:
    """What the waterfall may look at: members' shares are neither result nor reserve to be shared out."""
    if not rules.joining.share:
        return view
    paid_in = flows["shares_paid_in"] - flows["shares_redeemed"]
    held = rules.joining.held(view.members_end)
    return replace(view, result=view.result - paid_in, reserve=view.reserve - held)


def provider_fees(fund: Fund, view: YearView) -> FloatArray:
    """Fixed fees of all provider contracts."""
    fees = np.zeros_like(view.member_months)
    for provider in fund.rules[view.year - 1].providers.values():
        fees = fees + provider.fee(view.member_months, view.inflation_factor)
    return fees


def investment_income(fund: Fund, view: YearView, returns: FloatArray) -> FloatArray:
    """Return on the opening assets and on the average of what came in and went out.

    The two weights say how much of the year the contributions and the outgoings count: (0.5, 0.5) is money
    moving evenly, (1, 0) contributions on the first day and claims on the last. Negative assets pay the same
    rate.
    """
    came_in, went_out = fund.scenario.settings.investment_weights
    outgoings = view.claims_paid + view.expenses + view.provider_fixed + view.reinsurance_premium
    held = view.assets_open + came_in * view.contributions_collected - went_out * outgoings
    return returns * held


def aimed(fund: Fund, view: YearView) -> YearView:
    """The view with the capital that the reserve rule requires for what the books now show.

    Surplus is shared out above the floor at least, however little a capital rule may ask for.
    """
    given = fund.rules[view.year - 1].reserve.capital.required(Books.of(view, cash_of_year(view)))
    required = own_numbers("rules.reserve.target", given, view.floor.size, minimum=0.0)
    return replace(view, capital_required=required, target=np.maximum(required, view.floor))


def cash_of_year(view: YearView) -> FloatArray:
    """The cash account before the fund's own flows, calls, refunds and allocations."""
    received = view.contributions_collected + view.reinsurance_recovery + view.investment_income
    received = received + view.equalisation
    spent = view.claims_paid + view.reinsurance_premium + view.provider_fixed + view.expenses
    return view.assets_open + received - spent
