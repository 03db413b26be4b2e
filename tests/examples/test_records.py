"""The records of the RAND Health Insurance Experiment: nothing lost on the way from columns to lines.

Source of truth: `tests/published/data/rand_hie_year1.csv` and its README; Newhouse and the Insurance
Experiment Group, *Free for All?* (1993), for the plans.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from records import DATA, LINES, PLANS, Records, effective_shares, plan_rules, read_records

PUBLISHED = Path(__file__).resolve().parents[1] / "published" / "data" / "rand_hie_year1.csv"


def test_the_example_carries_the_published_file() -> None:
    assert DATA.read_bytes() == PUBLISHED.read_bytes()


def test_every_dollar_is_on_exactly_one_line(records: Records) -> None:
    meddol = pd.read_csv(PUBLISHED).meddol.to_numpy()
    assert np.abs(records.total - meddol).max() <= 0.02 + 1e-9  # parts were rounded one by one
    assert records.total.sum() == pytest.approx(meddol.sum(), rel=1e-6)


def test_dollars_of_a_counted_line_come_with_a_count_and_the_reverse(records: Records) -> None:
    for line in ("visits", "inpatient"):
        assert np.array_equal(records.counts[line] > 0, records.dollars[line] > 0)


def test_an_admission_without_a_bill_is_no_claim(tmp_path: Path) -> None:
    table = pd.read_csv(PUBLISHED).head(3)
    table[["totadm", "inpdol"]] = [[2, 0.0], [1, 50.0], [0, 0.0]]
    changed = tmp_path / "three.csv"
    table.to_csv(changed, index=False)
    assert read_records(changed).counts["inpatient"].tolist() == [0, 1, 0]


def test_everybody_has_one_of_the_five_plans(records: Records) -> None:
    assert np.bincount(records.plan, minlength=len(PLANS)).tolist() == [1872, 1119, 374, 1057, 1216]


def test_the_yearly_maximum_makes_the_effective_share_smaller_than_the_printed_one(
    records: Records,
) -> None:
    shares = effective_shares(records)
    printed = np.array([0.0, 0.25, 0.50, 0.95, 0.95])
    for line in LINES:
        assert np.all(shares[line] <= printed)
    assert (
        shares["inpatient"][3] < 0.6 < shares["visits"][3]
    )  # a hospital stay exhausts the maximum
    assert shares["inpatient"][4] == 0.0  # the individual deductible spares admissions


def test_plans_keep_their_maximum_below_the_experiment_s_thousand_dollars(records: Records) -> None:
    maxima = [rule.get("out_of_pocket_maximum") for rule in plan_rules(records).values()]
    assert maxima[0] is None
    assert maxima[4] == 150.0
    assert all(300.0 < value <= 1000.0 for value in maxima[1:4])
