"""Where compiled code is kept: where users of the system expect it, and only where no other can write."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mutualfund._cache.place import conventional, mistrusted, place, shortened

posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such owners or modes"
)


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("linux", "~/.cache/mutualfund"),
        ("darwin", "~/Library/Caches/mutualfund"),
        ("win32", "~/AppData/Local/mutualfund"),
    ],
)
def test_each_system_has_its_place_for_caches(
    system: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    assert conventional() == Path(expected).expanduser()


@pytest.mark.parametrize(
    ("system", "variable"), [("linux", "XDG_CACHE_HOME"), ("win32", "LOCALAPPDATA")]
)
def test_the_system_s_own_variable_moves_it(
    system: str, variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv(variable, str(tmp_path))
    assert conventional() == tmp_path / "mutualfund"


def test_a_relative_cache_home_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert conventional() == Path.home() / ".cache" / "mutualfund"


def test_our_variable_names_the_folder_and_empty_counts_as_not_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path / "mine"))
    folder = place().folder
    assert folder is not None and folder.parent == tmp_path / "mine"
    assert not folder.parent.exists()  # asking makes nothing
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", "")
    monkeypatch.setattr("mutualfund._cache.place.conventional", lambda: tmp_path / "usual")
    folder = place().folder
    assert folder is not None and folder.parent == tmp_path / "usual"


def test_a_tilde_is_the_home_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", "~/no such folder")
    folder = place().folder
    assert folder is not None and folder.parent == Path.home() / "no such folder"


@pytest.mark.parametrize("spelling", ["off", "OFF"])
def test_off_is_off(spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", spelling)
    assert (place().folder, place().why_none) == (None, "MUTUALFUND_CACHE_DIR=off")


@posix_only
def test_a_folder_of_another_user_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs = Path("/")  # root's, where the tests do not run as root
    if os.geteuid() == 0:
        theirs = tmp_path / "theirs"
        theirs.mkdir(mode=0o700)
        os.chown(theirs, 65534, 65534)
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(theirs))
    assert (place().folder, place().why_none) == (None, f"{theirs} belongs to another user")


@posix_only
@pytest.mark.parametrize(
    ("mode", "refused"), [(0o700, False), (0o755, False), (0o770, True), (0o702, True)]
)
def test_a_folder_is_refused_where_group_or_others_can_write(
    mode: int, refused: bool, tmp_path: Path
) -> None:
    tmp_path.chmod(mode)
    why = mistrusted(tmp_path.stat(), folder=True)
    assert why == ("can be written by others" if refused else "")


def test_a_file_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path / "file"))
    assert place().why_none == f"{tmp_path / 'file'} is not a folder"


def test_only_paths_within_the_home_directory_are_shortened() -> None:
    assert shortened(Path.home()) == "~"
    assert shortened(Path.home() / "a" / "b") == str(Path("~/a/b"))
    beside = Path(f"{Path.home()}2")
    assert shortened(beside) == str(beside)
