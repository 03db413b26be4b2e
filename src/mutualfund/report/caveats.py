"""What the reader should bear in mind: what is left out, how good the data are, how sure the chances are.

Leading caveats only, in the order that matters to a decision. They are read off the scenario's own text, so
a page made later from a stored run says the same as the one made with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mutualfund.report.board import Board
from mutualfund.report.words import count, futures, join_words, likely_range, one_in, plural

if TYPE_CHECKING:
    from mutualfund.results import FundRun

AGE_MIXES = {"Y": "a young", "N": "an average", "O": "an old"}


@dataclass(frozen=True, slots=True)
class Caveat:
    """A heading and what stands under it."""

    heading: str
    text: str
    points: tuple[str, ...] = ()


def caveats(run: FundRun, board: Board) -> tuple[Caveat, ...]:
    """The caveats of one run, most important first."""
    document = tomllib.loads(run.scenario_toml)
    after = [after_ruin(document)] if board.ever_empty.estimate > 0.0 else []
    found = [
        Caveat("What is not in these figures", "", (*after, *left_out(document, board.n_years))),
        Caveat("How good the data are", "", data_quality(document, run)),
        Caveat("How sure the chances are", chance_error(board)),
    ]
    warnings = [str(warning) for warning in run.manifest.get("warnings", ())]
    if warnings:
        found.append(Caveat("Warnings given while it ran", "", tuple(warnings)))
    return tuple(found)


def left_out(document: Mapping[str, Any], years: int) -> tuple[str, ...]:
    """What the simulated fund does not know of, as one point each.

    >>> left_out({}, 1)[0]
    'The rules stay as they are written. A real board would see trouble coming and act sooner.'
    """
    assumptions = document.get("assumptions", {})
    lasting = f" for all {plural(years, 'year')}" if years > 1 else ""
    points = [
        f"The rules stay as they are written{lasting}. A real board would see trouble coming and act "
        "sooner.",
        "The fund is looked at on the last day of each year. Being short of cash for some weeks within a "
        "year is not seen.",
        "Amounts are in the money of their own year. They are not corrected for inflation.",
    ]
    if document.get("rules", {}).get("equalisation"):
        points.append(
            "The other funds of the pool are not looked at: what they bring into it, and so the levy, is "
            "taken as known."
        )
    points += dues_left_out(document.get("rules", {}))
    missing = absent(document, assumptions)
    if document and missing:
        points.append(f"Left out of this scenario: {join_words(missing)}.")
    return tuple(points)


def dues_left_out(rules: Mapping[str, Any]) -> list[str]:
    """What the fund does not know of those who owe it something.

    >>> dues_left_out({"arrears": {"late": 0.1}})
    ['Members who pay late stay covered, and it is not known who they are.']
    """
    points = []
    if rules.get("arrears"):
        points.append("Members who pay late stay covered, and it is not known who they are.")
    adjustments = rules.get("contributions", {}).get("adjustments", ())
    if any(adjustment.get("kind") == "family" for adjustment in adjustments):
        points.append(
            "Households stay as the members' list shows them, also when somebody has left."
        )
    return points


def after_ruin(document: Mapping[str, Any]) -> str:
    """What becomes of a fund here once its money has run out.

    >>> after_ruin({})
    'A fund that has run out of money is played on here as if members and creditors stayed.'
    """
    if document.get("settings", {}).get("run_off", False):
        return (
            "A fund that has run out of money stops here: no more contributions, and what it owes is paid "
            "as it falls due."
        )
    return "A fund that has run out of money is played on here as if members and creditors stayed."


def below_the_line(document: Mapping[str, Any], years: int) -> str:
    """What the rules of the scenario do where a year would end below the safety line.

    >>> below_the_line({"rules": {"calls": {"maximum": 0.2}}}, 1)
    'Where a year would end below it, the rules ask members for an extra payment.'
    """
    rules: Mapping[str, Any] = document.get("rules", {})
    done = []
    if _asks_extra(rules):
        done.append("ask members for an extra payment")
    if _raises_contributions(rules, years):
        done.append("raise later contributions by what is missing")
    if not done:
        return "Where a year ends below it, the rules as they stand change nothing."
    return f"Where a year would end below it, the rules {join_words(done)}."


def _asks_extra(rules: Mapping[str, Any]) -> bool:
    voted = any(
        change.get("rule", "").startswith("calls") for change in rules.get("amendments", ())
    )
    return voted or bool(rules.get("calls", {}).get("maximum", 0.0))


def _raises_contributions(rules: Mapping[str, Any], years: int) -> bool:
    """Whether a meeting within the run sees a year below the line, and may answer it."""
    governance: Mapping[str, Any] = rules.get("governance", {})
    months = governance.get("data_lag_months", 0) + governance.get("effect_lag_months", 0)
    most = governance.get("maximum_increase")
    usual = rules.get("contributions", {}).get("increase_per_year", 0.0)
    in_time = years >= 2 - -months // 12
    return governance.get("restore_floor", True) and in_time and (most is None or most > usual)


def absent(document: Mapping[str, Any], assumptions: Mapping[str, Any]) -> list[str]:
    """The optional parts of a scenario that this one does without.

    >>> absent({"members": {"price_response": 0.4}}, {"health_states": {}, "shocks": [{}]})
    ['more or less use of care when members pay a larger or smaller share', 'swings of the investment return']
    """
    lines: Sequence[Mapping[str, Any]] = assumptions.get("lines", ())
    returns = assumptions.get("economy", {}).get("investment_return", {})
    parts = {
        "epidemics and other bad years that hit everybody at once": assumptions.get("shocks"),
        "lasting illness (a sick member is as likely as anyone to be well next year)": assumptions.get(
            "health_states"
        )
        is not None,
        "members leaving because contributions rise": document.get("members", {}).get(
            "price_response"
        ),
        "more or less use of care when members pay a larger or smaller share": any(
            line.get("use_response") for line in lines
        ),
        "swings of the investment return": returns.get("sd"),
    }
    return [words for words, present in parts.items() if not present]


def data_quality(document: Mapping[str, Any], run: FundRun) -> tuple[str, ...]:
    """Where members and claim rates come from, as one point each."""
    people = count(round(float(run.at("members_start", 1).mean())))
    return (_members(document, people), _uncertainty(document))


def _members(document: Mapping[str, Any], people: str) -> str:
    members = document.get("members", {})
    made_up = members.get("synthetic")
    if made_up:
        mix = AGE_MIXES.get(made_up.get("age_mix", "N"), "a chosen")
        return (
            f"The {people} members are made up, with {mix} mix of ages; they are not real people."
        )
    if members.get("file"):
        return (
            f"The {people} members are those of the members file. Its figures were checked for what "
            "cannot be, not for what is merely wrong."
        )
    return f"The {people} members were handed over by the analyst's own program."


def _uncertainty(document: Mapping[str, Any]) -> str:
    lines = document.get("assumptions", {}).get("lines", ())
    doubtful = [line["name"] for line in lines if line.get("uncertainty")]
    if doubtful and document.get("settings", {}).get("parameter_risk", True):
        return (
            "Nobody knows the true claim rates. Each future therefore draws its own for "
            f"{join_words(doubtful)}; all other assumptions are taken as exactly right."
        )
    return (
        "Claim rates, costs and their growth are taken as exactly right. They are estimates: if they are "
        "wrong, they are wrong in every future alike, and the truth may lie outside all that is shown."
    )


def chance_error(board: Board) -> str:
    """How far the main chance could be off because only so many futures were imagined."""
    main = board.ever_empty if board.ever_below is None else board.ever_below
    what = "running out of money" if board.ever_below is None else "falling below the safety line"
    were = "was" if board.n_paths == 1 else "were"
    return (
        f"There {were} only {futures(board.n_paths)}. The chance of {what} came out as "
        f"{one_in(main.estimate, of=board.n_paths)}; with endlessly many futures it would most likely be "
        f"{likely_range(main.estimate, main.low, main.high)}. More futures narrow this range, but do not "
        "cure wrong assumptions."
    )
