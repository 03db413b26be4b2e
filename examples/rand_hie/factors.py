"""What age, sex and the members' own share of cost do: two small Poisson regressions a line.

log expected use = age band + male + response x sqrt(share of cost borne). The root lets the first
quarter of cost sharing do most of the work, as the experiment found: its 25 % and 50 % plans cut
use about equally.

A line has one cost per claim for all ages, but a child's admission costs less than half of a
grown-up's. So the factors of age and sex are fitted once more, on dollars, the response held: each
age band then costs what it did, and its counts pay for that (a child has too few admissions, each
too dear).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from records import AGE_LABELS, LINES, SEXES, Records, effective_shares

SHARE_POINTS = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, eq=False)
class Factors:
    """A line's fixed effects, by cost; `expected` and `expected_use` have shape (n_people,)."""

    by_age: dict[str, float]
    by_sex: dict[str, float]
    response: float  # log of relative use at a share of 1; its standard error beside it
    response_error: float
    expected: np.ndarray  # what a person costs, in uses of mean cost
    expected_use: np.ndarray  # how often a person uses the line, whatever each use costs
    free_mean: float  # mean use of the same people, had all been on the free plan
    mean_error: float  # standard error of the mean, as a share of it

    @property
    def spread(self) -> float:
        """Squared coefficient of variation that age, sex and plan explain."""
        return float(self.expected.var() / self.expected.mean() ** 2)

    def use_response(self) -> dict[str, list[float]]:
        use = [round(float(np.exp(self.response * np.sqrt(share))), 4) for share in SHARE_POINTS]
        return {"share": list(SHARE_POINTS), "use": use}


def fit_factors(records: Records) -> dict[str, Factors]:
    """By line; use is the count where it was recorded, else the dollars."""
    shares = effective_shares(records)
    return {line: _fit_line(records, line, shares[line]) for line in LINES}


def use_of(records: Records, line: str) -> np.ndarray:
    return records.counts.get(line, records.dollars[line]).astype(float)


def _fit_line(records: Records, line: str, share_by_plan: np.ndarray) -> Factors:
    use, dollars = use_of(records, line), records.dollars[line]
    burden = np.sqrt(share_by_plan[records.plan])
    bands = records.age_band[:, None] == np.arange(len(AGE_LABELS))
    people = np.column_stack([bands, ~records.female]).astype(float)
    by_use, errors = poisson_regression(use, np.column_stack([people, burden]))
    response = min(0.0, float(by_use[-1]))
    answer = np.exp(response * burden)
    by_cost, _ = poisson_regression(dollars * use.sum() / dollars.sum(), people, answer)
    without_burden = np.exp(people @ by_cost)
    by_age, male = np.exp(by_cost[:-1]), float(np.exp(by_cost[-1]))
    return Factors(
        by_age=dict(zip(AGE_LABELS, np.round(by_age / by_age.mean(), 3).tolist(), strict=True)),
        by_sex=dict(zip(SEXES, (1.0, round(male, 3)), strict=True)),
        response=response,
        response_error=float(errors[-1]),
        expected=without_burden * answer,
        expected_use=np.exp(people @ by_use[:-1] + by_use[-1] * burden),
        free_mean=float(without_burden.mean()),
        mean_error=float(use.std() / use.mean() / np.sqrt(use.size)),
    )


def poisson_regression(
    use: np.ndarray, design: np.ndarray, known: np.ndarray | float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of log-linear use by Newton's method, and their robust standard errors.

    known: (n_people,) factor that expected use is to be multiplied by as it stands.

    The Poisson likelihood asks only that the mean is right: it serves counts and dollars alike. The
    errors come from the residuals themselves (the "sandwich"), since use varies far more than a
    Poisson count.
    """
    beta = np.linalg.lstsq(design, np.full(use.size, np.log(use.mean())), rcond=None)[0]
    for _ in range(50):
        mean = np.exp(design @ beta) * known
        information = (design * mean[:, None]).T @ design
        step = np.linalg.solve(information, design.T @ (use - mean))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    else:
        raise RuntimeError("the regression did not settle")
    scores = design * (use - np.exp(design @ beta) * known)[:, None]
    bread = np.linalg.inv(information)
    return beta, np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread))
