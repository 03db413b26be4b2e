"""The yearly frailty that lines share, cut into levels: one more factor of a rate, like a health state."""

from __future__ import annotations

import numpy as np

from mutualfund.assumptions import Frailty, Line
from mutualfund.assumptions.frailty import frailty_levels
from mutualfund.sim.kernels.layout import FRAILTY_BITS
from mutualfund.types import FloatArray


def line_frailties(frailty: Frailty | None, lines: tuple[Line, ...]) -> list[FloatArray]:
    """Per line, the levels of the shared frailty; a single 1 where the line does not share it."""
    if frailty is None:
        return [np.ones(1) for _ in lines]
    levels = frailty_levels(frailty.cv, 1 << FRAILTY_BITS)
    return [levels if frailty.concerns(line.name) else np.ones(1) for line in lines]
