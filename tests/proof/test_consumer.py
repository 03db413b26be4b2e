"""The small program that mypy reads as a user's own (`.ci/run`) also runs, so it cannot go stale."""

from __future__ import annotations

from proof.consumer import main


def test_dearer_contributions_leave_more_behind() -> None:
    """A euro more a month from 200 members for up to two years."""
    assert 0.0 < main() <= 200 * 24
