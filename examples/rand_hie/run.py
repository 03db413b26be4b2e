"""From real records to a board's page: fit, build, simulate ten years, write the report.

    python examples/rand_hie/run.py [--paths 2000] [--out runs/rand_hie]

Takes about three minutes on two cores. The folder then holds the scenario and its members, the run
with every figure, and `report.html`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import mutualfund as mf
from build import build_tables, make_members, write
from fit import fit, print_fit
from mutualfund.report import headline, write_report
from records import read_records


def run(out: Path, paths: int = 2_000, years: int = 10) -> tuple[mf.FundRun, Path]:
    """The whole road; the run and the path of its report."""
    records = read_records()
    fitted = fit(records)
    print_fit(records, fitted)

    scenario_file = write(out, build_tables(records, fitted, paths, years), make_members(records))
    scenario = mf.Scenario.load(scenario_file)
    print(f"\n{len(scenario.portfolio):,} members, {years} years, {paths:,} futures")
    fund_run = mf.simulate(scenario, progress=in_tenths("futures"))

    fund_run.save(out / "run", overwrite=True)
    return fund_run, write_report(fund_run, out / "report.html")


def in_tenths(noun: str) -> Callable[[int, int], None]:
    """A progress that says each tenth once, on a line of its own."""
    said = 0

    def progress(done: int, total: int) -> None:
        nonlocal said
        tenth = 10 * done // total
        if tenth > said:
            said = tenth
            print(f"  {done:,} of {total:,} {noun}", flush=True)

    return progress


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--paths", type=int, default=2_000, help="imagined futures")
    parser.add_argument("--out", type=Path, default=Path("runs/rand_hie"), help="folder to write")
    options = parser.parse_args()
    fund_run, page = run(options.out, options.paths)
    print(f"\nThe report is at {page.resolve()}")
    print(f"It says: {headline(fund_run)}")


if __name__ == "__main__":
    main()
