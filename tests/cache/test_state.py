"""What a user is told of the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutualfund._cache import entries
from mutualfund._cache.state import state


def test_the_state_counts_the_files_of_the_present_digest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path / "cache"))
    folder = state().folder
    assert folder is not None
    assert str(state()) == f"on, {folder}: nothing yet"
    for number in range(2):
        entries.write(folder / f"total-{number:016x}.compiled", b"key", b"x" * 2**20)
    old = folder.with_name(f"compiled-{0:032x}")
    entries.write(old / f"total-{0:016x}.compiled", b"key", b"content")
    assert str(state()) == f"on, {folder}: 2 files, 2.0 MiB"


def test_the_state_says_why_it_is_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path))
    assert str(state()) == f"off: {tmp_path} can be written by others"


def test_the_state_sees_a_place_where_no_folder_can_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert str(state()).startswith(f"off: {tmp_path / 'file' / 'cache'} cannot be used (")
