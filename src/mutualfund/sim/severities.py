"""Severity tables of every line and year: claims as they are priced in the year of treatment.

Row i is the table of line i, which is what tariffs and reinsurance prices know. Where a line is unsure of its
severity's shape, the tables that its paths draw from follow: that of its own severity, then one a shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import CLAIM_MAX, HALF_NODES
from mutualfund.sim.multipliers import is_shaped, largest_scale
from mutualfund.sim.tables import (
    RARELY_LOST,
    TAIL_LOST,
    kernel_array,
    require_room,
    require_steps,
    severity_table,
    table_mean,
)
from mutualfund.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class SeverityTables:
    """The severity tables of a scenario."""

    by_year: list[IntArray]  # each (n_tables, 2 * 1153), whole minor units
    first: IntArray  # (n_lines,) row of the table of the line's own severity as paths draw from it


def line_severity(scenario: Scenario, line: Line, minor: int) -> FloatArray:
    """The line's table at the prices of year 1, refused by the line's name where the kernel cannot hold its
    claims on some path in some year."""
    field = f"assumptions.lines.{line.name}.severity"
    nodes = severity_table(field, line.severity, minor)
    require_room(field, nodes, largest_scale(scenario, line), minor)
    return nodes


def shape_tables(
    scenario: Scenario, line: Line, own: FloatArray, minor: int
) -> list[tuple[str, FloatArray]]:
    """The tables that paths draw from at the prices of year 1: that of the line's own severity, then one a
    shape, each with its place in the scenario.

    All are multiplied to the means that `Uncertainty.shape_means` gives them, 1 on average, of the mean of
    `own`, the line's table: so the mean claim over paths stays the line's. None where nothing is unsure.
    """
    if line.uncertainty is None or not is_shaped(scenario.settings, line):
        return []
    chances, means = line.uncertainty.shape_chances, line.uncertainty.shape_means
    prefix, scale = f"assumptions.lines.{line.name}", largest_scale(scenario, line)
    require_room(f"{prefix}.severity", own, means[0] * scale, minor)
    tables = [(f"{prefix}.severity", own * means[0])]
    for k, shape in enumerate(line.uncertainty.shapes, 1):
        field = f"{prefix}.uncertainty.shapes[{k - 1}].severity"
        most_lost = min(RARELY_LOST, TAIL_LOST / chances[k])
        nodes = severity_table(field, shape.severity, minor, most_lost)
        factor = table_mean(own) * means[k] / table_mean(nodes)
        require_room(field, nodes, factor * scale, minor, most_lost)
        tables.append((field, nodes * factor))
    return tables


def severity_tables(
    scenario: Scenario, lines: tuple[Line, ...], minor: int, years: int
) -> SeverityTables:
    """The tables of all lines by year.

    Trend acts on the whole table, tail included, so a claim is rounded once (definition 11).
    """
    own = [line_severity(scenario, line, minor) for line in lines]
    rows = [
        (f"assumptions.lines.{line.name}.severity", nodes)
        for line, nodes in zip(lines, own, strict=True)
    ]
    trend, first = [1.0 + line.trend_per_year for line in lines], np.arange(len(lines))
    for place, line in enumerate(lines):
        shapes = shape_tables(scenario, line, own[place], minor)
        if shapes:
            first[place] = len(rows)
        rows += shapes
        trend += [trend[place]] * len(shapes)
    tables = []
    for year in range(years):
        grown = np.zeros((len(rows), 2 * HALF_NODES))
        for row, (field, nodes) in enumerate(rows):
            grown[row] = np.minimum(np.rint(nodes * trend[row] ** year), CLAIM_MAX)
            require_steps(field, grown[row], minor)
        tables.append(kernel_array(grown.astype(np.int64)))
    return SeverityTables(tables, kernel_array(first))
