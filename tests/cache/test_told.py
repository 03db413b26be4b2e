"""What a user who waits for the compiler is told at once: how long, and whether the next run waits too."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mutualfund._cache import entries
from mutualfund._jit import awaited_kernel, kernel

ONCE = "Compiling the sum: 20 to 40 seconds on a slow machine. The code is kept; later runs start at once."


def summed(values: np.ndarray) -> Any:
    return values.sum()


def other(values: np.ndarray) -> Any:
    return values.prod()


def in_a_new_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call the awaited kernel as a process does that has not called it yet."""
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(folder))
    assert awaited_kernel("the sum")(summed)(np.arange(4)) == 6


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """All that was told since it was last asked for."""
    caplog.set_level(logging.INFO, logger="mutualfund")

    def lines() -> list[str]:
        found = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return found

    return lines


def test_only_the_kernel_that_is_waited_for_is_told_of_and_only_where_it_is_compiled(
    told: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_a_new_process(tmp_path, monkeypatch)
    assert told() == [ONCE]
    kernel(other)(np.arange(4))
    in_a_new_process(tmp_path, monkeypatch)
    assert told() == []
    (file,) = tmp_path.rglob("summed-*")
    file.write_bytes(file.read_bytes()[:-1])
    in_a_new_process(tmp_path, monkeypatch)
    assert told() == [ONCE], "its file is damaged, and that of the other kernel is whole"


def off(_: Path) -> Path:
    return Path("off")


def open_to_others(folder: Path) -> Path:
    folder.chmod(0o777)
    return folder


def unwritable(folder: Path) -> Path:
    if os.geteuid() == 0:
        return Path("/proc/self")  # modes do not stop root; the kernel's own files do
    folder.chmod(0o500)
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize(
    ("place", "why"),
    [
        (off, "MUTUALFUND_CACHE_DIR=off"),
        (open_to_others, "can be written by others"),
        (unwritable, "cannot be written"),
    ],
)
def test_where_no_code_is_kept_each_run_says_that_the_next_one_compiles_too_and_why(
    place: Callable[[Path], Path],
    why: str,
    told: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for _ in range(2):
        in_a_new_process(place(tmp_path), monkeypatch)
        (line,) = told()
        assert line.startswith("Compiling the sum: 20 to 40 seconds on a slow machine, in each run")
        assert why in line
        assert "at once" not in line


def test_a_disk_that_is_full_by_then_takes_the_promise_back(
    told: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(entries, "write", full)
    in_a_new_process(tmp_path, monkeypatch)
    first, second = told()
    assert first == ONCE
    assert (
        second
        == "The code of the sum could not be kept (No space left on device); the next run compiles again."
    )
