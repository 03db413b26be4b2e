"""The ledger row of a closed year, and the check that the books add up (definition 23).

Closing assets come from the cash account and closing provisions from the payment schedule. The row also holds
every flow, so both can be recomputed from it: a flow that was forgotten, or counted twice, stops the run.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mutualfund.errors import RunError
from mutualfund.fund.reserving import Provisions
from mutualfund.fund.settle import Settlement
from mutualfund.fund.state import FundState
from mutualfund.fund.treatments import Treatments
from mutualfund.results.measures import Measure, check_identities
from mutualfund.sim.kernels.layout import (
    ALLOWED,
    BILLED,
    DIED,
    END,
    EXTERNAL,
    FUND,
    JOINED,
    LAPSED,
    MEMBER,
    PROVIDER,
    START,
    MemberYear,
)
from mutualfund.types import FloatArray

Row = dict[str, FloatArray]

PERSONS = {
    "members_start": START,
    "joined": JOINED,
    "lapsed": LAPSED,
    "died": DIED,
    "members_end": END,
}
MONEY = {
    "billed": BILLED,
    "allowed": ALLOWED,
    "member_paid": MEMBER,
    "external_paid": EXTERNAL,
    "provider_borne": PROVIDER,
    "claims_incurred": FUND,
}
TOLERANCE = 1e-9  # of the largest amount in the row: a dozen floating-point sums


def ledger_row(
    members: MemberYear,
    treated: Treatments,
    provisions: Provisions,
    settlement: Settlement,
    statutory_reserve: FloatArray,
    minor: int,
) -> Row:
    """One year of every path: measure -> (n_paths,) currency, persons, ratio or flag."""
    view, assets = settlement.view, settlement.assets
    reserve_true = assets - provisions.outstanding_true + view.equalisation_pending
    reserve_close = assets - provisions.outstanding_booked + view.equalisation_pending
    required = view.capital_required
    row = {name: members.persons[:, column].astype(np.float64) for name, column in PERSONS.items()}
    row |= {name: treated.total(column) / minor for name, column in MONEY.items()}
    row |= {
        "contributions_due": view.contributions_due,
        "contributions_collected": view.contributions_collected,
        "claims_paid": view.claims_paid,
        "outstanding_true": provisions.outstanding_true,
        "outstanding_booked": provisions.outstanding_booked,
        "reinsurance_premium": view.reinsurance_premium,
        "reinsurance_recovery": view.reinsurance_recovery,
        "provider_fixed": view.provider_fixed,
        "expenses": view.expenses,
        "investment_income": view.investment_income,
        "calls": settlement.calls,
        "refunds": settlement.refunds,
        "allocations": settlement.allocations,
        "result": view.result,
        "assets_open": view.assets_open,
        "assets_close": assets,
        "reserve_open": view.reserve_open,
        "reserve_close": reserve_close,
        "reserve_true": reserve_true,
        "statutory_reserve": statutory_reserve,
        "capital_required": required,
        "solvency_ratio": ratio(reserve_close, required),
        "insolvent": (reserve_true < 0.0).astype(np.float64),
    }
    return row | dict(settlement.own_flows)


def ratio(reserve: FloatArray, required: FloatArray) -> FloatArray:
    """Reserve over the capital required; not a number where none is required."""
    none = required <= 0.0
    return np.asarray(np.where(none, np.nan, reserve / np.where(none, 1.0, required)))


def check_row(row: Row, state: FundState, registry: Mapping[str, Measure], year: int) -> None:
    """Refuse a year whose books do not add up on any path.

    Raises
    ------
    RunError
        Naming the identity and the path (counted from the block's first).
    """
    check_identities(
        {name: values[:, np.newaxis] for name, values in row.items()},
        registry,
        tolerance=TOLERANCE,
    )
    carried = {
        "outstanding_true": state.outstanding_true
        + row["claims_incurred"]
        - row["claims_paid"]
        - row["outstanding_true"],
        "members": state.members - row["members_start"],
    }
    for name, residual in carried.items():
        size = max(1.0, float(np.abs(row["claims_incurred"]).max(initial=0.0)))
        size = max(size, float(np.abs(state.outstanding_true).max(initial=0.0)))
        off = np.abs(residual)
        worst = int(np.argmax(off))
        if not off[worst] <= TOLERANCE * size:
            raise RunError(
                f"the books do not add up: {name} carried into year {year} is off by "
                f"{off[worst]:g} in path {worst} of its block; allowed: {TOLERANCE * size:g}"
            )
