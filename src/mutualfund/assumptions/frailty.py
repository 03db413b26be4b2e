"""A yearly frailty: what makes a member's year good or bad on several lines at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from pydantic import Field, Strict

from mutualfund.assumptions.model import Input
from mutualfund.types import FloatArray, frozen

NODES: Final = 128
DRAWS: Final = float(1 << 32)  # equally likely words that a level is drawn from


class Frailty(Input):
    """A gamma effect of mean 1 on a member's claim rates, fresh each member and year, shared by lines.

    It comes on top of each line's own dispersion, which stays conditional on it (definitions 8 and 9).

    >>> Frailty(cv=0.5, lines=("visits", "drugs")).concerns("dental")
    False
    """

    cv: Annotated[float, Strict(), Field(allow_inf_nan=False, gt=0.0, le=2.0)] = Field(
        description="coefficient of variation of the yearly effect"
    )
    lines: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None, description="lines that share it; default: all"
    )

    def concerns(self, line: str) -> bool:
        """Whether the line shares the frailty."""
        return self.lines is None or line in self.lines


@dataclass(frozen=True, slots=True, eq=False)
class FrailtyLevels:
    """The levels that a frailty takes, ascending with mean 1, and the chance of each; (n,).

    Chances are whole multiples of 2^-32, the step of the draw, and their sum is 1.
    """

    level: FloatArray
    chance: FloatArray

    def __post_init__(self) -> None:
        for name in ("level", "chance"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


NO_FRAILTY = FrailtyLevels(np.ones(1), np.ones(1))


def line_frailty(frailty: Frailty | None, line: str) -> FrailtyLevels:
    """The levels of the shared frailty; a single 1 for a line that does not share it."""
    if frailty is None or not frailty.concerns(line):
        return NO_FRAILTY
    return gamma_levels(frailty.cv)


def widest(shares: Sequence[FrailtyLevels]) -> FrailtyLevels:
    """The frailty that some lines share, of what each has of it; no frailty where none shares it."""
    return max(shares, key=lambda share: share.level.size, default=NO_FRAILTY)


def gamma_levels(cv: float) -> FrailtyLevels:
    """Levels of a gamma frailty with mean 1: the nodes of a Gauss quadrature that can be drawn.

    A node is left out where its chance rounds to nothing on 2^32, which leaves 32 to 46 of the 128.

    >>> gamma_levels(1.0).level.size
    34
    """
    nodes, weights = gamma_quadrature(cv)
    steps = np.rint(np.cumsum(weights) * DRAWS)
    steps[-1] = DRAWS
    chance = np.diff(steps, prepend=0.0) / DRAWS
    level, chance = nodes[chance > 0.0], chance[chance > 0.0]
    return FrailtyLevels(level / (chance @ level), chance)


def gamma_quadrature(cv: float, n: int = NODES) -> tuple[FloatArray, FloatArray]:
    """Nodes, ascending, and weights of the Gauss quadrature of a gamma law with mean 1 and this `cv`; (n,).

    The expectation of every polynomial of degree below 2n is exact. The nodes are eigenvalues of the Jacobi
    matrix of generalised Laguerre polynomials with shape 1 / cv^2, written here for the standardised law,
    so that it stays finite however small `cv` is; the weights are squared first components of its vectors.

    Source: G. Golub, J. Welsch, "Calculation of Gauss quadrature rules", Mathematics of Computation 23
    (1969), 221-230.

    >>> nodes, weights = gamma_quadrature(0.5)
    >>> float(round(weights @ nodes**3, 12))  # (1 + cv^2)(1 + 2 cv^2)
    1.875
    """
    k = np.arange(n)
    beside = np.sqrt(k[1:] * (1.0 + (k[1:] - 1) * cv**2))
    values, vectors = np.linalg.eigh(np.diag(2.0 * k * cv) + np.diag(beside, -1))
    return np.asarray(1.0 + cv * values), np.asarray(vectors[0] ** 2)
