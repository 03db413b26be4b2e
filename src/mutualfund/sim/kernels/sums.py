"""What a chunk's claims add up to, exactly: whole numbers, so their order cannot matter."""

from __future__ import annotations

import numpy as np

from mutualfund._jit import stage, widest_vectors
from mutualfund._philox import U
from mutualfund.sim.kernels.claims import AMOUNT, EMPTY, cell_at, delay_in, line_in, month_in
from mutualfund.sim.kernels.layout import BILLED, CELL_FUND, CLAIMS, FUND, MONTHS
from mutualfund.sim.kernels.packing import WORD_MONTHS
from mutualfund.sim.kernels.vectors import Whole, product
from mutualfund.sim.kernels.workspace import AGE_CELL, COLUMN, HEAD, HERE, LANE_FUND, LANES
from mutualfund.types import IntArray

COUNT_AT = 50  # in a word of running sums: claims above, minor units below
TOGETHER = 4  # lines summed in one pass: as many sums as stay in vector registers


@stage
def add_by_line(
    n: Whole, word: IntArray, amount: IntArray, lines: Whole, column: Whole, sums: IntArray
) -> None:
    """sums[line, column] += the amounts of the line's claims; four lines a pass, by masks.

    sums: (n_lines, 7).
    """
    widest_vectors()
    for first in range(0, lines, TOGETHER):
        a = b = c = d = np.int64(0)
        for t in range(n):
            line, value = line_in(word[t]) - first, amount[t]
            a += value if line == 0 else 0
            b += value if line == 1 else 0
            c += value if line == 2 else 0
            d += value if line == 3 else 0
        for k, total in enumerate((a, b, c, d)):
            if first + k < lines:
                sums[first + k, column] += total


@stage
def running(columns: Whole, word: IntArray, sums_so_far: IntArray) -> None:
    """Down each lane, claims and amounts so far, as one word each; sums_so_far: ((columns + 1) * LANES,).

    While a lane's claims still stand line by line, a line's claims are the difference of two of these.
    """
    widest_vectors()
    for i in range(LANES):
        sums_so_far[i] = 0
    for j in range(columns):
        for i in range(LANES):
            claim = word[cell_at(j, i)]
            counted = (claim & AMOUNT) + (np.int64(claim != EMPTY) << COUNT_AT)
            sums_so_far[cell_at(j + 1, i)] = sums_so_far[cell_at(j, i)] + counted


@stage
def add_dense(
    inside: Whole, screen: IntArray, end: IntArray, sums_so_far: IntArray, lines_out: IntArray
) -> None:
    """Claims and billed amounts of the dense lines; end: (n_lines, LANES), lines_out: (n_lines, 7)."""
    claims_before = amount_before = np.int64(0)
    for line in range(screen.size):
        if screen[line] == 0:
            ends, claims, amount = end[line], np.int64(0), np.int64(0)
            for i in range(inside):
                reached = sums_so_far[cell_at(ends[i], i)]
                claims += reached >> COUNT_AT
                amount += reached & ((1 << COUNT_AT) - 1)
            lines_out[line, CLAIMS] += claims - claims_before
            lines_out[line, BILLED] += amount - amount_before
            claims_before, amount_before = claims, amount


@stage
def add_sparse(
    inside: Whole,
    member: IntArray,
    entry: IntArray,
    lanes: IntArray,
    sums_so_far: IntArray,
    lines_out: IntArray,
) -> None:
    """The same for the sparse lines, which end a lane; row COLUMN says where. Walks each list twice, for the
    sparse claims must first be counted off to find where they begin."""
    for i in range(inside):
        k, column = member[HEAD, lanes[HERE, i]], lanes[COLUMN, i]
        while k >= 0:
            column -= entry[k, 1]
            k = entry[k, 2]
        k = member[HEAD, lanes[HERE, i]]
        while k >= 0:
            before = sums_so_far[cell_at(column, i)]
            column += entry[k, 1]
            passed = sums_so_far[cell_at(column, i)] - before
            lines_out[entry[k, 0], CLAIMS] += passed >> COUNT_AT
            lines_out[entry[k, 0], BILLED] += passed & ((1 << COUNT_AT) - 1)
            k = entry[k, 2]


@stage
def add_to_bins(
    n: Whole, word: IntArray, fund: IntArray, delays: Whole, place: IntArray, bins: IntArray
) -> None:
    """The fund's part by line, month of treatment and payment delay; place: scratch."""
    widest_vectors()
    for t in range(n):
        claim = word[t]
        row = (line_in(claim) << 4) + month_in(claim)
        place[t] = np.int64(product(row, delays)) + delay_in(claim)
    for t in range(n):
        bins[U(place[t])] += fund[t]


@stage
def empty_bins(
    lines: Whole, delays: Whole, bins: IntArray, sums: IntArray, triangle: IntArray
) -> None:
    """Pour the bins of a block into the sums by line and the triangle, and leave them empty."""
    for line in range(lines):
        for month in range(MONTHS):
            first = (line * WORD_MONTHS + month) * delays
            by_line = np.int64(0)
            for delay in range(delays):
                amount = bins[first + delay]
                bins[first + delay] = 0
                triangle[month, delay] += amount
                by_line += amount
            sums[line, FUND] += by_line


@stage
def by_member(columns: Whole, fund: IntArray, total: IntArray) -> None:
    """The fund's part by member; total: (LANES,). Its length ends the loops, as in `sharing.find_terms`."""
    widest_vectors()
    for i in range(total.size):
        total[i] = 0
    for j in range(columns):
        for i in range(total.size):
            total[i] += fund[cell_at(j, i)]


@stage
def excess_of_loss(total: IntArray, layers: IntArray, out: IntArray) -> None:
    """Recoveries on the members' years; layers: (n_layers, 2) retention, limit. Adds to out: (n_layers,)."""
    widest_vectors()
    for layer in range(layers.shape[0]):
        retention, limit = layers[layer, 0], layers[layer, 1]
        recovered = np.int64(0)
        for i in range(LANES):
            recovered += min(max(total[i] - retention, 0), limit)
        out[layer] += recovered


@stage
def add_by_age(inside: Whole, member: IntArray, lanes: IntArray, out: IntArray) -> None:
    """The fund's part of the chunk's members by age; out: (10, 2)."""
    for i in range(inside):
        out[member[AGE_CELL, lanes[HERE, i]], CELL_FUND] += lanes[LANE_FUND, i]
