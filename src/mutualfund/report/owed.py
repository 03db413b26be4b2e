"""Who owes the contributions and by which rule, and what of the reserve are shares that members may withdraw.

All is read off the scenario's own text, as the caveats are, and off the ledger.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mutualfund.report.words import join_words
from mutualfund.results.estimates import Estimate, mean

if TYPE_CHECKING:
    from mutualfund.results import FundRun

Rules = Mapping[str, Any]

KINDS = {
    "flat": "all members owe the same",
    "age_band": "what a member owes goes by age",
    "tier": "what a member owes goes by the plan they have chosen",
}
ADJUSTED_BY = {
    "entry_age_loading": "age on joining",
    "age_discount": "age on joining",
    "early_entry": "age on joining",
    "family": "family",
    "group_experience": "what the member's group has cost",
}


@dataclass(frozen=True, slots=True)
class Owed:
    """Who owes the contributions.

    Attributes
    ----------
    rule
        The contribution rule in a sentence; empty where the scenario's text has none.
    by_members
        What members owe themselves, in the first and the last year, currency; None where they owe all.
    payers
        Who owes the rest, in words.
    shares
        Members' withdrawable shares at the end, mean of all futures, currency; None where there are none.
    """

    rule: str
    by_members: tuple[Estimate, Estimate] | None
    payers: str
    shares: Estimate | None

    @classmethod
    def of(cls, run: FundRun) -> Owed:
        """Read off a run."""
        rules = tomllib.loads(run.scenario_toml).get("rules", {})
        by_year = {year: subsidies_in(rules, run, year) for year in (1, run.n_years)}
        payers = [subsidy["payer"] for subsidies in by_year.values() for subsidy in subsidies]
        ends = tuple(_members_dues(run, year, by_year[year]) for year in (1, run.n_years))
        return cls(
            rule=rule_sentence(rules),
            by_members=(ends[0], ends[1]) if payers else None,
            payers=join_words(list(dict.fromkeys(payers))) if payers else "",
            shares=_shares(run, rules),
        )


def rule_sentence(rules: Rules) -> str:
    """The contribution rule of the first day in one sentence.

    >>> rule_sentence({"contributions": {"kind": "flat", "adjustments": [{"kind": "family"}]}})
    'The rule: all members owe the same, adjusted by family.'
    """
    table: Mapping[str, Any] = rules.get("contributions", {})
    if "kind" not in table:
        return ""
    adjusted = [
        each["by"] if each["kind"] == "rating_factor" else ADJUSTED_BY.get(each["kind"], "")
        for each in table.get("adjustments", ())
    ]
    named = list(dict.fromkeys(filter(None, adjusted)))
    amended = any(
        change["rule"].startswith("contributions") for change in rules.get("amendments", ())
    )
    which = "The rule on the first day" if amended else "The rule"
    return f"{which}: {_in_words(table)}{f', adjusted by {join_words(named)}' if named else ''}."


def _in_words(table: Mapping[str, Any]) -> str:
    if table["kind"] == "community":
        share, age = table.get("child_share", 1.0), table.get("child_age", 18)
        same = KINDS["flat"]
        less = f"only {_stated(share)} of it" if share else "nothing"
        return same if share == 1.0 else f"{same}, those below {age} {less}"
    if table["kind"] == "income":
        low, high = table.get("minimum"), table.get("maximum")
        ends = [word for word, end in (("a least", low), ("a greatest", high)) if end]
        within = f", with {join_words(ends)} amount" if ends else ""
        moved = table.get("level", 1.0) if table.get("moves", "rate") == "rate" else 1.0
        return f"members owe {_stated(table['rate'] * moved)} of their income{within}"
    return KINDS.get(table["kind"], "the fund's own")


def _stated(share: float) -> str:
    """A share as a by-law states it, with all its figures."""
    return f"{100.0 * share:.6g} %"


def subsidies_in(rules: Rules, run: FundRun, year: int) -> Sequence[Mapping[str, Any]]:
    """The subsidies in force on the first day of a fund year."""
    start = date.fromisoformat(run.facts.start)
    opens = start.replace(year=start.year + year - 1)
    voted = [
        change
        for change in rules.get("amendments", ())
        if change["rule"] == "subsidies" and change["effective"] <= opens
    ]
    last = sorted(voted, key=lambda change: change["effective"])[
        -1:
    ]  # of one day, the last in the file
    found: Sequence[Mapping[str, Any]] = (
        last[0].get("value", ()) if last else rules.get("subsidies", ())
    )
    return found


def _members_dues(run: FundRun, year: int, subsidies: Sequence[Mapping[str, Any]]) -> Estimate:
    part = max(0.0, 1.0 - sum(subsidy["share"] for subsidy in subsidies))
    due = part * run.at("contributions_due", year)
    return mean(due, "members_dues", year, run.facts.currency, "contributions members owe")


def _shares(run: FundRun, rules: Rules) -> Estimate | None:
    share = rules.get("joining", {}).get("share", 0.0)
    if not share:
        return None
    held = share * run.at("members_end")
    return mean(held, "shares_held", run.n_years, run.facts.currency, "withdrawable shares")
