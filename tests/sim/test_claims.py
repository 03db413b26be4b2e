"""Claims before they are drawn: whose they are, from marks that every chunk leaves clean for the next."""

import numpy as np

from mutualfund.sim.kernels import claims
from mutualfund.sim.kernels import workspace as w

LINES = 4


def addresses_of(count, mark):
    """(line, index) of each claim of each lane, from the marks that `count` (n_lines, LANES) makes."""
    lanes = np.zeros((w.N_LANES, w.LANES), np.int64)
    lanes[w.HERE] = np.arange(w.LANES)
    end = np.zeros((LINES, w.LANES), np.int64)
    lane, work = np.zeros(w.N_LANE * w.LANES, np.uint64), np.zeros(w.N_WORK * w.BATCH, np.uint64)
    lane.reshape(w.N_LANE, -1)[int(w.LINE_NOW)] = 1
    claims.mark_lines(w.LANES, np.zeros(LINES, np.int64), count, lanes, end, mark)
    assert (end == np.cumsum(count, axis=0)).all()
    columns, found = int(count.sum(axis=0).max()), []
    for j0 in range(0, columns, w.COLUMNS):
        some = min(w.COLUMNS, columns - j0)
        claims.address(j0, some, lane, mark, np.uint64(0), work)
        rows = work.reshape(w.N_WORK, -1, w.LANES)[:, :some]
        found.append(np.stack([rows[int(w.LINE)], rows[int(w.TAG)]], axis=-1))
    claims.wipe(columns, mark)
    return np.concatenate(found)


def test_every_claim_has_its_line_and_its_index_and_no_mark_is_left():
    """Also where lines have no claims, the last ones among them, whose marks stand behind the last column."""
    rng = np.random.default_rng(1)
    mark = np.zeros(40 * w.LANES, np.uint8)
    for chunk in range(20):
        count = rng.choice([0, 0, 1, 2, 5], (LINES, w.LANES)).astype(np.int16)
        count[0, 0], count[LINES - 2 :, 0] = 10 + chunk % 3, 0
        found = addresses_of(count, mark)
        assert not mark.any()
        for i in range(w.LANES):
            wanted = [(line, k) for line in range(LINES) for k in range(count[line, i])]
            assert found[: len(wanted), i].tolist() == [list(pair) for pair in wanted]
