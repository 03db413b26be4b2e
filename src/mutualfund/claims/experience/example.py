"""A study small enough to check by hand, for examples and tests."""

from __future__ import annotations

from datetime import date
from functools import cache

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.study import ExperienceStudy
from mutualfund.claims.record_checks import ClaimChecks


@cache
def example_study() -> ExperienceStudy:
    """Four people who exist nowhere and their claims of 2024.

    >>> example_study().lines
    ('dental', 'drugs')
    """
    import pyarrow as pa

    def days(*texts: str) -> pa.Array:
        return pa.array([date.fromisoformat(text) for text in texts])

    members = pa.table(
        {
            "member_id": ["ann", "bob", "cai", "dee"],
            "birth_date": days("1990-05-01", "1950-02-01", "1985-08-08", "1999-01-01"),
            "sex": ["F", "M", "M", "F"],
        }
    )
    cover = pa.table(
        {
            "member_id": ["ann", "bob", "cai", "dee"],
            "cover_start": days("2023-01-01", "2024-01-01", "2024-06-16", "2024-08-01"),
            "cover_end": days("2024-12-31", "2024-12-31", "2024-12-31", "2024-12-31"),
        }
    )
    treated = [f"2024-{month:02d}-10" for month in range(1, 13)]
    claims = pa.table(
        {
            "claim_id": [f"c{place}" for place in range(12)],
            "member_id": [*("ann", "bob") * 3, *("cai", "bob") * 3],
            "line": ["drugs", "drugs", "drugs", "dental"] * 3,
            "incurred": days(*treated),
            "paid": days(*treated[1:], "2024-12-20"),
            "amount": [20.0, 15.0, 25.0, 100.0, 20.0, 20.0, 30.0, 900.0, 22.0, 25.0, 30.0, 200.0],
        }
    )
    return ExperienceStudy.from_tables(
        members,
        cover,
        claims,
        period=StudyPeriod(date(2024, 1, 1), date(2024, 12, 31)),
        checks=ClaimChecks(as_of=date(2025, 3, 31), currency="EUR"),
    )
