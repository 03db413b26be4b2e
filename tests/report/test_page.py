"""The page says what the numbers say. Source of truth: `run.summary()`, compared with what the HTML says."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mutualfund.errors import RunError
from mutualfund.report import headline, render, words, write_report
from mutualfund.report.board import Board
from mutualfund.report.owed import rule_sentence
from mutualfund.report.page import verdict
from mutualfund.results import risk
from mutualfund.results.run import FundRun

from .conftest import make_run

VOID = {"meta", "link", "br", "img", "input", "hr", "path", "circle", "use", "rect", "line"}


class Reading(HTMLParser):
    """What a page holds: tags with attributes, text, and the figures with the numbers they carry."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.sentences: dict[str, str] = {}
        self.figures: list[tuple[str, str, float, str]] = []
        self.text = ""
        self._into: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags.append((tag, known))
        if tag not in VOID:
            self.open.append(tag)
        if known.get("data-sentence"):
            self._into.append(str(known["data-sentence"]))
            self.sentences[str(known["data-sentence"])] = ""
        if tag == "data":
            value = float(str(known["value"]))
            self.figures.append((str(known["data-fact"]), str(known["data-year"]), value, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag == "p":
            self._into.clear()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "script"}:
            self.text += data
        for name in self._into:
            self.sentences[name] += data
        if self.open and self.open[-1] == "data" and self.figures:
            fact, year, value, text = self.figures[-1]
            self.figures[-1] = (fact, year, value, text + data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def read(page: str) -> Reading:
    return Reading(page)


def test_the_sentences_are_those_of_the_summary(run: FundRun, read: Reading) -> None:
    summary = run.summary()
    below, ruin = summary["prob_below_floor"].estimate, summary["ruin"].estimate
    assert read.sentences["1"] == words.chance_sentence(2000, below, ruin, rescued=True)
    middle, low, high = (run.quantile("reserve_close", p) for p in (0.5, 0.05, 0.95))
    board = Board.of(run)
    assert board.middle is not None
    assert board.middle.estimate == middle
    assert read.sentences["2"] == words.middle_sentence(
        10, middle, board.middle.standard_error, "EUR"
    )
    assert board.low is not None
    assert board.high is not None
    errors = (board.low.standard_error, board.high.standard_error)
    assert read.sentences["3"] == words.spread_sentence(low, high, errors, "EUR")


def test_every_figure_that_the_summary_has_equals_it(run: FundRun, read: Reading) -> None:
    summary = {(row.quantity, str(row.year or "")): row.estimate for row in run.summary()}
    ruin = {str(row.year): row.estimate for row in run.ruin_by_year()}
    compared = set()
    for fact, year, value, _ in read.figures:
        if (fact, year) in summary:
            assert value == summary[fact, year], (fact, year)
            compared.add(fact)
        elif fact == "ruin":
            assert value == ruin[year]
            compared.add("ruin_by_year")
        elif fact.startswith("reserve_close_q"):
            level = float(fact.removeprefix("reserve_close_q"))
            assert value == run.quantile("reserve_close", level, int(year))
            compared.add("quantile")
        elif fact in run.registry:
            assert value == run.at(fact, int(year)).mean()
            compared.add(fact)
        elif fact == "below_floor":
            assert value == run.below_floor[:, int(year) - 1].mean()
            compared.add(fact)
    expected = {"prob_below_floor", "prob_call", "ruin", "ruin_by_year", "quantile", "below_floor"}
    means = ("contributions_due", "contributions_collected", "claims_paid", "refunds")
    assert compared >= expected | set(means)
    for flow in means:
        assert {year for fact, year, _, _ in read.figures if fact == flow} == {"1", "10"}


def test_every_chance_in_words_is_the_number_it_carries(read: Reading) -> None:
    chances = [
        figure
        for figure in read.figures
        if f"{words.NO_BREAK}in{words.NO_BREAK}" in figure[3] or figure[3] in {"none", "all"}
    ]
    assert len(chances) > 20
    for _, _, value, text in chances:
        assert text.replace(words.NO_BREAK, " ") == words.one_in(value)


def test_every_amount_in_a_table_is_the_number_it_carries(read: Reading) -> None:
    amounts = [figure for figure in read.figures if figure[0] in {"claims_paid", "expenses"}]
    assert len(amounts) == 4
    for _, _, value, text in amounts:
        number, _, scale = text.replace("€", "").replace(",", "").partition(words.NO_BREAK)
        shown = float(number) * {"": 1.0, "million": 1e6}[scale]
        assert shown == pytest.approx(value, rel=0.006)


def test_a_hundred_futures_are_drawn_as_counted(run: FundRun, page: str) -> None:
    futures = Board.of(run).futures
    array = page.split('<figure class="icons">')[1].split("</svg>")[0]
    drawn = [array.count(f'class="{kind}"') for kind in ("safe", "called", "below", "empty")]
    assert drawn == [futures.safe, futures.called, futures.below, futures.empty]
    counted = {kind: int(n) for kind, n in re.findall(r'data-fact="hundred_(\w+)">(\d+)<', page)}
    assert list(counted.values()) == drawn
    assert sum(drawn) == 100
    ruined = run.measure("insolvent").any(axis=1)
    below = (run.measure("reserve_close") < 0.1 * run.measure("contributions_due") - 0.01).any(
        axis=1
    )
    assert futures.empty == pytest.approx(100 * ruined.mean(), abs=1.0)
    assert futures.below == pytest.approx(100 * (below & ~ruined).mean(), abs=1.0)
    called = (run.measure("calls") > 0).any(axis=1)
    fine = ~below & ~ruined
    assert futures.safe == pytest.approx(100 * (fine & ~called).mean(), abs=1.5)
    assert futures.called == pytest.approx(100 * (fine & called).mean(), abs=1.5)
    assert futures.called > 0


def test_a_future_that_ran_out_is_not_also_counted_as_below_the_line() -> None:
    run = make_run(paths=300, years=4, opening=300_000.0)
    ruined = run.measure("insolvent").any(axis=1)
    assert 0.05 < ruined.mean() < 0.95
    assert Board.of(run).futures.empty == pytest.approx(100 * ruined.mean(), abs=1.0)


def test_the_same_run_gives_the_same_bytes(run: FundRun, page: str) -> None:
    assert render(run) == page


def test_the_same_run_gives_the_same_bytes_in_another_process(page: str) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import report.conftest as c;"
        "from mutualfund.report import render; import hashlib;"
        "print(hashlib.sha256(render(c.make_run()).encode()).hexdigest())"
    )
    folder = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
    )
    import hashlib

    assert done.stdout.strip() == hashlib.sha256(page.encode()).hexdigest()


def test_the_page_needs_nothing_but_itself(page: str, read: Reading) -> None:
    assert not read.all("script")
    assert not read.all("link")
    assert not read.all("img")
    assert not read.all("iframe")
    for _, attributes in read.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "://" not in page
    assert "@import" not in page
    assert set(re.findall(r"url\(([^)]{1})", page)) <= {"#"}
    policy = [a["content"] for a in read.all("meta") if a.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_no_two_elements_share_an_id_and_every_reference_has_its_target(
    page: str, read: Reading
) -> None:
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    pointed = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page))
    assert {a or b for a, b in pointed} <= set(ids)
    for _, attributes in read.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((attributes.get(name) or "").split()) <= set(ids)


def test_each_picture_has_words_for_those_who_cannot_see_it(page: str, read: Reading) -> None:
    pictures = [a for a in read.all("svg") if a.get("role") == "img"]
    assert len(pictures) == 7  # three charts in two formats, and the hundred futures
    assert len(read.all("desc")) == 7
    spoken = re.findall(r"<desc[^>]*>([^<]+)</desc>", page)
    assert all(len(text) > 40 for text in spoken)
    others = [a for a in read.all("svg") if a.get("role") != "img"]
    assert all(a.get("aria-hidden") == "true" for a in others)


def test_headings_go_down_one_step_at_a_time(read: Reading) -> None:
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_words_are_for_a_board(read: Reading) -> None:
    for term in ("VaR", "quantile", "percentile", "stochastic", "Monte Carlo", "nan", "None"):
        assert not re.search(rf"\b{term}\b", read.text), term
    for term in ("Reserve", "Safety line", "Middle outcome", "Reinsurance"):
        assert term in read.text


def test_the_footer_says_how_to_make_the_page_again(run: FundRun, read: Reading) -> None:
    assert "seed 2026" in read.text
    assert "A. Actuary" in read.text
    assert run.digest() in read.text
    assert "mutualfund run scenario.toml" in read.text


def test_a_title_that_is_a_script_is_only_text() -> None:
    hostile = "<script>alert(1)</script> & \"'"
    page = render(make_run(paths=40, years=2, title=hostile, warnings=[hostile]))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    assert not Reading(page).all("script")


@pytest.mark.parametrize(
    ("settings", "phrase"),
    [
        ({"paths": 2000, "years": 1}, "after one year"),
        ({"paths": 1, "years": 3}, "Of 1 imagined future"),
        ({"paths": 30, "years": 2}, "cannot be said between which amounts"),
        ({"floor": 0.0, "opening": 9e6}, "none ran out of money"),
        ({"opening": 9e7, "spread": 1e4}, "none ever saw the reserve below its safety line"),
        ({"opening": -9e6}, "all saw the money run out"),
        ({"opening": -9e6}, "a shortfall of €"),
        ({"currency": "JPY"}, "¥"),
        ({"start": "2027-07-01"}, "2027/28 to 2036/37"),
    ],
)
def test_unusual_runs_read_well_too(settings: dict[str, object], phrase: str) -> None:
    read = Reading(render(make_run(**{"paths": 400, "years": 10} | settings)))
    assert phrase in read.text.replace(words.NO_BREAK, " ")
    assert "nan" not in read.text
    assert not [value for _, _, value, _ in read.figures if not np.isfinite(value)]


def test_the_errors_of_the_levels_are_those_of_the_run(run: FundRun) -> None:
    """Source of truth: `results.risk`, which writes each formula once."""
    low = Board.of(run).low
    assert low is not None
    assert low.standard_error == risk.var_error(run.at("reserve_close"), 0.05)


def test_the_headline_is_the_first_sentence_of_the_page(run: FundRun, read: Reading) -> None:
    assert headline(run) == read.sentences["1"]
    assert words.NO_BREAK not in headline(run)


def test_a_line_of_zero_is_no_line() -> None:
    board = Board.of(make_run(paths=300, floor=0.0))
    assert board.ever_below is None
    assert board.line is None
    shown = board.futures
    assert shown.safe + shown.called + shown.below + shown.empty == 100
    assert "safety line" not in Reading(render(make_run(paths=300, floor=0.0))).text


def without_calls(**settings: object) -> FundRun:
    run = make_run(**settings)  # type: ignore[arg-type]
    ledger = dict(run.ledger) | {"calls": np.zeros_like(run.ledger["calls"])}
    return FundRun(None, ledger, {}, dict(run.manifest), run.scenario_toml)


def test_extra_payments_are_named_wherever_the_line_is_and_only_where_there_are_any(
    run: FundRun, read: Reading
) -> None:
    assert read.text.count("even after extra payments") >= 5
    other = Reading(render(without_calls(paths=400, years=3)))
    assert "after extra payments" not in other.text
    assert "extra payment have" not in other.text
    assert Board.of(without_calls(paths=400, years=3)).futures.called == 0


def test_a_fund_that_ran_out_is_said_to_be_played_on() -> None:
    played = "is played on here as if members and creditors stayed"
    text = Reading(render(make_run(paths=300, years=4, opening=300_000.0))).text
    assert text.count(played) == 2  # under the verdict, and first of what is left out
    assert text.index(played) < text.index("How the reserve may develop")
    healthy = Reading(render(make_run(paths=300, years=4, opening=9e7, spread=1e4))).text
    assert played not in healthy


def test_chances_that_are_all_zero_are_a_sentence_and_no_picture() -> None:
    page = render(make_run(paths=400, years=4, opening=9e7, spread=1e4))
    assert 'id="chance"' not in page
    text = Reading(page).text.replace(words.NO_BREAK, " ")
    assert "In none of the 400 imagined futures was the reserve below the safety line" in text
    assert "most likely be fewer than 1 in 110." in text
    assert 'id="chance"' in render(make_run(paths=400, years=4, opening=300_000.0))


def test_the_blue_is_said_to_hold_nine_in_ten(read: Reading) -> None:
    assert "nine in ten futures lie in the blue, and half of them in the darker blue" in read.text


def test_every_kind_of_money_shown_is_explained(run: FundRun, page: str) -> None:
    glossary = page.split('<dl class="glossary">')[1]
    for term in ("Contributions collected", "Investment income", "Fingerprint", "Reinsurance"):
        assert f"<dt>{term}</dt>" in glossary
    assert "The premium is its price; the recovery is what" in glossary
    assert "<dt>Allocations</dt>" not in glossary
    rows = dict(run.ledger) | {"allocations": np.ones_like(run.ledger["calls"])}
    gives = FundRun(None, rows, {}, dict(run.manifest), run.scenario_toml)
    assert "<dt>Allocations</dt>" in render(gives)


def test_the_verdict_is_three_sentences(run: FundRun) -> None:
    assert len(verdict(Board.of(run))) == 3


def test_the_report_is_written_whole(run: FundRun, page: str, tmp_path: Path) -> None:
    target = write_report(run, tmp_path / "board.html")
    assert target.read_text(encoding="utf-8") == page
    assert [path.name for path in tmp_path.iterdir()] == ["board.html"]


def test_a_report_that_cannot_be_written_says_so_in_one_line(run: FundRun, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="could not write"):
        write_report(run, tmp_path / "file" / "board.html")


def test_without_matplotlib_the_error_names_what_to_install(
    run: FundRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"mutualfund-actuarial\[report\]"):
        render(run)


def test_loading_the_report_room_does_not_load_matplotlib() -> None:
    code = "import sys, mutualfund.report; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


RULES = """
[rules.contributions]
kind = "community"
monthly = 50.0
child_share = 0.4
adjustments = [{ kind = "entry_age_loading", from_age = 30 }, { kind = "family", paying_children = 1 }]

[rules.joining]
share = 40.0

[[rules.subsidies]]
payer = "the State & its towns"
share = 0.5

[[rules.subsidies]]
payer = "employers"
share = 0.25

[[rules.amendments]]
effective = 2029-01-01
rule = "subsidies"
value = [{ payer = "employers", share = 0.4 }]
"""


def test_the_page_says_what_members_owe_themselves_by_which_rule_and_what_shares_are_theirs(
    page: str,
) -> None:
    """Members owe a quarter of 5 million in 2027 and, as amended, three fifths of 5.408 million in 2029."""
    made = make_run(300, 3)
    with_rules = FundRun(None, made.ledger, {}, made.manifest, made.scenario_toml + RULES)
    read = Reading(render(with_rules))
    text = " ".join(read.text.split()).replace(words.NO_BREAK, " ")
    assert (
        "due for all members together go from €5.00 million in 2027 to €5.41 million in 2029. Of that "
        "members owe €1.25 million in 2027 and €3.24 million in 2029; the rest is owed by the State & its "
        "towns and employers. The rule: all members owe the same, those below 18 only 40 % of it, "
        "adjusted by age on joining and family. The fund"
    ) in text
    owed = {year: value for fact, year, value, _ in read.figures if fact == "members_dues"}
    due = made.measure("contributions_due").mean(axis=0)
    assert owed == pytest.approx({"1": 0.25 * due[0], "3": 0.6 * due[2]})
    assert (
        "At the end of 2029, €360,000 of the reserve are members' own shares" in text
    )  # 9,000 x 40
    assert "due from all members together" in page  # where members owe all
    assert "own shares" not in page


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"kind": "flat"}, "The rule: all members owe the same."),
        ({"kind": "age_band"}, "The rule: what a member owes goes by age."),
        ({"kind": "tier"}, "The rule: what a member owes goes by the plan they have chosen."),
        ({"kind": "income", "rate": 0.05}, "The rule: members owe 5 % of their income."),
        ({"kind": "income", "rate": 0.0125}, "The rule: members owe 1.25 % of their income."),
        (
            {"kind": "income", "rate": 0.02, "level": 1.5},
            "The rule: members owe 3 % of their income.",
        ),
        (
            {"kind": "community", "child_share": 0.0},
            "The rule: all members owe the same, those below 18 nothing.",
        ),
        (
            {"kind": "income", "rate": 0.05, "minimum": 9.0, "maximum": 99.0},
            "The rule: members owe 5 % of their income, with a least and a greatest amount.",
        ),
        (
            {"kind": "flat", "adjustments": [{"kind": "rating_factor", "by": "region"}]},
            "The rule: all members owe the same, adjusted by region.",
        ),
        ({}, ""),
    ],
)
def test_the_contribution_rule_is_said_in_one_sentence(
    table: dict[str, object], sentence: str
) -> None:
    assert rule_sentence({"contributions": table}).replace(words.NO_BREAK, " ") == sentence
