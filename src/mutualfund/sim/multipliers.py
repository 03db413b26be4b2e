"""Parameter error of a line: rate multipliers and their rungs, severity scales, shapes of the severity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.assumptions.severities import mean_amount
from mutualfund.claims import Severity
from mutualfund.errors import Fault, InputError
from mutualfund.scenario import Scenario, Settings
from mutualfund.sim.kernels.layout import SCALE_BITS
from mutualfund.sim.paths import drawn_shapes, largest_shock, parameter_multiplier, rung_of
from mutualfund.types import FloatArray, IntArray, UIntArray

SLICE = 1_000_000  # paths looked at together
MOST_GROWTH = 30.0  # 2^33 minor units x 2^24 x 30 still fits 63 bits


def severity_multiplier(line: Line, seed: int, path: UIntArray, central: bool) -> FloatArray:
    """Parameter error of a line's claim size, (n_paths,)."""
    cv = 0.0 if central or line.uncertainty is None else line.uncertainty.severity
    return parameter_multiplier(seed, line.name, "severity", cv, path)


def rate_multipliers(
    lines: tuple[Line, ...], seed: int, path: UIntArray, central: bool
) -> FloatArray:
    """Parameter error of each line's rate, (n_paths, n_lines)."""
    out = np.ones((path.size, len(lines)))
    for i, line in enumerate(lines):
        cv = 0.0 if central or line.uncertainty is None else line.uncertainty.frequency
        out[:, i] = parameter_multiplier(seed, line.name, "frequency", cv, path)
    return out


def severity_scales(lines: tuple[Line, ...], seed: int, path: UIntArray, central: bool) -> IntArray:
    """Parameter error of claim sizes on 2^24, (n_paths, n_lines); held over the years."""
    out = np.empty((path.size, len(lines)), np.int64)
    for i, line in enumerate(lines):
        scale = severity_multiplier(line, seed, path, central)
        out[:, i] = np.rint(scale * (1 << SCALE_BITS)).astype(np.int64)
    return out


def is_shaped(settings: Settings, line: Line) -> bool:
    """Whether paths of the run differ in the shape of the line's severity."""
    unsure = line.uncertainty
    return settings.parameter_risk and unsure is not None and bool(unsure.shapes)


def severity_rows(
    lines: tuple[Line, ...], first: IntArray, settings: Settings, path: UIntArray, central: bool
) -> IntArray:
    """Row of the severity table that each path draws a line's claims from, (n_paths, n_lines).

    first: (n_lines,) where the tables of a line's paths begin; centrally each line has its own.
    """
    out = np.tile(np.arange(len(lines)), (path.size, 1))
    for i, line in enumerate(lines):
        if line.uncertainty is not None and is_shaped(settings, line) and not central:
            chances = line.uncertainty.shape_chances
            out[:, i] = first[i] + drawn_shapes(settings.seed, line.name, chances, path)
    return out


def fund_shapes(
    line: Line, settings: Settings, path: UIntArray, central: bool
) -> Iterator[tuple[IntArray, Severity, float]]:
    """Severities of a fund-level line: on which of the paths, which one, and the factor on its amounts."""
    if central or line.uncertainty is None or not is_shaped(settings, line):
        yield np.arange(path.size), line.severity, 1.0
        return
    unsure = line.uncertainty
    drawn = drawn_shapes(settings.seed, line.name, unsure.shape_chances, path)
    own, severities = mean_amount(line.severity), [line.severity]
    severities += [shape.severity for shape in unsure.shapes]
    for k, severity in enumerate(severities):
        yield (
            np.flatnonzero(drawn == k),
            severity,
            own * unsure.shape_means[k] / mean_amount(severity),
        )


def largest_scale(scenario: Scenario, line: Line) -> float:
    """How many times its year 1 table a claim of the line can be, on any path in any year."""
    settings = scenario.settings
    central, largest = not settings.parameter_risk, 1.0
    if not central and line.uncertainty is not None:
        for path in path_slices(settings.paths):
            error = severity_multiplier(line, settings.seed, path, central)
            largest = max(largest, float(error.max()))
    return largest * max(1.0, (1.0 + line.trend_per_year) ** (settings.years - 1))


def check_growth(scenario: Scenario, lines: tuple[Line, ...]) -> None:
    """Refuse, before anything runs, claims that would outgrow the kernel's integers.

    Raises
    ------
    InputError
        If claims grow more than thirty-fold.
    """
    faults = [
        Fault(
            f"assumptions.lines.{line.name}.trend_per_year",
            f"claims {largest_scale(scenario, line):.0f} times as large by the last year",
            "at most 30 times",
            "Lower the trend, the uncertainty or settings.years.",
            code="trend_overflow",
        )
        for line in lines
        if largest_scale(scenario, line) > MOST_GROWTH
    ]
    if faults:
        raise InputError(faults)


def headroom(scenario: Scenario, lines: tuple[str, ...]) -> FloatArray:
    """How far shocks can raise each line's rate, (n_lines,)."""
    shocks = scenario.assumptions.shocks
    return np.array([largest_shock(shocks, name) for name in lines], np.float64)


def needed_rungs(scenario: Scenario, lines: tuple[Line, ...]) -> list[IntArray]:
    """Per line, the contiguous rungs that the run's paths, or the pilot's, draw on."""
    settings = scenario.settings
    low, high = np.ones(len(lines)), np.ones(len(lines))  # the pilot's
    for path in path_slices(settings.paths):
        rate = rate_multipliers(lines, settings.seed, path, not settings.parameter_risk)
        low, high = np.minimum(low, rate.min(axis=0)), np.maximum(high, rate.max(axis=0))
    above = headroom(scenario, tuple(line.name for line in lines))
    rungs = zip(rung_of(low * above), rung_of(high * above), strict=True)
    return [np.arange(first, last + 1) for first, last in rungs]


def path_slices(paths: int) -> Iterator[UIntArray]:
    """All path numbers, a million at a time: what is drawn for each need not fit into memory at once."""
    for first in range(0, paths, SLICE):
        yield np.arange(first, min(first + SLICE, paths), dtype=np.uint64)
