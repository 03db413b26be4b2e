"""Severity tables of every line and year: claims as they are priced in the year of treatment."""

from __future__ import annotations

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import CLAIM_MAX, HALF_NODES
from mutualfund.sim.multipliers import largest_scale
from mutualfund.sim.tables import kernel_array, require_room, require_steps, severity_table
from mutualfund.types import FloatArray, IntArray


def line_severity(scenario: Scenario, line: Line, minor: int) -> FloatArray:
    """The line's table at the prices of year 1, refused by the line's name where the kernel cannot hold its
    claims on some path in some year."""
    field = f"assumptions.lines.{line.name}.severity"
    nodes = severity_table(field, line.severity, minor)
    require_room(field, nodes, largest_scale(scenario, line), minor)
    return nodes


def yearly_severities(
    scenario: Scenario, lines: tuple[Line, ...], minor: int, years: int
) -> list[IntArray]:
    """Per year, the tables of all lines in whole minor units, (n_lines, 2 * 1153).

    Trend acts on the whole table, tail included, so a claim is rounded once (definition 11).
    """
    nodes = [line_severity(scenario, line, minor) for line in lines]
    trend = [1.0 + line.trend_per_year for line in lines]
    tables = []
    for year in range(years):
        grown = np.zeros((len(lines), 2 * HALF_NODES))
        for row, line in enumerate(lines):
            grown[row] = np.minimum(np.rint(nodes[row] * trend[row] ** year), CLAIM_MAX)
            require_steps(f"assumptions.lines.{line.name}.severity", grown[row], minor)
        tables.append(kernel_array(grown.astype(np.int64)))
    return tables
