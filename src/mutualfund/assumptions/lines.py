"""A service line: how often members use it and what a use costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, BaseModel, Field, GetPydanticSchema, model_validator
from pydantic_core import core_schema

from mutualfund.assumptions.bands import AgeBands
from mutualfund.assumptions.model import Change, Factor, Freeze, Input, Name, Number, Share
from mutualfund.claims import Fit, FrequencySpec, Observed, Severity, SeveritySpec
from mutualfund.claims.frequency import FrequencyModel
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray

_QUANTILE = (
    "quantile(p) of your own that takes a NumPy array of probabilities and returns as many amounts: "
    "finite, not below 0 (but for a fund-level line), never smaller at a greater probability"
)
_STATED = (Mapping, str, int, float, list, tuple, date, BaseModel, type(None))


def _own_or_listed(value: Any, handler: Any, info: core_schema.ValidationInfo) -> Any:
    """A user's own severity is any object with a quantile function; a table is one of the listed kinds."""
    own = not isinstance(value, Mapping) and callable(getattr(value, "quantile", None))
    if not own and isinstance(value, _STATED):
        return handler(value)
    if own and type(value).__module__.startswith("mutualfund."):  # the listed ones are tested
        return value
    wrong = _wrong_of_own(value, info.data.get("level")) if own else "no method quantile"
    if wrong:
        got = f"{wrong} (a {type(value).__name__}, line '{info.data.get('name', '')}')"
        raise InputError([Fault("", got, _QUANTILE, code="own_severity")])
    return value


def _wrong_of_own(severity: Any, level: str | None) -> str:
    """What is wrong with the amounts of a user's own severity at 1 % to 99 %; nothing where all is well."""
    probabilities = np.linspace(0.01, 0.99, 99)
    try:
        amounts = severity.quantile(probabilities.copy())
        shape, amounts = np.shape(amounts), np.asarray(amounts, np.float64)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return f"a {type(error).__name__} from quantile: {error}"
    if shape != probabilities.shape:
        return f"an answer of shape {shape} for {probabilities.size} probabilities"
    if not np.isfinite(amounts).all():
        return "amounts that are not finite"
    if level != "fund" and (amounts < 0).any():
        return "amounts below 0"
    if (np.diff(amounts) < 0).any():
        return "amounts that fall as the probability rises"
    return ""


def _severity_schema(_source: Any, handler: Any) -> Any:
    listed = handler.generate_schema(SeveritySpec)
    return core_schema.with_info_wrap_validator_function(_own_or_listed, listed)


AnySeverity = Annotated[Severity, GetPydanticSchema(_severity_schema)]


def _cover_all_ages(factors: Mapping[str, float]) -> Mapping[str, float]:
    AgeBands(factors)
    return factors


def _some_positive(weights: Any) -> Any:
    values = weights.values() if isinstance(weights, Mapping) else weights
    if not any(value > 0 for value in values):
        raise ValueError("at least one value above 0")
    return weights


AgeFactors = Annotated[
    Mapping[str, Factor], AfterValidator(_cover_all_ages), AfterValidator(_some_positive), Freeze
]
SexFactors = Annotated[
    Mapping[Literal["F", "M", "X"], Factor], AfterValidator(_some_positive), Freeze
]


class Uncertainty(Input):
    """How unsure the line's own parameters are: the cv of a multiplier with mean 1, drawn per path.

    >>> Uncertainty(frequency=0.05).severity
    0.0
    """

    frequency: Annotated[Number, Field(ge=0.0, le=2.0)] = Field(
        default=0.0, description="coefficient of variation of the line's claim rate"
    )
    severity: Annotated[Number, Field(ge=0.0, le=2.0)] = Field(
        default=0.0, description="coefficient of variation of the line's mean claim"
    )


class UseResponse(Input):
    """How use changes with the share of cost that members bear.

    `use` at each `share` is relative; it runs straight between the points and level beyond.

    >>> round(float(UseResponse(share=[0.0, 1.0], use=[1.0, 0.6]).multiplier(0.5)), 3)
    0.8
    """

    share: tuple[Share, ...] = Field(description="members' share of the line's cost, increasing")
    use: tuple[Factor, ...] = Field(description="relative use at each share")
    reference_share: Share = Field(
        default=0.0, description="share on which the line's mean was measured"
    )

    @model_validator(mode="after")
    def _points_pair_up(self) -> Self:
        if len(self.share) != len(self.use) or len(self.share) < 2:
            raise InputError(
                [
                    Fault(
                        "use",
                        f"{len(self.use)} values",
                        f"as many as share has ({len(self.share)}), at least 2",
                    )
                ]
            )
        if any(b <= a for a, b in pairwise(self.share)):
            raise InputError([Fault("share", str(list(self.share)), "increasing shares")])
        if float(np.interp(self.reference_share, self.share, self.use)) <= 0:
            raise InputError([Fault("use", "0 at reference_share", "more than 0 there")])
        return self

    def multiplier(self, share: FloatArray | float) -> FloatArray:
        """Use at `share` relative to use at the reference share; same shape as `share`."""
        reference = np.interp(self.reference_share, self.share, self.use)
        return np.asarray(np.interp(share, self.share, self.use) / reference)


def _refuse_parts(fits: Mapping[str, Fit]) -> None:
    """Refuse fits of a part of the claims, which would be taken for all of them."""
    severity, frequency = fits.get("severity"), fits.get("frequency")
    if severity is None:
        return
    if severity.excess_above > 0.0:
        got = f"a fit of the parts of claims above {severity.excess_above:g}"
        remedy = "Use fit_spliced, which joins such a tail to the amounts below."
        raise InputError([Fault("severity", got, "a fit of whole claims", remedy, "excess_fit")])
    data = severity.data
    hidden = isinstance(data, Observed) and bool((data.deductible > 0.0).any())
    if hidden and frequency is not None and not frequency.ground_up:
        got = "a count of reported claims beside amounts fitted ground-up, above a deductible"
        remedy = (
            "Write frequency=ground_up_counts(frequency, severity); where the count is of all claims "
            "already, pass its fit.distribution."
        )
        raise InputError([Fault("frequency", got, "a count of all claims", remedy, "reported")])


def _with_fits(data: Mapping[str, Any]) -> dict[str, Any]:
    """The line's keys with each fit taken apart: its distribution, and the error of its mean as uncertainty.

    An uncertainty that is stated stays as it is stated.
    """
    fits = {key: data[key] for key in ("frequency", "severity") if isinstance(data.get(key), Fit)}
    for key, fit in fits.items():
        counts = isinstance(fit.distribution, FrequencyModel)
        if counts != (key == "frequency"):
            allowed = "a fit of a claim count" if key == "frequency" else "a fit of claim amounts"
            raise InputError([Fault(key, f"a fit of kind {fit.kind}", allowed, code="wrong_fit")])
    _refuse_parts(fits)
    stated = data.get("uncertainty") or {}
    if isinstance(stated, Uncertainty):
        stated = stated.model_dump(include=stated.model_fields_set)
    elif not isinstance(stated, Mapping):
        return {**data, **{key: fit.distribution for key, fit in fits.items()}}
    errors = {key: fit.mean_cv for key, fit in fits.items() if key not in stated}
    distributions = {key: fit.distribution for key, fit in fits.items()}
    return {**data, **distributions, "uncertainty": {**stated, **errors}}


class Line(Input):
    """One service line of the fund.

    A ``level = "fund"`` line is one amount a year for the whole fund: it has a severity but no
    frequency and no member factors.

    A `Fit` given as frequency or severity brings its distribution and, where `uncertainty` does not state it,
    the standard error of its mean as the multiplier's coefficient of variation (definition 19).

    >>> Line(
    ...     name="dental",
    ...     frequency={"kind": "poisson", "mean": 0.7},
    ...     severity={"kind": "gamma", "mean": 140, "cv": 0.6},
    ... ).level
    'member'
    >>> from mutualfund.claims import fit_counts
    >>> seen = fit_counts("poisson", [0, 1, 2, 3], weights=[500, 350, 120, 30])
    >>> dental = Line(name="dental", frequency=seen, severity={"kind": "gamma", "mean": 140, "cv": 0.6})
    >>> round(dental.frequency.mean, 3), round(dental.uncertainty.frequency, 4)
    (0.68, 0.0383)
    """

    name: Name = Field(description="the line's name; its claims are addressed by it")
    level: Literal["member", "fund"] = Field(
        default="member", description="who has the claims: each member, or the fund once a year"
    )
    frequency: FrequencySpec | None = Field(
        default=None, description="claims per fully covered member-year"
    )
    severity: AnySeverity = Field(description="cost of one claim, year-1 average, fund currency")
    age_factors: AgeFactors | None = Field(
        default=None, description="relative claim rate by age band"
    )
    sex_factors: SexFactors | None = Field(default=None, description="relative claim rate by sex")
    trend_per_year: Change = Field(
        default=0.0, description="yearly growth of cost per claim, inflation included"
    )
    lag_months: Annotated[Number, Field(ge=0.0, le=36.0)] = Field(
        default=0.0, description="mean months from treatment to payment"
    )
    seasonality: (
        Annotated[
            tuple[Factor, ...],
            Field(min_length=12, max_length=12),
            AfterValidator(_some_positive),
        ]
        | None
    ) = Field(default=None, description="12 relative weights of the calendar months, January first")
    uncertainty: Uncertainty | None = Field(
        default=None, description="how unsure frequency and severity are"
    )
    use_response: UseResponse | None = Field(
        default=None, description="use against members' share of cost"
    )

    @model_validator(mode="before")
    @classmethod
    def _take_fits(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and any(isinstance(value, Fit) for value in data.values()):
            return _with_fits(data)
        return data

    @model_validator(mode="after")
    def _level_fits(self) -> Self:
        faults = self._member_faults() if self.level == "member" else self._fund_faults()
        if faults:
            raise InputError(faults)
        return self

    def _member_faults(self) -> list[Fault]:
        if self.frequency is None:
            remedy = 'Add frequency, or level = "fund" for one amount a year.'
            return [Fault("frequency", "nothing", "claims per member-year", remedy, "missing")]
        if getattr(self.severity, "kind", "") == "normal":
            return [
                Fault(
                    "severity.kind",
                    "'normal'",
                    'a positive cost; normal is for level = "fund" only',
                )
            ]
        return []

    def _fund_faults(self) -> list[Fault]:
        member_only = ("frequency", "age_factors", "sex_factors", "seasonality", "use_response")
        return [
            Fault(key, "a value", 'nothing where level = "fund"', f"Remove {key}.")
            for key in member_only
            if getattr(self, key) is not None
        ]
