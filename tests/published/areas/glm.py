"""Generalised linear models of the RAND and MEPS members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutualfund.premiums import tariff
from published.areas.spelling import Values

FAMILIES = {"negbin": "negative_binomial"}
EVERYBODY = "all rows"


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    columns = inputs["columns"]
    terms = [column for column in columns if column != "const"]
    if "const" not in columns:
        terms.insert(0, "0")
    model = tariff.fit_glm(
        data,
        f"{inputs['response']} ~ {' + '.join(terms)}",
        FAMILIES.get(inputs["family"], inputs["family"]),
        link=inputs["link"],
        power=inputs.get("power"),
        where=None if inputs["filter"] == EVERYBODY else inputs["filter"],
    )
    if model.n != inputs["n"]:
        raise ValueError(f"{model.n} rows, not {inputs['n']}")
    values: Values = {
        "coef": model.coefficients,
        "se": model.standard_errors,
        "deviance": model.deviance,
        "pearson_dispersion": model.pearson_dispersion,
        "sum_fitted": model.predict(data).sum(),
        "alpha": model.family.alpha,
        "loglik": model.log_likelihood,
    }
    return values
