"""Health states: three latent classes of people, found from what they used together.

One year shows how much people differ, but not whether next year the same people differ. A wide
spread may be a lasting state or a passing year; the split between the two is the dispersion k of
the visits (k is what is left *within* a state). So k is not taken from this year: it
is the value at which the states explain the correlation of visits between two years that the full
experiment shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from factors import Factors
from records import LINES, Records

STATE_NAMES = ("well", "middling", "poorly")
DRUG_CUTS = (0.0, 0.2, 0.6, 1.5, 4.0)  # drug dollars over what age, sex and plan let expect

# Correlation of a person's visits in two consecutive years, from the experiment's three to five
# years of records.
VISITS_CORRELATION = 0.59


@dataclass(frozen=True, eq=False)
class States:
    share: np.ndarray  # (3,)
    relativity: dict[str, np.ndarray]  # by line, (3,), mean 1 over `share`
    stay: float  # chance to keep the state; otherwise it is drawn anew from `share`

    @property
    def transition(self) -> np.ndarray:
        """(3, 3) yearly; `share` is stationary, so the mean relativity does not drift."""
        return self.stay * np.eye(self.share.size) + (1.0 - self.stay) * self.share

    def with_relativity(self, line: str, by_state: np.ndarray) -> States:
        """The same states with another relativity of one line, scaled to mean 1."""
        return replace(
            self, relativity=self.relativity | {line: by_state / (self.share @ by_state)}
        )

    def spread(self, line: str) -> float:
        """Squared coefficient of variation of the state's relativity."""
        return float(self.share @ self.relativity[line] ** 2 - 1.0)


def fit_states(records: Records, factors: dict[str, Factors], dispersion: float) -> States:
    """Shares, relativities and how long states last, given the dispersion of visits within one."""
    weights = latent_classes(records, factors, dispersion)
    share = weights.mean(axis=0)
    relativity = {}
    for line in LINES:
        use = records.counts.get(line, records.dollars[line])
        by_state = (weights.T @ use) / (weights.T @ factors[line].expected_use)
        relativity[line] = by_state / (share @ by_state)
    states = States(share, relativity, stay=1.0)
    return States(share, relativity, _stay(factors["visits"], states, dispersion))


def latent_classes(
    records: Records, factors: dict[str, Factors], dispersion: float, rounds: int = 400
) -> np.ndarray:
    """(n_people, 3) chance of each state by expectation-maximisation, ordered from well to poorly.

    Visits are negative binomial, admissions Poisson, drugs a category of dollars; age, sex and plan
    are taken out through each line's expected use. Given the state, the three are independent.
    """
    visits, admissions = records.counts["visits"], records.counts["inpatient"]
    expected_visits = factors["visits"].expected_use
    expected_admissions = factors["inpatient"].expected_use
    category = np.digitize(
        records.dollars["drugs"] / factors["drugs"].expected_use, DRUG_CUTS, right=True
    )
    share = np.array([0.45, 0.45, 0.10])
    visit_rate, admission_rate = np.array([0.3, 1.2, 4.0]), np.array([0.3, 1.2, 4.0])
    chance = np.linspace([3.0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 2, 3], 3)
    chance = chance / chance.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        log_chance = (
            np.log(share)
            + log_negative_binomial(visits, np.outer(expected_visits, visit_rate), dispersion)
            + log_poisson(admissions, np.outer(expected_admissions, admission_rate))
            + np.log(chance[:, category]).T
        )
        weights = np.exp(log_chance - log_chance.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        share = weights.mean(axis=0)
        visit_rate = (weights.T @ visits) / (weights.T @ expected_visits)
        admission_rate = (weights.T @ admissions) / (weights.T @ expected_admissions)
        chance = np.stack([np.bincount(category, weights=w, minlength=6) + 1e-6 for w in weights.T])
        chance = chance / chance.sum(axis=1, keepdims=True)
    return weights[:, np.argsort(visit_rate)]


def log_negative_binomial(count: np.ndarray, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """(n, states) log probability of `count` (n,) at `mean` (n, states)."""
    constant = gammaln(count + dispersion) - gammaln(dispersion) - gammaln(count + 1)
    total = mean + dispersion
    return (
        constant[:, None]
        + dispersion * np.log(dispersion / total)
        + count[:, None] * np.log(mean / total)
    )


def log_poisson(count: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """(n, states) log probability of `count` (n,) at `mean` (n, states)."""
    return count[:, None] * np.log(mean) - mean - gammaln(count + 1)[:, None]


def _stay(visits: Factors, states: States, dispersion: float) -> float:
    """The chance to keep one's state at which visits in two years have their known correlation.

    Two years share the fixed factors and, with chance `stay`, the state; the rest is drawn afresh.
    So, over the squared mean, the covariance is (1 + v_fixed)(1 + stay x v_state) - 1.
    """
    fixed, between = 1.0 + visits.spread, states.spread("visits")
    variance = (
        fixed * (1.0 + between) * (1.0 + 1.0 / dispersion) - 1.0 + 1.0 / visits.expected.mean()
    )
    stay = ((1.0 + VISITS_CORRELATION * variance) / fixed - 1.0) / between
    return float(min(stay, 1.0))
