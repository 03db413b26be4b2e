"""An experience study of more claim lines than memory holds: how long it takes, how much memory at most.

The lines are invented here, written to a Parquet file in a temporary folder and deleted afterwards. Lines are
written and studied in processes of their own, so that peak memory is that of the study.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from mutualfund.claims import ClaimChecks
from mutualfund.claims.experience import ExperienceStudy
from processes import child
from profiles import Profile
from tables import Cell, Gate, Section
from timing import say

IntArray = npt.NDArray[np.int64]
PERIOD = (date(2022, 1, 1), date(2024, 12, 31))
CHECKS = ClaimChecks(as_of=date(2025, 12, 31), currency="EUR")
LINES = np.array(["dental", "drugs", "hospital", "imaging", "therapy", "visits"])
FIRST_DAY = int(np.datetime64("2022-01-01").astype(np.int64))
N_DAYS = 3 * 365 + 1
CHUNK = 1_000_000
LINES_A_MEMBER = 40
REVERSED = 100  # one line in so many is taken back
COMPARED_LINES = 100_000
MIB = 2**20
NOTE = """{lines:,} claim lines of {members:,} members over three years, one in a hundred a reversal, in a
Parquet file of {file:,.0f} MiB; DuckDB may take {memory:,} MiB. Before any time is taken, {compared:,} lines
are studied both ways, in memory and through DuckDB, and every figure is the same to the last bit. Reading
checks the lines, matches reversals and sums by member, month and line, once through the file. Peak memory is
that of the whole process; it grows with members (their keys, spells and yearly costs) and with reversals, not
with claim lines: those lie on disk, about as large as the file's columns uncompressed. One run; the times
have no gate."""
STEPS: dict[str, Callable[[ExperienceStudy], object]] = {
    "cost a member and month by line, age, sex and year": lambda study: study.pmpm(
        ("line", "age_band", "sex", "year")
    ),
    "trend": lambda study: study.trend(),
    "concentration": lambda study: study.concentration(),
    "persistence": lambda study: study.persistence(),
}


def days(values: IntArray) -> pa.Array:
    return pa.array(values.astype("datetime64[D]"))


def identifiers(places: IntArray, letter: str) -> pa.Array:
    return pa.array(np.char.add(letter, places.astype(str)))


def n_members(n_lines: int) -> int:
    return max(n_lines // LINES_A_MEMBER, 10)


def tables(folder: Path, n_lines: int) -> None:
    """Members, cover and claim lines as Parquet files, the lines a million at a time."""
    n = n_members(n_lines)
    rng = np.random.default_rng(1)
    everybody = np.arange(n)
    born = FIRST_DAY - rng.integers(300, 30_000, n)
    start = FIRST_DAY + np.where(rng.random(n) < 0.6, 0, rng.integers(0, 700, n))
    end = np.minimum(start + rng.integers(30, 1500, n), FIRST_DAY + N_DAYS - 1)
    members = {
        "member_id": identifiers(everybody, "m"),
        "birth_date": days(born),
        "sex": pa.array(rng.choice(["F", "M"], n)),
    }
    pq.write_table(pa.table(members), folder / "members.parquet")
    cover = {
        "member_id": members["member_id"],
        "cover_start": days(start),
        "cover_end": days(end),
    }
    pq.write_table(pa.table(cover), folder / "cover.parquet")
    writer = None
    for first in range(0, n_lines, CHUNK):
        batch = lines(rng, first, min(CHUNK, n_lines - first), start, end)
        writer = writer or pq.ParquetWriter(folder / "claims.parquet", batch.schema)
        writer.write_table(batch)
    if writer is not None:
        writer.close()


def lines(rng: np.random.Generator, first: int, n: int, start: IntArray, end: IntArray) -> pa.Table:
    """`n` claim lines from claim number `first` on, one in a hundred the reversal of one before."""
    member = rng.integers(0, len(start), n)
    incurred = start[member] + (rng.random(n) * (end - start + 1)[member]).astype(np.int64)
    paid = incurred + rng.geometric(1 / 40, n).clip(max=300)
    amount = np.round(rng.lognormal(4.0, 1.2, n), 2)
    line = rng.integers(0, len(LINES), n)
    claim = first + np.arange(n)
    back = np.arange(REVERSED, n, REVERSED)
    for column in (member, incurred, paid, line, claim):
        column[back] = column[back - 1]
    paid[back] += 5
    amount[back] = -amount[back - 1]
    kind = np.where(np.isin(np.arange(n), back), "reversal", "payment")
    return pa.table(
        {
            "claim_id": identifiers(claim, "c"),
            "member_id": identifiers(member, "m"),
            "line": pa.array(LINES[line]),
            "incurred": days(incurred),
            "paid": days(paid),
            "amount": amount,
            "kind": pa.array(kind),
        }
    )


def study(folder: Path, *, streamed: bool, memory_mib: int = 2048) -> ExperienceStudy:
    paths = (folder / f"{name}.parquet" for name in ("members", "cover", "claims"))
    return ExperienceStudy.from_tables(
        *paths, period=PERIOD, checks=CHECKS, streamed=streamed, memory_mib=memory_mib
    )


def require_same_figures() -> None:
    """Refuse to time anything unless both roads give the same numbers, to the last bit."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        tables(folder, COMPARED_LINES)
        small, large = study(folder, streamed=False), study(folder, streamed=True)
        for by in ((), ("line", "year"), ("age_band", "sex", "month")):
            for table in ("pmpm", "per_thousand"):
                one, other = (getattr(road, table)(by) for road in (small, large))
                for column in one.values:
                    np.testing.assert_array_equal(one[column], other[column])


def seconds_of_each_step(folder: Path, memory_mib: int) -> dict[str, float]:
    """One study and its tables, in a process that does nothing else."""
    begun = time.perf_counter()
    whole = study(folder, streamed=True, memory_mib=memory_mib)
    seconds = {"read and summed": time.perf_counter() - begun}
    for what, step in STEPS.items():
        begun = time.perf_counter()
        step(whole)
        seconds[what] = time.perf_counter() - begun
    return seconds


def large_study(profile: Profile) -> Section:
    """Seconds of each step, and the gate on the memory of the whole."""
    n_lines, memory = profile.study_lines, profile.study_memory
    title = f"An experience study: {n_lines:,} claim lines"
    gate = Gate("peak memory over DuckDB's part", None, "at most", 2.0, "x", f"{n_lines:,} lines")
    if find_spec("duckdb") is None:
        say("experience study: duckdb is not installed")
        return Section.without("duckdb", "study", title, "Read through DuckDB.", [gate])
    say("experience study: values first")
    require_same_figures()
    with TemporaryDirectory() as folder:
        say(f"  writing {n_lines:,} lines")
        child("lines", folder, str(n_lines))
        file = (Path(folder) / "claims.parquet").stat().st_size / MIB
        say("  studying them")
        found = child("study", folder, str(memory))
    note = NOTE.format(
        lines=n_lines,
        members=n_members(n_lines),
        file=file,
        memory=memory,
        compared=COMPARED_LINES,
    )
    peak = found.pop("peak")
    rows: list[dict[str, Cell]] = [
        {"step": step, "seconds": seconds, "peak memory, MiB": ""}
        for step, seconds in found.items()
    ]
    rows.append({"step": "all", "seconds": sum(found.values()), "peak memory, MiB": peak})
    return Section("study", title, note, rows, [gate.at(peak / memory)])
