"""Numbers that describe a year of cost: the same for people in the records and people who were
simulated.
"""

from __future__ import annotations

import numpy as np


def describe(amounts: np.ndarray) -> dict[str, float]:
    """Zero share, mean, spread, quantiles and concentration of (n_people,) yearly amounts."""
    amounts = np.sort(np.asarray(amounts, dtype=float))
    mean, total = amounts.mean(), amounts.sum()
    positive = amounts[amounts > 0]
    return {
        "zero share": float((amounts == 0).mean()),
        "mean": float(mean),
        "cv": float(amounts.std() / mean),
        "sd of log": float(np.log(positive).std()),
        "median": float(np.quantile(amounts, 0.5)),
        "p90": float(np.quantile(amounts, 0.9)),
        "p99": float(np.quantile(amounts, 0.99)),
        "top 1 %": float(amounts[-(amounts.size // 100) :].sum() / total),
        "top 10 %": float(amounts[-(amounts.size // 10) :].sum() / total),
        "gini": gini(amounts),
    }


def by_group(amounts: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Mean of (n_people,) amounts in each group 0, 1, 2 ...

    >>> by_group(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1])).tolist()
    [2.0, 5.0]
    """
    return np.bincount(group, weights=amounts) / np.bincount(group)


def gini(amounts: np.ndarray) -> float:
    """Gini coefficient of yearly amounts: 0 where all cost the same, near 1 where one person costs
    all.

    >>> round(gini(np.array([1.0, 1.0, 1.0])), 12)
    0.0
    """
    ordered = np.sort(amounts)
    rank = np.arange(1, ordered.size + 1)
    return float(((2 * rank - ordered.size - 1) * ordered).sum() / (ordered.size * ordered.sum()))


def persistence(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """How a year foretells the next: correlation of log(1 + cost), and who stays at the top."""
    top_first = first >= np.quantile(first, 0.9)
    top_second = second >= np.quantile(second, 0.9)
    return {
        "log-cost correlation": correlation(np.log1p(first), np.log1p(second)),
        "top decile stays": float((top_first & top_second).sum() / top_first.sum()),
    }


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1])
