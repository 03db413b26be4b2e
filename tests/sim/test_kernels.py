"""The compiled member-year gives the same integers as its slow twin, on every branch."""

from collections import Counter

import numpy as np
import pytest

from mutualfund.sim import kernels
from reference.member_year import Twin, amount_of, half_up
from sim import generated

YEARS, PATHS = 3, 2


def run_both(seed, **flags):
    """All sums of kernel and twin over three years of two paths, and the branches the twin took."""
    rng = np.random.default_rng(seed)
    states = flags.pop("n_states", 3)
    tables, most = generated.member_tables(rng, years=YEARS, n_states=states)
    inputs = generated.path_inputs(rng, PATHS)
    state = generated.member_state(PATHS, tables.member_key.size, 8 * YEARS)
    twin = Twin({name: value.tolist() for name, value in tables._asdict().items()})
    members = [twin.start() for _ in range(PATHS)]
    pairs = []
    for year in range(1, YEARS + 1):
        rules = generated.year_tables(rng, year, **flags)
        out = kernels.empty_year(PATHS, 5, 3, rules.layers.shape[0])
        words, used = np.empty(most, np.uint64), np.empty(5, np.int64)
        kernels.simulate_year(tables, rules, inputs, state, out, words, used)
        plain = {
            n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in rules._asdict().items()
        }
        for p in range(PATHS):
            per_path = [array[p].tolist() for array in inputs]
            sums = twin.year(plain, *per_path, members[p])
            pairs.append(({n: v[p].tolist() for n, v in out._asdict().items()}, sums.as_lists()))
    return pairs, twin.branches


@pytest.mark.parametrize("seed", range(12))
def test_kernel_equals_its_twin_in_every_integer(seed):
    pairs, _ = run_both(seed)
    for kernel, twin in pairs:
        assert kernel == twin


@pytest.mark.parametrize(
    "flags",
    [{"ordered": 0}, {"full_exposure": 1, "waits_served": 1}, {"n_states": 1}, {"layers": 0}],
)
def test_kernel_equals_its_twin_with_stages_switched_off(flags):
    pairs, _ = run_both(99, **flags)
    for kernel, twin in pairs:
        assert kernel == twin


def test_generated_cases_reach_every_branch():
    """A twin that never took a branch would prove nothing about it."""
    taken = Counter()
    for seed in range(12):
        taken += run_both(seed)[1]
    wanted = """joins, start given, renewal lapse, two exits, exit before entry, state given, state drawn,
    state of joiner, state step, thinned, outside cover, latest delay, not open, waived, wait served, waiting,
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
        kernels.CLAIM_MAX,
        *rng.integers(0, kernels.CLAIM_MAX, 200).tolist(),
    ]:
        for share in [0, 1, (1 << 30) - 1, 1 << 30, *rng.integers(0, 1 << 30, 5).tolist()]:
            got = kernels.share_of(amount, share)
            assert got == half_up(amount * share, 30)
            assert abs(2 * (got * (1 << 30) - amount * share)) <= 1 << 30


def test_amounts_agree_with_exact_integers_over_the_whole_table():
    rng = np.random.default_rng(6)
    nodes = generated.quantile_table(rng, 10**9)
    bits = np.concatenate(
        [np.arange(64), (1 << 35) + np.arange(64), rng.integers(0, 1 << 36, 2000)]
    )
    for word in [*bits.tolist(), (1 << 36) - 1, (1 << 35) - 1]:
        assert kernels.draw_amount(np.uint64(word), nodes[None], 0) == amount_of(
            word, nodes.tolist()
        )
