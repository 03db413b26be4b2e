"""The numbers a model is fitted on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mutualfund.premiums.tariff.design import Design, Table
from mutualfund.premiums.tariff.formula import Formula

pytest.importorskip("glum")


@pytest.mark.parametrize("n_labels", [1, 2, 3, 4, 5])
def test_a_factor_is_a_column_for_each_label_but_the_base_however_it_is_stored(
    n_labels: int,
) -> None:
    """Source of truth: the labels compared one by one. Few labels are stored as numbers, more as codes."""
    region = [f"r{row % n_labels}" for row in range(12)]
    frame = pd.DataFrame(
        {"y": 1.0, "age": np.arange(12.0), "region": region, "sex": list("FM") * 6}
    )
    formula = Formula.parse("y ~ factor(region) + age + factor(sex)")
    table = Table(frame)
    design = Design.of(formula, table, np.ones(12), {"region": "r0", "sex": "F"})
    by_hand = [frame["region"] == f"r{code}" for code in range(1, n_labels)]
    expected = np.column_stack([*by_hand, frame["age"], frame["sex"] == "M"]).astype(float)
    assert design.matrix(table).toarray().tolist() == expected.tolist()


def test_labels_are_those_of_the_rows_in_use() -> None:
    table = Table(pd.DataFrame({"sex": list("FMXM")}))
    (factor,) = Formula.parse("y ~ factor(sex)").terms
    assert table.labels(factor)[1] == ("F", "M", "X")
    table.keep(np.array([True, True, False, True]))
    codes, labels = table.labels(factor)
    assert codes.tolist() == [0, 1, 1]
    assert labels == ("F", "M")
