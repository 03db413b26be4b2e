"""An experience study over 20 million claim lines: how long it takes, and how much memory at most.

    nice python benchmarks/experience_study.py          # 20 million lines; about 2 GB of disk for a while
    python benchmarks/experience_study.py --lines 200000 --memory-mib 512

The lines are invented here, written to a Parquet file in a temporary folder and deleted afterwards. Each
measurement is a process of its own, so that peak memory is that of the study and not of the generator.
Before any time is taken, a file of 100,000 lines is studied both ways, in memory and through DuckDB, and
every figure is compared.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mutualfund.claims import ClaimChecks
from mutualfund.claims.experience import ExperienceStudy

PERIOD = (date(2022, 1, 1), date(2024, 12, 31))
CHECKS = ClaimChecks(as_of=date(2025, 12, 31), currency="EUR")
LINES = np.array(["dental", "drugs", "hospital", "imaging", "therapy", "visits"])
FIRST_DAY = int(np.datetime64("2022-01-01").astype(np.int64))
N_DAYS = 3 * 365 + 1
CHUNK = 1_000_000
LINES_A_MEMBER = 40
REVERSED = 100  # one line in so many is taken back


def days(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype("datetime64[D]"))


def identifiers(places: np.ndarray, letter: str) -> pa.Array:
    return pa.array(np.char.add(letter, places.astype(str)))


def tables(folder: Path, n_lines: int) -> None:
    """Members, cover and claim lines as Parquet files, the lines a million at a time."""
    n_members = max(n_lines // LINES_A_MEMBER, 10)
    rng = np.random.default_rng(1)
    everybody = np.arange(n_members)
    born = FIRST_DAY - rng.integers(300, 30_000, n_members)
    start = FIRST_DAY + np.where(rng.random(n_members) < 0.6, 0, rng.integers(0, 700, n_members))
    end = np.minimum(start + rng.integers(30, 1500, n_members), FIRST_DAY + N_DAYS - 1)
    members = {
        "member_id": identifiers(everybody, "m"),
        "birth_date": days(born),
        "sex": pa.array(rng.choice(["F", "M"], n_members)),
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


def lines(rng: np.random.Generator, first: int, n: int, start: np.ndarray, end: np.ndarray):
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


def compared() -> None:
    """Both roads give the same numbers, to the last bit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables(folder, 100_000)
        small, large = study(folder, streamed=False), study(folder, streamed=True)
        for by in ((), ("line", "year"), ("age_band", "sex", "month")):
            for table in ("pmpm", "per_thousand"):
                ours, theirs = (getattr(one, table)(by) for one in (small, large))
                for column in ours.values:
                    np.testing.assert_array_equal(ours[column], theirs[column])


def timed(work: Callable[[], object], what: str) -> None:
    began = time.perf_counter()
    work()
    print(f"  {what:<46}{time.perf_counter() - began:8.1f} s", flush=True)


def measure(folder: Path, memory_mib: int) -> None:
    """One study and its tables, in a process that does nothing else."""
    held = []
    timed(
        lambda: held.append(study(folder, streamed=True, memory_mib=memory_mib)), "read and summed"
    )
    whole = held[0]
    timed(
        lambda: whole.pmpm(("line", "age_band", "sex", "year")), "pmpm by line, age, sex and year"
    )
    timed(whole.trend, "trend")
    timed(whole.concentration, "concentration")
    timed(whole.persistence, "persistence")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  {whole!r}")
    print(f"  peak memory of the process {peak / 1024:,.0f} MiB; {memory_mib:,} MiB were DuckDB's")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--memory-mib", type=int, default=1024)
    chosen = parser.parse_args()
    compared()
    print("both roads agree on 100,000 lines")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh = multiprocessing.get_context("spawn")
        for target, given in ((tables, chosen.lines), (measure, chosen.memory_mib)):
            worker = fresh.Process(target=target, args=(folder, given))
            worker.start()
            worker.join()
            if worker.exitcode != 0:
                raise SystemExit(worker.exitcode)
            if target is tables:
                size = (folder / "claims.parquet").stat().st_size
                print(f"{chosen.lines:,} lines, {size / 2**20:,.0f} MiB of Parquet")


if __name__ == "__main__":
    main()
