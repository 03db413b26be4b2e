"""Measures everything in one run, and writes `results.json` and the tables of `README.md`.

    python benchmarks/measure.py                  all but the full run
    python benchmarks/measure.py --full           and `group_health` at full size
    python benchmarks/measure.py --quick          tiny sizes, to see that it works: the numbers mean nothing
    python benchmarks/measure.py --only start     one section; the others stay as they were measured

Nothing else should run on the machine meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import against
import contributions
import feature_costs
import full_run
import mutualfund as mf
import processes
import reserving
import scaling
import stages
from problems import Problem, scenario
from profiles import QUICK, WHOLE, Profile
from tables import Section, between_marks, page
from timing import say

HERE = Path(__file__).resolve().parent
MEASUREMENTS: dict[str, Callable[[Profile], Section]] = {
    "against": against.against_programs,
    "peers": against.against_peers,
    "reserving": reserving.against_chainladder,
    "features": feature_costs.feature_costs,
    "contributions": contributions.contributions,
    "members": scaling.in_members,
    "paths": scaling.in_paths,
    "years": scaling.in_years,
    "lines": scaling.in_lines,
    "threads": scaling.in_threads,
    "stages": stages.stages,
    "memory": processes.memory,
    "start": processes.starts,
    "targets": processes.targets,
    "full": full_run.full_run,
}
NOTHING_YET = "Nothing has been measured yet."
PACKAGES = (
    "mutualfund-actuarial",
    "numpy",
    "numba",
    "llvmlite",
    "scipy",
    "pandas",
    "gemact",
    "chainladder",
    "proteusllp-actuarial-library",
)


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


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    versions = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"processor": processor(), "cores": os.cpu_count(), "versions": versions}


def commit() -> str:
    """The commit that is checked out, with a + where files differ from it; empty without git."""
    command = ["git", "-C", str(HERE), "describe", "--always", "--dirty=+"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip()


def heading(stored: dict[str, Any]) -> str:
    """Who measured, with what, when."""
    found = stored["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    quick = " **Quick sizes: these numbers mean nothing.**" if stored["profile"] == "quick" else ""
    return (
        f"Measured {stored['date']} at commit {stored['commit']} "
        f"on {found['cores']} cores of {found['processor']}; {versions}. "
        f"Written by `python benchmarks/measure.py`.{quick}"
    )


def earlier(file: Path, profile: Profile) -> dict[str, Any]:
    """Sections measured before, where they were measured on this machine, with these versions and sizes."""
    if not file.exists():
        return {}
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if stored["machine"] == machine() and stored["profile"] == profile.name:
        return dict(stored["sections"])
    say("the other sections were measured elsewhere or in other sizes: they are dropped")
    return {}


def tables_of(file: Path) -> str:
    """The README's tables, from the stored numbers alone."""
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    sections = [Section.from_dict(*item) for item in stored["sections"].items()]
    return page(heading(stored), sections)


def write(folder: Path, profile: Profile, sections: dict[str, Any]) -> None:
    """The numbers as JSON, and the README's tables made of them."""
    stored = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "profile": profile.name,
        "commit": commit(),
        "machine": machine(),
        "sections": {name: sections[name] for name in MEASUREMENTS if name in sections},
    }
    file, readme = folder / "results.json", folder / "README.md"
    text = json.dumps(stored, indent=1, ensure_ascii=False) + "\n"
    file.write_text(text, encoding="utf-8")
    shown = between_marks(readme.read_text(encoding="utf-8"), tables_of(file))
    readme.write_text(shown, encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--full", action="store_true", help="also group_health at full size")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, metavar="SECTION")
    parser.add_argument("--into", type=Path, default=HERE, help="folder of README.md and results")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    profile = QUICK if given.quick else WHOLE
    wanted = given.only or [name for name in MEASUREMENTS if name != "full" or given.full]
    sections = earlier(given.into / "results.json", profile) if given.only else {}
    say("compiling")
    mf.simulate(scenario(Problem(50, paths=2, years=20, feature="everything", reinsured=False)))
    for name in wanted:
        sections[name] = MEASUREMENTS[name](profile).to_dict()
        write(given.into, profile, sections)
    failed = [
        gate["what"] for part in sections.values() for gate in part["gates"] if not gate["holds"]
    ]
    say(f"done; gates that do not hold: {'; '.join(failed) or 'none'}")


if __name__ == "__main__":
    main()
