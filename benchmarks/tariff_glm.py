"""A GLM tariff on a million rows against glum's own time for the same model: coefficients first.

python benchmarks/tariff_glm.py [--rows N] [--rounds N]

Both start from one pandas frame with categories, as glum wants them, and end with coefficients and
standard errors. Ours adds what a tariff needs: checked columns, bases by exposure, the balance of the fit.
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import Any

import glum
import numpy as np
import pandas as pd

from mutualfund.premiums.tariff import fit_glm

MOST = 1.2


def members(rows: int) -> pd.DataFrame:
    """Members who exist nowhere, with counts from known relativities."""
    rng = np.random.default_rng(1)
    band, region, sex = (
        rng.integers(0, 18, rows),
        rng.integers(0, 12, rows),
        rng.integers(0, 2, rows),
    )
    years, income = rng.uniform(0.1, 1.0, rows), rng.lognormal(10.0, 0.5, rows)
    rate = np.exp(-1.0 + 0.08 * band + 0.03 * region + 0.2 * sex - 0.1 * np.log(income / 20_000))
    frame = pd.DataFrame({"years": years, "income": income, "claims": rng.poisson(rate * years)})
    for name, codes in (("band", band), ("region", region), ("sex", sex)):
        frame[name] = pd.Categorical.from_codes(
            codes, [f"{name}{code:02}" for code in range(codes.max() + 1)]
        )
    return frame


def ours(frame: pd.DataFrame) -> Any:
    """Our fit, with the first label of each factor as base, as glum has it."""
    base = {name: frame[name].cat.categories[0] for name in ("band", "region", "sex")}
    terms = "factor(band) + factor(region) + factor(sex) + log(income / 20000)"
    fit = fit_glm(frame, f"claims ~ {terms}", "poisson", exposure="years", base=base)
    return fit.coefficients, fit.standard_errors


def theirs(frame: pd.DataFrame) -> Any:
    """glum's fit and its standard errors."""
    terms = frame[["band", "region", "sex"]].assign(income=np.log(frame["income"] / 20_000))
    model = glum.GeneralizedLinearRegressor(
        alpha=0.0, family="poisson", drop_first=True, gradient_tol=1e-9, max_iter=300
    )
    offset = np.log(frame["years"].to_numpy())
    model.fit(terms, frame["claims"].to_numpy(float), offset=offset)
    covariance = model.covariance_matrix(
        terms,
        frame["claims"].to_numpy(float),
        offset=offset,
        dispersion=1.0,
        robust=False,
        expected_information=True,
    )
    return np.append(model.intercept_, model.coef_), np.sqrt(np.diag(covariance))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    frame = members(asked.rows)
    for mine, other, what in zip(
        ours(frame), theirs(frame), ("coefficients", "errors"), strict=True
    ):
        apart = float(np.abs(mine / other - 1.0).max())
        print(f"{what}: at most {apart:.1e} apart")
        if apart > 1e-4:
            raise SystemExit("values differ: no time is taken")
    seconds: dict[str, list[float]] = {"ours": [], "glum": []}
    for _ in range(asked.rounds):
        for name, fit in (("ours", ours), ("glum", theirs)):
            begin = time.perf_counter()
            fit(frame)
            seconds[name].append(time.perf_counter() - begin)
    ratio = median(a / b for a, b in zip(seconds["ours"], seconds["glum"], strict=True))
    shown = ", ".join(f"{name} {median(times):.2f} s" for name, times in seconds.items())
    print(f"{asked.rows:,} rows: {shown}; ours over glum {ratio:.2f} (at most {MOST})")


if __name__ == "__main__":
    main()
