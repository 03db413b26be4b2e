"""What a method's model says of the payments until a later valuation: their mean and its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mutualfund.types import FloatArray, IntArray, frozen


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ExpectedPayments:
    """Payments expected between two valuations, by origin, and their error in two parts.

    mean: (n_origins,) currency. process_variance: (n_origins,) of the payments about their mean; origins are
    independent. parameter_covariance: (n_origins, n_origins) of the estimated means, which share link ratios.
    Variances are NaN where the data leave no degree of freedom.

    >>> import numpy as np
    >>> ExpectedPayments(
    ...     mean=np.array([10.0]), process_variance=np.array([4.0]), parameter_covariance=np.array([[1.0]])
    ... ).mean.tolist()
    [10.0]
    """

    mean: FloatArray
    process_variance: FloatArray
    parameter_covariance: FloatArray

    def __post_init__(self) -> None:
        for name in ("mean", "process_variance", "parameter_covariance"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


@runtime_checkable
class NextPayments(Protocol):
    """A model of what is paid until a later valuation; one of your own is any object with these two names."""

    @property
    def ultimate(self) -> FloatArray:
        """(n_origins,) the ultimate amounts of the estimate that it belongs to, currency."""
        ...

    def until(self, later: IntArray) -> ExpectedPayments:
        """Payments until each origin has reached the age `later`, (n_origins,) columns from 0."""
        ...
