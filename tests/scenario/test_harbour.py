"""The example's members are what its own script makes, so that anyone can make them again."""

from __future__ import annotations

import runpy
from pathlib import Path

import pyarrow.parquet as pq


def test_the_members_file_is_what_the_script_writes(harbour: Path) -> None:
    script = runpy.run_path(str(harbour / "make_members.py"))
    stored = pq.read_table(harbour / "members.parquet")
    assert stored.equals(script["members_table"]())
