"""A processor of another generation gives the same sums, to the last unit, and the same ledger to 1e-12.

Compiler and NumPy are held to what every processor of this kind has had since the first. It would catch a
sum whose order follows the width of the vectors, and a conversion that only newer processors have.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

TESTS = Path(__file__).resolve().parent.parent
SIMULATED = """
import sys, numpy as np
from fund.funds import harbour
from mutualfund.fund import pilot, simulate
from mutualfund.scenario import Scenario
pilot.MEMBER_YEARS = 60_000
run = simulate(Scenario.from_dict(harbour(members=150, paths=20, years=3)))
sides = {f"{k}.{name}": v for k, s in run.marginals.items() for name, v in s.measures.items()}
np.savez(sys.argv[1], **run.ledger, **sides)
"""
COUNTED = ("members_start", "joined", "lapsed", "died", "members_end", "member_months", "billed")


def simulated(file: Path, **held_to: str) -> Mapping[str, npt.NDArray[np.float64]]:
    """Every measure of a fund with every rule, by a process whose code is `held_to` a processor."""
    path = os.pathsep.join([str(TESTS), *sys.path])
    variables = {**os.environ, "PYTHONPATH": path, **held_to}
    subprocess.run([sys.executable, "-c", SIMULATED, str(file)], env=variables, check=True)
    with np.load(file) as kept:
        return dict(kept)


def test_an_older_processor_gives_the_same_sums_and_the_same_ledger(tmp_path: Path) -> None:
    newer = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    ours = simulated(tmp_path / "ours.npz")
    oldest = simulated(
        tmp_path / "oldest.npz",
        NUMBA_CPU_NAME="generic",
        NUMBA_CPU_FEATURES="",
        NPY_DISABLE_CPU_FEATURES=" ".join(newer),
    )
    assert ours.keys() == oldest.keys()
    sums = [name for name in ours if "." in name or name in COUNTED]
    assert len(sums) > len(COUNTED)
    for name in sums:
        np.testing.assert_array_equal(oldest[name], ours[name], name)
    for name, values in ours.items():
        np.testing.assert_allclose(oldest[name], values, rtol=1e-12, atol=1e-9, err_msg=name)
