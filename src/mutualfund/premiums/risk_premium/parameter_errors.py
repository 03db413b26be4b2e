"""What a premium moves by for one standard error of each uncertain parameter of a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mutualfund.assumptions import Uncertainty
from mutualfund.premiums.risk_premium.payments import Payments
from mutualfund.premiums.risk_premium.priced_line import PricedLine, mean_cost, scaled_severity
from mutualfund.types import FloatArray

_BUMP = 1e-3


def parameter_errors(lines: Sequence[PricedLine], pay: Payments) -> FloatArray:
    """(n_sources, n_cells, n_lines) premium's change for one standard error of each uncertain parameter."""
    found = [np.zeros((pay.groups.exposure.size, 1 if pay.yearly is not None else len(lines)))]
    for place, line in enumerate(lines):
        if line.line.uncertainty is None:
            continue
        for cv, up, down in _bumped(line, line.line.uncertainty):
            change = _premiums(lines, place, up, pay) - _premiums(lines, place, down, pay)
            found.append(cv * change / (2.0 * _BUMP))
        if line.line.uncertainty.shapes:
            found += _shape_errors(lines, place, line.line.uncertainty, pay)
    return np.stack(found)


def distributions_for_errors(lines: Sequence[PricedLine], pay: Payments) -> int:
    """How many distributions of a year's cost `parameter_errors` computes."""
    needed = 0
    for line in lines:
        unsure = line.line.uncertainty
        if unsure is not None:
            pricings = 2 * len(list(_bumped(line, unsure)))
            pricings += len(unsure.shapes) + 1 if unsure.shapes else 0
            needed += pricings * pay.distributions(lines if pay.yearly is not None else [line])
    return needed


def _bumped(
    line: PricedLine, unsure: Uncertainty
) -> Iterator[tuple[float, PricedLine, PricedLine]]:
    """Each uncertain level: its coefficient of variation, and the line with a little more and less of it."""
    for cv, rate, cost in ((unsure.frequency, _BUMP, 0.0), (unsure.severity, 0.0, _BUMP)):
        if cv > 0.0:
            yield cv, line.scaled(1.0 + rate, 1.0 + cost), line.scaled(1.0 - rate, 1.0 - cost)


def _premiums(
    lines: Sequence[PricedLine], place: int, changed: PricedLine, pay: Payments
) -> FloatArray:
    """(n_cells, n_lines) premiums with one line changed; those of lines that it cannot move are left at 0."""
    if pay.yearly is not None:
        return pay.premiums([*lines[:place], changed, *lines[place + 1 :]])
    alone = pay.premiums([changed])
    return np.asarray(alone * (np.arange(len(lines)) == place))


def _shape_errors(
    lines: Sequence[PricedLine], place: int, unsure: Uncertainty, pay: Payments
) -> list[FloatArray]:
    """Each shape's premium less their average, times the root of its chance; squares sum to a variance."""
    line, chances = lines[place], unsure.shape_chances
    severities = [line.severity, *(shape.severity for shape in unsure.shapes)]
    premiums = []
    for severity, mean in zip(severities, unsure.shape_means, strict=True):
        level = mean_cost(line.severity) * mean / mean_cost(severity)
        shaped = replace(line, severity=scaled_severity(severity, level))
        premiums.append(_premiums(lines, place, shaped, pay))
    average = sum(chance * each for chance, each in zip(chances, premiums, strict=True))
    return [
        math.sqrt(chance) * (each - average) for chance, each in zip(chances, premiums, strict=True)
    ]
