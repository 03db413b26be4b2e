"""What members cost in a year: large claims pooled, concentration, persistence from year to year.

A member's year is the twelve months of a study year, all lines together. Members with cover in the year take
part, also those without a claim; a member covered for part of the year counts with what that part cost. Where
whole months are counted, so does who had claims and no month that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.moments import Moments, Source
from mutualfund.claims.experience.tables import ExperienceTable, table_of
from mutualfund.errors import Fault, InputError, numbers, one_number, require
from mutualfund.types import BoolArray, FloatArray, IntArray

TOP_SHARES = (0.01, 0.05, 0.10, 0.20, 0.50, 1.0)
CLASS_SHARES = (0.5, 0.25, 0.15, 0.05, 0.04, 0.01)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MemberYears:
    """Cost in minor units and member-months by member and study year: (n_members, n_years) each."""

    cents: FloatArray
    months: FloatArray
    units: int
    labels: tuple[str, ...]

    @property
    def there(self) -> BoolArray:
        """(n_members, n_years) who was covered in the year."""
        there: BoolArray = (self.months > 0.0) | (self.cents > 0.0)
        return there


def member_years(source: Source) -> MemberYears:
    """Every member's years; the one table of a study that grows with members (and not with claims)."""
    period = source.cover.period
    year = period.year_of_month
    cents = np.zeros((source.n_members, period.n_years))
    months = np.zeros((source.n_members, period.n_years))
    opens = np.searchsorted(year, np.arange(period.n_years))
    for first, last in source.chunks():
        months[first:last] = np.add.reduceat(source.cover.months(first, last), opens, axis=1)
        rows = source.ledger.source.between(first, last)
        np.add.at(cents, (rows.member, year[rows.month]), rows.cents)
    return MemberYears(cents, months, source.ledger.units, period.year_labels)


def sampled_counts(
    source: Source, member: IntArray, known: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Claims and member-months, each (n_lines, n, n_years), of members at `member` (n,), ascending.

    A month counts as far as its claims are on file: known (n_lines, n_months).
    """
    period, n_lines = source.cover.period, len(source.ledger.lines)
    year = period.year_of_month
    opens = np.searchsorted(year, np.arange(period.n_years))
    claims = np.zeros((n_lines, len(member), period.n_years))
    months = np.zeros_like(claims)
    for first, last in source.chunks():
        begin, end = np.searchsorted(member, [first, last])
        covered = source.cover.months(first, last)[member[begin:end] - first]
        for line, share in enumerate(known):
            months[line, begin:end] = np.add.reduceat(covered * share, opens, axis=1)
        rows = source.ledger.source.between(first, last)
        place = np.minimum(np.searchsorted(member, rows.member), max(len(member) - 1, 0))
        own = member[place] == rows.member
        at = (rows.line[own], place[own], year[rows.month[own]])
        np.add.at(claims, at, rows.claims[own])
    return claims, months


def pooled(people: MemberYears, at: float) -> ExperienceTable:
    """Cost below and above the pooling point `at` (currency a member and study year), by year."""
    one_number("at", at, minimum=0.0, maximum=1e12, unit="currency a member and year")
    point = at * people.units
    below = np.minimum(people.cents, point)
    above = people.cents - below
    parts = {name: _by_year(values, people.months) for name, values in (("b", below), ("a", above))}
    over = (people.cents > point).sum(axis=0)
    units = people.units
    values = {
        "member_months": parts["b"].exposure,
        "amount": (parts["b"].total + parts["a"].total) / units,
        "amount_below": parts["b"].total / units,
        "amount_above": parts["a"].total / units,
        "pmpm_below": parts["b"].rate / units,
        "pmpm_below_error": parts["b"].standard_error / units,
        "pmpm_above": parts["a"].rate / units,
        "pmpm_above_error": parts["a"].standard_error / units,
        "members_above": over.astype(np.float64),
    }
    persons = people.there.sum(axis=0)
    labels = [("year", people.labels)]
    return table_of("large claims pooled", labels, persons > 0, persons, values)


def _by_year(x: FloatArray, e: FloatArray) -> Moments:
    persons = (e > 0.0).sum(axis=0).astype(np.int64)
    claimants = (x > 0.0).sum(axis=0).astype(np.int64)
    sums = (x, e, x * x, x * e, e * e)
    return Moments(persons, claimants, *(values.sum(axis=0) for values in sums))


def lorenz(cents: FloatArray, shares: FloatArray) -> FloatArray:
    """Share of cost borne by the `shares` of members who cost most; a member may be taken in part.

    >>> lorenz(np.array([6.0, 3.0, 1.0, 0.0]), np.array([0.25, 0.5])).tolist()
    [0.6, 0.9]
    """
    ordered = np.sort(cents)[::-1]
    running: FloatArray = np.append(0.0, np.cumsum(ordered))
    if running[-1] <= 0.0:
        return np.full(len(shares), np.nan)
    at: FloatArray = np.interp(shares * len(ordered), np.arange(len(running)), running)
    return at / float(running[-1])


def concentration(people: MemberYears, shares: Sequence[float]) -> ExperienceTable:
    """Share of cost borne by each of `shares` of the members, the dearest first, by year."""
    require("shares", shares, minimum=1e-6, maximum=1.0, unit="share of members")
    at = numbers("shares", shares).ravel()
    tops = tuple(f"top {100 * share:g} %" for share in at)
    shape = (len(people.labels), len(at))
    share, persons, amount = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for year in range(shape[0]):
        cents = people.cents[people.there[:, year], year]
        share[year] = lorenz(cents, at)
        persons[year] = np.ceil(at * len(cents) - 1e-9)
        amount[year] = share[year] * cents.sum() / people.units
    values = {"cost_share": share.ravel(), "amount": amount.ravel()}
    labels = [("year", people.labels), ("members", tops)]
    return table_of("concentration", labels, persons.ravel() > 0, persons.ravel(), values)


def check_two_years(period: StudyPeriod, minimum_months: float) -> None:
    """Refuse a period in which no two study years have `minimum_months`."""
    one_number("minimum_months", minimum_months, minimum=0.0, maximum=12.0, unit="months")
    long_enough = int((np.bincount(period.year_of_month) >= minimum_months).sum())
    if long_enough < 2:
        got = f"{long_enough} in a period of {period.n_months} months"
        allowed = f"at least two study years of {minimum_months:g} months"
        remedy = "Study 24 months or more, or lower minimum_months."
        raise InputError([Fault("persistence", got, allowed, remedy, "too_few_years")])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Classes:
    """Members' cost classes by year, cheapest first: (n_members, n_years) codes, -1 without enough cover."""

    code: IntArray
    labels: tuple[str, ...]


def classes_of(people: MemberYears, shares: Sequence[float], minimum_months: float) -> Classes:
    """Each year's members ranked by cost and cut at `shares`, cheapest first.

    Equal costs are never torn apart: who costs no more than the class's last member is in it, so a class may
    be wider than its name where many cost nothing.
    """
    require("classes", shares, minimum=1e-6, maximum=1.0, unit="share of members")
    widths = tuple(np.atleast_1d(np.asarray(shares, np.float64)).tolist())
    if abs(sum(widths) - 1.0) > 1e-9 or len(widths) < 2:
        allowed = "at least two shares that sum to 1"
        raise InputError([Fault("classes", f"a sum of {sum(widths):g}", allowed, code="classes")])
    code = np.full(people.cents.shape, -1)
    enough = people.there & (people.months >= minimum_months - 1e-9)
    for year in range(people.cents.shape[1]):
        cents = people.cents[enough[:, year], year]
        if cents.size:
            ranks = np.ceil(np.cumsum(widths)[:-1] * cents.size - 1e-9).astype(np.int64)
            limits = np.sort(cents)[np.maximum(ranks, 1) - 1]
            code[enough[:, year], year] = np.searchsorted(limits, cents, side="left")
    return Classes(code, class_labels(widths))


def class_labels(widths: Sequence[float]) -> tuple[str, ...]:
    """Names of cost classes by their widths, cheapest first.

    >>> class_labels((0.9, 0.1))
    ('0-90 %', '90-100 %')
    """
    ends = np.round(100.0 * np.append(0.0, np.cumsum(widths)), 6)
    return tuple(f"{low:g}-{high:g} %" for low, high in pairwise(ends))


def persistence(classes: Classes) -> ExperienceTable:
    """Share of each class that is in each class the year after, all pairs of years together.

    The error is that of a ratio of sums over members, who may be there in several pairs of years. Where all
    members of a class, or none, are in the other, their spread says nothing: the error is then the standard
    deviation of a binomial's share in Jeffreys' posterior, beta(went + 1/2, stayed away + 1/2) (L. Brown, T.
    Cai and A. DasGupta, Statistical Science 16 (2001) 101).

    Raises
    ------
    InputError
        Where nobody is in a class in two years running: the table would be empty without a word.
    """
    before, after = classes.code[:, :-1], classes.code[:, 1:]
    both = (before >= 0) & (after >= 0)
    if not both.any():
        got = "nobody with enough months in two study years running"
        allowed, remedy = "members who stay", "Lower minimum_months, or study more years."
        raise InputError([Fault("persistence", got, allowed, remedy, "nobody_stays")])
    n = len(classes.labels)
    shape = (n, n)
    persons, share, error = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for start in range(n):
        here = both & (before == start)
        for end in range(n):
            cell = _by_year(
                (here & (after == end)).sum(axis=1)[:, None].astype(np.float64),
                here.sum(axis=1)[:, None].astype(np.float64),
            )
            persons[start, end] = _persons(here & (after == end))
            share[start, end] = cell.rate[0]
            own = float(cell.standard_error[0])
            error[start, end] = own if own > 0.0 else _jeffreys(share[start, end], cell.persons[0])
    values = {"share": share.ravel(), "standard_error": error.ravel()}
    labels = [("class", classes.labels), ("class_next_year", classes.labels)]
    seen = np.isfinite(share.ravel())
    return table_of("persistence", labels, seen, persons.ravel(), values)


def _jeffreys(share: float, persons: float) -> float:
    """Standard deviation of beta(share x persons + 1/2, (1 - share) x persons + 1/2)."""
    a, b = share * persons + 0.5, (1.0 - share) * persons + 0.5
    return float(np.sqrt(a * b / (a + b + 1.0)) / (a + b))


def _persons(cells: BoolArray) -> int:
    return int(cells.any(axis=1).sum())
