"""Pictures of a credibility fit say what the fit says."""

from __future__ import annotations

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mutualfund.premiums import buhlmann_straub

matplotlib.use("Agg")
FIT = buhlmann_straub([[1, 3], [4, 8], [2, 9]], [[1, 1], [3, 1], [2, 7]], labels=["a", "b", "c"])


@pytest.fixture(autouse=True)
def _close() -> object:
    yield
    plt.close("all")


def test_the_premiums_are_drawn_with_two_standard_errors() -> None:
    ax = FIT.plot.premiums()
    (bars,) = ax.containers
    line, _, (errors,) = bars
    np.testing.assert_allclose(line.get_ydata(), FIT.premiums)
    halves = [segment[1, 1] - segment[0, 1] for segment in errors.get_segments()]
    np.testing.assert_allclose(halves, 4.0 * FIT.standard_errors)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]


def test_the_factors_are_drawn_against_exposure_on_the_axes_given() -> None:
    _, ax = plt.subplots()
    assert FIT.plot.factors(ax) is ax
    np.testing.assert_allclose(ax.collections[0].get_offsets(), np.c_[FIT.exposure, FIT.factors])


def test_many_groups_are_counted_not_named() -> None:
    many = buhlmann_straub(np.arange(80.0).reshape(40, 2), np.ones((40, 2)))
    assert many.plot.premiums().get_xlabel() == "40 groups, in their order"
