"""The rules of a fund year as the kernel reads them: terms by month segment, plan and line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.rules import Benefits, Rulebook
from mutualfund.rules.reinsurance import ExcessOfLoss
from mutualfund.sim.kernels.layout import COPAY_MAX, NEVER, YearTables
from mutualfund.sim.tables import fixed_share
from mutualfund.types import IntArray


def month_start(start: date, month: int) -> date:
    """The first day of fund month `month` (0 is the first month of year 1)."""
    index = start.month - 1 + month
    return date(start.year + index // 12, index % 12 + 1, 1)


def months_between(start: date, day: date) -> int:
    """Fund month in which `day` falls."""
    return 12 * (day.year - start.year) + day.month - start.month


def minor_amount(amount: float | None, factor: float, minor: int) -> int:
    """A benefit amount in minor units, half up; None is no limit."""
    return NEVER if amount is None else int(np.floor(amount * factor * minor + 0.5))


class YearLowering:
    """Lowers the rulebook of one fund year; `plan_names` are those of the portfolio."""

    def __init__(
        self,
        rules: Rulebook,
        start: date,
        plan_names: tuple[str, ...],
        lines: Sequence[str],
        minor: int,
    ) -> None:
        self.rules, self.start, self.minor = rules, start, minor
        self.plan_names, self.lines = plan_names, tuple(lines)

    def lower(
        self,
        year: int,
        inflation: float,
        use: IntArray,
        severity: IntArray,
        *,
        moving: bool,
        by_age: bool,
    ) -> YearTables:
        """The tables of fund year `year`.

        Parameters
        ----------
        inflation : a year's rate.
        use : (n_lines, 1 + n_plans).
        severity : (n_tables, 2 * 1153) at the year's prices.
        moving : whether somebody may join, lapse or die in some year.
        by_age : whether the fund's part is wanted by age.

        Raises
        ------
        InputError
            If a copay is larger than the kernel can hold.
        """
        books = [
            self.rules.in_force(month_start(self.start, 12 * (year - 1) + m)) for m in range(12)
        ]
        segments = [0]
        for m in range(1, 12):
            changed = (books[m].benefits, books[m].plans) != (
                books[m - 1].benefits,
                books[m - 1].plans,
            )
            segments.append(segments[-1] + changed)
        distinct = [books[segments.index(s)] for s in range(segments[-1] + 1)]
        factor = (1.0 + inflation) ** (year - 1)
        limits = np.array([[self.limits(b, factor) for b in self.benefits(k)] for k in distinct])
        layers = [rule for rule in books[0].reinsurance if isinstance(rule, ExcessOfLoss)]
        terms = [[self.terms(b, books[0], factor) for b in self.benefits(k)] for k in distinct]
        opening = [[self.opening(b) for b in self.benefits(k)] for k in distinct]
        shape = (len(distinct), 1 + len(self.plan_names), len(self.lines))
        tables = YearTables(
            year=year,
            ordered=int(
                (limits[..., 0] > 0).any()
                or (limits[..., 1:] < NEVER).any()
                or has_line_limit(terms)
            ),
            full_exposure=0,
            waits_served=0,
            moving=int(moving),
            by_age=int(by_age),
            severity=severity,
            tariff_cell=tariff_cells(books[0], self.plan_names),
            use=use,
            segment=np.array(segments, np.int64),
            terms=np.array(terms, np.int64).reshape(*shape, 6),
            opening=np.array(opening, np.int64).reshape(*shape, 3),
            limits=limits.astype(np.int64),
            layers=np.array(
                [
                    [
                        minor_amount(x.retention, 1.0, self.minor),
                        minor_amount(x.limit, 1.0, self.minor),
                    ]
                    for x in layers
                ],
                np.int64,
            ).reshape(-1, 2),
        )
        return read_only(tables)

    def benefits(self, book: Rulebook) -> list[Benefits]:
        """Benefits by plan row: first those of members without a plan, then the portfolio's plans."""
        return [book.benefits] + [book.plans.get(name, book.benefits) for name in self.plan_names]

    def limits(self, benefits: Benefits, factor: float) -> list[int]:
        """Deductible, out-of-pocket maximum and the plan's annual limit."""
        by = factor if benefits.indexed else 1.0
        amounts = (benefits.deductible, benefits.out_of_pocket_maximum, benefits.annual_limit)
        return [minor_amount(amount, by, self.minor) for amount in amounts]

    def terms(self, benefits: Benefits, book: Rulebook, factor: float) -> list[list[int]]:
        """One row a line, columns as in the kernel."""
        rows = []
        for name in self.lines:
            line = benefits.line(name)
            by = factor if line.indexed else 1.0
            provider = book.providers.get(name)
            copay = minor_amount(line.copay, by, self.minor)
            if copay > COPAY_MAX:
                raise InputError([too_large(name, copay / self.minor, COPAY_MAX / self.minor)])
            rows.append(
                [
                    copay,
                    fixed_share(line.coinsurance),
                    int(line.deductible_applies),
                    minor_amount(line.annual_limit, by, self.minor),
                    fixed_share(line.external_share),
                    fixed_share(provider.share if provider else 0.0),
                ]
            )
        return rows

    def opening(self, benefits: Benefits) -> list[list[int]]:
        """One row a line: month it opens, waiting months, month before which joiners do not wait."""
        rows = []
        for name in self.lines:
            line = benefits.line(name)
            opens = -NEVER if line.starts is None else months_between(self.start, line.starts)
            waived = max(opens, 0) if line.waive_for_existing else -NEVER
            rows.append([opens if line.covered else NEVER, line.waiting_months, waived])
        return rows


def read_only(tables: YearTables) -> YearTables:
    """The same tables with read-only arrays: plans are shared by threads."""
    for array in tables:
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return tables


def tariff_cells(book: Rulebook, plan_names: tuple[str, ...]) -> IntArray:
    """Tariff cell by age and plan row, (121, 1 + n_plans): members without a plan first.

    A row that no member has may be without a price (cell -1); it is given cell 0, which nobody pays.
    """
    table = book.contributions.cell_table(plan_names)
    return np.maximum(np.roll(table, 1, axis=1), 0).astype(np.int64)


def has_line_limit(terms: list[list[list[list[int]]]]) -> bool:
    """Whether any line has an annual limit, an accumulator that spans claims."""
    return any(line[3] < NEVER for segment in terms for plan in segment for line in plan)


def too_large(line: str, copay: float, most: float) -> Fault:
    """A copay beyond the kernel's integers: a unit slipped, or the currency wants a larger one."""
    remedy = "State money in a larger unit, or leave the line uncovered."
    return Fault(
        f"rules.benefits.{line}.copay", f"{copay:.4g}", f"at most {most:.4g}", remedy, "copay"
    )
