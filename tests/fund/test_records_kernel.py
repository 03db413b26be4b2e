"""Claims drawn again one by one add up to the kernel's sums, on random tables that reach every branch.

Source of truth: the compiled member-year, itself held to its slow twin in tests/sim/test_kernels.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mutualfund.fund.records import treated
from mutualfund.fund.records.people import CoveredYear, People
from mutualfund.fund.records.sharing import Shares, shared_out
from mutualfund.fund.records.treated import DrawnClaims, drawn_claims
from mutualfund.sim.kernels import layout
from mutualfund.sim.kernels.year import simulate_year
from sim import generated

YEARS, CELLS = 3, 5


def sums_of_records(
    n_lines: int, tables: Any, people: CoveredYear, claims: DrawnClaims, shares: Shares
) -> dict[str, list[Any]]:
    """The kernel's sums that records can tell, from single claims."""
    lines = np.zeros((n_lines, 7), np.int64)
    columns = (np.ones_like(claims.line), claims.billed, *shares)
    for column, values in enumerate(columns):
        np.add.at(lines[:, column], claims.line, values)
    triangle = np.zeros((layout.MONTHS, layout.DELAYS), np.int64)
    np.add.at(triangle, (claims.month, claims.delay), shares.fund)
    return {
        "lines": lines.tolist(),
        "triangle": triangle.tolist(),
        "months": (people.leave - people.enter).sum().tolist(),
    }


def both(
    seed: int, *, members: dict[str, Any] | None = None, **flags: Any
) -> list[tuple[Any, Any]]:
    """The sums of kernel and records, year by year, of two paths."""
    rng = np.random.default_rng(seed)
    tables, most = generated.member_tables(rng, **{"years": YEARS, **(members or {})})
    n_lines = tables.line_stream.shape[0]
    inputs = generated.path_inputs(rng, 2, n_lines=n_lines)
    joiners = int((tables.join_year > 0).sum())
    state = generated.member_state(2, tables.member_key.size, joiners)
    people = [People(tables, int(path)) for path in inputs.path]
    found = []
    for year in range(1, YEARS + 1):
        rules = generated.year_tables(rng, year, n_lines=n_lines, **flags)
        out = layout.empty_year(2, CELLS, n_lines, rules.layers.shape[0])
        simulate_year(tables, rules, inputs, state, out, most_claims=most)
        for p in range(2):
            own = layout.PathInputs(*(values[p : p + 1] for values in inputs))
            covered = people[p].year(rules, own.lapse_extra[0])
            claims = drawn_claims(tables, rules, own, covered)
            shares = shared_out(tables, rules, covered, claims)
            records = sums_of_records(n_lines, tables, covered, claims, shares)
            found.append(({name: getattr(out, name)[p].tolist() for name in records}, records))
            assert int((~people[p].gone).sum()) == _still_there(out.persons[p], tables, year)
    return found


def _still_there(persons: Any, tables: Any, year: int) -> int:
    """Those in force at the close, and the joiners of later years."""
    return int(persons[layout.END]) + int((tables.join_year > year).sum())


@pytest.mark.parametrize("seed", range(6))
def test_claims_one_by_one_add_up_to_the_kernel_s_sums(seed: int) -> None:
    for kernel, records in both(seed):
        assert records == kernel


@pytest.mark.parametrize(
    "flags",
    [
        {"ordered": 0, "plain": True},
        {"members": {"n_states": 1, "levels": (1,)}},
        {"n_segments": 4},
        {"largest": (layout.CLAIM_MAX,)},
        {"members": {"n_lines": 0, "sparse": ()}},
        {"members": {"n": 12, "joiners": 1, "width": 240}},
    ],
    ids=str,
)
def test_so_they_do_where_less_or_more_is_asked(flags: dict[str, Any]) -> None:
    for kernel, records in both(99, **flags):
        assert records == kernel


def test_members_taken_a_few_at_a_time_have_the_same_claims(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = both(3)
    monkeypatch.setattr(treated, "MEMBERS_AT_ONCE", 7)
    assert both(3) == whole
