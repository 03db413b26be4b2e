"""Memory, cold and warm start, and CPU targets: each measured in processes of their own."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import mutualfund as mf
from child import YEARS
from problems import FloatArray
from profiles import Profile
from tables import Cell, Gate, Section
from timing import say

HERE = Path(__file__).resolve().parent
CACHE = "MUTUALFUND_CACHE_DIR"
TARGETS: dict[str, dict[str, str]] = {
    "native": {},
    "AVX2": {
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2",
    },
    "SSE2": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2"},
}
MEMORY_NOTE = """Peak resident memory of a fresh process that simulates the plain workload without reinsurance
over ten years on one thread, and the bytes of the run that it hands back."""
START_NOTE = """A fresh process, from its first line to its first result: {members:,} members, ten years, ten
paths; one thread but where more are said. Cold: no kernel lies on disk. Warm: a process before it has left
its kernel there. Python's own bytecode lies there both times, as an installer leaves it. NumPy, Numba,
SciPy's special functions, pydantic and PyArrow, which we build on, take {libraries:.2f} s to be imported."""
STARTS = {"cold": 1, "warm": 1, "warm, a thread a core": 0}  # workers
TARGET_NOTE = """The compiler is held to an older processor on this machine. `sums` says whether all whole
numbers (persons, claims, money by line, month and age) are the same as native; `ledger` is the largest
relative difference of the accounts. The workload of these two has every feature; the times are of plain."""


def child(
    *arguments: str, variables: Mapping[str, str] | None = None, loud: bool = False
) -> dict[str, Any]:
    """Run `child.py` in a process of its own; `loud` lets its error stream through.

    Raises
    ------
    RuntimeError
        With the child's own words, where it fails.
    """
    command = [sys.executable, str(HERE / "child.py"), *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=None if loud else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"child.py {arguments[0]} failed:\n{(done.stderr or '')[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def memory(profile: Profile) -> Section:
    """Peak memory on few and on many paths, less the results."""
    members = profile.memory_members
    rows: list[dict[str, Cell]] = []
    beyond = []
    for paths in profile.memory_paths:
        say(f"memory: {paths:,} paths of {members:,} members")
        found = child("memory", str(members), str(paths))
        beyond.append(found["peak"] - found["results"])
        rows.append(
            {
                "paths": paths,
                "peak, MiB": found["peak"],
                "results, MiB": found["results"],
                "peak less results, MiB": beyond[-1],
            }
        )
    few, many = profile.memory_paths
    what = f"peak memory from {few:,} to {many:,} paths, less the results"
    gate = Gate(what, beyond[1] - beyond[0], "at most", 16.0, "MiB", f"{members:,} members")
    return Section("memory", f"Memory: {members:,} members", MEMORY_NOTE, rows, [gate])


def starts(profile: Profile) -> Section:
    """Cold and warm start to the first result."""
    members = profile.values_members
    variables = {"PYTHONDONTWRITEBYTECODE": ""}
    for source in (Path(mf.__file__).parent, HERE):
        compileall.compile_dir(source, quiet=1)
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in STARTS}
    libraries = []
    for turn in range(profile.rounds):
        say(f"start, round {turn + 1} of {profile.rounds}")
        libraries.append(child("libraries", variables=variables)["import"])
        with TemporaryDirectory() as folder:
            for kind, workers in STARTS.items():
                here = variables | {CACHE: folder}
                found[kind].append(child("start", str(members), str(workers), variables=here))
    rows: list[dict[str, Cell]] = []
    firsts = {}
    for kind, times in found.items():
        firsts[kind] = median(one["first"] for one in times)
        rows.append(
            {
                "start": kind,
                "import, s": median(one["import"] for one in times),
                "first result, s": firsts[kind],
                "the same run again, s": median(one["second"] for one in times),
            }
        )
    gates = [
        Gate("cold start to first result", firsts["cold"], "at most", 9.0, "s"),
        Gate("warm start to first result", firsts["warm"], "at most", 1.3, "s"),
    ]
    note = START_NOTE.format(members=members, libraries=median(libraries))
    return Section("start", "Start", note, rows, gates)


def targets(profile: Profile) -> Section:
    """AVX2 and SSE2 against the native target: the same numbers, and how much slower."""
    members = str(profile.memory_members)
    paces: dict[str, list[float]] = {name: [] for name in TARGETS}
    with TemporaryDirectory() as folder:
        sums = {}
        for name, target in TARGETS.items():
            say(f"CPU target {name}: values")
            file = str(Path(folder) / f"{name}.npy")
            sums[name] = child("sums", members, file, variables={CACHE: folder, **target})["sums"]
        for turn in range(profile.rounds):
            say(f"CPU targets, round {turn + 1} of {profile.rounds}")
            for name, target in TARGETS.items():
                paces[name].append(
                    child("pace", members, variables={CACHE: folder, **target})["ns"]
                )
        ledgers = {name: np.load(Path(folder) / f"{name}.npy") for name in TARGETS}
    slower = {
        name: median(ns / mine for ns, mine in zip(found, paces["native"], strict=True))
        for name, found in paces.items()
    }
    apart = {name: relative_gap(ledger, ledgers["native"]) for name, ledger in ledgers.items()}
    rows: list[dict[str, Cell]] = [
        {
            "target": name,
            "ns an added claim": median(paces[name]),
            "over native": slower[name],
            "sums": "equal" if sums[name] == sums["native"] else "**differ**",
            "ledger": f"{apart[name]:.1e}",
        }
        for name in TARGETS
    ]
    where = f"{profile.memory_members:,} members, {YEARS} years"
    unequal = float(sum(found != sums["native"] for found in sums.values()))
    gates = [
        Gate("AVX2 target over native", slower["AVX2"], "at most", 3.0, "x", where),
        Gate("targets whose kernel sums differ", unequal, "at most", 0.0, "", where),
        Gate("ledger over targets", max(apart.values()), "at most", 1e-12, "", where),
    ]
    return Section("targets", f"CPU targets: {where}", TARGET_NOTE, rows, gates)


def relative_gap(ours: FloatArray, theirs: FloatArray) -> float:
    """The largest difference of two arrays over the larger of each two values, or over 1.

    >>> relative_gap(np.array([200.0, np.nan]), np.array([100.0, np.nan]))
    0.5
    """
    size = np.maximum(np.maximum(np.abs(ours), np.abs(theirs)), 1.0)
    return float(np.nanmax(np.abs(ours - theirs) / size, initial=0.0))
