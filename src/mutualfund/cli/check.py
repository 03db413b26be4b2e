"""`check`: what a scenario without faults amounts to, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mutualfund.fund.check import CheckReport, LineCheck
    from mutualfund.scenario import Scenario

HEADINGS = (
    "line",
    "claims a year",
    "mean claim",
    "variation",
    "largest claim",
    "fund's part a year",
)


def findings(scenario: Scenario, folder: Path | None = None) -> Iterator[str]:
    """No faults, then members, lines, health states, expected loss ratio and notes.

    folder: where a run would be stored.
    """
    from mutualfund.fund.check import check

    found = check(scenario, folder=folder)
    money = scenario.fund.currency
    yield "No faults."
    yield ""
    yield (
        f"{scenario.fund.name}: {found.members:,} members, {scenario.settings.years} years from "
        f"{scenario.fund.start}, {scenario.settings.paths:,} futures, seed {scenario.settings.seed}"
    )
    yield ""
    yield f"Lines (claims per member in a year, amounts in {money}, first year)"
    yield from table([HEADINGS, *(cells(line) for line in found.lines)])
    if scenario.assumptions.health_states is not None:
        yield ""
        yield "Mean relativity of the health states, by year (1 means no drift)"
        yield from relativities(found.lines)
    yield ""
    yield loss_ratio(found, money)
    yield size_of_run(found)
    for note in found.notes:
        yield f"Warning: {note}"
    if found.worth_a_look:
        yield ""
        yield "Worth a look"
        yield from (f"  {sentence}" for sentence in found.worth_a_look)


def cells(line: LineCheck) -> tuple[str, ...]:
    """One line's row; a dash where there is nothing to say."""
    return (
        line.name,
        "-" if line.frequency_mean is None else f"{line.frequency_mean:,.4g}",
        f"{line.severity_mean:,.2f}",
        "-" if line.severity_cv is None else f"{line.severity_cv:.3g}".replace("inf", "infinite"),
        "-" if line.largest_claim is None else f"{line.largest_claim:,.0f}",
        f"{line.fund_claims:,.0f}",
    )


def relativities(lines: Sequence[LineCheck]) -> Iterator[str]:
    """The mean relativity of each line in each year."""
    n_years = lines[0].mean_relativity.size
    heading = ("line", *(f"year {year}" for year in range(1, n_years + 1)))
    rows = [(line.name, *(f"{value:.4f}" for value in line.mean_relativity)) for line in lines]
    yield from table([heading, *rows])


def loss_ratio(found: CheckReport, currency: str) -> str:
    """The expected loss ratio and what it is made of (definition 31)."""
    from mutualfund.results.risk import Z95

    if found.loss_ratio != found.loss_ratio:  # not a number: nobody owes a contribution
        return "Expected loss ratio: none, because no contribution is due"
    text = (
        f"Expected loss ratio: {found.loss_ratio:.4f}, give or take {Z95 * found.loss_ratio_error:.4f} "
        f"(claims {found.expected_claims:,.0f} over contributions {found.contributions:,.0f} {currency}; "
        "first year in full, waits served, no shock, before reinsurance)"
    )
    if found.provider_fees == 0.0:
        return text
    cost = found.expected_claims + found.provider_fees
    return (
        f"{text}\nWith providers' fixed fees of {found.provider_fees:,.0f} {currency}: "
        f"{cost / found.contributions:.4f}"
    )


def size_of_run(found: CheckReport) -> str:
    """What a run takes of memory, the process itself included where it is known, and of the disk."""
    from mutualfund.fund.memory import in_words

    itself, process = "Python, its libraries and the members", found.process_bytes
    if process is None:
        memory = f"{in_words(found.memory_bytes)} of memory beside {itself}"
    else:
        whole = in_words(found.memory_bytes + process)
        memory = f"{whole} of memory, {in_words(process)} of it {itself}"
    return f"A run takes about {memory}, and {in_words(found.stored_bytes)} on the disk"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns set under each other, the first to the left.

    >>> list(table([("line", "mean"), ("dental", "140")]))
    ['  line    mean', '  dental   140']
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *rest in rows:
        right = "  ".join(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))
        yield f"  {first.ljust(widths[0])}  {right}"
