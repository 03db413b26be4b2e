"""The members table, the spells of cover, the claim lines and the truth behind them, as Arrow tables.

Columns are those of `schema`. The portfolio keeps digests of identifiers only, so members are numbered here
anew; no identifier of a person can come out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mutualfund.fund.records.days import ClaimDays, birthdays, month_days
from mutualfund.fund.records.path import NEVER_COVERED, PathClaims, PathCover
from mutualfund.portfolio.members import LONG_STANDING
from mutualfund.schema import SEXES
from mutualfund.sim.plan import Plan
from mutualfund.types import FloatArray, IntArray

_DIGITS = 8  # of a running number; a longer number keeps all of its own


def members_table(plan: Plan, cover: PathCover) -> pa.Table:
    """Opening members, and joiners who came, with the columns of `schema.MEMBERS`."""
    slots, portfolio = plan.slots, plan.scenario.portfolio
    there = np.flatnonzero((slots.join_year == 0) | (cover.first != NEVER_COVERED))
    source, joiner = slots.source[there], slots.join_year[there] > 0
    month = np.where(joiner, cover.first[there], plan.tables.joined_month[there])
    long_standing = month == LONG_STANDING
    joined, _ = month_days(plan.scenario.fund.start, np.where(long_standing, 0, month))
    born = birthdays(plan, there)
    columns: dict[str, Any] = {
        "member_id": numbered("m", there),
        "birth_date": _days(born),
        "sex": _labels(SEXES, portfolio.sex[source].astype(np.int64)),
        # a month of joining is all that is known, and nobody joined before birth
        "joined": _days(np.maximum(joined, born), unknown=long_standing),
    }
    for name in ("plan", "region", "group"):
        codes = getattr(portfolio, f"{name}_code")
        if codes is not None and getattr(portfolio, f"{name}_names"):
            columns[name] = _labels(getattr(portfolio, f"{name}_names"), codes[source])
    if portfolio.household_code is not None:
        household = np.where(joiner, -1, portfolio.household_code[source])
        columns["household"] = pc.if_else(household >= 0, numbered("h", household), None)
    if portfolio.income is not None:
        columns["income"] = pa.array(portfolio.income[source])
    states = plan.scenario.assumptions.health_states
    if states is not None:
        columns["health_state"] = _labels(states.names, cover.arrival_state[there])
    return pa.table(columns)


def cover_table(plan: Plan, cover: PathCover) -> pa.Table:
    """The spells of cover within the simulated years, with the columns of `schema.COVER`."""
    covered = np.flatnonzero(cover.first != NEVER_COVERED)
    start = plan.scenario.fund.start
    first, _ = month_days(start, cover.first[covered])
    after, _ = month_days(start, cover.end[covered])
    return pa.table(
        {
            "member_id": numbered("m", covered),
            "cover_start": _days(first),
            "cover_end": _days(after - 1),
        }
    )


def truth_table(plan: Plan, claims: PathClaims, days: ClaimDays) -> pa.Table:
    """Every claim in covered months as it was simulated, also those that the fund does not recognise."""
    drawn, shares = claims.drawn, claims.shares
    return pa.table(
        {
            "claim_id": numbered("c", np.arange(drawn.billed.size)),
            "member_id": numbered("m", claims.slot),
            "line": _labels(plan.line_names, drawn.line),
            "year": claims.year,
            "month": drawn.month + 1,
            "delay_months": drawn.delay,
            "incurred": _days(days.incurred),
            "reported": _days(days.reported),
            "paid": _days(days.paid),
            "billed": drawn.billed,
            "allowed": shares.allowed,
            "external_paid": shares.external,
            "member_paid": shares.member,
            "provider_borne": shares.provider,
            "claims_incurred": shares.fund,
        }
    )


def claims_table(truth: pa.Table, days: ClaimDays, currency: str, minor: int) -> pa.Table:
    """What the fund has on file: payments, second payments by mistake, what was taken back, copied rows."""
    recognised = truth["allowed"].to_numpy() == truth["billed"].to_numpy()
    paid_twice = recognised & days.paid_twice & (truth["claims_incurred"].to_numpy() > 0)
    payment, mistake = np.flatnonzero(recognised), np.flatnonzero(paid_twice)
    copy = np.flatnonzero(recognised & days.copied)
    again = [numbered("c", mistake, "-2")] * 2
    row = np.concatenate([payment, copy, mistake, mistake])
    sign = np.repeat([1, 1, 1, -1], [payment.size, copy.size, mistake.size, mistake.size])
    paid = np.where(sign < 0, days.taken_back[row], days.paid[row])
    reported = np.where(sign < 0, days.paid[row], days.reported[row])
    table = pa.table(
        {
            "claim_id": pa.concat_arrays([numbered("c", payment), numbered("c", copy), *again]),
            "member_id": truth["member_id"].take(pa.array(row)),
            "line": truth["line"].take(pa.array(row)),
            "incurred": truth["incurred"].take(pa.array(row)),
            "reported": _days(reported),
            "paid": _days(paid),
            "amount": _currency(truth["claims_incurred"], row, sign, minor),
            "allowed": _currency(truth["allowed"], row, sign, minor),
            "member_paid": _currency(truth["member_paid"], row, sign, minor),
            "kind": _labels(("reversal", "payment"), (sign > 0).astype(np.int64)),
            "currency": _labels((currency,), np.zeros(row.size, np.int64)),
        }
    )
    return table.take(pa.array(np.lexsort((sign < 0, row, paid))))


def without_copies(claims: pa.Table) -> pa.Table:
    """A `claims_table` without the rows that stand in it twice: each follows the row that it copies."""
    if claims.num_rows < 2:
        return claims
    same = [pc.equal(claims[name][1:], claims[name][:-1]) for name in ("claim_id", "kind")]
    copied = pc.and_(*same).to_numpy()
    return claims.filter(pa.array(np.append(True, ~copied)))


def numbered(prefix: str, number: IntArray, suffix: str = "") -> pa.Array:
    """Running numbers as identifiers.

    >>> numbered("m", np.array([7])).to_pylist()
    ['m00000007']
    """
    digits = pc.utf8_lpad(pc.cast(pa.array(number), pa.string()), _DIGITS, "0")
    return pc.binary_join_element_wise(prefix, digits, suffix, "")


def _labels(names: tuple[str, ...], codes: IntArray) -> pa.Array:
    """Names by code, empty where the code is negative."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pc.cast(pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string())), "string")


def _days(days: IntArray, unknown: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(days.astype("datetime64[D]"), pa.date32(), mask=unknown)


def _currency(
    minor_amounts: pa.ChunkedArray, row: IntArray, sign: IntArray, minor: int
) -> FloatArray:
    """Amounts in currency units: the float nearest to each decimal fraction."""
    return np.asarray(minor_amounts.to_numpy()[row] * sign / minor, np.float64)
