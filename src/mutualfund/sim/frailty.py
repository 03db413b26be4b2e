"""The yearly frailty that lines share, cut into levels: one more factor of a rate, like a health state."""

from __future__ import annotations

import numpy as np

from mutualfund.assumptions import Frailty, Line
from mutualfund.sim.kernels.layout import FRAILTY_BITS
from mutualfund.types import FloatArray


def frailty_levels(cv: float) -> FloatArray:
    """Sixteen equally likely levels of a gamma frailty with mean 1, (16,), ascending.

    Each level is the gamma's mean over its sixteenth, and all are then spread about 1 until their coefficient
    of variation is `cv` again, which the averaging had lowered.
    """
    from scipy.special import gammainc, gammaincinv

    n, shape = 1 << FRAILTY_BITS, cv**-2
    edges = gammaincinv(shape, np.arange(n + 1) / n)  # of a gamma with scale 1
    edges[-1] = np.inf
    means = np.diff(gammainc(shape + 1.0, edges)) * n  # partial means over the mean
    spread = cv / np.std(means)
    levels: FloatArray = np.maximum(1.0 + (means - 1.0) * spread, 0.0)
    levels /= levels.mean()
    return levels


def line_frailties(frailty: Frailty | None, lines: tuple[Line, ...]) -> list[FloatArray]:
    """Per line, the levels of the shared frailty; a single 1 where the line does not share it."""
    if frailty is None:
        return [np.ones(1) for _ in lines]
    levels = frailty_levels(frailty.cv)
    return [levels if frailty.concerns(line.name) else np.ones(1) for line in lines]
