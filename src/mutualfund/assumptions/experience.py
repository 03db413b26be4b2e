"""From an experience study to a draft of assumptions, with where every number came from."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from mutualfund.assumptions.basis import Assumptions
from mutualfund.assumptions.cautions import cautions_of
from mutualfund.assumptions.drafting import (
    Factors,
    Provenance,
    Shrunk,
    drawn_cv,
    factors,
    frequency_of,
    shrunk,
    size_of,
)
from mutualfund.assumptions.lines import Line
from mutualfund.assumptions.material import Material
from mutualfund.claims.experience import ExperienceStudy
from mutualfund.claims.experience.people import sampled_counts
from mutualfund.claims.experience.trend import Growth, time_of
from mutualfund.errors import Fault, InputError, MutualFundWarning, require_choice
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

MEMBERS = 50_000
"""Members, about, whose years the dispersion of counts is fitted to."""
_MOST_LAG = 36.0
_GROWTH = (-0.5, 1.0)
_YEAR = 12
_FEW = "; of few members: the error is at least that of claims at large"
_EXACT = 1e-6
"""The least error that credibility is given: where figures repeat exactly, a fit shows none."""


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """Assumptions drafted from a study, and a statement of where each number came from.

    `left_out` names lines of the study that had no claim, or nobody covered. `cautions` says in words what
    the study shows and the assumptions do not hold; each is also a `MutualFundWarning`.

    >>> import warnings
    >>> from mutualfund.assumptions import Assumptions
    >>> from mutualfund.claims.experience import example_study
    >>> warnings.simplefilter("ignore")  # a caution for each line: both have few claims
    >>> draft = Assumptions.from_experience(example_study())
    >>> draft
    Draft of 2 lines, 14 numbers, 2 cautions
    >>> draft.assumptions.line("drugs").frequency.mean.__round__(3)
    3.042
    """

    assumptions: Assumptions
    provenance: tuple[Provenance, ...]
    left_out: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines, warned = len(self.assumptions.lines), len(self.cautions)
        text = f"Draft of {lines} line{'' if lines == 1 else 's'}, {len(self.provenance)} numbers"
        return f"{text}, {warned} caution{'' if warned == 1 else 's'}" if warned else text

    def to_pandas(self) -> pd.DataFrame:
        """The provenance as a data frame, a row for each number.

        >>> import warnings
        >>> from mutualfund.assumptions import Assumptions
        >>> from mutualfund.claims.experience import example_study
        >>> warnings.simplefilter("ignore")  # few claims
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

    def unsure(self, **keys: Any) -> None:
        """Adds to what the line's uncertainty states."""
        self.given["uncertainty"] = {**self.given.get("uncertainty", {}), **keys}


def drafted(study: ExperienceStudy, growth: Growth) -> Draft:
    """The draft of `Assumptions.from_experience`, which says what it holds."""
    if not isinstance(study, ExperienceStudy):
        got, remedy = f"a {type(study).__name__}", "Make one with ExperienceStudy.from_tables."
        raise InputError([Fault("study", got, "an ExperienceStudy", remedy, "type")])
    require_choice("growth", growth, get_args(Growth))
    held = Material.of(study, growth)
    used = _lines_with_claims(held)
    claims, months = held.monthly.claims.sum(axis=0), held.at_risk.sum(axis=1)
    rate = np.divide(12_000.0 * claims, months, out=np.zeros(len(months)), where=months > 0.0)
    by_age = factors(study, "age_band", "sex", rate, held.known)
    by_sex = factors(study, "sex", "age_band", rate, held.known)
    trends = _trends(held)
    _frequencies(held, used, by_age, by_sex)
    for line in used:
        _factors(line, "age_factors", *by_age[line.name], every=True)
        _factors(line, "sex_factors", *by_sex[line.name], every=False)
        _trend(held, trends, line)
        _severity(held, trends, line)
        _season(held, line)
        _lag(held, line)
    made = [Line(name=line.name, **line.given) for line in used]
    notes = tuple(note for line in used for note in line.notes)
    names = {line.name for line in used}
    left_out = tuple(name for name in study.lines if name not in names)
    cautions = tuple(text for line in used for text in cautions_of(held, line.name))
    for text in cautions:
        warnings.warn(text, MutualFundWarning, stacklevel=3)
    return Draft(Assumptions(lines=made), notes, left_out, cautions)


def _lines_with_claims(held: Material) -> list[_Line]:
    """The lines that can be drafted.

    Raises
    ------
    InputError
        Where there is none: no claim, or nobody's month counts.
    """
    claims, months = held.monthly.claims.sum(axis=0), held.at_risk.sum(axis=1)
    used = [
        _Line(name)
        for name, n, covered in zip(held.study.lines, claims, months, strict=True)
        if n > 0.0 and covered > 0.0
    ]
    if not used:
        got = "no member-month" if claims.any() else "no claim"
        remedy = "Check the period, the cover and the columns of the claim lines."
        allowed = "claims of months that count as covered"
        raise InputError([Fault("study", got, allowed, remedy, "no_claims")])
    return used


def _frequencies(held: Material, lines: list[_Line], by_age: Factors, by_sex: Factors) -> None:
    """Mean and dispersion of every line's counts, and how unsure the mean is."""
    study = held.study
    member = _sample(study)
    seen, months = sampled_counts(study.source, member, held.known)
    band, sex = (_of_members(study, key, member) for key in ("age_band", "sex"))
    for line in lines:
        place = held.place(line.name)
        own = by_age[line.name][1].value[band] * by_sex[line.name][1].value[sex]
        expected = months[place] / _YEAR * own
        mean, relative = _mean_count(held, line)
        spelling, spread, law = frequency_of(seen[place], expected, mean)
        line.given["frequency"] = spelling
        method = f"claims over exposure, {held.completed(place)}; {law}"
        n, source = held.row(held.counts, line.name)["claims"], "per_thousand by line"
        line.note("frequency.mean", mean, relative * mean, n, source, method)
        if "dispersion" in spelling:
            n, value = float(np.count_nonzero(expected)), float(spelling["dispersion"])
            line.note("frequency.dispersion", value, spread, n, "member-years", law)
        line.unsure(frequency=drawn_cv(relative))


def _mean_count(held: Material, line: _Line) -> tuple[float, float]:
    """Claims a member-year, and the relative error: over members, but at least that of a Poisson.

    The draft's counts are a Poisson or wider, so members who happened to claim alike make it no surer.
    """
    row, months = held.row(held.counts, line.name), held.at_risk[held.place(line.name)]
    mean = _YEAR * row["claims"] / float(months.sum())
    by_members = row["standard_error"] / row["per_thousand"]
    by_members = float(np.maximum(by_members, 1.0 / math.sqrt(row["claims"])))  # NaN stays NaN
    completing = held.run_offs[held.place(line.name)].claims.known.error_of(months / months.sum())
    return mean, math.hypot(by_members, completing)


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


@dataclass(frozen=True, slots=True)
class _Trends:
    """Yearly growth of cost per claim, drawn together, and the months with a claim; (n_lines,) each."""

    drawn: Shrunk
    months: IntArray


def _trends(held: Material) -> _Trends:
    """Each line's growth is weighted with its credibility against the mean of all lines.

    A line seen in less than two years of claims has nothing but that.
    """
    n_lines = len(held.study.lines)
    value, error = np.zeros(n_lines), np.full(n_lines, np.inf)
    months = np.count_nonzero(held.monthly.claims, axis=0)
    for place in np.flatnonzero(months >= 2 * _YEAR).tolist():
        found = held.trend(place, "cost_per_claim", seasonal=False, growth=held.growth)
        value[place], error[place] = found.per_year, max(found.standard_error, _EXACT)
    return _Trends(shrunk(value, error), months)


def _trend(held: Material, trends: _Trends, line: _Line) -> None:
    """The line's growth, where any line was seen long enough to speak of growth."""
    place, drawn = held.place(line.name), trends.drawn
    if np.isfinite(drawn.error[place]):
        found, (least, most) = float(drawn.value[place]), _GROWTH
        growth = min(max(found, least), most)
        line.given["trend_per_year"] = growth
        method = f"weight {drawn.weight[place]:.2f} on its own claims, the rest on all lines"
        if growth != found:
            method += f"; {found:+.2f} found, and brought within {least:+.2f} to {most:+.2f}"
        source = f"trend of cost per claim, {held.growth}, {held.completed(place)}"
        line.note(
            "trend_per_year", growth, drawn.error[place], trends.months[place], source, method
        )


def _severity(held: Material, trends: _Trends, line: _Line) -> None:
    """Cost of a claim at the level of the middle of the last twelve months, and its spread."""
    study, place = held.study, held.place(line.name)
    time = time_of(study.period, held.growth)
    years = time[-_YEAR:].mean() - time
    growth = line.given.get("trend_per_year", 0.0)
    index = (1.0 + growth) ** years
    known = held.run_offs[place].cost_per_claim
    claims = held.monthly.claims[:, place] * known.share
    cost = held.monthly.amount[:, place] * index
    mean = float(cost.sum() / claims.sum())
    row = held.row(held.costs, line.name)
    relative = math.hypot(_error_by_members(held, line), known.error_of(claims / claims.sum()))
    if "trend_per_year" in line.given:
        # earlier claims are brought to the last year's level by a growth that is itself uncertain
        moved = float((cost * years).sum() / cost.sum()) / (1.0 + growth)
        relative = math.hypot(relative, moved * float(trends.drawn.error[place]))
    sizes = study.source.ledger.sizes[place]
    size = size_of(sizes.amount * index[sizes.month], mean, mean * relative)
    line.given["severity"] = size.spelling
    for key, error in size.errors.items():
        n = row["claims"] if key in ("mean", "amount") else len(sizes.amount)
        value, method = float(size.spelling[key]), f"{size.method}, {held.completed(place)}"
        method += _FEW if key != "cv" and held.few(line.name) else ""
        line.note(f"severity.{key}", value, error, n, "cost_per_claim by line", method)
    line.unsure(**size.uncertainty)


def _error_by_members(held: Material, line: _Line) -> float:
    """Relative error of the mean cost of a claim; of few members' claims at least cv / sqrt(claims).

    Two claims alike are chance: as credibility has it, the cv is that of claims at large (S. A. Klugman, H.
    H. Panjer and G. E. Willmot, Loss Models, 4th ed., 2012, section 17.3).
    """
    row = held.row(held.costs, line.name)
    own = row["standard_error"] / row["cost_per_claim"]
    least = held.usual_cv / math.sqrt(row["claims"]) if held.few(line.name) else 0.0
    return float(np.maximum(own, least))  # NaN stays NaN


def _season(held: Material, line: _Line) -> None:
    """Weights of the calendar months, where two years show that they differ at all."""
    period = held.study.period
    if period.n_months < 2 * _YEAR:
        return
    try:
        found = held.trend(held.place(line.name), "frequency", seasonal=True)
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


def _lag(held: Material, line: _Line) -> None:
    """Mean whole months to payment; that long delays of young months are not seen yet is allowed for.

    With few members its error is at least that of a geometric delay of n claims, m (1 + m) / n the variance,
    with Jeffreys' half a month more, so that no delay seen is none known (L. Brown, T. Cai and A. DasGupta,
    Statistica Sinica 13 (2003) 19).
    """
    run_off = held.run_offs[held.place(line.name)].claims
    mean, error = run_off.mean_lag
    n = held.row(held.counts, line.name)["claims"]
    line.given["lag_months"] = min(mean, _MOST_LAG)
    method = f"mean of the delays up to {len(run_off.share) - 1} months that could be seen"
    if mean > _MOST_LAG:
        method += f": {mean:.1f}, of which a scenario takes {_MOST_LAG:g} at most"
    if held.few(line.name):
        delay = mean + 0.5 / n
        error, method = max(error, math.sqrt(delay * (1.0 + delay) / n)), method + _FEW
    error = error if n > 1.0 else math.nan
    source = "payment delays by month of treatment"
    line.note("lag_months", line.given["lag_months"], error, n, source, method)
