"""An experience study: members, their cover and their claims, and every table that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from mutualfund.claims.experience import people, rates
from mutualfund.claims.experience.actual import Expectation, Of, expected_of
from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.exposure import ExposureRule
from mutualfund.claims.experience.held import HeldStudy
from mutualfund.claims.experience.keys import AGE_BANDS, LINE
from mutualfund.claims.experience.ledger import Measure
from mutualfund.claims.experience.monthly import Monthly, RateName, monthly_of
from mutualfund.claims.experience.run_off import run_offs
from mutualfund.claims.experience.tables import ExperienceTable, table_of
from mutualfund.claims.experience.trend import (
    Growth,
    Trend,
    WorkingDays,
    fit_trend,
)
from mutualfund.claims.record_checks import ClaimChecks
from mutualfund.errors import Fault, InputError, one_number, require_choice
from mutualfund.portfolio.cover import Overlap
from mutualfund.types import Day

if TYPE_CHECKING:
    from mutualfund.claims.experience.plots import StudyPlots

Table = str | PathLike[str] | Any
LEVEL = 0.95  # of intervals


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExperienceStudy(HeldStudy):
    """What members cost while they were covered; made by `from_tables`.

    Every rate is cost or claims over exact exposure, with a standard error that takes members as the
    independent units (`moments`). Tables are split by any of the keys: ``line``; ``year`` (twelve months from
    the period's first), ``quarter``, ``month``, ``calendar_month``; ``age_band`` (age last birthday on the
    first day of the study year), ``sex``, and ``plan``, ``region``, ``group``, ``health_state`` where the
    members table has them.

    >>> from mutualfund.claims.experience import example_study
    >>> example_study()
    ExperienceStudy of 4 members and 12 claims, 2024-01-01 to 2024-12-31, in EUR
    """

    @classmethod
    def from_tables(
        cls,
        members: Table,
        cover: Table,
        claims: Table,
        *,
        period: StudyPeriod | tuple[Day, Day],
        checks: ClaimChecks,
        exposure: ExposureRule = "days",
        measure: Measure = "amount",
        age_bands: Sequence[int] = AGE_BANDS,
        overlap: Overlap = "merge",
        memory_mib: int = 2048,
        streamed: bool | None = None,
    ) -> ExperienceStudy:
        """The study of three tables, each a pandas, polars or Arrow frame or the path of a Parquet file.

        Parameters
        ----------
        members
            Columns of `schema.MEMBERS`, everybody of the period, or a `Portfolio`. An `age` instead of a
            `birth_date` is that on the day after the period's last study year.
        cover
            Columns of `schema.COVER`, any number of spells a member, or `CoverSpells`. Death ends a spell.
        claims
            Columns of `schema.CLAIMS`, or `ClaimRecords`. Lines outside the period are left out and counted;
            lines of a day after `checks.as_of` are refused, also in records that were read before.
        period
            Whole months: first day of the first, last day of the last, as dates or as texts 2024-01-01.
        checks
            What the claim lines are read against: `as_of`, currency, lines. Members and cover are added here.
        exposure
            ``"days"`` of a month over its length, or whole ``"months"`` of who is in force on the 1st; see
            `exposure`.
        measure
            ``"amount"``, what the fund paid, or ``"allowed"``, the recognised charge.
        age_bands
            First age of each band, from 0.
        overlap
            ``"merge"`` counts a day that two spells cover once; ``"refuse"`` refuses such spells.
        memory_mib
            A Parquet file of claims whose columns would take more is streamed through DuckDB (extra `big`)
            in this much memory; 256 to 1,048,576.
        streamed
            True or False to decide that yourself.

        Raises
        ------
        InputError
            With every fault of a table, claims outside cover and members without a row among them; where
            DuckDB is needed and missing.
        """
        from mutualfund.claims.experience.reading import study_parts

        held = StudyPeriod.of(period)
        one_number("memory_mib", memory_mib, minimum=256, maximum=2**20, unit="MiB")
        require_choice("exposure", exposure, ("days", "months"))
        require_choice("measure", measure, ("amount", "allowed"))
        portfolio, source, keys = study_parts(
            members,
            cover,
            claims,
            period=held,
            checks=checks,
            rule=exposure,
            measure=measure,
            age_bands=age_bands,
            overlap=overlap,
            memory_mib=memory_mib,
            streamed=streamed,
        )
        return cls(portfolio, held, checks.as_of, measure, source, keys)

    def __repr__(self) -> str:
        claims = dict(self.notes)["claims counted"]
        days = f"{self.period.first.isoformat()} to {self.period.last.isoformat()}"
        members = f"{len(self.members):,} member{'' if len(self.members) == 1 else 's'}"
        counted = f"{claims:,} claim{'' if claims == 1 else 's'}"
        return f"ExperienceStudy of {members} and {counted}, {days}, in {self.currency}"

    def exposure(self, by: str | Sequence[str] = ()) -> ExperienceTable:
        """Members and member-months by any keys but the line.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().exposure(by="age_band")["member_months"].tolist()
        [23.5, 12.0]
        """
        names = self._names(by, line=False)
        return rates.exposure_table(self._moments(names, "claims"), self._labels(names))

    def pmpm(self, by: str | Sequence[str] = (), *, level: float = LEVEL) -> ExperienceTable:
        """Cost per member and month by any keys, with standard error and interval over members.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().pmpm(by="line").to_pandas().round(2)["pmpm"].tolist()
        [33.8, 5.83]
        """
        names = self._names(by)
        sums = self._moments(names, "cents")
        return rates.pmpm_table(sums, self._labels(names), self._units, level)

    def per_thousand(
        self, by: str | Sequence[str] = (), *, level: float = LEVEL
    ) -> ExperienceTable:
        """Claims per thousand member-years by any keys, with standard error and interval over members.

        Where no claim was seen there is no standard error and the upper end is that of a Poisson; with fewer
        than 30 members the error is at least a Poisson's.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().per_thousand(by="line").to_pandas()["claims"].tolist()
        [3.0, 9.0]
        """
        names = self._names(by)
        sums = self._moments(names, "claims")
        return rates.per_thousand_table(sums, self._labels(names), level)

    def cost_per_claim(
        self, by: str | Sequence[str] = (), *, level: float = LEVEL
    ) -> ExperienceTable:
        """Mean cost of a claim by any keys, with standard error and interval over members who claimed.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().cost_per_claim(by="line")["cost_per_claim"].tolist()
        [400.0, 23.0]
        """
        names = self._names(by)
        sums = self._moments(names, "cents", "claims")
        labels = self._labels(names)
        return rates.cost_per_claim_table(sums, labels, self._units, level)

    def trend(
        self,
        rate: RateName = "pmpm",
        *,
        line: str | None = None,
        working_days: WorkingDays = "estimated",
        holidays: Iterable[Day] = (),
        seasonal: bool = True,
        growth: Growth = "steady",
    ) -> Trend:
        """The log-linear yearly trend of a monthly rate, completed for what is still to be paid.

        See `trend` for the model and its error, which takes members as the independent units, and
        `completion` for what is known of each month.

        Parameters
        ----------
        rate
            ``"pmpm"``, ``"frequency"`` or ``"cost_per_claim"``.
        line
            One service line, or all together.
        working_days
            ``"estimated"``: their effect is a parameter; ``"proportional"``: cost goes with them;
            ``"none"``. `holidays` are taken off Mondays to Fridays.
        seasonal
            Whether each calendar month has a factor of its own; needs 24 months.
        growth
            ``"steady"``, month by month; ``"yearly"``, a step at the opening of each study year, as of a fee
            schedule or of a simulation.

        Raises
        ------
        InputError
            Where there are too few months, or no claim.
        """
        require_choice("rate", rate, get_args(RateName))
        place, monthly = self._place(line), self.monthly()
        return fit_trend(
            rate,
            monthly if place is None else monthly.of(place),
            self.period,
            relative_working_days=self.period.relative_working_days(holidays),
            working_days=working_days,
            seasonal=seasonal,
            growth=growth,
            known=run_offs(self.source.ledger, self.period, self.as_of, place).of(rate),
        )

    def seasonality(
        self,
        rate: RateName = "pmpm",
        *,
        line: str | None = None,
        working_days: WorkingDays = "none",
        holidays: Iterable[Day] = (),
    ) -> ExperienceTable:
        """Factors of the twelve calendar months, mean 1, trend taken out, with standard errors.

        With `working_days` other than ``"none"`` their effect is taken out too, and season alone stays.
        """
        fitted = self.trend(rate, line=line, working_days=working_days, holidays=holidays)
        sums = self._moments(("calendar_month",), "claims")
        columns = {"factor": fitted.season, "standard_error": fitted.season_error}
        labels = self._labels(("calendar_month",))
        return table_of("seasonality", labels, sums.persons > 0, sums.persons, columns)

    def completion(self, line: str | None = None) -> ExperienceTable:
        """The shares of each month's claims and cost that are on file, with their standard errors.

        They are estimated from the delays of the line, or of all lines together; see `run_off`.

        >>> from mutualfund.claims.experience import example_study
        >>> set(example_study().completion()["claims_known"].tolist())
        {1.0}
        """
        sums = self._moments(("month",), "claims")
        found = run_offs(self.source.ledger, self.period, self.as_of, self._place(line))
        everywhere = np.ones(self.period.n_months, np.bool_)
        labels = self._labels(("month",))
        return table_of("completion", labels, everywhere, sums.persons, found.columns)

    def pooled(self, at: float) -> ExperienceTable:
        """Cost of members' years below and above `at` (currency a member and study year), by year.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().pooled(at=600.0)["amount_above"].tolist()
        [660.0]
        """
        return people.pooled(people.member_years(self.source), at)

    def concentration(self, shares: Sequence[float] = people.TOP_SHARES) -> ExperienceTable:
        """Share of cost borne by the dearest `shares` of the members of each year; many give the curve.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().concentration()["cost_share"].round(2).tolist()
        [0.04, 0.18, 0.36, 0.72, 0.95, 1.0]
        """
        return people.concentration(people.member_years(self.source), shares)

    def persistence(
        self, *, classes: Sequence[float] = people.CLASS_SHARES, minimum_months: float = 12.0
    ) -> ExperienceTable:
        """Where the members of each cost class are the next study year, all pairs of years together.

        Parameters
        ----------
        classes
            Shares of the members, cheapest first, that sum to 1.
        minimum_months
            Member-months in both years that a member needs to take part; 0 to 12.

        The error of a share is that over members; where all of a class, or none, went to the other, it is
        that of a binomial of which nothing else is known (`people.persistence`).

        Raises
        ------
        InputError
            Where fewer than two study years are as long as that: a short last one has no such member. Where
            nobody has so many months in two years running.
        """
        people.check_two_years(self.period, minimum_months)
        found = people.classes_of(people.member_years(self.source), classes, minimum_months)
        return people.persistence(found)

    def actual_to_expected(
        self,
        expected: Expectation,
        *,
        by: str | Sequence[str] = (),
        expected_by: str | Sequence[str] = (),
        of: Of = "pmpm",
        level: float = LEVEL,
    ) -> ExperienceTable:
        """What happened over what was expected, by any keys, with intervals over members.

        Parameters
        ----------
        expected
            One rate; or a rate by label of `expected_by`; or the table `pmpm` or `per_thousand` of another
            study, whose keys are its own. It is taken as certain.
        of
            ``"pmpm"`` or ``"per_thousand"``.

        Where nothing was seen, claims have the interval of a Poisson, from 0 to 3.69 over the expected number
        at 95 %. Cost has none: what a claim would have cost is not known.

        >>> from mutualfund.claims.experience import example_study
        >>> rates = {"dental": 30.0, "drugs": 6.0}
        >>> table = example_study().actual_to_expected(rates, expected_by="line", by="line")
        >>> table["ratio"].round(3).tolist()
        [1.127, 0.972]
        """
        require_choice("of", of, ("pmpm", "per_thousand"))
        names = self._names(by)
        stating, stated_by = expected_of(
            expected, expected_by, of, dict(self.keys), self.lines, self._exposed
        )
        if LINE in names and LINE not in stated_by:
            remedy = "State a rate for each line, or leave line out of by."
            raise InputError([Fault("by", "line", "keys of the expectation", remedy, "by")])
        sums = self._moments(names, "cents" if of == "pmpm" else "claims", stating)
        units = self._units if of == "pmpm" else None
        return rates.actual_table(sums, self._labels(names), units, level)

    def monthly(self) -> Monthly:
        """Claims, cost and member-months by month and line, and how members' months go together.

        It is what trend and season are fitted to.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().monthly().claims.sum(axis=0).tolist()
        [3.0, 9.0]
        """
        return monthly_of(self.source)

    @property
    def plot(self) -> StudyPlots:
        """Pictures of the study; each takes `ax` and returns the Axes."""
        from mutualfund.claims.experience.plots import StudyPlots

        return StudyPlots(self)
