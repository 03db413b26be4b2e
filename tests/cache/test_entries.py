"""Files of compiled code: whole or not there, and kindly thrown away."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from mutualfund._cache import entries

NOW = 1_800_000_000.0
DAY = 24 * 3600.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for a file, two folders deep, neither of which is there."""
    return tmp_path / "cache" / f"compiled-{0:032x}" / entries.file_name("total", b"key")


def test_what_is_written_is_read_under_its_own_key_alone(file: Path) -> None:
    entries.write(file, b"key", b"content")
    assert entries.read(file, b"key") == b"content"
    assert entries.read(file, b"other") is None


def test_a_bit_flipped_anywhere_is_noticed(file: Path) -> None:
    entries.write(file, b"key", b"content")
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert entries.read(file, b"key") is None


def test_what_is_not_there_reads_as_none(file: Path) -> None:
    assert entries.read(file, b"key") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_folders_and_files_are_for_their_user_alone_whatever_the_mask(file: Path) -> None:
    before = os.umask(0)
    try:
        entries.write(file, b"key", b"content")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file.parent.parent, file.parent, file)]
    assert modes == [0o700, 0o700, 0o600]


def test_reading_a_file_marks_it_as_used(file: Path) -> None:
    entries.write(file, b"key", b"content")
    os.utime(file, (NOW - 90 * DAY, NOW - 90 * DAY))
    entries.read(file, b"key")
    assert file.stat().st_mtime > NOW - 90 * DAY


def test_only_the_files_of_the_function_are_forgotten(file: Path) -> None:
    other = file.with_name(entries.file_name("total_of_all", b"key"))
    for path in (file, other):
        entries.write(path, b"key", b"content")
    entries.forget(file.parent, "total")
    assert list(file.parent.iterdir()) == [other]


# ---- throwing away -------------------------------------------------------------------------------


def kept_folder(base: Path, number: int, days_ago: float) -> Path:
    """A folder of compiled code last used so many days ago, with a leftover of a killed process."""
    folder = base / f"compiled-{number:032x}"
    entries.write(folder / entries.file_name("total", b"key"), b"key", b"content")
    (folder / "total-0123456789abcdef.x1y2z3.partial").touch()
    then = NOW - days_ago * DAY
    for path in (*folder.iterdir(), folder):
        os.utime(path, (then, then))
    return folder


def test_the_newest_few_stay_however_old_and_the_others_go(tmp_path: Path) -> None:
    folders = [kept_folder(tmp_path, number, 30 + number) for number in range(8)]
    entries.prune(tmp_path, NOW)
    assert [folder.exists() for folder in folders] == [True] * 4 + [False] * 4


def test_a_folder_used_within_the_week_stays_however_many_there_are(tmp_path: Path) -> None:
    folders = [kept_folder(tmp_path, number, number) for number in range(10)]
    entries.prune(tmp_path, NOW)
    assert [folder.exists() for folder in folders] == [True] * 8 + [False] * 2


def test_a_folder_is_as_new_as_the_last_use_of_a_file_in_it(tmp_path: Path) -> None:
    folders = [kept_folder(tmp_path, number, 30 + number) for number in range(6)]
    (used,) = folders[5].glob("*.compiled")
    os.utime(used, (NOW, NOW))
    entries.prune(tmp_path, NOW)
    assert [folder.exists() for folder in folders] == [True] * 3 + [False] * 2 + [True]


def test_what_is_not_ours_is_never_touched(tmp_path: Path) -> None:
    folders = [kept_folder(tmp_path, number, 30 + number) for number in range(6)]
    letter = folders[5] / "letter.txt"
    letter.write_text("mine")
    strangers = [tmp_path / name for name in ("compiled-mine", "scenario.toml", "other")]
    for path in strangers:
        path.mkdir()
        (path / "total-0123456789abcdef.compiled").touch()
        os.utime(path, (0, 0))
    linked = tmp_path / f"compiled-{99:032x}"
    linked.symlink_to(strangers[2])
    os.utime(linked, (0, 0), follow_symlinks=False)
    entries.prune(tmp_path, NOW)
    assert not folders[4].exists()
    assert list(folders[5].iterdir()) == [letter]
    assert all(len(list(path.iterdir())) == 1 for path in strangers)
    assert linked.is_symlink()


def test_there_may_be_nothing_to_throw_away(tmp_path: Path) -> None:
    entries.prune(tmp_path / "nowhere", NOW)
    assert list(tmp_path.iterdir()) == []
