"""The registry of measures: one name, unit and sign for every number a run keeps.

The same names stand in code, in Parquet files and in reports. The sign says how a flow moves the
fund's money, so anyone who holds exported rows can recompute the identities from this table alone::

    assets_close = sum of sign x measure over all measures with a sign
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, RunError
from mutualfund.types import FloatArray

Kind = Literal["flow", "stock", "count", "ratio", "flag"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One kept number per path and year.

    `sign` is +1 where the amount adds to the year's closing assets, -1 where it leaves, 0 where it
    does neither.

    >>> MEASURES["calls"].sign, MEASURES["refunds"].sign, MEASURES["claims_incurred"].sign
    (1, -1, 0)
    """

    name: str
    unit: Literal["currency", "persons", "claims", "months", "ratio", "flag"]
    kind: Kind
    sign: Literal[-1, 0, 1]
    label: str
    meaning: str


def _registry(measures: Iterable[Measure]) -> Mapping[str, Measure]:
    return MappingProxyType({measure.name: measure for measure in measures})


def _persons(name: str, kind: Kind, label: str, meaning: str) -> Measure:
    return Measure(name, "persons", kind, 0, label, meaning)


def _money(name: str, sign: Literal[-1, 0, 1], label: str, meaning: str) -> Measure:
    return Measure(name, "currency", "flow", sign, label, meaning)


def _stock(name: str, sign: Literal[0, 1], label: str, meaning: str) -> Measure:
    return Measure(name, "currency", "stock", sign, label, meaning)


MEASURES: Mapping[str, Measure] = _registry(
    (
        _persons("members_start", "stock", "members at the start", "in force on the first day"),
        _persons("joined", "count", "members joining", "persons entering during the year"),
        _persons("lapsed", "count", "members leaving", "persons leaving at renewal or in the year"),
        _persons("died", "count", "deaths", "members dying during the year"),
        _persons("members_end", "stock", "members at the end", "in force after the last month"),
        _money("contributions_due", 0, "contributions due", "earned for the covered months"),
        _money("contributions_collected", 1, "contributions collected", "dues actually paid in"),
        _money("billed", 0, "billed", "charges of claims in covered months"),
        _money("allowed", 0, "allowed", "the part of billed the benefit rules recognise"),
        _money("member_paid", 0, "paid by members", "members' share of allowed claims"),
        _money("external_paid", 0, "paid by others", "share of allowed borne outside the fund"),
        _money("provider_borne", 0, "borne by providers", "share of allowed providers carry"),
        _money("claims_incurred", 0, "claims", "the fund's part of the year's treatments"),
        _money("claims_paid", -1, "claims paid", "paid out in the year, for any treatment year"),
        _stock(
            "outstanding_true", 0, "claims still to pay", "incurred, not yet paid, at the close"
        ),
        _stock(
            "outstanding_booked", 0, "claims booked as still to pay", "what the accounts set by"
        ),
        _money("reinsurance_premium", -1, "reinsurance premium", "paid to reinsurers"),
        _money("reinsurance_recovery", 1, "reinsurance recovery", "received from reinsurers"),
        _money("provider_fixed", -1, "fixed provider fees", "capitation and salaries"),
        _money("expenses", -1, "expenses", "cost of running the fund"),
        _money("investment_income", 1, "investment income", "return on the money held"),
        _money("calls", 1, "calls on members", "extra contributions collected at the close"),
        _money("refunds", -1, "refunds to members", "surplus handed back in cash"),
        _money("allocations", -1, "allocations", "surplus spent on prevention"),
        _money("result", 0, "result", "change of reserve before calls, refunds and allocations"),
        _stock("assets_open", 1, "money held at the start", "assets at the opening"),
        _stock("assets_close", 0, "money held at the end", "assets at the close"),
        _stock(
            "reserve_open",
            0,
            "reserve at the start",
            "assets less booked outstanding claims, with what a pool owes",
        ),
        _stock(
            "reserve_close",
            0,
            "reserve at the end",
            "assets less booked outstanding claims, with what a pool owes",
        ),
        _stock(
            "reserve_true",
            0,
            "true reserve",
            "assets less the claims truly outstanding, with what a pool owes",
        ),
        _stock("statutory_reserve", 0, "ring-fenced reserve", "part of the reserve never refunded"),
        _stock("capital_required", 0, "reserve aimed at", "by the reserve rule's target"),
        Measure(
            "solvency_ratio",
            "ratio",
            "ratio",
            0,
            "solvency ratio",
            "reserve at the end over the reserve aimed at; not a number where none is aimed at",
        ),
        Measure(
            "insolvent", "flag", "flag", 0, "insolvent", "1 where the true reserve is below zero"
        ),
    )
)
"""Every measure of the yearly ledger, in the order of the accounts."""

BURDENS = frozenset(
    [
        "billed",
        "allowed",
        "member_paid",
        "external_paid",
        "provider_borne",
        "claims_incurred",
        "claim_count",
        "calls",
        "outstanding_true",
        "outstanding_booked",
        "lapsed",
        "died",
        "insolvent",
    ]
)
"""Measures of which more is worse, though no money of the fund leaves by them."""


def worse_when_high(measure: Measure) -> bool:
    """Whether the bad tail of a measure is its upper one.

    >>> worse_when_high(MEASURES["claims_paid"]), worse_when_high(MEASURES["reserve_close"])
    (True, False)
    """
    return measure.sign == -1 or measure.name in BURDENS


LINE_MEASURES: Mapping[str, Measure] = _registry(
    (
        Measure(
            "claim_count", "claims", "count", 0, "number of claims", "claims in covered months"
        ),
        *(
            MEASURES[name]
            for name in (
                "billed",
                "allowed",
                "external_paid",
                "member_paid",
                "provider_borne",
                "claims_incurred",
            )
        ),
    )
)
"""The measures also kept by claim line. Their sum over lines is the ledger's amount."""


FLOWS: Mapping[str, Measure] = _registry(
    (
        _money(
            "equalisation",
            1,
            "equalisation between funds",
            "from the pool; below zero where paid into it",
        ),
        _money("entry_fees", 1, "entry fees", "paid once by those who join"),
        _money("shares_paid_in", 1, "shares paid in", "withdrawable shares of those who join"),
        _money("shares_redeemed", -1, "shares paid back", "withdrawable shares of those who left"),
        _money(
            "subsidies", 1, "subsidies", "what others pay of the contributions, when it comes in"
        ),
    )
)
"""Cash flows of listed rules that only some funds have."""

PENDING = _stock(
    "equalisation_pending",
    0,
    "equalisation still to come",
    "owed by the pool at the close; below zero where owed to it",
)
"""Kept beside `equalisation`; part of the reserve."""

_COLUMNS = ("path", "year", "line", "month", "age", "measure", "value")
"""The columns of exported rows: no measure may have their names."""


def with_flows(flows: Iterable[tuple[str, int]]) -> Mapping[str, Measure]:
    """The registry of one run: every standard measure, then the flows that only its rules have.

    Parameters
    ----------
    flows
        Name and sign of each flow; +1 pays into the fund, -1 out of it.

    Raises
    ------
    InputError
        For a name that is already a measure or not a plain lower-case name, or a sign other than
        +1 and -1.

    >>> with_flows([("fundraising", 1)])["fundraising"].sign
    1
    """
    registry = dict(MEASURES)
    faults = []
    for name, sign in flows:
        field = f"rules.extra.{name}"
        listed = FLOWS.get(name)
        if name in registry or name in _COLUMNS or name == PENDING.name:
            faults.append(Fault(field, repr(name), "a name that is not yet a measure"))
        elif listed is not None and listed.sign == sign:
            registry[name] = listed
            if name == "equalisation":
                registry[PENDING.name] = PENDING
        elif not (name.isidentifier() and name == name.lower()):
            faults.append(Fault(field, repr(name), "lower-case letters, digits and underscores"))
        elif sign == 1:
            registry[name] = _money(
                name, 1, name.replace("_", " "), "paid in by the fund's own rule"
            )
        elif sign == -1:
            registry[name] = _money(
                name, -1, name.replace("_", " "), "paid out by the fund's own rule"
            )
        else:
            faults.append(Fault(f"{field}.sign", f"{sign}", "+1 (into the fund) or -1 (out of it)"))
    if faults:
        raise InputError(faults)
    return _registry(registry.values())


def unknown_measure(name: str, known: Iterable[str]) -> Fault:
    """What is wrong with a name that is not among the measures `known`.

    >>> print(unknown_measure("reserve_closed", MEASURES).remedy)
    Did you mean reserve_close?
    """
    from difflib import get_close_matches

    names = tuple(known)
    close = get_close_matches(name, names, n=1)
    remedy = f"Did you mean {close[0]}?" if close else ""
    return Fault("measure", repr(name), ", ".join(names), remedy, code="unknown_measure")


def year_outside(year: int, n_years: int) -> Fault:
    """What is wrong with a fund year that is not in a run of `n_years`.

    >>> print(year_outside(11, 10))
    year: got 11; allowed: 1 to 10.
    """
    return Fault("year", str(year), f"1 to {n_years}", code="range")


def identities(
    ledger: Mapping[str, npt.NDArray[np.float64]], registry: Mapping[str, Measure] = MEASURES
) -> dict[str, FloatArray]:
    """What is left over of each accounting identity, recomputed from the rows and the signs alone.

    Parameters
    ----------
    ledger
        Measure name -> array (n_paths, n_years), currency or persons.
    registry
        The run's own registry, where it has cash flows of its own.

    Returns
    -------
    dict
        Identity -> residual, (n_paths, n_years), or (n_paths, n_years - 1) where it links two
        years. Zero but for floating-point rounding where the books are right.
    """
    row = {name: np.asarray(values, dtype=np.float64) for name, values in ledger.items()}
    signed = sum(m.sign * row[m.name] for m in registry.values() if m.sign)
    paid_shares = row["member_paid"] + row["external_paid"] + row["provider_borne"]
    movement = row["joined"] - row["lapsed"] - row["died"]
    booked_change = row["reserve_close"] - row["reserve_open"]
    settled = row["calls"] - row["refunds"] - row["allocations"]
    carried = row["claims_incurred"] - row["claims_paid"]
    money = row["assets_close"] + row.get(PENDING.name, 0.0)
    return {
        "members": row["members_start"] + movement - row["members_end"],
        "claims": row["allowed"] - paid_shares - row["claims_incurred"],
        "assets": row["assets_close"] - signed,
        "reserve_close": row["reserve_close"] - money + row["outstanding_booked"],
        "reserve_true": row["reserve_true"] - money + row["outstanding_true"],
        "result": row["result"] - booked_change + settled,
        "insolvent": row["insolvent"] - (row["reserve_true"] < 0),
        "next_assets": row["assets_open"][:, 1:] - row["assets_close"][:, :-1],
        "next_reserve": row["reserve_open"][:, 1:] - row["reserve_close"][:, :-1],
        "next_members": row["members_start"][:, 1:] - row["members_end"][:, :-1],
        "outstanding": np.diff(row["outstanding_true"], axis=1) - carried[:, 1:],
    }


def check_identities(
    ledger: Mapping[str, npt.NDArray[np.float64]],
    registry: Mapping[str, Measure] = MEASURES,
    *,
    tolerance: float = 1e-9,
) -> float:
    """Refuse books that do not add up; otherwise return the largest residual found.

    `tolerance` is relative to the largest amount in the ledger: amounts are floating-point
    numbers, and a sum of a dozen of them may differ in the last digits.

    Raises
    ------
    RunError
        Naming the identity, path (from 0) and year (from 1) of the worst residual.

    >>> from mutualfund.results import example_run
    >>> check_identities(example_run().ledger)
    0.0
    """
    largest = max((float(np.nanmax(np.abs(v), initial=0.0)) for v in ledger.values()), default=0.0)
    allowed = tolerance * max(1.0, largest)
    worst = 0.0
    for identity, residual in identities(ledger, registry).items():
        size = np.abs(residual)
        if size.size == 0:
            continue
        path, year = (int(place) for place in np.unravel_index(np.argmax(size), size.shape))
        if not size[path, year] <= allowed:
            raise RunError(
                f"the books do not add up: identity '{identity}' is off by {size[path, year]:g} "
                f"in path {path}, year {year + 1}; allowed: {allowed:g}"
            )
        worst = max(worst, float(size[path, year]))
    return worst
