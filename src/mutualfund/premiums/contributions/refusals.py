"""Why a contribution rule cannot be applied: a column or a price is missing, a table is not yet in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from mutualfund.errors import Fault, InputError, one_number, require_kind, require_whole
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.accounts import Accounts
from mutualfund.premiums.contributions.fund_year import LAST_YEAR
from mutualfund.types import FloatArray


def missing_columns(needs: Sequence[str], portfolio: Portfolio) -> list[Fault]:
    """Columns that a rule needs and these members do not have.

    >>> print(missing_columns(["household"], Portfolio.synthetic(2))[0])
    members.household: got nothing; allowed: the column household, which rules.contributions needs.
    """
    held = {
        "income": portfolio.income,
        "region": portfolio.region_code,
        "household": portfolio.household_code,
        "group": portfolio.group_code,
    }
    return [
        Fault(
            f"members.{name}",
            "nothing",
            f"the column {name}, which rules.contributions needs",
            code="missing_column",
        )
        for name in needs
        if held[name] is None
    ]


def not_yet_valid(field: str, valid_from: date, used: date) -> Fault:
    """The fault of a table that is dated after the day of its use."""
    allowed = f"a day not after {used}, on which the table is used"
    remedy = "Use the table that was in force then, or correct its date."
    return Fault(field, str(valid_from), allowed, remedy, "date")


def not_held(field: str, name: str, what: str) -> Fault:
    """The fault of a rule that names a plan or group which no member has.

    >>> print(not_held("experience.mil", "mil", "group").allowed)
    a group that a member has
    """
    remedy = f"Compare it with the members' {what}s, or leave it out."
    return Fault(field, f"'{name}'", f"a {what} that a member has", remedy, f"unknown_{what}")


def require_prices(found: FloatArray) -> None:
    """Refuse prices, (n_members,), of which some are not a number."""
    if np.isnan(found.sum()):  # one pass where all have a price
        without = int(np.isnan(found).sum())
        allowed = "a plan with a price for every member"
        remedy = "Add the plans' prices to monthly."
        fault = Fault("members.plan", f"no price in {without} rows", allowed, remedy, "missing")
        raise InputError([fault])


def require_same_keys(previous: Mapping[str, float] | None, monthly: Mapping[str, float]) -> None:
    """Refuse a table of earlier prices that has other rows than that of the prices."""
    if previous is not None and set(previous) != set(monthly):
        allowed = "the keys of monthly: " + ", ".join(monthly)
        raise InputError([Fault("previous_monthly", ", ".join(previous), allowed, code="keys")])


def require_total(required: float) -> None:
    """Refuse a total of contributions that is no amount."""
    one_number("required", required, minimum=0.0, maximum=1e300, unit="fund currency a year")


def require_decision(seen: Accounts | None, year: int, n_paths: int) -> None:
    """Refuse what no tariff can be decided from."""
    if seen is not None:
        require_kind("seen", seen, Accounts, "Accounts of an earlier year, or None")
    require_whole("year", year, minimum=1, maximum=LAST_YEAR, unit="fund year")
    require_whole("n_paths", n_paths, minimum=1, maximum=2**31, unit="paths")
