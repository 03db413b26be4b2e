"""The compiled member-year gives the same integers as its slow twin, on every branch."""

from collections import Counter

import numpy as np
import pytest

from mutualfund.sim.kernels import claims, layout, packing, vectors, workspace
from mutualfund.sim.kernels.year import simulate_year
from reference.member_year import Twin, amount_of, half_up
from sim import generated

YEARS, PATHS = 3, 3


def as_lists(tables):
    """Tables as plain Python, by name."""
    return {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in tables._asdict().items()}


def run_both(seed, *, members=None, paths=None, size=None, **flags):
    """All sums of kernel and twin over three years of some paths, and the branches the twin took.

    members: options of the generated member tables. size: members in a block of the kernel.
    """
    rng = np.random.default_rng(seed)
    members = {"years": YEARS, **(members or {})}
    tables, most = generated.member_tables(rng, **members)
    n_lines = tables.line_stream.shape[0]
    inputs = generated.path_inputs(rng, PATHS, n_lines=n_lines)
    inputs = inputs._replace(**(paths or {}))
    joiners = int((tables.join_year > 0).sum())
    state = generated.member_state(PATHS, tables.member_key.size, joiners)
    twin = Twin(as_lists(tables))
    people = [twin.start() for _ in range(PATHS)]
    pairs = []
    for year in range(1, YEARS + 1):
        rules = generated.year_tables(rng, year, n_lines=n_lines, **flags)
        out = layout.empty_year(PATHS, 5, n_lines, rules.layers.shape[0])
        simulate_year(tables, rules, inputs, state, out, most_claims=most, size=size)
        for p in range(PATHS):
            sums = twin.year(as_lists(rules), *(array[p].tolist() for array in inputs), people[p])
            pairs.append(({n: v[p].tolist() for n, v in out._asdict().items()}, sums.as_lists()))
    return pairs, twin.branches


@pytest.mark.parametrize("seed", range(12))
def test_kernel_equals_its_twin_in_every_integer(seed):
    pairs, _ = run_both(seed)
    for kernel, twin in pairs:
        assert kernel == twin


@pytest.mark.parametrize(
    "flags",
    [
        {"ordered": 0, "plain": True},
        {"full_exposure": 1, "waits_served": 1},
        {"members": {"n_states": 1}},
        {"layers": 0, "by_age": 0},
        {"moving": 0, "members": {"joiners": 0, "n": 150}, "size": 64},
        {"n_segments": 4},
        {"largest": (layout.CLAIM_MAX,)},
        {"members": {"levels": (1,)}},
        {"members": {"sparse": ()}},
        {"members": {"sparse": (0, 1, 2)}},
        {"n_segments": 1, "plain": True},
        {"members": {"n_lines": 1, "sparse": ()}},
        {"members": {"n_lines": 0, "sparse": ()}},
        {"members": {"n_lines": 13, "sparse": (3, 7)}},
        {"members": {"n": 700}, "size": 64},
        {"members": {"n": 90, "joiners": 1}, "size": 64},  # a last block that is no whole eight
        {"members": {"n": 12, "joiners": 1, "n_lines": 63, "sparse": (5, 62), "width": 3}},
        {"members": {"n": 12, "joiners": 1, "width": 240}},
        {"paths": {"lapse_extra": np.full((PATHS, 5), 1 << 32, np.uint64)}},  # all leave
    ],
    ids=str,
)
def test_kernel_equals_its_twin_with_stages_switched_off(flags):
    pairs, _ = run_both(99, **flags)
    for kernel, twin in pairs:
        assert kernel == twin


def test_paths_that_share_their_first_bytes_are_drawn_together_and_alone_alike():
    """Three paths of one group of sixteen, then some of other groups, and both halves of a block."""
    for path in ([16, 17, 31], [15, 16, 32], [5, 900, 901], [39, 40, 41]):
        pairs, _ = run_both(7, paths={"path": np.array(path, np.uint64)})
        for kernel, twin in pairs:
            assert kernel == twin


def test_nothing_depends_on_how_many_members_are_taken_at_once():
    whole, _ = run_both(5, members={"n": 200})
    for size in (8, 64, 72):
        assert [kernel for kernel, _ in run_both(5, members={"n": 200}, size=size)[0]] == [
            kernel for kernel, _ in whole
        ]


def test_a_claim_drawn_on_its_own_rung_table_and_price_is_neither_thinned_nor_rescaled():
    exact = {
        "table": np.tile(np.arange(3), (PATHS, 1)),
        "accept": np.full((PATHS, 3, 12), layout.ACCEPT_ONE, np.uint64),
        "scale": np.full((PATHS, 3), 1 << layout.SCALE_BITS),
    }
    pairs, branches = run_both(11, paths=exact)
    assert branches["thinned"] == branches["other shape"] == 0
    for kernel, twin in pairs:
        assert kernel == twin


def test_one_line_that_is_thinned_rescaled_or_of_another_shape_is_enough():
    """The other lines of the path are exact: the stage must run for the one that is not."""
    accept = np.full((PATHS, 3, 12), layout.ACCEPT_ONE, np.uint64)
    scale = np.full((PATHS, 3), 1 << layout.SCALE_BITS)
    table = np.tile(np.arange(3), (PATHS, 1))
    accept[0, 1, 4:], scale[1, 2] = layout.ACCEPT_ONE // 3, 3 << layout.SCALE_BITS
    table[2, 1] = 3 + generated.SHAPES - 1
    pairs, branches = run_both(12, paths={"accept": accept, "table": table, "scale": scale})
    assert branches["thinned"] > 0
    assert branches["other shape"] > 0
    for kernel, twin in pairs:
        assert kernel == twin


def test_generated_cases_reach_every_branch():
    """A twin that never took a branch would prove nothing about it."""
    taken = Counter()
    for seed in range(12):
        taken += run_both(seed)[1]
    wanted = """joins, start given, renewal lapse, two exits, exit before entry, state given, state drawn,
    state of joiner, state step, thinned, outside cover, latest delay, not open, waived, wait served, waiting,
    frailty, other shape, count left open, sparse claim, no sparse claim,
    out-of-pocket maximum, limit, copay, deductible, no deductible here, external, provider, layer used,
    lapsed, died, end"""
    names = {name.strip() for name in wanted.replace("start given,", "").split(",")}
    assert {name for name in names if taken[name] < 5} == set()


def test_parts_of_a_claim_always_add_up_to_the_claim():
    for seed in range(4):
        for kernel, _ in run_both(seed)[0]:
            for _, billed, allowed, external, member, provider, fund in kernel["lines"]:
                assert allowed == external + member + provider + fund
                assert billed >= allowed


def test_persons_balance():
    for kernel, _ in run_both(3)[0]:
        start, joined, lapsed, died, end = kernel["persons"]
        assert start + joined - lapsed - died == end


def test_shares_are_rounded_half_up_within_half_a_unit_of_the_exact_fraction():
    """The largest claim times the largest share still fits 63 bits."""
    rng = np.random.default_rng(5)
    for amount in [
        0,
        1,
        2,
        3,
        layout.CLAIM_MAX,
        *rng.integers(0, layout.CLAIM_MAX, 200).tolist(),
    ]:
        for share in [0, 1, (1 << 30) - 1, 1 << 30, *rng.integers(0, 1 << 30, 5).tolist()]:
            got = vectors.share_of(amount, share)
            assert got == half_up(amount * share, 30)
            assert abs(2 * (got * (1 << 30) - amount * share)) <= 1 << 30


def test_amounts_agree_with_exact_integers_over_the_whole_table():
    rng = np.random.default_rng(6)
    nodes = generated.quantile_table(rng, 10**9)
    packed = packing.packed_severity(nodes[None])[0]
    bits = np.concatenate(
        [np.arange(64), (1 << 35) + np.arange(64), rng.integers(0, 1 << 36, 2000)]
    )
    for word in [*bits.tolist(), (1 << 36) - 1, (1 << 35) - 1]:
        node, fraction = claims.node_of(np.uint64(word))
        amount = claims.between(packed[node], bool(word >> 35), np.uint64(fraction))
        assert amount == amount_of(word, nodes.tolist())


@pytest.mark.parametrize("columns", [1, 2, 3, 7, 16, 33])
def test_the_network_sorts_every_lane(columns):
    rng = np.random.default_rng(columns)
    word = rng.integers(0, 1 << 61, (columns, workspace.LANES))
    flat = word.reshape(-1).copy()
    claims.by_moment(columns, flat)
    assert (flat.reshape(columns, -1) == np.sort(word, axis=0)).all()


def test_look_ups_of_any_length_read_the_right_places_and_no_other():
    """A place beyond the asked ones may hold anything: looking there would end the process."""
    rng = np.random.default_rng(8)
    table, place = rng.integers(0, 1 << 60, 500), rng.integers(0, 499, 40)
    for n in (1, 8, 13, 32):
        out = np.zeros(40, np.int64)
        asked = place.copy()
        asked[3 + n :] = 1 << 50
        vectors.take(table, 1, asked, 3, out, 2, n)
        assert (out[2 : 2 + n] == table[place[3 : 3 + n] + 1]).all()
        assert (out[2 + n :] == 0).all()
