"""One file is kept twice on purpose: each copy must stand alone, and the two must stay one.

`examples/rand_hie` is meant to be copied out and changed by a user, and `tests/published` to be used by other
packages as a validation set; neither may reach into the other's folder.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_two_copies_of_the_rand_records_are_the_same() -> None:
    example = ROOT / "examples" / "rand_hie" / "rand_hie_year1.csv"
    published = ROOT / "tests" / "published" / "data" / "rand_hie_year1.csv"
    assert example.read_bytes() == published.read_bytes()
