"""Measures everything in one run, and writes `results.json` and the tables of `README.md`.

    python benchmarks/measure.py                  all but what takes long
    python benchmarks/measure.py --full           and `group_health` at full size
    python benchmarks/measure.py --long           and an experience study of 20 million claim lines
    python benchmarks/measure.py --quick          tiny sizes, to see that it works: the numbers mean nothing
    python benchmarks/measure.py --only start     one section; the others stay as they were measured

Nothing else should run on the machine meanwhile. A section whose peer is not installed says so.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import against
import compound
import contributions
import experience_study
import feature_costs
import full_run
import mutualfund as mf
import processes
import reserving
import scaling
import stages
import tariff_glm
from origin import HERE, Origin, told
from problems import Problem, scenario
from profiles import QUICK, WHOLE, Profile
from tables import BEGIN, END, Section, between_marks, page
from timing import say


class Measurement(NamedTuple):
    """What makes a section, and the packages that its numbers depend on beside those of all sections."""

    measure: Callable[[Profile], Section]
    uses: tuple[str, ...] = ()


MEASUREMENTS: dict[str, Measurement] = {
    "against": Measurement(against.against_programs, ("pandas",)),
    "peers": Measurement(against.against_peers, ("gemact", "proteusllp-actuarial-library")),
    "aggregate": Measurement(compound.against_aggregate, ("aggregate", "pandas")),
    "reserving": Measurement(reserving.against_chainladder, ("chainladder", "pandas")),
    "tariff": Measurement(tariff_glm.against_glum, ("glum", "tabmat", "pandas")),
    "features": Measurement(feature_costs.feature_costs),
    "contributions": Measurement(contributions.contributions),
    "members": Measurement(scaling.in_members),
    "paths": Measurement(scaling.in_paths),
    "years": Measurement(scaling.in_years),
    "lines": Measurement(scaling.in_lines),
    "threads": Measurement(scaling.in_threads),
    "stages": Measurement(stages.stages),
    "memory": Measurement(processes.memory),
    "start": Measurement(processes.starts),
    "targets": Measurement(processes.targets),
    "study": Measurement(experience_study.large_study, ("duckdb", "pyarrow", "pandas")),
    "full": Measurement(full_run.full_run),
}
ON_REQUEST = {"full": "full", "study": "long"}  # section -> the option that adds it
NOTHING_YET = "Nothing has been measured yet."
Stored = dict[str, Any]


def earlier(file: Path, now: Origin) -> Stored:
    """Sections measured before that may stand beside those measured now."""
    if not file.exists():
        return {}
    stored: Stored = json.loads(file.read_text(encoding="utf-8"))
    kept = {
        name: section
        for name, section in stored.items()
        if Origin(**section["origin"]).stands_beside(now)
    }
    dropped = ", ".join(name for name in stored if name not in kept)
    if dropped:
        say(f"measured elsewhere, with other packages or in other sizes, so dropped: {dropped}")
    return kept


def tables_of(file: Path) -> str:
    """The README's tables, from the stored numbers alone."""
    stored: Stored = json.loads(file.read_text(encoding="utf-8"))
    heading, own = told({name: Origin(**part["origin"]) for name, part in stored.items()})
    sections = [Section.from_dict(name, part) for name, part in stored.items()]
    noted = [replace(part, note=f"{part.note} {own.get(part.name, '')}") for part in sections]
    return page(heading, noted)


def write(folder: Path, sections: Stored) -> None:
    """The numbers as JSON, and the README's tables made of them."""
    stored = {name: sections[name] for name in MEASUREMENTS if name in sections}
    folder.mkdir(exist_ok=True)
    file, readme = folder / "results.json", folder / "README.md"
    text = json.dumps(stored, indent=1, ensure_ascii=False) + "\n"
    file.write_text(text, encoding="utf-8")
    before = readme.read_text(encoding="utf-8") if readme.exists() else f"{BEGIN}{END}\n"
    readme.write_text(between_marks(before, tables_of(file)), encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--full", action="store_true", help="also group_health at full size")
    parser.add_argument(
        "--long", action="store_true", help="also a study of 20 million claim lines"
    )
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, metavar="SECTION")
    parser.add_argument("--into", type=Path, default=HERE, help="folder of README.md and results")
    return parser.parse_args()


def wanted(given: argparse.Namespace) -> list[str]:
    """The sections asked for, in their order."""
    if given.only:
        return list(given.only)
    return [
        name for name in MEASUREMENTS if name not in ON_REQUEST or getattr(given, ON_REQUEST[name])
    ]


def main() -> None:
    given = arguments()
    profile = QUICK if given.quick else WHOLE
    origins = {
        name: Origin.now(profile.name, MEASUREMENTS[name].uses) for name in wanted(given)
    }  # before the tables are written, which git would see
    sections = earlier(given.into / "results.json", Origin.now(profile.name)) if given.only else {}
    say("compiling")
    mf.simulate(scenario(Problem(50, paths=2, years=20, feature="everything", reinsured=False)))
    for name, origin in origins.items():
        measured = MEASUREMENTS[name].measure(profile)
        sections[name] = {"origin": origin.to_dict(), **measured.to_dict()}
        write(given.into, sections)
    failed = [
        gate["what"] for part in sections.values() for gate in part["gates"] if not gate["holds"]
    ]
    say(f"done; gates that do not hold: {'; '.join(failed) or 'none'}")


if __name__ == "__main__":
    main()
