"""What claim lines are held against: dates, cover, earlier payments, control totals."""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import numpy as np

from mutualfund.errors import Fault, InputError, MutualFundWarning, as_day, one_number, require_kind
from mutualfund.portfolio.cover import CoverSpells
from mutualfund.portfolio.days import NOT_A_DAY, day_number
from mutualfund.portfolio.members import Portfolio
from mutualfund.portfolio.table import TableReader
from mutualfund.schema import is_currency, require_currency
from mutualfund.types import BoolArray, FloatArray, IntArray, UIntArray

CENT = 1e-6  # what binary fractions may add to, or take from, a decimal amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotals:
    """What the sender of a file says is in it.

    Parameters
    ----------
    rows
        Number of claim lines, or None.
    amount
        Sum of the column `amount`, reversals included, in currency; or None.
    warn_beyond, refuse_beyond
        Relative differences: a larger one than the first warns, than the second refuses. 0 to 1.

    Raises
    ------
    InputError
        Where the two bounds are out of range or out of order.

    >>> ControlTotals(rows=1200, amount=84_310.55).refuse_beyond
    0.001
    """

    rows: int | None = None
    amount: float | None = None
    warn_beyond: float = 1e-9
    refuse_beyond: float = 1e-3

    def __post_init__(self) -> None:
        one_number("control.refuse_beyond", self.refuse_beyond, minimum=0, maximum=1, unit="share")
        one_number(
            "control.warn_beyond",
            self.warn_beyond,
            minimum=0,
            maximum=self.refuse_beyond,
            unit="share",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimChecks:
    """What claim lines are read against.

    Parameters
    ----------
    as_of
        The day the lines were extracted, also as the text 2026-12-31: nothing may have happened later.
    currency
        Three capital letters; None where the file has a column `currency`.
    lines
        The service lines that may occur; None for any.
    map_unknown
        The line that other codes are counted under; None refuses them.
    members
        The members the lines belong to; None where they are not at hand.
    cover
        When they were covered; None where it is not at hand.
    control
        Totals to compare with.

    Raises
    ------
    InputError
        Where `as_of` is no day, or the currency no code.

    >>> from datetime import date
    >>> ClaimChecks(as_of=date(2026, 12, 31), currency="EUR").map_unknown is None
    True
    """

    as_of: date
    currency: str | None = None
    lines: tuple[str, ...] | None = None
    map_unknown: str | None = None
    members: Portfolio | None = None
    cover: CoverSpells | None = None
    control: ControlTotals | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "as_of", as_day("as_of", self.as_of))
        if self.currency is not None:
            require_currency("currency", self.currency)


def require_checks(checks: object) -> None:
    """Refuse what is no `ClaimChecks`.

    Raises
    ------
    InputError
        With one fault.
    """
    remedy = 'Write checks=ClaimChecks(as_of=date(2026, 12, 31), currency="EUR").'
    require_kind("checks", checks, ClaimChecks, "ClaimChecks", remedy)


def read_currency(reader: TableReader, checks: ClaimChecks) -> str:
    """The one currency of the lines, stated or in the column; amounts are never converted."""
    if "currency" not in reader:
        if checks.currency is None and "amount" in reader:
            remedy = "State the currency or add the column."
            reader.note("currency", "no currency", "one currency", remedy, "no_currency")
        return checks.currency or ""
    codes, names = reader.labels("currency")
    expected = checks.currency or (names[0] if names else "")
    other = np.array([name != expected for name in names] + [True])[codes]
    if checks.currency is None and len(names) > 1:
        other = codes >= 0
    remedy = "Convert the amounts where their day's rate is known, then read one currency."
    reader.note_rows("currency", other & (codes >= 0), "one currency", remedy, "mixed_currency")
    allowed = "one currency in every row"
    reader.note_rows("currency", codes < 0, allowed, "Fill every row.", "no_currency")
    if expected and not other.any() and not is_currency(expected):
        remedy = "Write the code, as EUR."
        reader.note("currency", "no code", "three capital letters", remedy, "no_currency")
    return expected


def check_dates(reader: TableReader, days: dict[str, IntArray], as_of: date) -> None:
    """Treated, then reported and paid, all by `as_of`; `days` holds (n_rows,) days by column."""
    latest = day_number(as_of)
    known = {name: values != NOT_A_DAY for name, values in days.items()}
    for name, values in days.items():
        late = known[name] & (values > latest)
        allowed = f"not after {as_of.isoformat()}"
        reader.note_rows(name, late, allowed, "Correct the day or as_of.", "future_date")
    pairs = (("paid", "incurred"), ("reported", "incurred"), ("paid", "reported"))
    for later, earlier in pairs:
        if later in days and earlier in days:
            both = known[later] & known[earlier]
            early = both & (days[later] < days[earlier])
            allowed, remedy = f"not before {earlier}", "Correct one of the two days."
            reader.note_rows(later, early, allowed, remedy, f"{later}_before_{earlier}")


def check_members(
    reader: TableReader, checks: ClaimChecks, member_key: UIntArray, incurred: IntArray
) -> None:
    """Every line belongs to a member, and to a day the member was covered."""
    if "member_id" not in reader:
        return
    if checks.members is not None:
        unknown = ~np.isin(member_key, checks.members.member_key)
        remedy = "Add the member, or leave out the lines."
        allowed = "a member_id of the members table"
        reader.note_rows("member_id", unknown, allowed, remedy, "unknown_member")
    if checks.cover is not None:
        known = incurred != NOT_A_DAY
        inside = checks.cover.covers(member_key, np.where(known, incurred, 0))
        remedy = "Correct the day or the spell, or leave out the lines."
        allowed = "a day of cover"
        reader.note_rows("incurred", known & ~inside, allowed, remedy, "outside_cover")


@dataclass(frozen=True, slots=True)
class Movements:
    """What is needed to match reversals: arrays (n_rows,)."""

    claim_key: UIntArray
    member_key: UIntArray
    line_code: IntArray
    incurred: IntArray
    paid: IntArray
    amount: FloatArray
    is_reversal: BoolArray


def matched_payments(rows: Movements) -> IntArray:
    """(n_rows,) row of the payment that each reversal takes back; -1 elsewhere and where there is none.

    Reversals are taken in the order of payment day and claim, so the order of rows does not matter. By
    `claim_id` several reversals may share a payment up to its amount; without it, member, line, day of
    treatment and amount must be equal and the payment whole.
    """
    found = np.full(len(rows.amount), -1)
    reversals = np.flatnonzero(rows.is_reversal)
    reversals = reversals[
        np.lexsort((rows.amount[reversals], rows.claim_key[reversals], rows.paid[reversals]))
    ]
    by_claim, by_facts = _payments_at_hand(rows, reversals)
    left: dict[int, float] = {}
    for row in reversals.tolist():
        taken = -float(rows.amount[row])
        same_claim = by_claim.get(int(rows.claim_key[row]))
        for payment in [same_claim] if same_claim is not None else by_facts[_facts(rows, row)]:
            whole = float(rows.amount[payment])
            rest = left.get(payment, whole)
            needed = taken if same_claim is not None else whole
            if rows.paid[payment] <= rows.paid[row] and rest + CENT >= max(taken, needed):
                left[payment] = rest - taken
                found[row] = payment
                break
    return found


def _facts(rows: Movements, row: int) -> tuple[int, int, int, float]:
    return (
        int(rows.member_key[row]),
        int(rows.line_code[row]),
        int(rows.incurred[row]),
        abs(float(rows.amount[row])),
    )


def _payments_at_hand(
    rows: Movements, reversals: IntArray
) -> tuple[dict[int, int], dict[tuple[int, int, int, float], list[int]]]:
    """Payments of members who have a reversal, by claim and by facts, the earliest paid first."""
    near = np.isin(rows.member_key, rows.member_key[reversals]) & ~rows.is_reversal
    near &= np.isfinite(rows.amount)
    payments = np.flatnonzero(near)
    payments = payments[np.lexsort((rows.claim_key[payments], rows.paid[payments]))]
    by_facts: dict[tuple[int, int, int, float], list[int]] = defaultdict(list)
    for payment in payments.tolist():
        by_facts[_facts(rows, payment)].append(payment)
    return {int(rows.claim_key[payment]): payment for payment in payments.tolist()}, by_facts


def check_control(source: str, control: ControlTotals, rows: int, amount: float) -> None:
    """Compare the number of rows and the sum of their amounts with the control totals.

    Raises
    ------
    InputError
        Where one differs by more than `refuse_beyond`; by more than `warn_beyond` it warns. Only the
        relative difference is shown.
    """
    pairs = {"rows": (control.rows, rows), "amount": (control.amount, amount)}
    faults = []
    for name, (stated, found) in pairs.items():
        if stated is None or found == stated:
            continue
        difference = abs(found - stated) / max(abs(stated), 1e-300)
        if difference > control.refuse_beyond:
            got = f"{min(difference, 9.99):.2%} away from the control total"
            allowed = f"at most {control.refuse_beyond:.2%} away"
            remedy = "Ask for the whole file, or correct the control total."
            faults.append(Fault(f"{source}: {name}", got, allowed, remedy, "control_total"))
        elif difference > control.warn_beyond:
            text = f"{source}: {name}: {difference:.2%} away from the control total"
            warnings.warn(text, MutualFundWarning, stacklevel=5)
    if faults:
        raise InputError(faults)
