"""What a premium principle answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadedPremium:
    """A premium and the mean it stands on, in currency.

    Attributes
    ----------
    principle, parameter
        The rule's name and its number.
    mean, premium
        Expected loss, and what the principle asks for it.
    standard_error
        Monte Carlo error of `premium` where the loss was a sample of outcomes; 0 for a distribution.
    numerical_error
        Estimated error of the integration; 0 where a formula or a sum gave it.
    note
        What a reader should know.

    >>> LoadedPremium("expected value", 0.1, 100.0, 110.0).loading
    10.0
    """

    principle: str
    parameter: float
    mean: float
    premium: float
    standard_error: float = 0.0
    numerical_error: float = 0.0
    note: str = ""

    @property
    def loading(self) -> float:
        """Premium less mean, currency."""
        return self.premium - self.mean


@dataclass(frozen=True, slots=True)
class Priced:
    """A number found, with its Monte Carlo and its numerical error."""

    value: float
    standard_error: float = 0.0
    numerical_error: float = 0.0
