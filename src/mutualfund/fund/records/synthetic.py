"""Records of a fund that was simulated: what it would have on file, and the truth behind it.

A study of claims can be tested from end to end only where the truth is known. Here members, spells of cover
and claim lines are those of one simulated path, claim by claim, so whatever a study finds in them can be held
against what was put in: rates, claim sizes, cost sharing, payment delays, and what is still to be paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from os import PathLike
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mutualfund.errors import Fault, InputError, as_day, one_number
from mutualfund.fund.records.days import claim_days
from mutualfund.fund.records.path import drawn_path
from mutualfund.fund.records.price import expected_by_fund
from mutualfund.fund.records.tables import (
    claims_table,
    cover_table,
    members_table,
    truth_table,
    without_copies,
)
from mutualfund.results.storage import write_atomically
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RecordTables:
    """What a fund has on file; Arrow tables with the columns of `schema`.

    Parameters
    ----------
    members
        One row per member: ``member_id, birth_date, sex, joined``, what else the portfolio knows, and the
        health state on arrival where the assumptions have states.
    cover
        One spell of cover per member: ``member_id, cover_start, cover_end``.
    claims
        One row per claim line, in order of payment.

    >>> empty = pa.table({"member_id": pa.array([], pa.string())})
    >>> RecordTables(empty, empty, empty)
    RecordTables: 0 members, 0 spells of cover, 0 claim lines
    """

    members: pa.Table
    cover: pa.Table
    claims: pa.Table

    def __repr__(self) -> str:
        return (
            f"RecordTables: {self.members.num_rows:,} members, {self.cover.num_rows:,} spells of cover, "
            f"{self.claims.num_rows:,} claim lines"
        )

    def write(self, folder: str | PathLike[str]) -> None:
        """Write ``members.parquet``, ``cover.parquet`` and ``claims.parquet``, each whole or not at all.

        Raises
        ------
        RunError
            Where the disk is full or the folder may not be written.
        """
        _write(folder, members=self.members, cover=self.cover, claims=self.claims)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SyntheticRecords:
    """The records of one simulated path to their end, and the truth behind them; see `synthetic_records`.

    Parameters
    ----------
    everything
        All rows, also those dated after the simulated years: claims of the last year are paid later.
    truth
        One row per claim in a covered month, whether or not the fund recognises it: ``claim_id, member_id,
        line``; ``year, month`` (1 to 12) and ``delay_months`` as simulated; ``incurred, reported, paid``; and
        in whole minor units ``billed, allowed, external_paid, member_paid, provider_borne, claims_incurred``.
    minor
        Minor units in one unit of currency.
    """

    everything: RecordTables
    truth: pa.Table
    minor: int

    def __repr__(self) -> str:
        return f"SyntheticRecords: {self.truth.num_rows:,} claims; {self.everything!r}"

    def known_on(self, day: date) -> RecordTables:
        """What the fund had on file at the close of `day`: who had joined, cover and lines so far.

        Raises
        ------
        InputError
            Where `day` is no day; also in the methods below.
        """
        last = pa.scalar(as_day("day", day), pa.date32())
        every = self.everything
        came = pc.fill_null(pc.less_equal(every.members["joined"], last), True)
        begun = every.cover.filter(pc.less_equal(every.cover["cover_start"], last))
        so_far = pc.min_element_wise(begun["cover_end"], last)
        return RecordTables(
            members=every.members.filter(came),
            cover=begun.set_column(2, "cover_end", so_far),
            claims=every.claims.filter(pc.less_equal(every.claims["paid"], last)),
        )

    def unpaid(self, day: date) -> pa.Table:
        """The lines of treatments up to `day` that were entered after it, reversals included, copies not."""
        last = pa.scalar(as_day("day", day), pa.date32())
        claims = without_copies(self.everything.claims)
        treated = pc.less_equal(claims["incurred"], last)
        return claims.filter(pc.and_(treated, pc.greater(claims["paid"], last)))

    def true_outstanding(self, day: date) -> float:
        """What the fund still had to pay, at the close of `day`, for treatments up to it, reported or not.

        Currency. With what it had paid by then it makes up what those treatments cost it in the end. What is
        still to be taken back counts against it. This is what a reserving method estimates from payments.
        """
        amounts = np.rint(self.unpaid(day)["amount"].to_numpy() * self.minor).astype(np.int64)
        return int(amounts.sum()) / self.minor

    def true_ibnr(self, day: date) -> float:
        """What the fund pays in the end for treatments up to `day` that are reported to it after it.

        Currency; a part of `true_outstanding`, whose rest is reported and not paid.
        """
        last = pa.scalar(as_day("day", day), pa.date32())
        treated = pc.less_equal(self.truth["incurred"], last)
        late = self.truth.filter(pc.and_(treated, pc.greater(self.truth["reported"], last)))
        return int(late["claims_incurred"].to_numpy().sum()) / self.minor

    def write(self, folder: str | PathLike[str]) -> None:
        """Write the three tables of `RecordTables.write` and ``truth.parquet``, each whole or not at all.

        Raises
        ------
        RunError
            Where the disk is full or the folder may not be written.
        """
        self.everything.write(folder)
        _write(folder, truth=self.truth)


def synthetic_records(
    scenario: Scenario, *, path: int = 0, reversals: float = 0.0, duplicates: float = 0.0
) -> SyntheticRecords:
    """The records of one path of a scenario: its members, their cover and every one of their claims.

    The claims are those that `simulate` settles on that path, drawn again from the same addresses: by line
    and year they sum to its billed, allowed, member's and fund's amounts to the minor unit. Where members
    leave because of the price, or cover ends with an insolvent fund, the path's fund years are simulated
    for it, after a pilot run.

    Parameters
    ----------
    scenario
        What is put in. Lines with ``level = "fund"`` belong to no member and have no records, nor has what
        was outstanding before the fund's first day.
    path
        0 to settings.paths - 1.
    reversals
        Chance, 0 to 1, that a payment is made twice by mistake: a second line of the same day, with an
        identifier of its own, and 1 to 90 days later a line of kind ``reversal`` that takes it back.
    duplicates
        Chance, 0 to 1, that a payment's row stands in the file twice, equal in every column. Such a file is
        wrong, and `ClaimRecords` refuses it.

    Returns
    -------
    SyntheticRecords
        A claim is treated on the day that its moment in the month says; it is paid its delay of whole months
        later, on a day of that month drawn for the records, as is the day of reporting in between. Claims
        that the rulebook does not recognise (before a line opens, while waiting) are in the truth only. A
        birthday is drawn so that ages at each year's opening are those simulated.

    Members are numbered anew: a `Portfolio` keeps no identifiers, so none can come out. Claims are made up,
    but age, sex, plan, region and so on are those of the portfolio: records of a scenario with real members
    show real people's attributes in the order of their keys, and whoever has the members file can tell who
    is who. Treat them as personal data; publish records of synthetic members only.

    Raises
    ------
    InputError
        Where `path` is not one of the scenario's or a chance is none.

    >>> from mutualfund.scenario import archetypes
    >>> scenario = archetypes.load("mutuelle").replace("members.synthetic.n", 50)
    >>> records = synthetic_records(scenario, path=3)
    >>> fund_part = sum(records.truth["claims_incurred"].to_pylist())
    >>> fund_part == round(sum(records.everything.claims["amount"].to_pylist()) * records.minor)
    True
    """
    last = scenario.settings.paths - 1
    if isinstance(path, bool) or not isinstance(path, int | np.integer):
        allowed = f"0 to {last} (paths of the scenario)"
        raise InputError([Fault("path", type(path).__name__, allowed, code="type")])
    one_number("path", int(path), minimum=0, maximum=last, unit="paths of the scenario")
    one_number("reversals", reversals, minimum=0.0, maximum=1.0, unit="chance")
    one_number("duplicates", duplicates, minimum=0.0, maximum=1.0, unit="chance")
    plan = lower(scenario)
    claims, cover = drawn_path(plan, int(path), expected_by_fund(plan))
    days = claim_days(plan, int(path), claims, reversals=reversals, duplicates=duplicates)
    truth = truth_table(plan, claims, days)
    everything = RecordTables(
        members=members_table(plan, cover),
        cover=cover_table(plan, cover),
        claims=claims_table(truth, days, scenario.fund.currency, plan.minor),
    )
    return SyntheticRecords(everything, truth, plan.minor)


def _write(folder: str | PathLike[str], **tables: pa.Table) -> None:
    import pyarrow.parquet as pq

    for name, table in tables.items():
        target = BytesIO()
        pq.write_table(table, target)
        write_atomically(Path(folder) / f"{name}.parquet", target.getvalue())
