"""How unequal amounts are, and whether payments fall on the rich or on the poor.

Gini, Theil and Atkinson measure inequality of one amount. The concentration index measures how an amount
spreads over persons ranked by another: below 0 the poor have more of it. Kakwani's index is the
concentration of payments less the Gini of income: above 0 payments are progressive.

Source: O'Donnell, van Doorslaer, Wagstaff and Lindelow, Analyzing Health Equity Using Household Survey Data
(World Bank, 2008), ch. 8 and 16; Cowell, Measuring Inequality (2011), ch. 3 and appendix A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, numbers, one_number, require
from mutualfund.premiums.columns import column
from mutualfund.premiums.lorenz_curve import sorted_curve
from mutualfund.types import FloatArray


def gini(amounts: npt.ArrayLike, *, unbiased: bool = False) -> float:
    """Gini index: the mean difference between two persons over twice the mean.

    Parameters
    ----------
    amounts : (n,) not negative, not all nought.
    unbiased : multiplied by n / (n - 1), which one person alone does not allow.

    >>> round(gini([0, 0, 50, 150, 800]), 12)
    0.7
    """
    values = _amounts("amounts", amounts)
    index = concentration_index(values, values)
    if not unbiased:
        return index
    require("amounts", values.size, minimum=2, maximum=1e15, unit="persons")
    return index * values.size / (values.size - 1)


def concentration_index(amounts: npt.ArrayLike, rank_by: npt.ArrayLike) -> float:
    """Twice the area between the diagonal and the Lorenz curve of an amount by rank: -1 to 1.

    The same as twice the covariance of the amount with the rank, over its mean, where persons of the same
    value share the mean of their ranks.

    Parameters
    ----------
    amounts : (n,) not negative, not all nought.
    rank_by : (n,) what persons are ranked by, such as income.

    >>> concentration_index([3.0, 1.0], rank_by=[10.0, 20.0])
    -0.25
    """
    values, by = _amounts("amounts", amounts), numbers("rank_by", rank_by)
    if values.shape != by.shape:
        raise InputError([Fault("rank_by", f"shape {by.shape}", f"{values.shape}", code="length")])
    return sorted_curve(values, np.ones_like(values), by).index


def kakwani(payments: npt.ArrayLike, income: npt.ArrayLike) -> float:
    """Concentration of payments by income less the Gini of income: above 0 is progressive.

    payments, income: (n,) not negative.

    >>> kakwani([1.0, 1.0], [10.0, 30.0])
    -0.25
    """
    return concentration_index(payments, income) - gini(income)


def grouped_concentration(persons: npt.ArrayLike, rates: npt.ArrayLike) -> float:
    """Concentration index of a rate known by group, the poorest group first.

    Twice the area between the diagonal and the running shares of persons and of cases.

    Parameters
    ----------
    persons : (n_groups,) persons in each group.
    rates : (n_groups,) cases a person, in any unit.

    Source: O'Donnell and others (2008), ch. 8, equation 8.3.

    >>> round(grouped_concentration([50, 50], [3.0, 1.0]), 12)
    -0.25
    """
    people, cases = _amounts("persons", persons), _amounts("rates", rates)
    if people.shape != cases.shape:
        allowed = f"shape {people.shape}"
        raise InputError([Fault("rates", f"shape {cases.shape}", allowed, code="length")])
    return sorted_curve(people * cases, people, np.arange(people.size, dtype=np.float64)).index


def theil(amounts: npt.ArrayLike) -> float:
    """Theil's T: the mean of x/mean x ln(x/mean); nought counts as nought.

    >>> theil([7.0, 7.0])
    0.0
    """
    relative = _relative(amounts)
    logs = np.log(np.where(relative > 0.0, relative, 1.0))
    return float((relative * logs).mean())


def atkinson(amounts: npt.ArrayLike, aversion: float) -> float:
    """Atkinson's index: the share of the total that equality would make superfluous.

    Parameters
    ----------
    amounts : (n,) not negative; above 0 where the aversion is 1 or more.
    aversion : to inequality, more than 0.

    >>> atkinson([7.0, 7.0], 0.5)
    0.0
    """
    one_number("aversion", aversion, minimum=1e-9, maximum=100.0, unit="0 = indifferent")
    relative = _relative(amounts)
    if aversion >= 1.0 and (relative == 0.0).any():
        remedy = "Leave them out, or take an aversion below 1."
        raise InputError([Fault("amounts", "nought", "amounts above 0", remedy, "range")])
    if aversion == 1.0:
        return float(1.0 - np.exp(np.log(relative).mean()))
    return float(1.0 - (relative ** (1.0 - aversion)).mean() ** (1.0 / (1.0 - aversion)))


@dataclass(frozen=True, slots=True)
class LognormalIncome:
    """The same indices in closed form where income is lognormal and payments go with a power of it.

    Parameters
    ----------
    sigma : standard deviation of log income, more than 0.
    elasticity : payments are proportional to income to this power, more than 0; 1 is neither progressive nor
        regressive.

    >>> LognormalIncome(sigma=0.9, elasticity=1.0).kakwani
    0.0
    """

    sigma: float
    elasticity: float = 1.0

    def __post_init__(self) -> None:
        one_number("sigma", self.sigma, minimum=1e-9, maximum=100.0, unit="of log income")
        one_number(
            "elasticity", self.elasticity, minimum=1e-9, maximum=100.0, unit="power of income"
        )

    @property
    def gini(self) -> float:
        """Gini index of income, 2 Phi(sigma / sqrt 2) - 1."""
        return math.erf(self.sigma / 2.0)

    @property
    def concentration(self) -> float:
        """Concentration index of payments."""
        return math.erf(self.elasticity * self.sigma / 2.0)

    @property
    def kakwani(self) -> float:
        """Kakwani's index of payments."""
        return self.concentration - self.gini

    @property
    def theil(self) -> float:
        """Theil's T, which equals L here: sigma^2 / 2."""
        return self.sigma**2 / 2.0

    def atkinson(self, aversion: float) -> float:
        """Atkinson's index, 1 - exp(-aversion sigma^2 / 2)."""
        one_number("aversion", aversion, minimum=1e-9, maximum=100.0, unit="0 = indifferent")
        return -math.expm1(-aversion * self.sigma**2 / 2.0)


def _amounts(field: str, amounts: npt.ArrayLike) -> FloatArray:
    limit = float(np.finfo(np.float64).max)
    values = column(field, amounts, None, maximum=limit, unit="amounts", show=False)
    if not values.sum() > 0.0:
        raise InputError([Fault(field, "nothing", "amounts, not all 0", code="empty")])
    return values


def _relative(amounts: npt.ArrayLike) -> FloatArray:
    values = _amounts("amounts", amounts)
    return np.asarray(values / values.mean())
