"""From an experience study to a draft of assumptions, with where every number came from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.assumptions.basis import Assumptions
from mutualfund.assumptions.drafting import (
    LAG_MONTHS,
    Provenance,
    Shrunk,
    factors,
    frequency_of,
    shrunk,
    size_of,
)
from mutualfund.assumptions.lines import Line
from mutualfund.claims.experience import ExperienceStudy, Trend
from mutualfund.claims.experience.people import sampled_counts
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

MEMBERS = 50_000
"""Members, about, whose years the dispersion of counts is fitted to."""
_MOST_CV = 2.0
_MOST_LAG = 36.0
_YEAR = 12


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


def drafted(study: ExperienceStudy) -> Draft:
    """The draft of `Assumptions.from_experience`, which says what it holds."""
    counts = study.per_thousand("line")
    rates = dict(zip(counts.labels["line"], range(len(counts)), strict=True))
    claims = {line: counts["claims"][row] for line, row in rates.items()}
    used = tuple(line for line in study.lines if claims.get(line, 0.0) > 0.0)
    if not used:
        remedy = "Check the period and the columns of the claim lines."
        raise InputError([Fault("study", "no claim", "claims", remedy, "no_claims")])
    lines = {name: _Line(name) for name in used}
    rate = np.zeros(len(study.lines))
    for place, name in enumerate(study.lines):
        rate[place] = counts["per_thousand"][rates[name]] if name in rates else 0.0
    by_age = factors(study, "age_band", "sex", rate)
    by_sex = factors(study, "sex", "age_band", rate)
    trends = _trends(study, used)
    _frequencies(study, lines, by_age, by_sex, counts)
    for place, line in enumerate(used):
        _factors(lines[line], "age_factors", *by_age[line], every=True)
        _factors(lines[line], "sex_factors", *by_sex[line], every=False)
        _severity(study, lines[line], trends, place)
        _season(study, lines[line])
        _lag(study, lines[line])
    made = [Line(name=line.name, **line.given) for line in lines.values()]
    notes = tuple(note for line in lines.values() for note in line.notes)
    left_out = tuple(line for line in study.lines if line not in used)
    return Draft(Assumptions(lines=made), notes, left_out)


def _frequencies(
    study: ExperienceStudy, lines: dict[str, _Line], by_age: Any, by_sex: Any, counts: Any
) -> None:
    """Mean, dispersion and how unsure the mean is."""
    member = _sample(study)
    seen, months = sampled_counts(study.source, member)
    relative = {key: _of_members(study, key, member) for key in ("age_band", "sex")}
    for line in lines.values():
        row = counts.labels["line"].index(line.name)
        mean, error = (counts[c][row] / 1000.0 for c in ("per_thousand", "standard_error"))
        own = by_age[line.name][1].value[relative["age_band"]]
        own = own * by_sex[line.name][1].value[relative["sex"]]
        place = study.lines.index(line.name)
        expected = months / _YEAR * own
        spelling, spread, method = frequency_of(seen[place].ravel(), expected.ravel(), float(mean))
        line.given["frequency"] = spelling
        source = "per_thousand by line"
        line.note(
            "frequency.mean", mean, error, counts["claims"][row], source, "claims over exposure"
        )
        if "dispersion" in spelling:
            n = int((expected > 0.0).sum())
            line.note(
                "frequency.dispersion",
                float(spelling["dispersion"]),
                spread,
                n,
                "member-years",
                method,
            )
        if math.isfinite(error):
            line.given["uncertainty"] = {"frequency": min(float(error / mean), _MOST_CV)}


def _sample(study: ExperienceStudy) -> Any:
    """Places of about `MEMBERS` members, those whose key (a digest) falls below a bound."""
    keys = study.members.member_key
    bound = (2**64 - 1) * MEMBERS // max(len(keys), MEMBERS)
    return np.flatnonzero(keys <= np.uint64(bound))


def _of_members(study: ExperienceStudy, key: str, member: Any) -> Any:
    """(n, n_years) code of each sampled member in the first month of each study year."""
    codes = study.keys[key].codes(0, len(study.members))
    n_months = study.period.n_months
    whole = np.broadcast_to(codes, (len(study.members), n_months))
    return whole[member][:, ::_YEAR]


def _factors(
    line: _Line, key: str, labels: tuple[str, ...], held: Shrunk, actual: FloatArray, *, every: bool
) -> None:
    """Relative rates; a label that nobody was exposed to has 1 (ages) or is left out (sexes)."""
    known = np.isfinite(held.error) & ((held.weight > 0.0) | every)
    if np.count_nonzero(held.weight > 0.0) == 0:
        return
    shown = [place for place in range(len(labels)) if every or known[place]]
    line.given[key] = {labels[place]: max(float(held.value[place]), 0.0) for place in shown}
    for place in shown:
        method = f"actual to expected, weight {held.weight[place]:.2f} on its own claims"
        error = held.error[place]
        line.note(
            f"{key}.{labels[place]}",
            held.value[place],
            error,
            actual[place],
            f"actual_to_expected by line, {'age_band' if every else 'sex'}",
            method,
        )


def _trends(study: ExperienceStudy, used: tuple[str, ...]) -> tuple[Shrunk, tuple[int, ...]]:
    """Yearly growth of cost per claim by line, weighted with its credibility against all lines' mean."""
    value, error, months = np.zeros(len(used)), np.full(len(used), np.inf), []
    for place, line in enumerate(used):
        found = _trend(study, line)
        months.append(0 if found is None else int(np.isfinite(found.observed).sum()))
        if found is not None and found.standard_error > 0.0:
            value[place], error[place] = found.per_year, found.standard_error
    return shrunk(value, error), tuple(months)


def _trend(study: ExperienceStudy, line: str) -> Trend | None:
    """None where fewer than two years speak of it."""
    if study.period.n_months < 2 * _YEAR:
        return None
    try:
        return study.trend("cost_per_claim", line=line, working_days="none", seasonal=False)
    except InputError:
        return None


def _severity(
    study: ExperienceStudy, line: _Line, trends: tuple[Shrunk, tuple[int, ...]], place: int
) -> None:
    """Cost of a claim at the level of the last study year's middle, its spread and its trend."""
    held, months = trends
    growth = float(np.clip(held.value[place], -0.5, 1.0))
    known = months[place] > 0
    n_months = study.period.n_months
    ago = (n_months - min(_YEAR, n_months) / 2.0 - 0.5 - np.arange(n_months)) / _YEAR
    index = (1.0 + growth) ** ago
    row = study.cost_per_claim("line")
    at = row.labels["line"].index(line.name)
    monthly = study.cost_per_claim(("line", "month"))
    own = np.array([name == line.name for name in monthly.labels["line"]])
    month = [study.period.month_labels.index(m) for m in np.array(monthly.labels["month"])[own]]
    level = float((monthly["amount"][own] * index[month]).sum() / monthly["claims"][own].sum())
    relative = row["standard_error"][at] / row["cost_per_claim"][at]
    sizes = study.source.ledger.sizes[study.lines.index(line.name)]
    size = size_of(sizes.amount * index[sizes.month], level, float(level * relative))
    line.given["severity"] = size.spelling
    claims = row["claims"][at]
    for key, error in size.errors.items():
        n = claims if key in ("mean", "amount") else len(sizes.amount)
        line.note(
            f"severity.{key}", float(size.spelling[key]), error, n, "cost_per_claim", size.method
        )
    if math.isfinite(relative):
        unsure = line.given.get("uncertainty", {})
        line.given["uncertainty"] = {**unsure, "severity": min(float(relative), _MOST_CV)}
    if known:
        line.given["trend_per_year"] = growth
        weight = f"weight {held.weight[place]:.2f} on its own claims, the rest on all lines"
        line.note(
            "trend_per_year",
            growth,
            held.error[place],
            months[place],
            "trend of cost per claim",
            weight,
        )


def _season(study: ExperienceStudy, line: _Line) -> None:
    """Weights of the calendar months, where two years show that they differ at all."""
    if study.period.n_months < 2 * _YEAR:
        return
    try:
        found = study.trend("frequency", line=line.name, working_days="none")
    except InputError:
        return
    held = shrunk(found.season, np.where(found.season_error > 0.0, found.season_error, np.inf), 1.0)
    if not held.weight.any():
        return
    line.given["seasonality"] = tuple(float(v) for v in np.maximum(held.value, 0.0))
    for month in range(_YEAR):
        line.note(
            f"seasonality[{month}]",
            held.value[month],
            held.error[month],
            study.period.n_months,
            "seasonality of frequency",
            f"weight {held.weight[month]:.2f} on its own months",
        )


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
