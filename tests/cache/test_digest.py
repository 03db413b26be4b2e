"""What the digest covers: every file that compiled code can come from."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mutualfund._cache import digest

COMPILED = re.compile(r"^@(inline|kernel|part|stage)$", re.MULTILINE)
KERNEL_FILES = [
    path
    for path in digest.PACKAGE.rglob("*.py")
    if COMPILED.search(path.read_text(encoding="utf-8"))
]


def imported(path: Path) -> set[Path]:
    """Files of our own package that a module imports, rooms as their `__init__`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mutualfund"):
            names = [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
            for name in names:
                place = digest.PACKAGE.joinpath(*name.split(".")[1:])
                found |= {place.with_suffix(".py"), place / "__init__.py"}
    return {file for file in found if file.exists() and file.parent != digest.PACKAGE.parent}


@pytest.mark.parametrize("path", KERNEL_FILES, ids=lambda path: path.name)
def test_all_that_a_kernel_s_file_imports_is_in_the_digest(path: Path) -> None:
    whole_package = (
        digest.PACKAGE / "__init__.py"
    )  # names loaded when used, of which kernels use none
    assert imported(path) - {whole_package} <= set(digest.source_files())


def test_every_module_of_the_rooms_is_in_the_digest_and_each_once() -> None:
    files = digest.source_files()
    assert len(set(files)) == len(files)
    for room in digest.ROOMS:
        assert set((digest.PACKAGE / room).rglob("*.py")) <= set(files)
    assert KERNEL_FILES and set(KERNEL_FILES) <= set(files)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of empty files in the library's place."""
    digest.loaded_sources()  # of the true package, should no test have asked before
    for name in (*digest.MODULES, *(f"{room}/__init__.py" for room in digest.ROOMS)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(digest, "PACKAGE", tmp_path)
    return tmp_path


def test_the_digest_sees_contents_names_and_where_one_file_ends(copy: Path) -> None:
    seen = {digest.sources()}
    (copy / "sim" / "deep").mkdir()
    inner = copy / "sim" / "deep" / "leaf.py"
    for text in ("a", "ab"):
        inner.write_text(text)
        seen.add(digest.sources())
    inner.rename(inner.with_name("other.py"))
    seen.add(digest.sources())
    inner.with_name("other.py").write_text("a")
    inner.with_name("othes.py").write_text("b")
    seen.add(digest.sources())
    assert len(seen) == 5


@pytest.mark.parametrize("missing", ["_jit.py", "sim/__init__.py"])
def test_a_package_without_its_sources_has_no_digest(missing: str, copy: Path) -> None:
    (copy / missing).unlink()
    with pytest.raises(FileNotFoundError):
        digest.sources()


def test_the_digest_is_not_that_of_sources_changed_since(copy: Path) -> None:
    with pytest.raises(OSError, match="changed since they were loaded"):
        digest.digest()
