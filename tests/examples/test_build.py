"""The fund that is built from the fit: reproducible, sound, and priced as it says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from build import LOSS_RATIO, N_MEMBERS, build_tables, make_members, write
from fit import Fit
from mutualfund import Scenario, simulate
from mutualfund.fund.check import check
from mutualfund.report import write_report
from records import FOLDER, PLANS, Records


@pytest.fixture(scope="module")
def shipped() -> Scenario:
    return Scenario.load(FOLDER / "scenario.toml")


def test_building_again_gives_the_shipped_files(
    records: Records, fitted: Fit, tmp_path: Path
) -> None:
    built = write(tmp_path, build_tables(records, fitted), make_members(records))
    assert tomllib.loads(built.read_text("utf-8")) == tomllib.loads(
        (FOLDER / "scenario.toml").read_text("utf-8")
    )
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "members.parquet"), pd.read_parquet(FOLDER / "members.parquet")
    )


def test_members_are_like_the_records_and_dealt_to_plans_in_their_proportions(
    records: Records, shipped: Scenario
) -> None:
    members = shipped.portfolio
    assert len(members) == N_MEMBERS
    assert members.age.max() <= 64
    assert members.age.mean() == pytest.approx(records.age.mean(), abs=5 * 16.5 / N_MEMBERS**0.5)
    dealt = [np.mean(members.plan_code == members.plan_names.index(plan)) for plan in PLANS]
    assert dealt == pytest.approx(np.bincount(records.plan) / len(records), abs=1 / N_MEMBERS)


def test_contributions_meet_the_loss_ratio_they_aim_at(shipped: Scenario) -> None:
    """`expected_fund_cost` knows nothing of the kernel: this joins fit, rules and simulation.

    The simulation's own heavy tail meets the yearly maximum a little differently; 3 % covers that.
    The pilot takes a million member-years: an error near 0.5 %.
    """
    found = check(shipped.replace("settings.years", 20))
    assert found.loss_ratio == pytest.approx(LOSS_RATIO, rel=0.03)


def test_a_small_fund_of_such_members_runs_to_its_report(
    records: Records, fitted: Fit, tmp_path: Path
) -> None:
    tables = build_tables(records, fitted, paths=20, years=2)
    scenario = Scenario.load(write(tmp_path, tables, make_members(records, n=400)))
    run = simulate(scenario)
    assert run.measure("billed").mean() > 0
    page = write_report(run, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "hie-0" not in page  # no member's id
