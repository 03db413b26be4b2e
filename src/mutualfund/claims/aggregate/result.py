"""What comes back: the distribution of a year's total cost, and how far it may be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund.claims.aggregate.amounts import CoveredLaw, atoms_of, third_moment
from mutualfund.claims.aggregate.cells import Rounding
from mutualfund.claims.aggregate.collective import Collective, normal_of, skewness
from mutualfund.claims.aggregate.compound import (
    Frame,
    Method,
    is_atomic,
    is_smeared,
    rounded_law,
    severity_cells,
)
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.laws import Law
from mutualfund.claims.questions import LawQuestions
from mutualfund.claims.severity import Normal
from mutualfund.errors import Fault, InputError, numbers, one_number, require
from mutualfund.rng import Purpose, blocks, stream_key, uniforms
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.claims.aggregate.plots import AggregatePlots


@dataclass(frozen=True, slots=True)
class GridError:
    """How far the grid's numbers may be from the truth.

    Attributes
    ----------
    discretisation
        Twice the largest change of the distribution function when the step is doubled: an estimate, on the
        safe side where the error falls like the step's power 0.6 or faster. Zero where the lattice is exact.
    discretisation_of_tail
        Twice the largest relative change of P(S > x), wherever that is between 1e-9 and a half.
    aliasing
        Bound on the probability that wrapped around the transform's end.
    rounding
        What rounding may have made of a probability.
    beyond
        Probability of an amount beyond the end of the grid and of the coarser ones that go on after it. Of
        such amounts nothing is said unless it is at most 1e-10, which is then taken for zero.

    >>> from mutualfund.claims import Exponential, Poisson, aggregate
    >>> error = aggregate(Poisson(mean=10), Exponential(mean=1000)).error
    >>> error.discretisation < 1e-6, error.aliasing < 1e-12
    (True, True)
    """

    discretisation: float
    discretisation_of_tail: float
    aliasing: float
    rounding: float
    beyond: float

    @property
    def total(self) -> float:
        """The three errors of a probability together."""
        return self.discretisation + self.aliasing + self.rounding


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(LawQuestions):
    """The distribution of a year's total cost S. Made by `aggregate`, `total` or `individual_risks`.

    Amounts are in currency, probabilities are fractions; every method takes numbers or arrays of any shape
    and keeps the shape. `error` says how far the numbers may be trusted; mean and variance are exact, those
    of a layer as the grid gives them. It may be the severity of another `Collective`, and so be added to
    others by `total`.

    >>> from mutualfund.claims import Exponential, Poisson, aggregate
    >>> cost = aggregate(Poisson(mean=10), Exponential(mean=1000))
    >>> cost.mean, round(cost.sd, 2), round(cost.skewness, 4)
    (10000.0, 4472.14, 0.6708)
    >>> round(float(cost.cdf(25000)), 4), round(float(cost.tvar(0.99)), 1)
    (0.9964, 24889.7)
    >>> round(float(cost.layer(20000, 10000).mean), 2), round(cost.quota_share(0.3).mean, 2)
    (64.96, 3000.0)
    """

    law: LatticeLaw | CoveredLaw
    error: GridError
    parts: tuple[Collective, ...]
    frame: Frame
    method: Method

    def __repr__(self) -> str:
        exact = ", not exact" if self._is_smeared else ""
        error = f"error={self.error.total:.1e}{exact}"
        return f"Aggregate(mean={self.mean:.6g}, sd={self.sd:.6g}, {error})"

    @property
    def _is_smeared(self) -> bool:
        """Whether all claims take separate amounts, but not all of those are on the lattice."""
        return all(map(is_atomic, self.parts)) and is_smeared(self.parts, self.frame)

    @property
    def amount_law(self) -> LatticeLaw | CoveredLaw:
        """The law, for a `Collective` of which this is the amount."""
        return self.law

    @property
    def skewness(self) -> float:
        """E[(S - E S)^3] / sd^3: infinite where the third moment is, NaN without a positive finite sd."""
        return skewness(self.variance, self.third_central_moment)

    @property
    def third_central_moment(self) -> float:
        """E[(S - E S)^3]: exact for a sum, as the grid gives it for a layer."""
        if isinstance(self.law, LatticeLaw):
            return sum(part.third_central_moment for part in self.parts)
        mean = self.mean
        return third_moment(self.law) - 3.0 * mean * self.variance - mean**3

    def pmf(self, x: npt.ArrayLike) -> FloatArray:
        """P(S = x): zero where S has a density; all of it where every claim is on the lattice."""
        if isinstance(self.law, LatticeLaw):
            return self.law.pmf(x)
        values, chances = atoms_of(self.law)
        amount = np.asarray(x, dtype=np.float64)
        near = np.isclose(amount[..., None], values, rtol=1e-9, atol=0.0)
        return np.asarray((near * chances).sum(axis=-1), np.float64)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        """Smallest amount x with P(S <= x) >= p, p in 0 to 1; at 1 the largest amount there is.

        Raises
        ------
        InputError
            Where the grid does not reach that far; it says how to have a deeper one. Where p or 1 - p is
            above zero and below `error.rounding`.
        """
        require("aggregate.quantile.p", p, minimum=0.0, maximum=1.0, unit="probability")
        self._require_digits("aggregate.quantile.p", p)
        return self.law.quantile(p)

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        """Smallest amount exceeded with probability at most q, q in 0 to 1.

        Raises
        ------
        InputError
            Where the grid does not reach that far, or q is below `error.rounding`: then it says nothing.
        """
        require("aggregate.isf.q", q, minimum=0.0, maximum=1.0, unit="probability")
        self._require_digits("aggregate.isf.q", q)
        return self.law.isf(q)

    def _require_digits(self, field: str, chance: npt.ArrayLike) -> None:
        """Refuse a probability, or what it lacks of one, that rounding may have made."""
        wanted = np.asarray(chance, dtype=np.float64)
        rest = np.minimum(wanted, 1.0 - wanted)
        lost = (rest > 0.0) & (rest < self.error.rounding)
        if np.any(lost):
            allowed = (
                f"0, 1, or at least {self.error.rounding:.1e} from both: rounding hides the rest"
            )
            got = f"{float(wanted[lost][0]):.17g}"
            raise InputError([Fault(field, got, allowed, code="rounding")])

    def layer(self, deductible: float, limit: float = math.inf, share: float = 1.0) -> Aggregate:
        """`share` of the year's cost above an aggregate deductible, up to an aggregate limit.

        deductible: currency a year, >= 0. limit: currency a year, > 0, infinite for none. share: 0 to 1,
        above 0. The answers are those of S itself at other amounts; nothing is put on a lattice again.

        Raises
        ------
        InputError
            Where a term is out of its range.
        """
        money = "currency a year"
        least = 5e-324
        one_number("aggregate.layer.deductible", deductible, minimum=0.0, maximum=1e300, unit=money)
        one_number("aggregate.layer.limit", limit, minimum=least, maximum=math.inf, unit=money)
        one_number("aggregate.layer.share", share, minimum=least, maximum=1.0, unit="share")
        return replace(self, law=CoveredLaw(self.law, deductible, limit, share))

    def quota_share(self, share: float) -> Aggregate:
        """`share` (above 0, at most 1) of the whole year's cost."""
        return self.layer(0.0, math.inf, share)

    def normal_approximation(self) -> Normal:
        """The normal law with this mean and sd: quick, and wrong in the tail."""
        return normal_of(self.mean, self.variance)

    def cdf_bounds(self, x: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bound on P(S <= x), from rounding every claim up and down to the grid.

        They hold whatever the severity is like between the grid's points, up to aliasing and rounding; of a
        layer they are those of the sum at the amount that it pays so much of.

        >>> from mutualfund.claims import Exponential, Poisson, aggregate
        >>> low, high = aggregate(Poisson(mean=10), Exponential(mean=1000)).cdf_bounds(25000)
        >>> bool(low < 0.9964013 < high)
        True
        """
        # Where the two are one chance, rounding may turn them round.
        bounds = self._rounded("up").cdf(x), self._rounded("down").cdf(x)
        return np.minimum(*bounds), np.maximum(*bounds)

    def _rounded(self, rounding: Rounding) -> Law:
        masses = severity_cells(self.parts, self.frame, rounding)
        return _covered_alike(self.law, rounded_law(self.parts, self.frame, masses))

    def sample(self, n: int, seed: int = 0) -> FloatArray:
        """(n,) independent years, by inversion; the same seed gives the same years.

        Raises
        ------
        InputError
            Where a year fell beyond the grid's end; a deeper grid (`reach`) makes that rarer.
        """
        one_number("aggregate.sample.n", n, minimum=0, maximum=2**32 - 1, unit="years")
        one_number("aggregate.sample.seed", seed, minimum=0, maximum=2**63 - 1, unit="seed")
        key = stream_key(seed, "aggregate:sample")
        where = np.arange(n, dtype=np.uint64)
        chance = uniforms(blocks(key, path=where, purpose=Purpose.FUND_LINE))
        return self.law.isf(chance)

    def table(
        self, probabilities: Sequence[float] = (0.5, 0.75, 0.9, 0.95, 0.99, 0.995)
    ) -> pd.DataFrame:
        """Quantile and tail mean at each probability, a row each.

        >>> from mutualfund.claims import Exponential, Poisson, aggregate
        >>> list(aggregate(Poisson(mean=10), Exponential(mean=1000)).table().columns)
        ['probability', 'quantile', 'tvar']
        """
        import pandas as pd

        levels = numbers("probabilities", probabilities).ravel()
        columns = {
            "probability": levels,
            "quantile": self.quantile(levels),
            "tvar": self.tvar(levels),
        }
        return pd.DataFrame(columns)

    @property
    def plot(self) -> AggregatePlots:
        """The pictures: `plot.density()` and `plot.exceedance()`."""
        from mutualfund.claims.aggregate.plots import AggregatePlots

        return AggregatePlots(self)


def _covered_alike(law: Law, gross: LatticeLaw) -> Law:
    """`gross` under the layers that `law` puts on its own sum."""
    if isinstance(law, CoveredLaw):
        return replace(law, law=_covered_alike(law.law, gross))
    return gross
