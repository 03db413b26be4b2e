"""Two simulated years of the same people, to hold the fit against figures that one year of records
cannot give.

This is a plain NumPy simulation with nothing of the library in it but the quantile functions: a
second opinion on what the compiled one will do.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from describe import correlation, persistence
from fit import Fit, fit
from mutualfund.claims import Lognormal
from records import LINES, Records, read_records

COPIES = 20  # of each recorded person: 113 thousand people

# From the experiment's three to five years of records: bands, not truth.
KNOWN = {
    "log-cost correlation": (0.45, 0.55),
    "top decile stays": (0.26, 0.31),
    "visits correlation": (0.57, 0.61),
}


def simulate_years(
    fitted: Fit, copies: int = COPIES, years: int = 2, seed: int = 1
) -> list[dict[str, np.ndarray]]:
    """A list of years, each with dollars by line, `visit count` and `total`, (n_people x copies,)."""
    rng = np.random.default_rng(seed)
    states = fitted.states
    person = np.tile(np.arange(fitted.lines["visits"].count.size), copies)
    state = rng.choice(states.share.size, person.size, p=states.share)
    found = []
    for _ in range(years):
        year: dict[str, np.ndarray] = {}
        for name in LINES:
            line = fitted.lines[name]
            rate = line.count[person] * states.relativity[name][state]
            count = rng.poisson(rate * _frailty(rng, line.dispersion, person.size))
            year[name] = _cost(rng, count, line.severity.distribution())
            if name == "visits":
                year["visit count"] = count.astype(float)
        year["total"] = sum(year[name] for name in LINES)
        found.append(year)
        chance = np.cumsum(states.transition[state], axis=1)
        state = (rng.random(person.size)[:, None] > chance[:, :-1]).sum(axis=1)
    return found


def _frailty(rng: np.random.Generator, dispersion: float, size: int) -> np.ndarray:
    """A passing effect of mean 1, fresh each year; none where the count is Poisson."""
    return np.ones(size) if np.isinf(dispersion) else rng.gamma(dispersion, 1.0 / dispersion, size)


def _cost(rng: np.random.Generator, count: np.ndarray, severity: Lognormal) -> np.ndarray:
    """Each person's cost of `count` independent claims."""
    claimant = np.repeat(np.arange(count.size), count)
    amounts = severity.quantile(rng.random(claimant.size))
    return np.bincount(claimant, weights=amounts, minlength=count.size)


def persistence_of(years: list[dict[str, np.ndarray]]) -> dict[str, float]:
    """How the first simulated year foretells the second."""
    first, second = years[0], years[1]
    visits = correlation(first["visit count"], second["visit count"])
    return persistence(first["total"], second["total"]) | {"visits correlation": visits}


def compare_dispersions(
    records: Records, dispersions: Iterable[float]
) -> dict[float, dict[str, float]]:
    """Persistence by the dispersion of visits within a state: how `fit.VISITS_DISPERSION` was chosen."""
    return {k: persistence_of(simulate_years(fit(records, k))) for k in dispersions}


if __name__ == "__main__":
    print(
        "k of visits   log-cost correlation (0.50)   top decile stays (0.26-0.31)   visits (0.59)"
    )
    for k, found in compare_dispersions(read_records(), (6.0, 8.0, 10.0, 12.0, 16.0, 24.0)).items():
        log_cost, top, visits = found.values()
        print(f"{k:11.1f} {log_cost:29.3f} {top:30.3f} {visits:15.3f}")
