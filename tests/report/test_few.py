"""What the page says, and leaves out, where the futures are few. Source of truth: `FundRun.quantile`."""

from __future__ import annotations

import pytest

from mutualfund.errors import NotEnoughPathsError
from mutualfund.report import render, words

from .conftest import make_run
from .test_page import Reading


@pytest.mark.parametrize("paths", [1, 3, 19, 20, 60])
def test_the_page_gives_no_level_that_the_run_refuses(paths: int) -> None:
    """Source of truth: `FundRun.quantile`, which refuses what fewer than ten futures lie beyond."""
    run = make_run(paths=paths, years=3)
    read = Reading(render(run))
    for p in (0.05, 0.25, 0.5, 0.75, 0.95):
        shown = [value for fact, _, value, _ in read.figures if fact == f"reserve_close_q{p}"]
        if paths * min(p, 1.0 - p) >= 10:
            assert shown == [run.quantile("reserve_close", p, year) for year in (1, 2, 3)]
        else:
            assert shown == []
            with pytest.raises(NotEnoughPathsError):
                run.quantile("reserve_close", p)
    few = paths < 20
    assert ("not enough futures to say" in read.sentences["2"]) == few
    assert ("The middle outcome after" in read.text) != few
    assert ("one future" in read.text.split("The numbers behind")[0]) == few


def test_with_few_futures_they_are_counted() -> None:
    run = make_run(paths=3, years=3, opening=300_000.0)
    read = Reading(render(run))
    shown = {text for *_, text in read.figures if "of" in text}
    assert shown & {f"{n}{words.NO_BREAK}of{words.NO_BREAK}3" for n in (1, 2)}
    assert not [text for *_, text in read.figures if "in" in text.split(words.NO_BREAK)]


@pytest.mark.parametrize("paths", [1, 99, 100])
def test_too_few_futures_are_said_first_and_not_drawn_as_a_hundred(paths: int) -> None:
    page = render(make_run(paths=paths, years=3))
    text = Reading(page).text
    few = paths < 100
    assert (": too few to decide anything." in text.split("The answer in three")[0]) == few
    assert ('<figure class="icons">' in page) != few
    assert "1 imagined futures" not in text
