"""How much is run: `WHOLE` for numbers worth showing, `QUICK` to see that the command works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Sizes of every measurement. Paths are chosen so that lowering and the pilot (twenty million
    member-years over the number of years) are a small part of what is timed."""

    name: str
    rounds: int
    careful_rounds: int  # where single per cents count
    feature_rounds: int
    values_members: int
    values_paths: int  # of the other programs; ours has four times as many
    against_members: int
    against_years: int
    against_paths: int  # ours
    others_paths: int  # theirs
    feature_members: int
    feature_paths: int  # of whole runs
    block_paths: int  # of blocks alone
    scaling_member_years: int  # of each run
    scaling_members: tuple[int, ...]
    scaling_paths: tuple[int, ...]
    scaling_years: tuple[int, ...]
    lines_split: tuple[int, ...]
    memory_members: int
    memory_paths: tuple[int, int]
    full: tuple[int, int, int]  # members, years, paths
    dues_members: int
    replicates: int  # of the reserving bootstrap
    tariff_rows: int
    study_lines: int
    study_memory: int  # MiB given to DuckDB


WHOLE = Profile(
    name="whole",
    rounds=3,
    careful_rounds=5,
    feature_rounds=15,
    values_members=500,
    values_paths=1_000,
    against_members=20_000,
    against_years=5,
    against_paths=800,
    others_paths=2,
    feature_members=20_000,
    feature_paths=60,
    block_paths=16,
    scaling_member_years=12_000_000,
    scaling_members=(500, 2_000, 20_000, 200_000, 800_000),
    scaling_paths=(20, 60, 200),
    scaling_years=(2, 5, 20),
    lines_split=(2, 4, 8),
    memory_members=2_000,
    memory_paths=(100, 10_000),
    full=(800_000, 10, 1_000),
    dues_members=1_000_000,
    replicates=10_000,
    tariff_rows=1_000_000,
    study_lines=20_000_000,
    study_memory=1_024,
)
QUICK = Profile(
    name="quick",
    rounds=1,
    careful_rounds=1,
    feature_rounds=2,
    values_members=500,
    values_paths=100,
    against_members=2_000,
    against_years=10,
    against_paths=20,
    others_paths=1,
    feature_members=500,
    feature_paths=20,
    block_paths=16,
    scaling_member_years=100_000,
    scaling_members=(500, 2_000),
    scaling_paths=(10, 20),
    scaling_years=(10, 20),
    lines_split=(2,),
    memory_members=500,
    memory_paths=(10, 50),
    full=(500, 10, 20),
    dues_members=10_000,
    replicates=1_000,
    tariff_rows=20_000,
    study_lines=200_000,
    study_memory=512,
)
