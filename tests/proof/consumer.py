"""A small program on the public names, read by ``mypy --strict`` as a user's own would be.

`.ci/run` checks it; pytest runs its `main` (`test_consumer.py`). A public name that mypy cannot see, or one
that comes back as `Any`, is an error there.
"""

from __future__ import annotations

from datetime import date
from typing import assert_type

import numpy as np
import numpy.typing as npt

import mutualfund as mf
from mutualfund.claims import Severity
from mutualfund.rules import YearView
from mutualfund.scenario import Fund


class UpTo:
    """A severity of one's own: evenly spread up to `most`."""

    def __init__(self, most: float) -> None:
        self.most = most

    def quantile(self, p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self.most * p


class Levy:
    """A rule of one's own: the federation takes its part of the dues."""

    name = "levy"
    sign = -1

    def amount(self, view: YearView) -> npt.NDArray[np.float64]:
        return 0.01 * view.contributions_due


def scenario() -> mf.Scenario:
    severity: Severity = UpTo(280.0)
    line = {
        "name": "dental",
        "frequency": {"kind": "poisson", "mean": 0.7},
        "severity": severity,
    }
    return mf.Scenario(
        fund=Fund(name="Harbour", currency="EUR", start=date(2027, 1, 1), opening_reserve=1e5),
        settings=mf.Settings(paths=20, years=2, seed=1),
        assumptions=mf.Assumptions.model_validate({"lines": [line]}),
        rules=mf.Rulebook.model_validate(
            {"contributions": {"kind": "flat", "monthly": 9.0}, "extra": (Levy(),)}
        ),
        portfolio=mf.Portfolio.synthetic(200),
    )


def main() -> float:
    run = assert_type(mf.simulate(scenario()), mf.FundRun)
    dearer = mf.simulate(scenario().replace("rules.contributions.monthly", 10.0))
    reserve = assert_type(run.measure("reserve_close"), npt.NDArray[np.float64])
    assert_type(mf.archetypes.names(), tuple[str, ...])
    gain = dearer.measure("reserve_close") - reserve
    return float(gain.mean())
