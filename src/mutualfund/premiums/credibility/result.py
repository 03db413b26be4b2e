"""The one shape of every credibility result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.assumptions.model import FrozenTable
from mutualfund.types import FloatArray, frozen

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.premiums.credibility.plots import CredibilityPlots


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CredibilityFit:
    """Credibility premiums of a set of groups, and what they rest on.

    Attributes
    ----------
    method
        Which model this is.
    labels
        Names of the n groups; every array below is (n_groups,) in their order, read-only.
    exposure
        Total weight of each group's experience, in the unit of the weights.
    own
        What each group's own experience says, in the unit of the observations.
    factors
        Credibility factors, 0 to 1: the weight of `own` in the premium. In a regression, where the weight is
        a matrix, the share of the collective's variance about the premium that own experience removes; with
        one coefficient that is the usual factor.
    complement
        What the rest of the premium rests on.
    premiums
        Credibility premiums.
    standard_errors
        Root of the mean squared error of each premium about the group's true mean, with the structure
        parameters taken as known.
    structure
        Structure parameters by name.
    notes
        What a reader should know, such as a between-variance that came out negative.
    upper
        The level above (sectors of a hierarchy); None elsewhere.
    coefficients, factor_matrices
        Of a regression: (n_groups, n_coefficients) and (n_groups, n_coefficients, n_coefficients).

    >>> from mutualfund.premiums import buhlmann
    >>> fit = buhlmann([[0, 1, 0], [2, 1, 2]], labels=["north", "south"])
    >>> fit
    <CredibilityFit Buhlmann: 2 groups, collective premium 1>
    >>> fit.summary()["premium"].round(4).tolist()
    [0.4167, 1.5833]
    """

    method: str
    labels: tuple[str, ...]
    exposure: FloatArray
    own: FloatArray
    factors: FloatArray
    complement: FloatArray
    premiums: FloatArray
    standard_errors: FloatArray
    structure: Mapping[str, float]
    notes: tuple[str, ...] = ()
    upper: CredibilityFit | None = None
    coefficients: FloatArray | None = None
    factor_matrices: FloatArray | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, field.name, frozen(value))
        object.__setattr__(self, "structure", FrozenTable(self.structure))

    def __repr__(self) -> str:
        collective = f"{self.structure['collective_premium']:.6g}"
        return (
            f"<CredibilityFit {self.method}: {len(self.labels)} groups, "
            f"collective premium {collective}>"
        )

    @property
    def relativities(self) -> FloatArray:
        """(n_groups,) premium over the collective premium; NaN where that is zero.

        What an experience-rated group pays of the common contribution.
        """
        collective = self.structure["collective_premium"]
        return np.asarray(self.premiums / (collective if collective else np.nan))

    def summary(self) -> pd.DataFrame:
        """One row a group: exposure, own experience, factor, complement, premium and its standard error.

        >>> from mutualfund.premiums import buhlmann
        >>> buhlmann([[0, 1, 0], [2, 1, 2]]).summary().loc[0, "credibility_factor"].round(3)
        np.float64(0.875)
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "group": self.labels,
                "exposure": self.exposure,
                "own_experience": self.own,
                "credibility_factor": self.factors,
                "complement": self.complement,
                "premium": self.premiums,
                "standard_error": self.standard_errors,
            }
        )

    @property
    def plot(self) -> CredibilityPlots:
        """Pictures: ``fit.plot.premiums()``, ``fit.plot.factors()``."""
        from mutualfund.premiums.credibility.plots import CredibilityPlots

        return CredibilityPlots(self)
