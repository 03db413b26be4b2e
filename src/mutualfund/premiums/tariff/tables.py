"""A fitted model as tables for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.errors import Fault, InputError, one_number
from mutualfund.premiums.tariff.grammar import Expression

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.premiums.tariff.glm import GLM


def coefficients(model: GLM) -> pd.DataFrame:
    """One row a coefficient, on the scale of the link; see `GLM.summary`."""
    import pandas as pd
    from scipy import special

    with np.errstate(divide="ignore"):  # a base that never strays has a robust error of 0
        z = model.coefficients / model.standard_errors
    table = pd.DataFrame(
        {
            "coefficient": model.coefficients,
            "standard_error": model.standard_errors,
            "z": z,
            "p_value": 2.0 * special.ndtr(-np.abs(z)),
        },
        index=pd.Index(model.names, name="term"),
    )
    return _noted(table, model.errors, model.notes)


def relativities(model: GLM, level: float) -> pd.DataFrame:
    """One row a coefficient and one a base label; see `GLM.relativities`."""
    import pandas as pd
    from scipy import special

    if model.family.link == "identity":
        allowed = "a log or a logit link"
        raise InputError([Fault("relativities", "an identity link", allowed, code="link")])
    one_number("level", level, minimum=0.5, maximum=0.9999, unit="share")
    z = float(special.ndtri(0.5 + level / 2.0))
    found = dict(
        zip(model.names, zip(model.coefficients, model.standard_errors, strict=True), strict=True)
    )
    rows = [
        _row("intercept", "", math.nan, *found["intercept"], z)
        for _ in range(int(model.design.formula.intercept))
    ]
    for term, levels in model.design.blocks():
        if isinstance(term, Expression) or levels is None:
            name = term.text if isinstance(term, Expression) else term.name
            rows.append(_row(name, "", math.nan, *found[name], z))
            continue
        for label, weight in zip(levels.labels, levels.weight, strict=True):
            value, error = found.get(f"{term.name}[{label}]", (0.0, 0.0))
            rows.append(_row(term.name, label, weight, value, error, z))
    return _noted(pd.DataFrame(rows), model.errors, model.notes)


def products(first: GLM, second: GLM, level: float, notes: tuple[str, ...] = ()) -> pd.DataFrame:
    """Relativities of two models multiplied; see `FrequencySeverity.relativities`."""
    import pandas as pd
    from scipy import special

    for model in (first, second):
        if model.family.link != "log":
            got = f"a {model.family.link} link"
            raise InputError([Fault("relativities", got, "a log link in both parts", code="link")])
    tables = [relativities(model, level) for model in (first, second)]
    z = float(special.ndtri(0.5 + level / 2.0))
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for table in tables:
        for row in table.to_dict("records"):
            value = math.log(row["relativity"])
            error = (math.log(row["high"]) - value) / z
            before = rows.setdefault(
                (row["term"], row["label"]),
                {"weight": row["exposure"], "value": 0.0, "variance": 0.0},
            )
            before["value"] += value
            before["variance"] += error**2
    _require_one_base(first, second)
    table = pd.DataFrame(
        [
            _row(term, label, one["weight"], one["value"], math.sqrt(one["variance"]), z)
            for (term, label), one in rows.items()
        ]
    )
    return _noted(table, " x ".join(dict.fromkeys((first.errors, second.errors))), notes)


def _noted(table: pd.DataFrame, errors: str, notes: tuple[str, ...]) -> pd.DataFrame:
    """What the errors rest on goes with the table."""
    table.attrs = {"errors": errors, "notes": notes}
    return table


def _require_one_base(first: GLM, second: GLM) -> None:
    bases = [{one.factor.name: one.labels[0] for one in m.design.levels} for m in (first, second)]
    for name in bases[0].keys() & bases[1].keys():
        if bases[0][name] != bases[1][name]:
            allowed, remedy = "one base label in both parts", "State it when you fit them."
            fault = Fault(f"relativities.{name}", "two base labels", allowed, remedy, "base")
            raise InputError([fault])


def _row(
    term: str, label: str, weight: float, value: float, error: float, z: float
) -> dict[str, Any]:
    return {
        "term": term,
        "label": label,
        "exposure": weight,
        "relativity": math.exp(value),
        "low": math.exp(value - z * error),
        "high": math.exp(value + z * error),
    }
