"""No check is silenced unless `allowed_exceptions.toml` lists it with its reason."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTED = tomllib.loads(
    (Path(__file__).parent / "allowed_exceptions.toml").read_text(encoding="utf-8")
)

# Put together here so that this file does not find itself.
BARE = re.compile(
    "|".join([r"# *type: *" + "ignore(?!\\[)", "# *no" + "qa(?!: *[A-Z])", "ruff: *no" + "qa"])
)


def silenced_lines() -> list[tuple[str, str]]:
    found = []
    for folder in ("src", "tests", "examples", "notebooks", "benchmarks", ".ci"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line in path.read_text(encoding="utf-8").splitlines():
                if BARE.search(line):
                    found.append((str(path.relative_to(ROOT)), line.strip()))
    return found


def test_no_type_ignore_or_noqa_without_its_code() -> None:
    allowed = {(entry["file"], entry["line"]) for entry in LISTED.get("unchecked", [])}
    assert [found for found in silenced_lines() if found not in allowed] == []


def test_the_import_contract_has_no_exceptions() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    text = str(config)
    assert "ignore_imports" not in text and "exhaustive_ignores" not in text


def test_every_listed_exception_says_why() -> None:
    entries = [entry for kind in LISTED.values() for entry in kind]
    assert all(len(entry["reason"].split()) > 3 for entry in entries)


SILENCED = """\
import pytest

@pytest.mark.skip(reason="why")
def test_skipped(): assert False

@pytest.mark.xfail
def test_expected_to_fail(): assert False
"""


def test_an_unlisted_skip_turns_the_session_red_in_ci_only(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    shutil.copytree(
        ROOT / "tests" / "proof", tests / "proof", ignore=shutil.ignore_patterns("*.py")
    )
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (tests / "test_it.py").write_text(SILENCED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
    at_home = {name: value for name, value in os.environ.items() if name != "CI"}
    at_home["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # none is needed, and they take seconds to load
    red = subprocess.run(
        command, cwd=tmp_path, env={**at_home, "CI": "true"}, capture_output=True, text=True
    )
    green = subprocess.run(command, cwd=tmp_path, env=at_home, capture_output=True, text=True)
    assert (red.returncode, green.returncode) == (1, 0), red.stdout
    told = red.stdout.partition("not run, and not listed")[2]
    assert "test_it.py::test_skipped: " in told
    assert "test_it.py::test_expected_to_fail: " in told
