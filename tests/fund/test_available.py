"""What memory the machine, control groups and a limit on the address space leave, from trees of files.

Source of the files and their meaning: the Linux kernel's documentation, admin-guide/cgroup-v2.rst and
admin-guide/cgroup-v1/memory.rst, and proc(5) for what lies in /proc.
"""

from __future__ import annotations

import mmap
import resource
from pathlib import Path

import pytest

from mutualfund.fund.available import (
    available_bytes,
    left_by_address_space,
    left_by_groups,
    left_by_machine,
    resident_bytes,
)

MIB = 2**20


def laid_out(root: Path, files: dict[str, str]) -> Path:
    """A tree of files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


def group(place: str, limit: str, used: int, idle: int = 0, high: str = "max") -> dict[str, str]:
    """A group's files as version 2 writes them."""
    return {
        f"{place}/memory.max": f"{limit}\n",
        f"{place}/memory.high": f"{high}\n",
        f"{place}/memory.current": f"{used}\n",
        f"{place}/memory.stat": f"anon 5\nfile 7\ninactive_file {idle}\nactive_file 3\n",
    }


def test_a_batch_job_is_told_what_its_group_leaves_and_page_cache_is_given_back(
    tmp_path: Path,
) -> None:
    laid_out(tmp_path, {"proc/self/cgroup": "0::/jobs/17\n"})
    laid_out(tmp_path, {"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:  204800 kB\n"})
    laid_out(tmp_path, group("sys/fs/cgroup/jobs/17", str(100 * MIB), 70 * MIB, idle=20 * MIB))
    assert left_by_machine(tmp_path) == 200 * MIB
    assert left_by_groups(tmp_path) == available_bytes(tmp_path) == 50 * MIB


def test_the_narrowest_group_on_the_way_up_counts(tmp_path: Path) -> None:
    laid_out(tmp_path, {"proc/self/cgroup": "0::/jobs/17/step\n"})
    laid_out(tmp_path, group("sys/fs/cgroup/jobs/17/step", "max", 1 * MIB))
    laid_out(tmp_path, group("sys/fs/cgroup/jobs/17", str(90 * MIB), 20 * MIB))
    laid_out(tmp_path, group("sys/fs/cgroup/jobs", str(100 * MIB), 60 * MIB))
    laid_out(tmp_path, group("sys/fs/cgroup/other", str(1 * MIB), 0))
    assert left_by_groups(tmp_path) == 40 * MIB
    laid_out(
        tmp_path,
        group("sys/fs/cgroup/jobs/17/step", "max", 1 * MIB, high=str(30 * MIB)),
    )
    assert left_by_groups(tmp_path) == 29 * MIB


@pytest.mark.parametrize("named", ["/", "/docker/4be1", "/../../elsewhere"])
def test_in_a_container_the_tree_may_begin_at_its_own_group(tmp_path: Path, named: str) -> None:
    laid_out(tmp_path, {"proc/self/cgroup": f"0::{named}\n"})
    laid_out(tmp_path, group("sys/fs/cgroup", str(64 * MIB), 4 * MIB))
    laid_out(tmp_path, group("sys/elsewhere", str(1 * MIB), 0))  # not below the mount
    assert left_by_groups(tmp_path) == 60 * MIB


def test_the_older_groups_are_read_too_and_their_largest_number_is_no_limit(
    tmp_path: Path,
) -> None:
    lines = "11:cpu,cpuacct:/x\n4:hugetlb,memory:/jobs/17\n0::/x\n"
    laid_out(tmp_path, {"proc/self/cgroup": lines})
    place = "sys/fs/cgroup/memory/jobs"
    laid_out(
        tmp_path,
        {
            f"{place}/memory.limit_in_bytes": f"{2**63 - 4096}\n",
            f"{place}/memory.usage_in_bytes": f"{80 * MIB}\n",
        },
    )
    assert left_by_groups(tmp_path) is None
    stat = f"inactive_file 1\ntotal_inactive_file {10 * MIB}\n"
    laid_out(
        tmp_path,
        {
            f"{place}/17/memory.limit_in_bytes": f"{100 * MIB}\n",
            f"{place}/17/memory.usage_in_bytes": f"{80 * MIB}\n",
            f"{place}/17/memory.stat": stat,
        },
    )
    assert left_by_groups(tmp_path) == 30 * MIB


def test_a_group_over_its_limit_leaves_nothing(tmp_path: Path) -> None:
    laid_out(tmp_path, {"proc/self/cgroup": "0::/\n"})
    laid_out(tmp_path, group("sys/fs/cgroup", str(10 * MIB), 11 * MIB))
    assert available_bytes(tmp_path) == 0


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "nonsense\n0::/a\n", "sys/fs/cgroup/a/memory.max": "much\n"},
        {"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a": "no folder"},
        {"proc/self/cgroup": "0::/a\0b\n4:memory:/c\n5\n"},
        {"proc/meminfo": "MemAvailable:\nMemAvailable: x kB\n", "proc/self/statm": "\n"},
    ],
)
def test_where_nothing_is_told_nothing_is_said_and_nothing_raised(
    tmp_path: Path, files: dict[str, str]
) -> None:
    laid_out(tmp_path, files)
    assert left_by_machine(tmp_path) is None
    assert left_by_groups(tmp_path) is None
    assert resident_bytes(tmp_path) is None


def test_a_limit_on_the_address_space_counts_less_what_is_mapped(tmp_path: Path) -> None:
    laid_out(tmp_path, {"proc/self/statm": "1000 300 50 1 0 200 0\n"})
    assert resident_bytes(tmp_path) == 300 * mmap.PAGESIZE
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = 2**46  # that no run meets
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        assert left_by_address_space(tmp_path) == limit - 1000 * mmap.PAGESIZE
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        assert left_by_address_space(tmp_path) is None


def test_the_process_itself_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    found, resident = available_bytes(), resident_bytes()
    assert found is not None
    assert found > 0
    assert resident is not None
    assert resident > 10 * MIB
    narrow = 2**24 * mmap.PAGESIZE
    monkeypatch.setattr(resource, "getrlimit", lambda _: (narrow, narrow))
    left = left_by_address_space()
    assert left is not None
    assert 0 < left < narrow
