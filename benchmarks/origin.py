"""Where and when a section was measured, whether it may stand beside others, and how the README says so."""

from __future__ import annotations

import os
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

HERE = Path(__file__).resolve().parent
T = TypeVar("T")
PYTHON = "Python"
ALWAYS = ("mutualfund-actuarial", "numpy", "numba", "llvmlite", "scipy")
"""What every section runs on."""
WRITTEN = ("README.md", "results.json")
"""What `measure.py` writes here itself."""


@dataclass(frozen=True)
class Origin:
    """All that a section's numbers depend on but its code."""

    date: str
    commit: str
    profile: str
    processor: str
    cores: int | None
    versions: Mapping[str, str]  # of Python and of the packages that the section uses

    @classmethod
    def now(cls, profile: str, uses: Iterable[str] = ()) -> Origin:
        """What a section depends on that is measured here and now with these packages."""
        found = {name: installed(name) for name in (*ALWAYS, *uses)}
        return cls(
            date=datetime.now(UTC).strftime("%Y-%m-%d"),
            commit=commit(),
            profile=profile,
            processor=processor(),
            cores=os.cpu_count(),
            versions={PYTHON: platform.python_version()}
            | {name: number for name, number in found.items() if number is not None},
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def stands_beside(self, now: Origin) -> bool:
        """Whether these numbers may be shown with numbers of `now`: same machine, sizes and packages.

        Packages that this section does not use say nothing. Nor does another Python with packages of its own:
        a peer may need one, and the README then names both.
        """
        where = ("profile", "processor", "cores")
        if any(getattr(self, name) != getattr(now, name) for name in where):
            return False
        if self.versions[PYTHON] != now.versions[PYTHON]:
            return True
        here = {name: installed(name) for name in self.versions if name != PYTHON}
        return all(number in (None, self.versions[name]) for name, number in here.items())


def installed(package: str) -> str | None:
    """A package's version in this environment; None where it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def processor() -> str:
    """The processor's own name, where the system tells it."""
    try:
        for line in (
            Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
        ):
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def commit() -> str:
    """The commit that is checked out, with a + where other files than ours differ; empty without git."""
    differ = git("diff", "--quiet", "HEAD", "--", "..", *(f":(exclude){name}" for name in WRITTEN))
    return git("describe", "--always").stdout.strip() + "+" * (differ.returncode == 1)


def git(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(HERE), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Told(NamedTuple):
    """What is said of all sections together, and of those that differ."""

    heading: str
    own: dict[str, str]  # section -> a sentence


def told(origins: Mapping[str, Origin]) -> Told:
    """Most sections' date, commit and versions above all of them; the others' own beside them."""
    when = _most_common((one.date, one.commit) for one in origins.values())
    versions = {
        name: _most_common(o.versions[name] for o in origins.values() if name in o.versions)
        for one in origins.values()
        for name in one.versions
    }
    own = {
        name: sentence
        for name, one in origins.items()
        if (sentence := _own_sentence(one, when, versions))
    }
    first = next(iter(origins.values()))
    otherwise = " Sections measured otherwise say so." if own else ""
    quick = " **Quick sizes: these numbers mean nothing.**" if first.profile == "quick" else ""
    heading = (
        f"Measured {_at(when)} on {first.cores} cores of {first.processor}; {_list(versions)}."
        f"{otherwise} Written by `python benchmarks/measure.py`.{quick}"
    )
    return Told(heading, own)


def _own_sentence(one: Origin, when: tuple[str, str], versions: Mapping[str, str]) -> str:
    """How a section differs from the heading; nothing where it does not."""
    differing = {name: v for name, v in one.versions.items() if versions[name] != v}
    if (one.date, one.commit) == when and not differing:
        return ""
    with_versions = f", with {_list(differing)}" if differing else ""
    return f"Measured {_at((one.date, one.commit))}{with_versions}."


def _at(when: tuple[str, str]) -> str:
    return f"{when[0]} at commit {when[1]}"


def _list(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _most_common(values: Iterable[T]) -> T:
    return Counter(values).most_common(1)[0][0]
