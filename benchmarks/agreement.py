"""Whether two programs did the same work: the law of every figure, compared before any time is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import mutualfund as mf
from baseline import Figures

FloatArray = npt.NDArray[np.float64]
LIMIT = 5.0  # standard errors

Samples = Mapping[str, FloatArray]
"""Figure -> (n_paths,) its value on every path."""


@dataclass(frozen=True, slots=True)
class Gap:
    """How far two programs lie apart in one figure, in standard errors of the difference."""

    figure: str
    mean: float
    sd: float
    relative: float  # difference of the means over their mean

    @property
    def agrees(self) -> bool:
        """Both within five standard errors; a figure that is not a number never is."""
        return abs(self.mean) < LIMIT and abs(self.sd) < LIMIT


class Disagreement(Exception):
    """Two programs do not do the same work, so their times must not be compared."""


def gap(figure: str, ours: FloatArray, theirs: FloatArray) -> Gap:
    """One figure's gap; (n,) and (m,) independent samples.

    The standard error of a sample's log standard deviation is sqrt((kurtosis - 1) / n) / 2.

    >>> gap("x", np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 4.0])).mean
    0.0
    """
    apart = float(ours.mean() - theirs.mean())
    middle = float(ours.mean() + theirs.mean()) / 2
    error = float(np.sqrt(ours.var(ddof=1) / ours.size + theirs.var(ddof=1) / theirs.size))
    spread = np.log(ours.std() / theirs.std()) if ours.std() > 0 and theirs.std() > 0 else 0.0
    spread_error = float(np.hypot(log_sd_error(ours), log_sd_error(theirs)))
    return Gap(
        figure,
        apart / error if error > 0 else (0.0 if apart == 0 else np.inf),
        float(spread) / spread_error if spread_error > 0 else 0.0,
        apart / middle if middle else 0.0,
    )


def log_sd_error(sample: FloatArray) -> float:
    """Standard error of the logarithm of a sample's standard deviation."""
    centred = sample - sample.mean()
    variance = float((centred**2).mean())
    if variance == 0.0:
        return 0.0
    kurtosis = float((centred**4).mean()) / variance**2
    return float(np.sqrt(max(kurtosis - 1.0, 0.0) / sample.size) / 2)


def gaps(ours: Samples, theirs: Samples) -> list[Gap]:
    """Every figure that the other program gives, in its order."""
    return [gap(figure, ours[figure], values) for figure, values in theirs.items()]


def require_agreement(program: str, ours: Samples, theirs: Samples) -> Gap:
    """The widest gap of all figures.

    Raises
    ------
    Disagreement
        Naming every figure that lies more than five standard errors apart.
    """
    found = gaps(ours, theirs)
    wrong = [
        f"{g.figure} ({g.mean:+.1f}, {g.sd:+.1f} standard errors in mean and sd)"
        for g in found
        if not g.agrees
    ]
    if wrong:
        raise Disagreement(f"{program} does other work than mutualfund: {'; '.join(wrong)}")
    return max(found, key=lambda g: max(abs(g.mean), abs(g.sd)))


def samples_of_run(run: mf.FundRun) -> dict[str, FloatArray]:
    """A run's figures, summed over the years of each path."""
    lines = run.lines
    parts = {
        "count": lines["claim_count"],
        "billed": lines["billed"],
        "fund": lines["claims_incurred"],
    }
    by_line = {
        f"{part} {name}": values[:, :, column].sum(axis=1)
        for part, values in parts.items()
        for column, name in enumerate(run.facts.line_names)
    }
    return {
        **by_line,
        "fund": run.measure("claims_incurred").sum(axis=1),
        "member": run.measure("member_paid").sum(axis=1),
        "paid in year 1": run.at("claims_paid", 1),
        "paid": run.measure("claims_paid").sum(axis=1),
        "excess": run.measure("reinsurance_recovery").sum(axis=1),
    }


def samples_of(figures: Figures, line_names: tuple[str, ...]) -> dict[str, FloatArray]:
    """Another program's figures under the same names."""
    parts = {"count": figures.count, "billed": figures.billed, "fund": figures.fund}
    by_line = {
        f"{part} {name}": values[:, :, column].sum(axis=1)
        for part, values in parts.items()
        for column, name in enumerate(line_names)
    }
    return {
        **by_line,
        "fund": figures.fund.sum(axis=(1, 2)),
        "member": (figures.billed - figures.fund).sum(axis=(1, 2)),
        "paid in year 1": figures.paid[:, 0],
        "paid": figures.paid.sum(axis=1),
        "excess": figures.excess.sum(axis=1),
    }
