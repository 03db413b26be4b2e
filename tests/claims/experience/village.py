"""A village of members written as rows of plain Python, and a study of it: what the tests here start from."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from mutualfund.claims import ClaimChecks
from mutualfund.claims.experience import ExperienceStudy

YEAR = (date(2024, 1, 1), date(2024, 12, 31))
CHECKS = ClaimChecks(as_of=date(2026, 12, 31), currency="EUR")
BORN = "1980-06-15"


def day(text: str) -> date:
    return date.fromisoformat(text)


def members_table(members: dict[str, tuple[str, str]]) -> pa.Table:
    """Members by identifier: (day of birth, sex)."""
    return pa.table(
        {
            "member_id": list(members),
            "birth_date": [day(born) for born, _ in members.values()],
            "sex": [sex for _, sex in members.values()],
        }
    )


def cover_table(spells: list[tuple[str, str, str]]) -> pa.Table:
    """Spells: (member, first day, last day)."""
    return pa.table(
        {
            "member_id": [member for member, _, _ in spells],
            "cover_start": pa.array([day(first) for _, first, _ in spells], pa.date32()),
            "cover_end": pa.array([day(last) for _, _, last in spells], pa.date32()),
        }
    )


def claims_table(claims: list[tuple]) -> pa.Table:
    """Claims: (member, line, day of treatment, amount), paid a month of thirty days later, or a day paid."""
    paid = [
        day(own[0]) if own else date.fromordinal(day(treated).toordinal() + 30)
        for _, _, treated, _, *own in claims
    ]
    return pa.table(
        {
            "claim_id": pa.array([f"c{place}" for place in range(len(claims))], pa.string()),
            "member_id": pa.array([member for member, *_ in claims], pa.string()),
            "line": pa.array([line for _, line, *_ in claims], pa.string()),
            "incurred": pa.array([day(claim[2]) for claim in claims], pa.date32()),
            "paid": pa.array(paid, pa.date32()),
            "amount": pa.array([float(claim[3]) for claim in claims], pa.float64()),
        }
    )


def study_of(
    spells: list[tuple[str, str, str]],
    claims: list[tuple] = (),
    members: dict[str, tuple[str, str]] | None = None,
    period: tuple[date, date] = YEAR,
    **options,
) -> ExperienceStudy:
    """The study of spells and claims; members who are not described are women born in 1980."""
    known = dict(members or {})
    for member, _, _ in spells:
        known.setdefault(member, (BORN, "F"))
    return ExperienceStudy.from_tables(
        members_table(known),
        cover_table(list(spells)),
        claims_table(list(claims)),
        period=period,
        checks=options.pop("checks", CHECKS),
        **options,
    )


def months_of(study: ExperienceStudy, by=()) -> dict[tuple[str, ...], float]:
    """Member-months by label."""
    table = study.exposure(by)
    rows = zip(*table.labels.values(), strict=True) if table.labels else [()] * len(table)
    return dict(zip(rows, table["member_months"].tolist(), strict=True))
