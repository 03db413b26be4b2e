"""The pictures show the fit's own numbers. Truth: the tables and the sample's steps; each was looked at."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mutualfund.claims import (
    Observed,
    fit_counts,
    fit_severity,
    fit_spliced,
    mean_excess,
    threshold_stability,
)
from mutualfund.errors import InputError

AMOUNTS = np.random.default_rng(3).lognormal(5.0, 1.1, size=150)


@pytest.fixture(autouse=True)
def _closed() -> object:
    yield
    plt.close("all")


def test_a_q_q_picture_pairs_each_amount_with_the_law_at_the_same_chance() -> None:
    fit = fit_severity("lognormal", AMOUNTS)
    ax = fit.plot.quantiles()
    points = ax.collections[0].get_offsets()
    np.testing.assert_allclose(points[:, 1], np.sort(AMOUNTS))
    chance = (np.arange(150) + 0.5) / 150
    np.testing.assert_allclose(points[:, 0], fit.distribution.quantile(chance), rtol=1e-9)
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_under_a_deductible_both_pictures_speak_of_claims_above_it() -> None:
    above = AMOUNTS[AMOUNTS > 60.0]
    fit = fit_severity("lognormal", Observed(np.minimum(above, 900.0), 60.0, 900.0))
    ax = fit.plot.survival()
    seen, fitted = ax.lines[0], ax.lines[1]
    known = np.sort(above[above < 900.0])
    np.testing.assert_allclose(seen.get_xdata(), known)
    np.testing.assert_allclose(seen.get_ydata(), 1 - np.arange(1, known.size + 1) / above.size)
    law = fit.distribution
    want = law.sf(fitted.get_xdata()) / law.sf(60.0)
    np.testing.assert_allclose(fitted.get_ydata(), want)
    points = fit.plot.quantiles().collections[0].get_offsets()
    assert points[:, 0].min() > 60.0
    assert {text.get_text() for text in ax.texts} >= {"seen", "lognormal"}


def test_a_spliced_law_is_not_called_by_its_body_alone() -> None:
    fit = fit_spliced("lognormal", AMOUNTS, above=300.0)
    assert fit.plot.quantiles().get_xlabel() == "fitted lognormal with a tail"
    assert "lognormal with a tail" in {text.get_text() for text in fit.plot.survival().texts}


def test_pictures_of_the_data_show_their_tables() -> None:
    seen = Observed(AMOUNTS)
    ax = seen.plot.mean_excess(points=[100.0, 200.0, 300.0])
    table = mean_excess(AMOUNTS, points=[100.0, 200.0, 300.0])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), table["mean_excess"])
    ax = seen.plot.threshold_stability(points=[100.0, 200.0])
    table = threshold_stability(AMOUNTS, points=[100.0, 200.0])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), table["xi"])
    own = plt.figure().add_subplot()
    assert seen.plot.mean_excess(ax=own) is own


def test_what_has_no_picture_is_refused() -> None:
    with pytest.raises(InputError, match="a severity fitted to amounts"):
        fit_counts("poisson", [0, 1, 2]).plot.quantiles()
    with pytest.raises(InputError, match="known one by one"):
        fit_severity("exponential", Observed.grouped([0, 10, 20], [5, 3])).plot.survival()


def test_a_claim_alone_at_the_smallest_deductible_is_refused_in_words() -> None:
    """Of one claim at risk none is left: the product-limit estimate is zero from there on."""
    rng = np.random.default_rng(3)
    amounts = np.append(10.0, 60.0 + rng.exponential(40.0, 30))
    seen = Observed(amounts, deductible=np.append(5.0, np.full(30, 50.0)))
    fit = fit_severity("lognormal", seen)
    for picture in (fit.plot.quantiles, fit.plot.survival):
        with pytest.raises(InputError) as refused:
            picture()
        assert refused.value.faults[0].code == "risk_set"
