"""What must be measured in a process of its own; one line of JSON comes back.

python child.py libraries                seconds that what we build on takes to be imported
python child.py start MEMBERS WORKERS    import to first result; as many workers as cores where 0
python child.py memory MEMBERS PATHS     peak memory, and the bytes of the results
python child.py sums MEMBERS FILE        digest of the kernel's sums; the ledger goes into FILE
python child.py pace MEMBERS             nanoseconds a claim
python child.py full MEMBERS YEARS PATHS FEATURE     one large run on two threads
python child.py lines FOLDER LINES       members, cover and claim lines as files in FOLDER
python child.py study FOLDER MEMORY      seconds of each step of a study of them, and peak memory
"""

from __future__ import annotations

import time

STARTED = time.perf_counter()  # before anything is imported that takes time

import hashlib  # noqa: E402  # the clock starts first
import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

if sys.argv[1:] == ["libraries"]:
    import numba  # noqa: F401
    import pyarrow  # noqa: F401
    import pydantic  # noqa: F401
    import scipy.special  # noqa: F401

    print(json.dumps({"import": time.perf_counter() - STARTED}))
    sys.exit()

import numpy as np  # noqa: E402

import mutualfund as mf  # noqa: E402
import problems  # noqa: E402
from problems import Problem  # noqa: E402

YEARS = 10
PACE_PATHS = 200
TELL_AFTER = 20.0  # seconds


def start(members: int, workers: int) -> dict[str, float]:
    """Seconds from the first line of this file to the first result; as many workers as cores where 0."""
    imported = time.perf_counter() - STARTED
    scenario = problems.scenario(Problem(members, 10, YEARS, reinsured=False))
    mf.simulate(scenario, workers=workers or None)
    first = time.perf_counter() - STARTED
    mf.simulate(scenario, workers=workers or None)
    return {"import": imported, "first": first, "second": time.perf_counter() - STARTED - first}


def memory(members: int, paths: int) -> dict[str, float]:
    """Peak resident memory of a run on one thread, and what its results hold, in MiB."""
    problem = Problem(members, paths, YEARS, reinsured=False)
    run = mf.simulate(problems.scenario(problem), workers=1)
    peak = peak_memory()
    held = sum(values.nbytes for values in run.ledger.values())
    held += sum(v.nbytes for side in run.marginals.values() for v in side.measures.values())
    return {"peak": peak, "results": held / 2**20}


def sums(members: int, file: str) -> dict[str, str]:
    """Digest of the kernel's whole-number sums with every feature; the ledger goes into `file` (.npy)."""
    problem = Problem(members, 20, YEARS, feature="everything")
    run = mf.simulate(problems.scenario(problem))
    np.save(file, np.stack([run.ledger[name] for name in sorted(run.ledger)]))
    return {"sums": sums_digest(run)}


def pace(members: int) -> dict[str, float]:
    """Nanoseconds an added claim of the plain workload on one thread."""
    whole = problems.scenario(Problem(members, PACE_PATHS, YEARS, reinsured=False))
    one = whole.replace("settings.paths", 1)
    mf.simulate(one, workers=1)  # compiles
    (long, claims), (short, few) = (_timed(scenario) for scenario in (whole, one))
    return {"ns": 1e9 * (long - short) / (claims - few)}


def _timed(scenario: mf.Scenario) -> tuple[float, float]:
    begun = time.process_time()
    run = mf.simulate(scenario, workers=1)
    return time.process_time() - begun, float(run.lines["claim_count"].sum())


def full(members: int, years: int, paths: int, feature: str) -> dict[str, float]:
    """Claims, seconds and peak memory of one run on two threads; progress on the error stream."""
    scenario = problems.scenario(Problem(members, paths, years, feature))
    begun = told = time.perf_counter()

    def progress(done: int, total: int) -> None:
        nonlocal told
        now = time.perf_counter()
        if now - told > TELL_AFTER:
            told = now
            print(f"  {done:,} of {total:,} paths, {now - begun:.0f} s", file=sys.stderr)

    run = mf.simulate(scenario, workers=2, progress=progress)
    seconds = time.perf_counter() - begun
    claims = float(run.lines["claim_count"].sum())
    return {"claims": claims, "seconds": seconds, "peak": peak_memory()}


def lines(folder: str, n_lines: int) -> dict[str, float]:
    """Writes the tables of an experience study."""
    import experience_study

    experience_study.tables(Path(folder), n_lines)
    return {}


def study(folder: str, memory_mib: int) -> dict[str, float]:
    """Seconds of each step of a study that has so much memory, and the peak of the process."""
    import experience_study

    seconds = experience_study.seconds_of_each_step(Path(folder), memory_mib)
    return {**seconds, "peak": peak_memory()}


def peak_memory() -> float:
    """Peak resident memory of this process so far, MiB.

    As Linux counts it for the memory that the process has now: what `getrusage` says of a process begins
    with the peak of the one that started it.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 2**10
    raise RuntimeError("/proc/self/status tells no peak of memory")


def sums_digest(run: mf.FundRun) -> str:
    """SHA-256 of all that is a whole number of persons, claims, months or minor units."""
    state = hashlib.sha256()
    parts = {
        f"{side}.{name}": v for side, m in run.marginals.items() for name, v in m.measures.items()
    }
    parts |= {name: run.measure(name) for name in ("joined", "died", "members_end", "billed")}
    for name, values in sorted(parts.items()):
        state.update(name.encode())
        state.update(np.rint(np.asarray(values) * 100).astype("<i8").tobytes())
    return state.hexdigest()


COMMANDS: dict[str, Any] = {
    "start": start,
    "memory": memory,
    "sums": sums,
    "pace": pace,
    "full": full,
    "lines": lines,
    "study": study,
}

if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    given = [int(text) if text.isdigit() else text for text in arguments]
    print(json.dumps(COMMANDS[command](*given)))
