"""The board's page: one HTML file that needs nothing else, from a finished run.

`render` reads the run once (`board`), says it in words (`words`, `caveats`), draws it (`charts`, `svg`) and
fills the template. No script, no outside address, no date: the same run gives the same bytes.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mutualfund.report import few, words
from mutualfund.report.board import Board
from mutualfund.report.caveats import after_ruin, below_the_line, caveats
from mutualfund.report.owed import Owed
from mutualfund.report.pictures import (
    bars_chart,
    chance_title,
    chances,
    dots_chart,
    fan_chart,
    known,
    no_chance,
)
from mutualfund.report.svg import require_matplotlib
from mutualfund.results.estimates import Estimate
from mutualfund.results.manifest import environment, sha256
from mutualfund.results.storage import write_atomically

if TYPE_CHECKING:
    from mutualfund.results import FundRun

# What the eye should find first in a sentence: chances and amounts.
_KEY = re.compile(
    r"(?:all but )?\b1 in [\d.,]*\d|\b\d+ (?:in 100|of \d+)\b|\b(?:none|all)\b(?= (?:ever )?(?:saw|ran))"
    r"|\b\d[\d,]* in [\d.,]*\d"
    rf"|[{words.MINUS}]?(?:[€$£¥₹]|[A-Z]{{3}}{words.NO_BREAK})[\d.,]*\d(?:{words.NO_BREAK}[a-z]+illion)?"
)


def render(run: FundRun) -> str:
    """The report of `run` as the text of one HTML page.

    Raises
    ------
    RunError
        Where matplotlib is not installed; the message says what to install.

    >>> from mutualfund.results import example_run
    >>> render(example_run()).splitlines()[0]
    '<!doctype html>'
    """
    require_matplotlib()
    return _environment().get_template("page.html.j2").render(page(run))


def write_report(run: FundRun, path: str | Path) -> Path:
    """Write the report of `run` to `path` and return the path.

    Parameters
    ----------
    path
        File to write; one that is there is replaced as a whole or not at all.

    Raises
    ------
    RunError
        Where matplotlib is not installed or the file cannot be written.

    >>> import tempfile
    >>> from mutualfund.results import example_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(example_run(), folder + "/board.html").name
    'board.html'
    """
    target = Path(path)
    write_atomically(target, render(run).encode("utf-8"))
    return target


def headline(run: FundRun) -> str:
    """What the report of `run` says first, in one sentence.

    >>> from mutualfund.results import example_run
    >>> headline(example_run()).partition(", and ")[0]
    'Of 20 imagined futures, 5 of 20 saw the reserve fall below its safety line at some point'
    """
    return verdict(Board.of(run))[0]


def verdict(board: Board) -> list[str]:
    """The three sentences a board reads first."""
    below = None if board.ever_below is None else board.ever_below.estimate
    empty = board.ever_empty.estimate
    sentences = [words.chance_sentence(board.n_paths, below, empty, rescued=board.rescued)]
    if board.middle is None:
        sentences.append(few.no_middle_sentence(board.n_paths))
    else:
        end = (board.middle.estimate, known(board.middle))
        sentences.append(words.middle_sentence(board.n_years, *end, board.currency))
    if board.low is None or board.high is None:
        sentences.append(few.too_few_sentence(board.n_paths))
    else:
        errors = (known(board.low), known(board.high))
        ends = (board.low.estimate, board.high.estimate)
        sentences.append(words.spread_sentence(*ends, errors, board.currency))
    return sentences


def page(run: FundRun) -> dict[str, Any]:
    """Everything the template prints, by the names it uses."""
    board, document = Board.of(run), _document(run)
    return {
        "board": board,
        "owed": Owed.of(run),
        "title": run.facts.title or run.facts.fund,
        "fund": run.facts.fund,
        "scenario": document,
        "after_ruin": after_ruin(document) if board.ever_empty.estimate > 0.0 else "",
        "below_the_line": below_the_line(document, board.n_years),
        "verdict": verdict(board),
        "chances": chances(board),
        "chance_title": chance_title(board),
        "fan": fan_chart(board),
        "dots": dots_chart(board) if any(row.estimate for row in chances(board)) else None,
        "no_chance": no_chance(board),
        "bars": bars_chart(board),
        "icons": icons(board),
        "caveats": caveats(run, board),
        "footer": footer(run),
    }


def icons(board: Board) -> list[str]:
    """The kind of each of the hundred futures, in reading order; none where the futures are too few."""
    kinds = ("safe", "called", "below", "empty")
    return [] if board.too_few else [k for k in kinds for _ in range(getattr(board.futures, k))]


def footer(run: FundRun) -> dict[str, Any]:
    """What somebody needs who wants to check the page or make it again."""
    versions = run.manifest.get("versions") or environment()["versions"]
    inputs = run.manifest.get("inputs") or {
        "scenario": {"sha256": sha256(run.scenario_toml.encode())}
    }
    return {
        "version": versions["mutualfund"],
        "versions": ", ".join(f"{name} {number}" for name, number in sorted(versions.items())),
        "seed": run.manifest.get("seed", _document(run).get("settings", {}).get("seed")),
        "stream": run.manifest.get("stream_version"),
        # A stored manifest is sorted by name, and the page made from it must be the same page.
        "inputs": {name: inputs[name]["sha256"] for name in sorted(inputs)},
        "digest": run.digest(),
    }


def _document(run: FundRun) -> dict[str, Any]:
    return tomllib.loads(run.scenario_toml)


def strong(sentence: str) -> Markup:
    """The sentence with its chances and amounts in bold; everything else escaped.

    >>> strong("Of 10 futures, 1 in 10 saw <b>.")
    Markup('Of 10 futures, <strong>1 in 10</strong> saw &lt;b&gt;.')
    """
    return Markup(_KEY.sub(lambda found: f"<strong>{found[0]}</strong>", str(escape(sentence))))


def tie(sentence: str) -> str:
    """The sentence with no line break inside a chance or an amount."""
    return _KEY.sub(lambda found: found[0].replace(" ", words.NO_BREAK), sentence)


def fact(estimate: Estimate, text: str) -> Markup:
    """A figure in the page, with the number it was made from.

    >>> fact(Estimate("ruin", 10, 0.02, 0.001, 0.018, 0.022, "share", "ruin"), "1 in 50")
    Markup('<data value="0.02" data-fact="ruin" data-year="10">1 in 50</data>')
    """
    year = "" if estimate.year is None else estimate.year
    return Markup('<data value="{}" data-fact="{}" data-year="{}">{}</data>').format(
        repr(estimate.estimate), estimate.quantity, year, text
    )


def chance(estimate: Estimate, n_paths: int) -> Markup:
    """A probability in words, as seen in `n_paths` futures."""
    return fact(estimate, tie(words.one_in(estimate.estimate, of=n_paths)))


def share(estimate: Estimate) -> Markup:
    """A probability as a percentage."""
    return fact(estimate, words.percent(estimate.estimate))


def span(estimate: Estimate) -> str:
    """The likely range of a probability."""
    return tie(words.likely_range(estimate.estimate, estimate.low, estimate.high))


def money(estimate: Estimate, currency: str) -> Markup:
    """An amount rounded to its error."""
    return fact(estimate, words.money(estimate.estimate, known(estimate), currency))


def growth(estimate: Estimate, currency: str) -> Markup:
    """What a year does to the fund's money."""
    return fact(estimate, words.growth(estimate.estimate, known(estimate), currency))


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("mutualfund.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (strong, tie, chance, share, span, money, growth)
    found.filters |= {function.__name__: function for function in filters}
    found.globals |= {"words": words, "few": few}
    return found
