"""A service line: how often members use it and what a use costs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from mutualfund.assumptions.bands import AgeBands
from mutualfund.assumptions.fitted import with_fits
from mutualfund.assumptions.model import Change, Factor, Freeze, Input, Name, Number, Share
from mutualfund.assumptions.severities import AnySeverity, mean_amount
from mutualfund.assumptions.uncertainty import Uncertainty
from mutualfund.claims import Fit, FrequencySpec, Severity
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray


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


class Line(Input):
    """One service line of the fund.

    A ``level = "fund"`` line is one amount a year for the whole fund: it has a severity but no
    frequency and no member factors.

    A `Fit` given as frequency or severity brings its distribution and, where `uncertainty` does not state it,
    its parameter error (definition 19): the coefficient of variation of the multiplier and, of a severity,
    what its shape may be (`Fit.shapes`). What was once taken from a fit is stated from then on: whoever gives
    a line another severity gives it another uncertainty too.

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
            return with_fits(data)
        return data

    @model_validator(mode="after")
    def _level_fits(self) -> Self:
        faults = self._member_faults() if self.level == "member" else self._fund_faults()
        if not faults:
            faults = self._mean_faults()
        if faults:
            raise InputError(faults)
        return self

    def _member_faults(self) -> list[Fault]:
        if self.frequency is None:
            remedy = 'Add frequency, or level = "fund" for one amount a year.'
            return [Fault("frequency", "nothing", "claims per member-year", remedy, "missing")]
        allowed = 'a positive cost; normal is for level = "fund" only'
        return [
            Fault(f"{field}.kind", "'normal'", allowed)
            for field, severity in {"severity": self.severity, **self._shapes()}.items()
            if getattr(severity, "kind", "") == "normal"
        ]

    def _shapes(self) -> dict[str, Severity]:
        """The severities that paths may have beside the line's own, by where they stand."""
        shapes = () if self.uncertainty is None else self.uncertainty.shapes
        return {f"uncertainty.shapes[{k}].severity": x.severity for k, x in enumerate(shapes)}

    def _mean_faults(self) -> list[Fault]:
        """Shapes are multiplied to their means, so there must be one to multiply."""
        shapes = self._shapes()
        every = {"severity": self.severity, **shapes} if shapes else {}
        return [
            Fault(
                field,
                "a mean of 0 or less",
                "a mean above 0 beside uncertainty.shapes",
                code="mean",
            )
            for field, severity in every.items()
            if not mean_amount(severity) > 0.0
        ]

    def _fund_faults(self) -> list[Fault]:
        member_only = ("frequency", "age_factors", "sex_factors", "seasonality", "use_response")
        return [
            Fault(key, "a value", 'nothing where level = "fund"', f"Remove {key}.")
            for key in member_only
            if getattr(self, key) is not None
        ]
