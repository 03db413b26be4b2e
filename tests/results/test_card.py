"""The notebook card: small, static, escaped."""

from __future__ import annotations

from collections.abc import Callable

from mutualfund.results import FundRun


def test_the_card_shows_the_fund_and_its_chance_of_ruin(run: FundRun) -> None:
    card = run._repr_html_()
    assert "Harbour Workers&#x27; Fund" in card
    assert "2,000 futures of 10 years" in card
    assert f"{run.summary()['ruin'].estimate:.4f}" in card
    assert len(card.encode()) < 50_000


def test_names_from_a_scenario_cannot_smuggle_in_markup(run_of: Callable[..., FundRun]) -> None:
    card = run_of(n_paths=2, n_years=1, fund="<script>alert(1)</script>")._repr_html_()
    assert "<script" not in card
    assert "&lt;script&gt;" in card


def test_the_card_needs_no_outside_address(run: FundRun) -> None:
    assert "http" not in run._repr_html_()
    assert "src=" not in run._repr_html_()
