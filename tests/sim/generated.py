"""Random lowered tables: every shape and switch of the kernel, far from any sensible fund."""

import numpy as np

from mutualfund.sim.kernels import layout as k
from mutualfund.sim.tables import alias_table, guide_row, screen_bound

LIMITLESS = k.NEVER
SHAPES = 4  # severity tables beside those of the lines


def thresholds(rng, shape, bits):
    """Random cumulative thresholds along the last axis, ending at 2^bits."""
    cuts = np.sort(rng.integers(0, 1 << bits, shape, dtype=np.int64), axis=-1)
    cuts[..., -1] = 1 << bits
    return cuts.astype(np.uint64)


def quantile_table(rng, largest):
    """Nodes that rise to the median in half 0 and fall to it in half 1."""
    low = np.sort(rng.integers(0, largest // 3, k.HALF_NODES))
    high = np.sort(rng.integers(largest // 3, largest, k.HALF_NODES))[::-1]
    return np.concatenate([low, high])


def read_only(tables):
    """As `plan` makes them: one compiled version serves both."""
    for array in tables:
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return tables


def alias_tables(rng, n_lines, outcomes, slots, bits):
    """Alias tables of random laws, some outcomes impossible."""
    laws = rng.exponential(1.0, (n_lines, outcomes)) * rng.integers(0, 2, (n_lines, outcomes))
    laws[:, -1] += 0.1
    return np.array([alias_table(law, slots, bits) for law in laws], np.uint64).reshape(-1, slots)


def member_tables(
    rng,
    *,
    n=60,
    joiners=8,
    years=3,
    n_lines=3,
    n_states=3,
    n_plans=3,
    width=6,
    uses=2,
    levels=(19, 1, 1),
    sparse=(2,),
):
    """`MemberTables` of a random fund, and the most claims a member-year can have.

    levels: of the shared frailty, by line. sparse: lines on which hardly anybody has a claim.
    """
    slots = n + joiners * years
    bands, rungs = 4, 2
    levels = np.resize(np.array(levels), n_lines)
    rows = bands * 3 * n_states * uses * levels
    first_row = np.concatenate(([0], np.cumsum(np.repeat(rows, rungs))))
    cdf = thresholds(rng, (int(first_row[-1]), width), 32)
    line_rows = [slice(first_row[k * rungs], first_row[(k + 1) * rungs]) for k in range(n_lines)]
    for line in sparse:
        rare = cdf[line_rows[line]]
        rare[:, :-1] = (1 << 32) - 1 - rare[:, :-1][:, ::-1] // np.uint64(10)
        rare.sort(axis=1)
    guide = np.array([guide_row(row) for row in cdf], np.int16).reshape(-1, 256)
    tables = k.MemberTables(
        member_key=rng.integers(0, 1 << 63, slots, dtype=np.int64).astype(np.uint64) * np.uint64(2),
        age=rng.integers(0, 121, slots),
        sex=rng.integers(0, 3, slots),
        plan=rng.integers(0, n_plans, slots),
        units=rng.integers(1, 900, slots),
        join_year=np.concatenate(
            [np.zeros(n, np.int64), np.repeat(np.arange(1, years + 1), joiners)]
        ),
        joined_month=rng.choice([-100_000, -20, -3, -1], slots),
        given_state=np.where(np.arange(slots) < n // 3, rng.integers(0, n_states, slots), -1),
        member_stream=rng.integers(0, 1 << 32, (1, 2)).astype(np.uint64),
        line_stream=rng.integers(0, 1 << 32, (n_lines, 2)).astype(np.uint64),
        state_share=thresholds(rng, (2, n_states), 32),
        transition=thresholds(rng, (n_states, n_states), 32),
        death=rng.integers(0, 1 << 30, (121, 3, n_states)).astype(np.uint64),
        lapse=rng.integers(0, 1 << 31, n_states).astype(np.uint64),
        age_cell=np.minimum(np.arange(121) // 12, 9),
        factor_band=rng.integers(0, bands, (n_lines, 121)),
        rate_row=first_row[:-1].reshape(n_lines, rungs),
        frailty_levels=levels,
        use_count=np.full(n_lines, uses),
        count_cdf=cdf,
        count_guide=guide,
        screen=np.array([screen_bound(int(cdf[rows, 0].min())) for rows in line_rows], np.int64),
        month=alias_tables(rng, n_lines, 12, 16, 28),
        delay=alias_tables(rng, n_lines, 64, 64, 14),
        frailty_share=thresholds(rng, int(levels.max(initial=1)), 32),
    )
    return read_only(tables), width * n_lines


def year_tables(
    rng,
    year,
    *,
    n_lines=3,
    n_plans=3,
    n_segments=2,
    layers=2,
    uses=2,
    plain=False,
    largest=(10**4, 10**6, 10**8),
    **flags,
):
    """`YearTables` with every term in use somewhere, and switched off somewhere.

    plain: copay and coinsurance only, no accumulator that spans claims. largest: claim, by line in turn.
    """
    shape = (n_segments, n_plans, n_lines)
    share = 1 << k.SHARE_BITS
    terms = np.stack(
        [
            rng.choice([0, 500, 20_000], shape),
            rng.choice([0, share // 10 + 1, share], shape, p=[0.4, 0.5, 0.1]),
            rng.integers(0, 2, shape),
            rng.choice([LIMITLESS, 30_000], shape),
            rng.choice([0, share // 3], shape),
            rng.choice([0, share // 7, share], shape),
        ],
        axis=-1,
    )
    opening = np.stack(
        [
            rng.choice([-LIMITLESS, 5, 14, LIMITLESS], shape, p=[0.4, 0.3, 0.2, 0.1]),
            rng.choice([0, 4, 12], shape),
            rng.choice([-LIMITLESS, 0, 20], shape),
        ],
        axis=-1,
    )
    limits = np.stack(
        [
            rng.choice([0, 10_000], shape[:2]),
            rng.choice([LIMITLESS, 40_000, 0], shape[:2], p=[0.4, 0.5, 0.1]),
            rng.choice([LIMITLESS, 100_000], shape[:2]),
        ],
        axis=-1,
    )
    if plain:
        terms[..., 3:] = [LIMITLESS, 0, 0]
        opening[...] = [-LIMITLESS, 0, -LIMITLESS]
        limits[...] = [0, LIMITLESS, LIMITLESS]
    tables = k.YearTables(
        year=year,
        ordered=flags.get("ordered", 1),
        full_exposure=flags.get("full_exposure", 0),
        waits_served=flags.get("waits_served", 0),
        moving=flags.get("moving", 1 - flags.get("full_exposure", 0)),
        by_age=flags.get("by_age", 1),
        severity=np.array(
            [quantile_table(rng, largest[s % len(largest)]) for s in range(n_lines + SHAPES)],
            np.int64,
        ).reshape(-1, 2 * k.HALF_NODES),
        tariff_cell=rng.integers(0, 5, (121, n_plans)),
        use=rng.integers(0, uses, (n_lines, n_plans)),
        segment=np.sort(rng.integers(0, n_segments, 12)),
        terms=terms,
        opening=opening,
        limits=limits,
        layers=rng.integers(1_000, 60_000, (layers, 2)),
    )
    return read_only(tables)


def path_inputs(rng, n_paths, *, n_lines=3, n_cells=5):
    """`PathInputs` with thinning, scales on both sides of one, and severities of other shapes."""
    return k.PathInputs(
        path=rng.integers(0, 1 << 32, n_paths).astype(np.uint64),
        rung=rng.integers(0, 2, (n_paths, n_lines)),
        accept=rng.choice([k.ACCEPT_ONE, k.ACCEPT_ONE // 3], (n_paths, n_lines, 12)).astype(
            np.uint64
        ),
        table=np.where(
            rng.integers(0, 2, (n_paths, n_lines)),
            np.arange(n_lines),
            n_lines + rng.integers(0, SHAPES, (n_paths, n_lines)),
        ),
        scale=rng.integers(1 << 22, 1 << 27, (n_paths, n_lines)),
        lapse_extra=rng.integers(0, 1 << 30, (n_paths, n_cells)).astype(np.uint64),
    )


def member_state(n_paths, n_slots, n_joiners):
    return k.MemberState(
        np.zeros((n_paths, n_slots), np.uint8),
        np.zeros((n_paths, n_slots), np.uint8),
        np.zeros((n_paths, n_joiners), np.int16),
    )
