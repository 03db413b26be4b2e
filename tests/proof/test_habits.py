"""What the compiler must not be told, and what the library's text must not hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "src").rglob("*.py"))
}
FORBIDDEN = {
    "fast mathematics, which assumes that no NaN exists": r"fastmath\s*[=:]\s*True|\"fastmath\": True",
    "parallel loops, which abort when called from several threads": r"parallel\s*=\s*True|\bprange\b",
    "compiler options outside _jit": r"\bnjit\b|numba\.jit\b|vectorize\(",
    "numbers that depend on how many were drawn before": r"np\.random\.|default_rng|import random\b",
    "unfinished work": r"\b(TODO|FIXME|XXX)\b|NotImplementedError",
    "an error that disappears": r"except\s*:|except (Base)?Exception\s*:\s*\n\s*(pass|continue)\b",
}
# In every tracked text, not only the library's: a note or a test may give a machine away as well.
ONE_MACHINE = r"(?<![\w.])/(home|root|work|Users|tmp|private)/\w"
MAY_NAME_ONE = {  # where such a path is made up, to see that it does not get out
    "src/mutualfund/results/manifest.py",
    "tests/proof/test_habits.py",
    "tests/results/test_manifest.py",
}
EXEMPT = {("compiler options outside _jit", "src/mutualfund/_jit.py")}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_library_is_free_of(what: str) -> None:
    found = [
        file
        for file, text in SOURCES.items()
        if re.search(FORBIDDEN[what], text) and (what, file) not in EXEMPT
    ]
    assert found == []


def tracked_texts() -> dict[str, str]:
    """Tracked files by name, those that are text; without git, every file of the folders."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    names = [name for name in listing.stdout.split("\0") if name]
    if listing.returncode != 0:
        folders = ("src", "tests", "docs", "examples", "notebooks", "benchmarks")
        found = [path for folder in folders for path in (ROOT / folder).rglob("*")]
        names = [str(path.relative_to(ROOT)) for path in (*found, *ROOT.glob("*.*"))]
    texts = {}
    for name in names:
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes())[:8192]:
            texts[name] = content.decode("utf-8", errors="replace")
    return texts


def test_no_text_names_a_path_of_one_machine() -> None:
    texts = tracked_texts()
    assert {"README.md", "src/mutualfund/rng.py"} <= set(texts)
    found = [name for name, text in texts.items() if re.search(ONE_MACHINE, text)]
    assert [name for name in found if name not in MAY_NAME_ONE] == []


def test_the_patterns_can_find_something() -> None:
    samples = (
        "njit(fastmath=True)",
        "njit(parallel=True)",
        "numba.jit(f)",
        "np.random.seed(1)",
        "# TODO",
        "except:\n    pass",
    )
    assert all(
        re.search(pattern, text) for pattern, text in zip(FORBIDDEN.values(), samples, strict=True)
    )
    assert all(re.search(ONE_MACHINE, text) for text in ("open('/home/me')", "at /" + "root/x.txt"))
