"""From an experience study to a draft of assumptions, with where every number came from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.assumptions.basis import Assumptions
from mutualfund.assumptions.drafting import (
    LAG_MONTHS,
    Factors,
    Provenance,
    Shrunk,
    factors,
    frequency_of,
    shrunk,
    size_of,
)
from mutualfund.assumptions.lines import Line
from mutualfund.claims.experience import ExperienceStudy, ExperienceTable, Monthly, fit_trend
from mutualfund.claims.experience.people import sampled_counts
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

MEMBERS = 50_000
"""Members, about, whose years the dispersion of counts is fitted to."""
_MOST_CV = 2.0
_MOST_LAG = 36.0
_YEAR = 12
_EXACT = 1e-6
"""The least error that credibility is given: where figures repeat exactly, a fit shows none."""


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """Assumptions drafted from a study, and a statement of where each number came from.

    `left_out` names lines of the study that had no claim.

    >>> from mutualfund.assumptions import Assumptions
    >>> from mutualfund.claims.experience import example_study
    >>> draft = Assumptions.from_experience(example_study())
    >>> draft
    Draft of 2 lines, 14 numbers
    >>> draft.assumptions.line("drugs").frequency.mean.__round__(3)
    3.042
    """

    assumptions: Assumptions
    provenance: tuple[Provenance, ...]
    left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = len(self.assumptions.lines)
        return f"Draft of {lines} line{'' if lines == 1 else 's'}, {len(self.provenance)} numbers"

    def to_pandas(self) -> pd.DataFrame:
        """The provenance as a data frame, a row for each number.

        >>> from mutualfund.assumptions import Assumptions
        >>> from mutualfund.claims.experience import example_study
        >>> Assumptions.from_experience(example_study()).to_pandas().columns.tolist()
        ['field', 'value', 'standard_error', 'n', 'source', 'method']
        """
        import pandas as pd

        names = ("field", "value", "standard_error", "n", "source", "method")
        rows = [[getattr(row, name) for name in names] for row in self.provenance]
        return pd.DataFrame(rows, columns=list(names))


@dataclass(slots=True)
class _Line:
    """One line while it is drafted: what it will be given, and the notes."""

    name: str
    given: dict[str, Any] = field(default_factory=dict)
    notes: list[Provenance] = field(default_factory=list)

    def note(
        self, key: str, value: float, error: float, n: float, source: str, method: str
    ) -> None:
        path = f"lines.{self.name}.{key}"
        self.notes.append(Provenance(path, float(value), float(error), int(n), source, method))

    def unsure(self, side: str, relative: float) -> None:
        """The relative error of a mean, as the line's uncertainty: the greatest where it is not known."""
        held = self.given.get("uncertainty", {})
        known = float(relative) if math.isfinite(relative) else _MOST_CV
        self.given["uncertainty"] = {**held, side: min(known, _MOST_CV)}


@dataclass(frozen=True, slots=True)
class _Material:
    """The tables that all lines are drafted from, each computed once; `row` is the line's in them."""

    study: ExperienceStudy
    counts: ExperienceTable
    costs: ExperienceTable
    monthly: Monthly
    trends: Shrunk
    trend_months: IntArray

    def place(self, line: _Line) -> int:
        return self.study.lines.index(line.name)

    def row(self, table: ExperienceTable, line: _Line) -> dict[str, float]:
        at = table.labels["line"].index(line.name)
        return {name: float(values[at]) for name, values in table.values.items()}


def drafted(study: ExperienceStudy) -> Draft:
    """The draft of `Assumptions.from_experience`, which says what it holds."""
    monthly = study.monthly()
    claims = monthly.claims.sum(axis=0)
    used = [_Line(name) for name, n in zip(study.lines, claims, strict=True) if n > 0.0]
    if not used:
        remedy = "Check the period and the columns of the claim lines."
        raise InputError([Fault("study", "no claim", "claims", remedy, "no_claims")])
    counts, costs = study.per_thousand("line"), study.cost_per_claim("line")
    rate = claims / monthly.member_months.sum() * 12_000.0
    by_age = factors(study, "age_band", "sex", rate)
    by_sex = factors(study, "sex", "age_band", rate)
    held = _Material(study, counts, costs, monthly, *_trends(study, monthly))
    _frequencies(held, used, by_age, by_sex)
    for line in used:
        _factors(line, "age_factors", *by_age[line.name], every=True)
        _factors(line, "sex_factors", *by_sex[line.name], every=False)
        _trend(held, line)
        _severity(held, line)
        _season(held, line)
        _lag(study, line)
    made = [Line(name=line.name, **line.given) for line in used]
    notes = tuple(note for line in used for note in line.notes)
    names = {line.name for line in used}
    left_out = tuple(name for name in study.lines if name not in names)
    return Draft(Assumptions(lines=made), notes, left_out)


def _frequencies(held: _Material, lines: list[_Line], by_age: Factors, by_sex: Factors) -> None:
    """Mean and dispersion of every line's counts, and how unsure the mean is."""
    study = held.study
    member = _sample(study)
    seen, months = sampled_counts(study.source, member)
    band, sex = (_of_members(study, key, member) for key in ("age_band", "sex"))
    for line in lines:
        row = held.row(held.counts, line)
        mean, error = row["per_thousand"] / 1000.0, row["standard_error"] / 1000.0
        own = by_age[line.name][1].value[band] * by_sex[line.name][1].value[sex]
        expected = (months / _YEAR * own).ravel()
        counts = seen[held.place(line)].ravel()
        spelling, spread, method = frequency_of(counts, expected, mean)
        line.given["frequency"] = spelling
        n, source = row["claims"], "per_thousand by line"
        line.note("frequency.mean", mean, error, n, source, "claims over exposure")
        if "dispersion" in spelling:
            n, value = float(np.count_nonzero(expected)), float(spelling["dispersion"])
            line.note("frequency.dispersion", value, spread, n, "member-years", method)
        line.unsure("frequency", error / mean)


def _sample(study: ExperienceStudy) -> IntArray:
    """Places of about `MEMBERS` members, those whose key (a digest) falls below a bound."""
    keys = study.members.member_key
    bound = (2**64 - 1) * MEMBERS // max(len(keys), MEMBERS)
    return np.flatnonzero(keys <= np.uint64(bound))


def _of_members(study: ExperienceStudy, key: str, member: IntArray) -> IntArray:
    """(n, n_years) code of each sampled member in the first month of each study year."""
    codes = study.keys[key].codes(0, len(study.members))
    n_months = study.period.n_months
    whole = np.broadcast_to(codes, (len(study.members), n_months))
    return whole[member][:, ::_YEAR]


def _factors(
    line: _Line, key: str, labels: tuple[str, ...], held: Shrunk, actual: FloatArray, *, every: bool
) -> None:
    """Relative rates where any differ; a band nobody was in has 1, a sex nobody had is left out."""
    if not held.weight.any():
        return
    shown = [place for place in range(len(labels)) if every or held.weight[place] > 0.0]
    line.given[key] = {labels[place]: max(float(held.value[place]), 0.0) for place in shown}
    source = f"actual_to_expected by line, {'age_band' if every else 'sex'}"
    for place in shown:
        method = f"actual to expected, weight {held.weight[place]:.2f} on its own claims"
        value, error = line.given[key][labels[place]], held.error[place]
        line.note(f"{key}.{labels[place]}", value, error, actual[place], source, method)


def _trends(study: ExperienceStudy, monthly: Monthly) -> tuple[Shrunk, IntArray]:
    """Yearly growth of cost per claim by line, and the months it was seen in.

    Each is weighted with its credibility against the mean of all; a line seen in less than two years of
    claims has nothing but that.
    """
    n_lines = len(study.lines)
    value, error = np.zeros(n_lines), np.full(n_lines, np.inf)
    months = np.count_nonzero(monthly.claims, axis=0)
    for place in np.flatnonzero(months >= 2 * _YEAR).tolist():
        found = fit_trend("cost_per_claim", monthly.of(place), study.period, seasonal=False)
        value[place], error[place] = found.per_year, max(found.standard_error, _EXACT)
    return shrunk(value, error), months


def _trend(held: _Material, line: _Line) -> None:
    """The line's growth, where any line was seen long enough to speak of growth."""
    place, trends = held.place(line), held.trends
    if np.isfinite(trends.error[place]):
        growth = float(np.clip(trends.value[place], -0.5, 1.0))
        line.given["trend_per_year"] = growth
        method = f"weight {trends.weight[place]:.2f} on its own claims, the rest on all lines"
        error, months = trends.error[place], held.trend_months[place]
        line.note("trend_per_year", growth, error, months, "trend of cost per claim", method)


def _severity(held: _Material, line: _Line) -> None:
    """Cost of a claim at the level of the last study year's middle, and its spread."""
    study, place = held.study, held.place(line)
    n_months = study.period.n_months
    middle = n_months - min(_YEAR, n_months) / 2.0 - 0.5
    years = (middle - np.arange(n_months)) / _YEAR
    growth = line.given.get("trend_per_year", 0.0)
    index = (1.0 + growth) ** years
    claims, cost = held.monthly.claims[:, place], held.monthly.amount[:, place] * index
    mean = float(cost.sum() / claims.sum())
    row = held.row(held.costs, line)
    relative = row["standard_error"] / row["cost_per_claim"]
    if "trend_per_year" in line.given:
        # earlier claims are brought to the last year's level by a growth that is itself uncertain
        moved = float((cost * years).sum() / cost.sum()) / (1.0 + growth)
        relative = math.hypot(relative, moved * float(held.trends.error[place]))
    sizes = study.source.ledger.sizes[place]
    size = size_of(sizes.amount * index[sizes.month], mean, mean * relative)
    line.given["severity"] = size.spelling
    for key, error in size.errors.items():
        n = row["claims"] if key in ("mean", "amount") else len(sizes.amount)
        value = float(size.spelling[key])
        line.note(f"severity.{key}", value, error, n, "cost_per_claim by line", size.method)
    line.unsure("severity", relative)


def _season(held: _Material, line: _Line) -> None:
    """Weights of the calendar months, where two years show that they differ at all."""
    period = held.study.period
    if period.n_months < 2 * _YEAR:
        return
    try:
        found = fit_trend("frequency", held.monthly.of(held.place(line)), period)
    except InputError:  # a calendar month without a claim: too few to tell months apart
        return
    season = shrunk(found.season, np.maximum(found.season_error, _EXACT), 1.0)
    if not season.weight.any():
        return
    line.given["seasonality"] = tuple(float(value) for value in np.maximum(season.value, 0.0))
    for month, value in enumerate(line.given["seasonality"]):
        method = f"weight {season.weight[month]:.2f} on its own months"
        error, source = season.error[month], "seasonality of frequency"
        line.note(f"seasonality[{month}]", value, error, period.n_months, source, method)


def _lag(study: ExperienceStudy, line: _Line) -> None:
    """Mean whole months to payment, of claims old enough that hardly any is still to come."""
    delays = study.source.ledger.delays
    place = study.lines.index(line.name)
    old = _YEAR * (study.as_of.year - study.period.first.year)
    old += study.as_of.month - study.period.first.month - LAG_MONTHS
    settled = np.arange(study.period.n_months) <= old
    method = f"claims treated {LAG_MONTHS} months before the lines were extracted, or earlier"
    if delays.claims[place, settled].sum() == 0:
        settled[:] = True
        method = "all claims: too short a run-out, so it is rather too low"
    n, total, squares = (
        int(getattr(delays, name)[place, settled].sum()) for name in ("claims", "total", "squares")
    )
    mean = total / n
    variance = max(squares / n - mean**2, 0.0)
    error = math.sqrt(variance / (n - 1)) if n > 1 else math.nan
    line.given["lag_months"] = min(mean, _MOST_LAG)
    line.note("lag_months", mean, error, n, "payment delays by month of treatment", method)
