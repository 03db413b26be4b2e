"""Write members.parquet: 10,000 people who exist nowhere, with the age mix of a grown-up population.

Run ``python make_members.py`` in this folder. The same people come out every time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mutualfund import Portfolio

MEMBERS = 10_000


def members_table() -> pa.Table:
    """Ages and sexes of a synthetic portfolio under readable identifiers."""
    people = Portfolio.synthetic(MEMBERS, age_mix="N", seed=1)
    sexes = np.array(["F", "M", "X"])
    return pa.table(
        {
            "member_id": [f"H{number:05d}" for number in range(1, MEMBERS + 1)],
            "age": pa.array(people.age, pa.int64()),
            "sex": pa.array(sexes[people.sex], pa.string()),
        }
    )


if __name__ == "__main__":
    path = Path(__file__).with_name("members.parquet")
    pq.write_table(members_table(), path, compression="zstd")
    print(f"{MEMBERS:,} members in {path.name}")
