"""A GLM tariff against glum's own time for the same model, coefficients and errors first.

Both start from one pandas frame with categories, as glum wants them, and end with coefficients and
standard errors. Ours adds what a tariff needs: checked columns, bases by exposure, the balance of the fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pandas as pd

from agreement import Disagreement, FloatArray
from mutualfund.premiums.tariff import fit_glm
from profiles import Profile
from tables import Cell, Gate, Section
from timing import ON_PROCESSOR, Task, alternate, say, times_as_long

NEAR_ENOUGH = 1e-7  # gradient at which glum stops; by default its coefficients are off by 1e-5
CLOSE = 1e-6  # relative: the two stop their steps by rules of their own
NOTE = """A frequency model: counts by three factors of 18, 12 and 2 levels and the logarithm of an income,
with an exposure. Both start from one pandas frame with categories and end with coefficients and standard
errors; glum alone goes on until it is as near the top as ours. Ours checks the columns, chooses bases,
takes the last steps itself and measures the balance of the fit besides. Values first:
coefficients {coefficients:.1e} apart at most, standard errors {errors:.1e}, relatively. Once with one thread
for both, in the processor's own time; once with as many as glum likes, by the clock on the wall. On two
cores that share one memory a second thread may gain nothing, and it waits for work at full speed."""
UNMEASURED = (
    "A frequency model by both; ours checks columns, bases and the balance of the fit besides."
)
ONE_THREAD = Gate("GLM tariff over glum alone, one thread", None, "at most", 1.2, "x")
ALL_THREADS = Gate(
    "GLM tariff over glum alone, glum's own choice of threads", None, "at most", 1.2, "x"
)


class Estimate(NamedTuple):
    """What both are asked for, in glum's order: the constant first."""

    coefficients: FloatArray
    errors: FloatArray


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


def ours(frame: pd.DataFrame) -> Estimate:
    """Our fit, with the first label of each factor as base, as glum has it."""
    base = {name: frame[name].cat.categories[0] for name in ("band", "region", "sex")}
    terms = "factor(band) + factor(region) + factor(sex) + log(income / 20000)"
    fit = fit_glm(frame, f"claims ~ {terms}", "poisson", exposure="years", base=base)
    return Estimate(fit.coefficients, fit.standard_errors)


def theirs(frame: pd.DataFrame) -> Estimate:
    """glum's fit and its standard errors."""
    import glum

    terms = frame[["band", "region", "sex"]].assign(income=np.log(frame["income"] / 20_000))
    model = glum.GeneralizedLinearRegressor(
        alpha=0.0, family="poisson", drop_first=True, gradient_tol=NEAR_ENOUGH
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
    found = np.append(model.intercept_, model.coef_)
    covariance *= 1.0 - found.size / len(
        frame
    )  # glum widens a Poisson model's for its parameters, too
    return Estimate(found, np.sqrt(np.diag(covariance)))


def apart(one: Estimate, other: Estimate) -> Estimate:
    """The largest relative difference in coefficients and in errors.

    Raises
    ------
    Disagreement
        Where either is more than a millionth.
    """
    widest = Estimate(*(np.abs(a / b - 1.0).max() for a, b in zip(one, other, strict=True)))
    if not max(widest) <= CLOSE:
        raise Disagreement(f"glum's model has other {widest._asdict()}")
    return widest


def fitted(fit: Callable[[pd.DataFrame], Estimate], frame: pd.DataFrame) -> float:
    """Fit the model; one was made."""
    fit(frame)
    return 1.0


def against_glum(profile: Profile) -> Section:
    """The two programs' times, with one thread and with as many as glum likes, and a gate on each ratio."""
    rows = f"{profile.tariff_rows:,} rows"
    title = f"A GLM tariff, against glum: {rows}"
    gates = [replace(gate, sizes=rows) for gate in (ONE_THREAD, ALL_THREADS)]
    if find_spec("glum") is None:
        say("tariff: glum is not installed")
        return Section.without("glum", "tariff", title, UNMEASURED, gates)
    from threadpoolctl import threadpool_limits  # comes with glum

    say(f"a GLM tariff on {rows}: values first")
    frame = members(profile.tariff_rows)
    widest = apart(ours(frame), theirs(frame))
    tasks: dict[str, Task] = {
        "mutualfund": partial(fitted, ours, frame),
        "glum": partial(fitted, theirs, frame),
    }
    with threadpool_limits(1):
        alone = alternate(tasks, 3 * profile.rounds, ON_PROCESSOR)
    together = alternate(tasks, 3 * profile.rounds)
    ratios = [times_as_long(taken["mutualfund"], taken["glum"]) for taken in (alone, together)]
    times: list[dict[str, Cell]] = [
        {
            "program": name,
            "seconds, one thread": alone[name].median,
            "seconds, glum's own choice": together[name].median,
        }
        for name in tasks
    ]
    measured = [gate.at(ratio) for gate, ratio in zip(gates, ratios, strict=True)]
    return Section("tariff", title, NOTE.format(**widest._asdict()), times, measured)
