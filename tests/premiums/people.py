"""A few unequal members, each written out, for contribution rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.members import LONG_STANDING

START = date(2027, 1, 1)


def people(
    age: Sequence[int],
    *,
    months: Sequence[int | None] | None = None,
    entry_age: Sequence[int] | None = None,
    household: Sequence[int] | None = None,
    income: Sequence[float] | None = None,
    group: Sequence[str] | None = None,
    region: Sequence[str] | None = None,
    plan: Sequence[str] | None = None,
    state: Sequence[str] | None = None,
    start: date = START,
) -> Portfolio:
    """Members in the order given. months: of membership before the start; None for a long-standing member."""
    n = len(age)
    since = [None] * n if months is None else months
    plans, plan_code = codes(plan, n)
    groups, group_code = codes(group, n)
    regions, region_code = codes(region, n)
    states, state_code = codes(state, n)
    return Portfolio(
        member_key=np.arange(n, dtype=np.uint64),
        age=np.array(age),
        sex=np.arange(n, dtype=np.int8) % 2,
        joined_month=np.array([LONG_STANDING if m is None else -m for m in since]),
        plan_names=plans,
        plan_code=plan_code,
        group_names=groups,
        group_code=None if group is None else group_code,
        region_names=regions,
        region_code=None if region is None else region_code,
        health_state_names=None if state is None else states,
        health_state_code=None if state is None else state_code,
        household_code=None if household is None else np.array(household),
        income=None if income is None else np.array(income),
        entry_age=None if entry_age is None else np.array(entry_age),
        start=start,
    )


def codes(names: Sequence[str] | None, n: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Distinct names as they come, and codes; an empty text is no name."""
    if names is None:
        return (), np.full(n, -1)
    distinct = tuple(dict.fromkeys(name for name in names if name))
    return distinct, np.array([distinct.index(name) if name else -1 for name in names])
