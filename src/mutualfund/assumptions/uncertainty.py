"""How unsure a line's parameters are: what is drawn once per path and held over its years (definition 19)."""

from __future__ import annotations

import math
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Input, Number
from mutualfund.assumptions.severities import AnySeverity
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray

_SUM_TOLERANCE = 1e-6
MOST_SHAPES = 64


class SeverityShape(Input):
    """A severity that a path's claims may have in place of the line's own.

    It is multiplied until its mean is `relative_mean` times that of the line's own severity; then the own
    severity and all shapes are multiplied by one factor that makes their average mean the line's.

    >>> SeverityShape(severity={"kind": "gamma", "mean": 1, "cv": 0.9}, probability=0.25).relative_mean
    1.0
    """

    severity: AnySeverity = Field(description="the shape; its own mean does not matter")
    probability: Annotated[Number, Field(gt=0.0, le=1.0)] | None = Field(
        default=None,
        description="chance that a path has it; where none is stated, all are as likely as the line's own",
    )
    relative_mean: Annotated[Number, Field(gt=0.0, le=100.0)] = Field(
        default=1.0, description="its mean claim over that of the line's own severity"
    )


class Uncertainty(Input):
    """How unsure the line's own parameters are: multipliers with mean 1 and the severity's shape, per path.

    Tariffs and reinsurance prices know the line's own severity only, whatever the path's is.

    >>> Uncertainty(frequency=0.05).severity
    0.0
    >>> heavy = {"severity": {"kind": "lognormal", "mean": 1, "cv": 4.0}, "probability": 0.2}
    >>> Uncertainty(severity=0.03, shapes=[heavy]).shape_chances.tolist()
    [0.8, 0.2]
    """

    frequency: Annotated[Number, Field(ge=0.0, le=2.0)] = Field(
        default=0.0, description="coefficient of variation of the line's claim rate"
    )
    severity: Annotated[Number, Field(ge=0.0, le=2.0)] = Field(
        default=0.0,
        description="coefficient of variation of a factor on all claims, whatever their shape",
    )
    shapes: Annotated[tuple[SeverityShape, ...], Field(max_length=MOST_SHAPES)] = Field(
        default=(),
        description="other severities that a path may have; the line's own has the chance that is left",
    )

    @model_validator(mode="after")
    def _chances_fit(self) -> Self:
        stated = [shape.probability for shape in self.shapes if shape.probability is not None]
        if stated and len(stated) < len(self.shapes):
            allowed = "one for every shape, or for none"
            got = f"a probability for {len(stated)} of {len(self.shapes)}"
            raise InputError([Fault("shapes", got, allowed, code="chances")])
        if sum(stated) > 1.0 + _SUM_TOLERANCE:
            got = f"probabilities that sum to {sum(stated):g}"
            allowed = "at most 1, the rest being that of the line's own severity"
            raise InputError([Fault("shapes", got, allowed, code="sum")])
        return self

    @property
    def shape_chances(self) -> FloatArray:
        """Chances of the line's own severity and of each shape, (1 + n_shapes,), summing to 1."""
        n = len(self.shapes)
        stated = [1.0 / (n + 1) if s.probability is None else s.probability for s in self.shapes]
        return np.array([max(0.0, 1.0 - math.fsum(stated)), *stated])

    @property
    def shape_means(self) -> FloatArray:
        """Mean claim under the line's own severity and under each shape, 1 on average, (1 + n_shapes,).

        >>> dear = {"severity": {"kind": "exponential", "mean": 1}, "relative_mean": 2.0}
        >>> Uncertainty(shapes=[dear]).shape_means.round(4).tolist()
        [0.6667, 1.3333]
        """
        means = np.array([1.0, *(shape.relative_mean for shape in self.shapes)])
        return np.asarray(means / math.fsum(self.shape_chances * means))

    @property
    def mean_cv(self) -> float:
        """Coefficient of variation of the mean claim over paths: of the factor and of the shapes' means.

        >>> dear = {"severity": {"kind": "exponential", "mean": 1}, "relative_mean": 2.0}
        >>> round(Uncertainty(severity=0.1, shapes=[dear]).mean_cv, 6)
        0.349603
        """
        between = math.fsum(self.shape_chances * (self.shape_means - 1.0) ** 2)
        return math.sqrt(between + (1.0 + between) * self.severity**2)
