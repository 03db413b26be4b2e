"""Break the library one line at a time and see the named test go red.

    python tests/proof/run_breaks.py            # all of breaks.toml
    python tests/proof/run_breaks.py waiting    # those whose text contains "waiting"
    python tests/proof/run_breaks.py --jobs 2

Works on copies in a temporary folder; the checkout is not touched. First the named tests must pass on an
unbroken copy. Then each break is applied alone: the test that it names has to fail. A test that cannot be
collected does not count as failing. Ends with status 1 where a break goes unnoticed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("breaks.toml")
FAILED = 1  # pytest's exit status when a test ran and failed
NOT_COPIED = shutil.ignore_patterns(".git", "__pycache__", ".venv*", ".*_cache", "runs", "*.ipynb")


@dataclass(frozen=True, slots=True)
class Break:
    """One line of one file, the text to put in its place, and the test that has to notice."""

    what: str
    file: str
    old: str
    new: str
    test: str


def read_breaks() -> tuple[Break, ...]:
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["break"]
    return tuple(Break(**entry) for entry in entries)


def run_tests(copy: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `tests` in `copy`, on the copy's own sources and on kernels compiled from them."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MUTUALFUND_CACHE_DIR": str(
            copy.parent / "cache"
        ),  # shared by the copies, and gone with them
    }
    environment.pop("CI", None)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *tests], cwd=copy, env=environment, capture_output=True, text=True
    )


def is_noticed(copy: Path, change: Break) -> tuple[bool, str]:
    """Apply `change` to `copy`, run its test, and put the line back."""
    path = copy / change.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(change.old) != 1:
        return False, f"the old text occurs {whole.count(change.old)} times in {change.file}"
    path.write_text(whole.replace(change.old, change.new), encoding="utf-8")
    try:
        result = run_tests(copy, [change.test])
    finally:
        path.write_text(whole, encoding="utf-8")
    last = (result.stdout.strip() or result.stderr.strip()).splitlines()[-1:]
    return result.returncode == FAILED, last[0] if last else ""


def try_all(changes: tuple[Break, ...], jobs: int) -> list[str]:
    """What each break that went unnoticed was, and how its test ended."""
    unnoticed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            copy = Path(folder) / f"copy{number}"
            shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
            copies.put(copy)
        whole = run_tests(copy, sorted({change.test for change in changes}))
        print(f"unbroken: {whole.stdout.strip().splitlines()[-1]}", flush=True)
        if whole.returncode != 0:
            return [f"the named tests do not pass on the unbroken copy:\n{whole.stdout}"]

        def attempt(change: Break) -> None:
            copy = copies.get()
            try:
                noticed, ending = is_noticed(copy, change)
            finally:
                copies.put(copy)
            print(
                f"{'noticed  ' if noticed else 'UNNOTICED'} {change.what}  [{ending}]", flush=True
            )
            if not noticed:
                unnoticed.append(f"{change.what} ({change.file}; {change.test}): {ending}")

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(attempt, changes))
    return unnoticed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("containing", nargs="?", default="", help="only breaks with this text")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    changes = tuple(c for c in read_breaks() if options.containing in f"{c.what} {c.file}")
    unnoticed = try_all(changes, options.jobs)
    print(f"{len(changes) - len(unnoticed)} of {len(changes)} breaks noticed")
    print("\n".join(unnoticed))
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
