"""Pictures draw the numbers of the tables."""

from __future__ import annotations

from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pytest

from claims.experience.village import study_of


@pytest.fixture(scope="module")
def study():
    spells = [(f"m{place}", "2023-01-01", "2024-12-31") for place in range(40)]
    claims = [
        (f"m{place}", "drugs", f"{2023 + month // 12}-{month % 12 + 1:02d}-15", 10 + place * month)
        for place in range(40)
        for month in range(24)
    ]
    return study_of(spells, claims, period=(date(2023, 1, 1), date(2024, 12, 31)))


def test_trend(study):
    ax = study.plot.trend()
    dots, line = ax.get_lines()
    fitted = study.trend()
    np.testing.assert_array_equal(dots.get_ydata(), fitted.observed)
    np.testing.assert_array_equal(line.get_ydata(), fitted.fitted)
    assert ax.get_title(loc="left") == "Cost per member and month"


def test_seasonality(study):
    bars = study.plot.seasonality().patches
    factor = study.seasonality()["factor"]
    np.testing.assert_allclose([bar.get_height() for bar in bars], factor)


def test_concentration(study):
    first = study.plot.concentration().get_lines()[0]
    table = study.concentration()
    share = dict(zip(table.labels["members"][:6], table["cost_share"][:6], strict=True))
    at = {round(x): y for x, y in zip(first.get_xdata(), first.get_ydata(), strict=True)}
    assert at[10] == pytest.approx(100 * share["top 10 %"])
    assert at[100] == pytest.approx(100.0)


def test_persistence(study):
    ax = study.plot.persistence()
    texts = [int(text.get_text()) for text in ax.texts[:36]]
    expected = [round(100 * share) for share in study.persistence()["share"]]
    assert [texts[place] for place in study.persistence().place] == expected


def test_each_draws_on_the_axes_it_is_given(study):
    for name in ("trend", "seasonality", "concentration", "persistence"):
        ax = plt.figure().add_subplot()
        assert getattr(study.plot, name)(ax=ax) is ax
