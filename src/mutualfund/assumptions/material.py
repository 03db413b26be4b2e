"""What a draft is made of: the tables of a study, its months, and how much of each is on file."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mutualfund.claims.experience import ExperienceStudy, ExperienceTable, Monthly, Trend, fit_trend
from mutualfund.claims.experience.moments import FEW
from mutualfund.claims.experience.monthly import RateName
from mutualfund.claims.experience.run_off import RunOffs, run_offs
from mutualfund.claims.experience.trend import Growth
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True)
class Material:
    """What all lines are drafted from, each computed once.

    `run_offs` by line; `known` (n_lines, n_months) the share of each month's claims that is on file.
    """

    study: ExperienceStudy
    growth: Growth
    monthly: Monthly
    run_offs: tuple[RunOffs, ...]
    known: FloatArray
    counts: ExperienceTable
    costs: ExperienceTable

    @classmethod
    def of(cls, study: ExperienceStudy, growth: Growth) -> Material:
        """The material of a study."""
        found = tuple(
            run_offs(study.source.ledger, study.period, study.as_of, place)
            for place in range(len(study.lines))
        )
        shares = [each.claims.known.share for each in found]
        known = np.reshape(shares, (len(shares), study.period.n_months))
        tables = study.per_thousand("line"), study.cost_per_claim("line")
        return cls(study, growth, study.monthly(), found, known, *tables)

    @property
    def at_risk(self) -> FloatArray:
        """(n_lines, n_months) member-months, as far as their claims are on file."""
        months: FloatArray = self.known * self.monthly.member_months
        return months

    def completed(self, place: int) -> str:
        """What was done about claims still to be paid, in words."""
        share = 100.0 * self.at_risk[place].sum() / self.monthly.member_months.sum()
        return (
            f"completed: {share:.1f} % on file after {self.study.run_out_months} months of run-out"
        )

    def place(self, line: str) -> int:
        """The line's place among all."""
        return self.study.lines.index(line)

    def row(self, table: ExperienceTable, line: str) -> dict[str, float]:
        """The line's row of a table by line."""
        at = table.labels["line"].index(line)
        return {name: float(values[at]) for name, values in table.values.items()}

    def few(self, line: str) -> bool:
        """Whether so few members had a claim of the line that their spread alone is no error (`FEW`)."""
        return self.row(self.costs, line)["claimants"] < FEW

    @property
    def usual_cv(self) -> float:
        """Coefficient of variation of a claim about its line's mean: 1, as an exponential's, if not known.

        Squares are pooled over the lines with `FEW` claims or more, by their degrees of freedom.
        """
        sizes = [each.amount for each in self.study.source.ledger.sizes if len(each.amount) >= FEW]
        freedom = np.array([len(amount) - 1.0 for amount in sizes])
        squares = np.array([float(amount.var(ddof=1) / amount.mean() ** 2) for amount in sizes])
        return math.sqrt(freedom @ squares / freedom.sum()) or 1.0 if sizes else 1.0

    def trend(
        self, place: int, rate: RateName, *, seasonal: bool, growth: Growth = "steady"
    ) -> Trend:
        """A trend of one line, completed for what is still to be paid."""
        return fit_trend(
            rate,
            self.monthly.of(place),
            self.study.period,
            seasonal=seasonal,
            growth=growth,
            known=self.run_offs[place].of(rate),
        )
