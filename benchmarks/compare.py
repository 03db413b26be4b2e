"""Two versions against each other on one problem, in turns of whole processes.

    python benchmarks/compare.py BASE HEAD [--problem town] [--rounds 5] [--json FILE]

BASE and HEAD are each a checkout, whose `src` is put in front of this environment's packages, or the Python
of an environment in which that version is installed. Both run the problem as *this* checkout states it, and
their values are compared: a change may be meant to change numbers, so a difference is said, not refused. More
than 25 % slower is an error (exit code 1); a base that cannot run the problem is none, and is said (exit code
0), because an older version need not know what a newer one can do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
SLOWEST = 1.25
PROBLEMS: dict[str, tuple[int, int, str]] = {  # members, paths, feature
    "tiny": (60, 2, "plain"),
    "village": (500, 400, "plain"),
    "town": (20_000, 20, "plain"),
    "town-everything": (20_000, 20, "everything"),
}
YEARS = 10


class CannotRun(Exception):
    """A version, `base` or `head`, failed on the problem; `words` are its own."""

    def __init__(self, which: str, words: str) -> None:
        super().__init__(f"{which}: {words}")
        self.which, self.words = which, words


@dataclass(frozen=True)
class Comparison:
    """What CI stores."""

    problem: str
    base: list[float]  # seconds, a number a round
    head: list[float]
    ratio: float  # head over base: medians
    same_values: bool

    @property
    def too_slow(self) -> bool:
        return self.ratio > SLOWEST

    def __str__(self) -> str:
        values = "the same values" if self.same_values else "other values than the base"
        return (
            f"{self.problem}: base {median(self.base):.3f} s, head {median(self.head):.3f} s, "
            f"head / base {self.ratio:.2f} (at most {SLOWEST}); the head gives {values}"
        )


def environment_of(version: Path) -> tuple[str, dict[str, str]]:
    """The Python that runs a version, and the variables of its process.

    Raises
    ------
    SystemExit
        Where it is neither: another version that happens to be installed must not be timed in its place.
    """
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if version.is_file():
        return str(version), variables
    if not (version / "src" / "mutualfund").is_dir():
        raise SystemExit(f"{version} is neither a checkout with src/mutualfund nor a Python")
    return sys.executable, variables | {"PYTHONPATH": str((version / "src").resolve())}


def one_turn(which: str, version: Path, problem: str) -> dict[str, Any]:
    """Run the problem in a fresh process of one version.

    Raises
    ------
    CannotRun
        With the last lines of what the process said.
    """
    python, variables = environment_of(version)
    done = subprocess.run(
        [python, str(HERE / "compare.py"), "--turn", problem],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotRun(which, done.stderr.strip()[-1000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def turn(problem: str) -> dict[str, Any]:
    """In the child: compile, then time the problem twice and keep the better."""
    import mutualfund as mf
    import problems

    members, paths, feature = PROBLEMS[problem]
    scenario = problems.scenario(problems.Problem(members, paths, YEARS, feature, reinsured=False))
    mf.simulate(scenario.replace("settings.paths", 1), workers=1)
    seconds = []
    for _ in range(2):
        begun = time.perf_counter()
        run = mf.simulate(scenario, workers=1)
        seconds.append(time.perf_counter() - begun)
    return {"seconds": min(seconds), "digest": run.digest(), "from": mf.__file__}


def compare(base: Path, head: Path, problem: str, rounds: int) -> Comparison:
    """Base and head in turns, each round starting with the other one.

    Raises
    ------
    CannotRun
        Where one of them fails.
    """
    times: dict[str, list[float]] = {"base": [], "head": []}
    digests: dict[str, str] = {}
    versions = {"base": base, "head": head}
    for number in range(rounds):
        for name in ("base", "head") if number % 2 == 0 else ("head", "base"):
            found = one_turn(name, versions[name], problem)
            times[name].append(found["seconds"])
            digests[name] = found["digest"]
            if number == 0:
                print(f"{name}: {found['from']}", flush=True)
        print(f"round {number + 1} of {rounds}: {times['base'][-1]:.3f} s, ", end="")
        print(f"{times['head'][-1]:.3f} s", flush=True)
    ratio = median(times["head"]) / median(times["base"])
    same = digests["base"] == digests["head"]
    return Comparison(problem, times["base"], times["head"], ratio, same)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("base", nargs="?", type=Path)
    parser.add_argument("head", nargs="?", type=Path)
    parser.add_argument("--problem", choices=PROBLEMS, default="town")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where the numbers are stored")
    parser.add_argument("--turn", choices=PROBLEMS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.turn is None and given.head is None:
        parser.error("BASE and HEAD are both needed")
    return given


def main() -> int:
    given = arguments()
    if given.turn is not None:
        print(json.dumps(turn(given.turn)))
        return 0
    try:
        found = compare(given.base, given.head, given.problem, given.rounds)
    except CannotRun as failure:
        print(f"Not compared: the {failure.which} cannot run {given.problem}.\n{failure.words}")
        stored: dict[str, Any] = {"problem": given.problem, "not_compared": str(failure)}
        result = 1 if failure.which == "head" else 0
    else:
        print(found)
        stored = asdict(found) | {"limit": SLOWEST, "too_slow": found.too_slow}
        result = 1 if found.too_slow else 0
    if given.json is not None:
        given.json.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    return result


if __name__ == "__main__":
    sys.exit(main())
