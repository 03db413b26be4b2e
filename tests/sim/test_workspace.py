"""The kernel's scratch: one stretch of memory, laid out without overlaps, a thread's own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from mutualfund.sim.kernels.workspace import (
    CACHE_LINE,
    HUGE_PAGE,
    LANES,
    Workspace,
    fresh_memory,
    kept_memory,
    scratch_bytes,
    workspace,
)


def address(values: np.ndarray) -> int:
    return int(values.ctypes.data)


def laid_out(**changes: object) -> Workspace:
    return workspace(n_slots=1_000, n_lines=3, n_cells=7, columns=50, **changes)


def test_arrays_follow_each_other_and_none_reaches_into_the_next() -> None:
    work = laid_out()
    arrays = [array for name, array in work._asdict().items() if name != "eights"]
    in_order = sorted(arrays, key=address)
    assert all(address(array) % CACHE_LINE == 0 for array in arrays)
    for one, other in pairwise(in_order):
        gap = address(other) - address(one) - one.nbytes
        assert 0 <= gap < CACHE_LINE


def test_first_bytes_can_be_read_eight_a_word() -> None:
    work = laid_out()
    work.screen[...] = np.arange(work.screen.size, dtype=np.uint8).reshape(work.screen.shape)
    assert work.eights.shape == (48, work.screen.shape[1] // 8)
    assert work.eights[0, 0] == 0x0706050403020100


def test_what_sums_are_added_to_begins_at_zero_in_used_memory_too() -> None:
    used = laid_out(memory=kept_memory)
    for array in used:
        array.view(np.uint8)[...] = 255
    again = laid_out(memory=kept_memory)
    assert address(again.bins) == address(used.bins)
    for name in ("member", "mark", "end", "bins"):
        assert not getattr(again, name).any(), name


@pytest.mark.parametrize("n_bytes", [1, HUGE_PAGE, HUGE_PAGE + 1])
def test_memory_begins_with_a_huge_page_and_ends_with_one(n_bytes: int) -> None:
    memory = fresh_memory(n_bytes)
    assert address(memory) % HUGE_PAGE == 0
    assert memory.size % HUGE_PAGE == 0
    assert n_bytes <= memory.size < n_bytes + HUGE_PAGE


def test_a_thread_meets_its_own_memory_again_and_nobody_elses() -> None:
    mine = address(kept_memory(1_000))
    assert address(kept_memory(500)) == mine
    with ThreadPoolExecutor(1) as other:
        theirs = [other.submit(kept_memory, 1_000).result() for _ in range(2)]
    assert address(theirs[0]) == address(theirs[1]) != mine


def test_members_of_a_block_are_whole_chunks() -> None:
    assert laid_out().first.size == 1_024  # 1,000 members in chunks of 32
    assert laid_out(size=64).first.size == 64
    assert laid_out(size=64).member.shape[1] == 64 + LANES


def test_the_memory_stated_for_a_thread_is_what_is_taken_but_for_a_huge_page() -> None:
    taken = []

    def counted(n_bytes: int) -> np.ndarray:
        taken.append(fresh_memory(n_bytes).size + HUGE_PAGE)
        return fresh_memory(n_bytes)

    laid_out(memory=counted)
    stated = scratch_bytes(n_slots=1_000, n_lines=3, n_cells=7, columns=50)
    assert taken[0] <= stated < taken[0] + HUGE_PAGE
