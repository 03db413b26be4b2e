"""From three tables to the parts of a study: who, when covered, what was claimed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.exposure import Cover, ExposureRule
from mutualfund.claims.experience.keys import Key, keys_of
from mutualfund.claims.experience.ledger import Ledger, Measure, ledger_of
from mutualfund.claims.experience.moments import Source
from mutualfund.claims.record_checks import ClaimChecks, check_control, require_checks
from mutualfund.claims.records import ClaimRecords
from mutualfund.errors import Fault, InputError, listed, require_whole
from mutualfund.portfolio.cover import CoverSpells, Overlap, spells_from_columns
from mutualfund.portfolio.days import day_number
from mutualfund.portfolio.files import columns_of_parquet, parquet_needs
from mutualfund.portfolio.members import Portfolio
from mutualfund.schema import MAX_AGE
from mutualfund.types import BoolArray, IntArray

MIB = 1 << 20
_READ_AGAIN = "Leave them out before reading, or read the lines with the checks of this study."


def study_parts(
    members: Any,
    cover: Any,
    claims: Any,
    *,
    period: StudyPeriod,
    checks: ClaimChecks,
    rule: ExposureRule,
    measure: Measure,
    age_bands: Sequence[int],
    overlap: Overlap,
    memory_mib: int,
    streamed: bool | None,
) -> tuple[Portfolio, Source, dict[str, Key]]:
    """Members, exposure with claims, and keys; see `ExperienceStudy.from_tables`."""
    require_checks(checks)
    if checks.as_of < period.last:
        got, allowed = checks.as_of.isoformat(), f"{period.last.isoformat()} or later"
        remedy = "End the period with the last whole month before the day the claims were taken."
        raise InputError([Fault("checks.as_of", got, allowed, remedy, "before_end")])
    bands, labels = _bands(age_bands)
    portfolio = _members(members, period)
    spells = _cover(cover, overlap)
    _check_known(spells, portfolio)
    checks = replace(checks, members=portfolio, cover=spells)
    ledger = _ledger(claims, portfolio, period, checks, measure, memory_mib, streamed)
    held = Cover.of(spells, portfolio.member_key, period, rule)
    keys = keys_of(portfolio, period, _ages(portfolio, period), bands, labels)
    return portfolio, Source(held, ledger, len(portfolio)), keys


def _bands(first_ages: Sequence[int]) -> tuple[IntArray, tuple[str, ...]]:
    """(MAX_AGE + 1,) band of each age, and the bands' labels."""
    first = listed("age_bands", first_ages, "first ages")
    for age in first:
        require_whole("age_bands", age, minimum=0, maximum=MAX_AGE, unit="ascending first ages")
    ends = [*first[1:], MAX_AGE + 1]
    if not first or first[0] != 0 or any(b <= a for a, b in zip(first, ends, strict=True)):
        allowed = f"ascending first ages from 0 to at most {MAX_AGE}"
        raise InputError([Fault("age_bands", str(list(first)), allowed, code="age_bands")])
    labels = [f"{low}-{end - 1}" for low, end in zip(first[:-1], ends[:-1], strict=True)]
    bands = np.searchsorted(first, np.arange(MAX_AGE + 1), side="right") - 1
    return bands, (*labels, f"{first[-1]}+")


def _is_path(table: Any) -> bool:
    return isinstance(table, str | PathLike)


def _members(members: Any, period: StudyPeriod) -> Portfolio:
    if isinstance(members, Portfolio):
        return members
    after = date(period.first.year + period.n_years, period.first.month, 1)
    read = Portfolio.read_parquet if _is_path(members) else Portfolio.from_frame
    return read(members, start=after)


def _ages(portfolio: Portfolio, period: StudyPeriod) -> IntArray:
    """(n_members,) age on the first day of the period, negative before birth.

    Raises
    ------
    InputError
        Where the portfolio's ages were counted to another day of the year.
    """
    start = portfolio.start or period.first
    if (start.month, start.day) != (period.first.month, 1):
        allowed = f"ages on a 1st of month {period.first.month}, as the study years open"
        remedy = "Hand the members table in, not a Portfolio, or shift the period."
        got = f"ages on {start.isoformat()}"
        raise InputError([Fault("members", got, allowed, remedy, "age_day")])
    return portfolio.age - (start.year - period.first.year)


def _cover(cover: Any, overlap: Overlap) -> CoverSpells:
    if isinstance(cover, CoverSpells):
        return cover
    if _is_path(cover):
        columns = columns_of_parquet(cover, "cover")
        return spells_from_columns(columns, source=Path(cover).name, overlap=overlap)
    return CoverSpells.from_frame(cover, overlap=overlap)


def _check_known(spells: CoverSpells, portfolio: Portfolio) -> None:
    unknown = np.unique(spells.member_key[~np.isin(spells.member_key, portfolio.member_key)]).size
    if unknown:
        got = f"{unknown:,} members without a row in the members table"
        allowed, remedy = "members of the members table", "Add them, or leave out their spells."
        raise InputError([Fault("cover: member_id", got, allowed, remedy, "unknown_member")])


def _ledger(
    claims: Any,
    portfolio: Portfolio,
    period: StudyPeriod,
    checks: ClaimChecks,
    measure: Measure,
    memory_mib: int,
    streamed: bool | None,
) -> Ledger:
    """The claims brought down to cells, in memory or through DuckDB."""
    if _is_path(claims) and streamed is None:
        streamed = parquet_needs(claims, "claims") > memory_mib * MIB
    if streamed:
        if not _is_path(claims):
            allowed = "the path of a Parquet file"
            raise InputError([Fault("claims", type(claims).__name__, allowed, code="streamed")])
        from mutualfund.claims.experience.streaming import ledger_of_parquet

        return ledger_of_parquet(Path(claims), portfolio, period, checks, measure, memory_mib)
    records = _records(claims, checks)
    return ledger_of(records, portfolio.member_key, period, measure, checks.lines or ())


def _records(claims: Any, checks: ClaimChecks) -> ClaimRecords:
    if isinstance(claims, ClaimRecords):
        _check_records(claims, checks)
        return claims
    if _is_path(claims):
        return ClaimRecords.read_parquet(claims, checks)
    return ClaimRecords.from_frame(claims, checks)


def _check_records(records: ClaimRecords, checks: ClaimChecks) -> None:
    """Lines read elsewhere are held against this study's checks, and refused where they do not meet them.

    They are not cut at `as_of`: a payment that is left out may have a reversal that is not, and what was
    noted when they were read would no longer be so.
    """
    faults = []
    if checks.currency not in (None, records.currency):
        allowed = f"{checks.currency}, as checks say"
        faults.append(Fault("claims: currency", records.currency, allowed, code="mixed_currency"))
    for field, strange, what, allowed, code in _strange_lines(records, checks):
        if strange.any():
            got = f"{int(strange.sum()):,} lines {what}"
            faults.append(Fault(f"claims: {field}", got, allowed, _READ_AGAIN, code))
    if faults:
        raise InputError(faults)
    if checks.control is not None:
        check_control("claims", checks.control, len(records), math.fsum(records.amount))


def _strange_lines(
    records: ClaimRecords, checks: ClaimChecks
) -> Iterator[tuple[str, BoolArray, str, str, str]]:
    """Column, (n,) lines that a check refuses, what they are, what is allowed and the fault's code."""
    latest = day_number(checks.as_of)
    for name in ("incurred", "reported", "paid"):
        days = getattr(records, name)
        if days is not None:
            allowed = f"lines known on {checks.as_of.isoformat()} (as_of)"
            yield name, days > latest, "of a later day", allowed, "future_date"
    early = records.paid < records.incurred
    yield "paid", early, "paid before treatment", "not before incurred", "paid_before_incurred"
    if checks.lines is not None:
        own = np.array([name not in checks.lines for name in records.line_names] + [False])
        allowed = ", ".join(checks.lines)
        yield "line", own[records.line_code], "of other service lines", allowed, "unknown_line"
    if checks.members is not None:
        strange = ~np.isin(records.member_key, checks.members.member_key)
        yield "member_id", strange, "of others", "lines of members of the table", "unknown_member"
        if checks.cover is not None:
            outside = ~strange & ~checks.cover.covers(records.member_key, records.incurred)
            yield "incurred", outside, "outside cover", "lines on days of cover", "outside_cover"
