"""Chances of ruin in closed form: phase-type claims for ever, exponential claims within a time."""

from __future__ import annotations

import math

import numpy as np

from mutualfund.claims.ruin.erlang import ErlangMixture
from mutualfund.types import FloatArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def phase_type_ruin(
    claims: ErlangMixture, claim_rate: float, premium_rate: float, capital: FloatArray
) -> FloatArray:
    """P(ruin ever) for a mixture of Erlangs: pi exp((T + t pi) u) 1 with pi = -(lambda/c) alpha T^-1.

    S. Asmussen and H. Albrecher, *Ruin Probabilities*, 2nd ed. (2010), theorem IX.3.1.
    """
    from scipy import linalg

    start, generator = claims.phases()
    ladder = -claim_rate / premium_rate * np.linalg.solve(generator.T, start)
    leaving = -generator.sum(axis=1)
    rates = generator + np.outer(leaving, ladder)
    chances = [float(ladder @ linalg.expm(rates * u) @ np.ones(start.size)) for u in capital.flat]
    return np.array(chances).reshape(capital.shape)


def exponential_ruin_by(
    claim_mean: float, claim_rate: float, premium_rate: float, capital: float, time: float
) -> float:
    """P(ruin by `time`) for exponential claims.

    S. Asmussen and H. Albrecher, *Ruin Probabilities*, 2nd ed. (2010), proposition V.1.3, in units in which
    claims have mean one and the premium is one a unit of time. The integral is of a smooth function over half
    a period, taken in pieces that follow its narrow peak at zero.
    """
    rate = claim_rate * claim_mean / premium_rate
    u, t = capital / claim_mean, time * premium_rate / claim_mean
    ever = rate * math.exp(-(1.0 - rate) * u) if rate < 1.0 else 1.0
    if time == 0.0:
        return 0.0
    edges = math.pi * np.concatenate([[0.0], 2.0 ** -np.arange(30.0, -1.0, -1.0)])
    pieces = [_refined(edges[k], edges[k + 1], u, t) for k in range(edges.size - 1)]
    angles = np.concatenate([angle for angle, _ in pieces])
    weights = np.concatenate([weight for _, weight in pieces])
    return min(max(ever - float(_integrand(angles, rate, u, t) @ weights) / math.pi, 0.0), 1.0)


def _refined(low: float, high: float, u: float, t: float) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes of one piece, enough of them for its oscillations."""
    parts = 1 + int((high - low) * (u + math.sqrt(t)) / 16.0)
    edges = np.linspace(low, high, parts + 1)
    width = np.diff(edges)[:, None]
    angles = edges[:-1, None] + width * (_NODES + 1.0) / 2.0
    return angles.ravel(), (width * _WEIGHTS / 2.0).ravel()


def _integrand(angle: FloatArray, rate: float, u: float, t: float) -> FloatArray:
    root = math.sqrt(rate)
    grown = 2.0 * root * t * np.cos(angle) - (1.0 + rate) * t + u * (root * np.cos(angle) - 1.0)
    turned = u * root * np.sin(angle)
    # cos a - cos b as a product keeps its digits where both are near one
    swing = 2.0 * np.sin(turned + angle) * np.sin(angle)
    slow = (1.0 - root) ** 2 + 4.0 * root * np.sin(angle / 2.0) ** 2
    return np.asarray(rate * np.exp(grown) * swing / slow, np.float64)
