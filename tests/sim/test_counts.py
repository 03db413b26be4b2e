"""Counts, stage by stage: the search of a sparse line, and members put in order of their claims."""

import numpy as np
import pytest

from mutualfund.sim.kernels import counts

ROWS, START = 3, 2


def guide_of(rng, bound):
    """Random guides: only the highest `bound` first bytes can mean a claim, and not all of them do."""
    guide = rng.integers(-2, 3, (START + ROWS, 256)).astype(np.int16)
    guide[:, : 256 - bound] = 0
    return guide


@pytest.mark.parametrize("bound", [1, 5, 32])
@pytest.mark.parametrize("n", [1, 8, 67])
def test_the_search_of_a_sparse_line_finds_whoever_is_covered_and_may_have_a_claim(n, bound):
    """As one by one: also at the lowest byte that counts, in every place of an eight and in a last part."""
    rng = np.random.default_rng(n + bound)
    guide = guide_of(rng, bound)
    guide[:, 256 - bound] = 1
    for _ in range(40):
        room = -(-n // 8) * 8
        bytes_ = rng.integers(254 - bound, 256, room).astype(np.uint8)
        covered, row = rng.choice([0, -1], n), rng.integers(0, ROWS, n)
        found, count = np.zeros(room, np.int64), np.zeros(room, np.int16)
        how_many = counts.find_candidates(
            n, covered, bytes_, bytes_.view(np.uint64), bound, row, START, guide, found, count
        )
        wanted = [
            (i, int(guide[START + row[i], bytes_[i]]))
            for i in range(n)
            if covered[i] and guide[START + row[i], bytes_[i]] != 0
        ]
        assert list(zip(found[:how_many], count[:how_many], strict=True)) == wanted


def test_one_byte_among_eight_is_enough_wherever_it_stands():
    for place in range(8):
        for byte, bound in ((255, 1), (250, 6), (224, 32)):
            bytes_ = np.full(8, 256 - bound - 1, np.uint8)
            bytes_[place] = byte
            below = ~bytes_.view(np.uint64)[0]
            assert counts.any_below(below, np.uint64(bound))
            assert not counts.any_below(below, np.uint64(bound - 1)) or byte > 256 - bound


@pytest.mark.parametrize("covered", [0, -1])
def test_the_guide_is_read_for_each_members_row_and_byte_and_says_none_for_who_is_not_there(
    covered,
):
    rng = np.random.default_rng(3)
    n, guide = 40, rng.integers(-5, 6, (START + ROWS, 256)).astype(np.int16)
    bytes_, row = rng.integers(0, 256, n).astype(np.uint8), rng.integers(0, ROWS, n)
    place, found, total = (np.zeros(n, np.int64) for _ in range(3))
    count = np.zeros(n, np.int16)
    counts.guide_places(n, bytes_, row, START, place)
    words = guide.reshape(-1).view(np.uint64)
    counts.read_guide(n, words, bytes_, place, np.full(n, covered), found, count, total)
    wanted = guide[START + row, bytes_] if covered else np.zeros(n)
    assert (count == wanted).all()
    assert (total == np.maximum(wanted, 0)).all()


def test_members_with_claims_are_put_in_order_most_claims_first():
    rng = np.random.default_rng(9)
    for largest in (0, 1, 7):
        total = rng.integers(0, largest + 1, 50)
        live, order, room = np.zeros(51, np.int64), np.zeros(51, np.int64), np.zeros(10, np.int64)
        found = counts.sort_by_total(50, total, live, room, order)
        assert sorted(order[:found]) == np.flatnonzero(total).tolist()
        assert (np.diff(total[order[:found]]) <= 0).all()
