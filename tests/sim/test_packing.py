"""The short forms of rules that the kernel reads say what the tables say."""

import numpy as np
import pytest

from mutualfund.sim.kernels import layout, packing
from sim import generated

FULL = 1 << layout.DELAY_BITS


def delay_table(**slots):
    """One line's alias table: every slot gives 0, but for those named, as (threshold, delay beyond it)."""
    table = np.zeros(layout.DELAY_SLOTS, np.uint64)
    for name, (threshold, beyond) in slots.items():
        table[int(name.removeprefix("slot"))] = threshold << 8 | beyond
    return table


@pytest.mark.parametrize(
    ("table", "longest"),
    [
        (delay_table(slot0=(FULL, 0)), 0),
        (delay_table(slot7=(FULL, 0)), 7),
        (delay_table(slot2=(1, 9)), 9),
        (delay_table(slot2=(0, 9)), 9),  # slot 9 never gives itself, and yet 9 comes
        (delay_table(slot5=(FULL, 40)), 5),  # its other outcome never comes
    ],
    ids=["none", "own outcome", "other outcome", "only other outcome", "never the other"],
)
def test_the_longest_delay_is_the_latest_that_some_line_can_give(table, longest):
    assert packing.longest_delay(np.array([table, delay_table()])) == longest


@pytest.mark.parametrize("year", [1, 3])
def test_a_line_restricts_nothing_once_it_is_open_and_every_wait_is_over(year):
    """Months count from the start of year 1: what opens in month 24 is open all of year 3, not before."""
    rng = np.random.default_rng(2)
    tables, _ = generated.member_tables(rng)
    rules = generated.year_tables(rng, year, plain=True)
    assert packing.year_words(tables, rules).restricted == 0
    opening = rules.opening.copy()
    opening[0, 1, 2, layout.OPENS] = 24
    later = packing.year_words(tables, rules._replace(opening=opening))
    assert later.restricted == (year < 3)
    opening[0, 1, 2] = [-layout.NEVER, 4, -layout.NEVER]
    waiting = rules._replace(opening=opening)
    assert packing.year_words(tables, waiting).restricted == 1
    assert packing.year_words(tables, waiting._replace(waits_served=1)).restricted == 0
