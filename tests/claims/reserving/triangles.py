"""Triangles that several tests use: published ones, and one made by the over-dispersed Poisson law."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from mutualfund.claims.reserving import Triangle
from mutualfund.types import FloatArray

DATA = Path(__file__).parents[2] / "published" / "data"


def printed(name: str) -> Triangle:
    """One of the published yearly triangles."""
    table = pd.read_csv(DATA / f"{name}.csv", index_col=0)
    first = date(int(table.index[0]), 1, 1)
    return Triangle.from_array(table.to_numpy(np.float64), first_origin=first)


def monthly(cumulative: FloatArray, exposure: FloatArray | None = None) -> Triangle:
    """Months by months from January 2024."""
    return Triangle.from_array(
        cumulative,
        first_origin=date(2024, 1, 1),
        origin_grain="month",
        development_grain="month",
        exposure=exposure,
    )


def seen(whole: FloatArray) -> FloatArray:
    """What is known of a rectangle of cumulative amounts on the day its last origin has one age."""
    n_origins, n_ages = whole.shape
    known = np.add.outer(np.arange(n_origins), np.arange(n_ages)) < n_origins
    return np.asarray(np.where(known, whole, np.nan))


def poisson_rectangles(
    rng: np.random.Generator, data_sets: int, means: FloatArray, dispersion: float
) -> FloatArray:
    """(data_sets, n_origins, n_ages) cumulative over-dispersed Poisson amounts."""
    counts = rng.poisson(means / dispersion, size=(data_sets, *means.shape))
    return np.asarray(dispersion * counts.cumsum(axis=2))


def unequal() -> Triangle:
    """Six origins by five ages with exposure: more origins than ages, all numbers unequal."""
    pattern = np.array([0.3, 0.33, 0.2, 0.12, 0.05])
    cost = np.array([900.0, 1100.0, 1000.0, 1350.0, 1240.0, 1500.0])
    rng = np.random.default_rng(11)
    whole = poisson_rectangles(rng, 1, cost[:, None] * pattern, 4.0)[0]
    exposure = np.array([10.0, 12.0, 11.0, 13.0, 14.0, 15.0])
    return Triangle.from_array(seen(whole), first_origin=date(2018, 1, 1), exposure=exposure)
