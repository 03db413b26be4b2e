"""From the pure premium to the contribution, row by row, as an actuarial report shows it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mutualfund.errors import Fault, InputError, listed, one_number
from mutualfund.premiums.loadings import MOST_SHARE, Loading
from mutualfund.schema import minor_units, require_currency

if TYPE_CHECKING:
    import pandas as pd

Per = Literal["year", "month"]
PURE = "pure premium"
MONTHS = 12


@dataclass(frozen=True, slots=True)
class BuildUpRow:
    """A row as printed: whole minor units that add up, `total` that of this row and all above.

    >>> premium_build_up(20.0, currency="EUR").rows()[0]
    BuildUpRow(item='pure premium', basis='amount', amount=2000, total=2000)
    """

    item: str
    basis: str
    amount: int
    total: int


@dataclass(frozen=True, slots=True)
class PremiumBuildUp:
    """A contribution and what it is made of, currency a member-year. Made by `premium_build_up`.

    items, bases, amounts: one for each row, the pure premium first, unrounded. standard_error: of
    `contribution`, from that of the pure premium.

    >>> page = premium_build_up(200.0, [Loading(item="surplus", share=0.05)], currency="EUR")
    >>> page.contribution, [row.amount for row in page.rows()]
    (210.0, [20000, 1000])
    """

    currency: str
    items: tuple[str, ...]
    bases: tuple[str, ...]
    amounts: tuple[float, ...]
    standard_error: float = 0.0

    @property
    def contribution(self) -> float:
        """The sum of all rows, unrounded."""
        return math.fsum(self.amounts)

    @property
    def loading_ratio(self) -> float:
        """Contribution over pure premium; infinite where the pure premium is zero."""
        pure = self.amounts[0]
        return self.contribution / pure if pure else math.inf

    def rows(self, per: Per = "year") -> tuple[BuildUpRow, ...]:
        """The rows in whole minor units, a year or a month, which add up exactly.

        The total is rounded half up. Each row is rounded up or down, those with the largest remainders up, so
        that they sum to it.
        """
        if per not in ("year", "month"):
            raise InputError([Fault("per", repr(per), "year or month", code="unknown_choice")])
        scale = minor_units(self.currency) / (1 if per == "year" else MONTHS)
        whole = _adding_up([amount * scale for amount in self.amounts])
        totals = np.cumsum(whole).tolist()
        return tuple(
            BuildUpRow(*row) for row in zip(self.items, self.bases, whole, totals, strict=True)
        )

    def table(self, per: Per = "year") -> pd.DataFrame:
        """The page as a table: item, basis, amount, total so far and share of the contribution.

        The last row is the contribution; the amounts above it add up to it to the minor unit.

        >>> page = premium_build_up(200.0, [Loading(item="surplus", share=0.05)], currency="EUR")
        >>> page.table("month")["amount"].tolist()
        [16.67, 0.83, 17.5]
        """
        import pandas as pd

        minor, rows = minor_units(self.currency), self.rows(per)
        end = rows[-1].total
        lines = [(row.item, row.basis, row.amount, row.total) for row in rows]
        lines.append(("contribution", f"a member and {per}", end, end))
        frame = pd.DataFrame(lines, columns=["item", "basis", "amount", "total"])
        frame["share_of_contribution"] = frame["amount"] / end if end else math.nan
        frame[["amount", "total"]] /= minor
        return frame

    def __str__(self) -> str:
        """The page in plain text, a year."""
        minor = minor_units(self.currency)
        places = len(str(minor)) - 1
        rows = self.rows()
        end = BuildUpRow(
            "contribution a member-year", self.currency, rows[-1].total, rows[-1].total
        )
        lines = [(row.item, row.basis, f"{row.amount / minor:,.{places}f}") for row in (*rows, end)]
        wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            f"{item:<{wide[0]}}  {basis:<{wide[1]}}  {money:>{wide[2]}}"
            for item, basis, money in lines
        ]
        rule = "-" * max(map(len, text))
        return "\n".join([*text[:-1], rule, text[-1]])


def premium_build_up(
    pure_premium: float,
    loadings: Iterable[Loading] = (),
    *,
    currency: str,
    standard_error: float = 0.0,
) -> PremiumBuildUp:
    """Build a contribution up from the pure premium, row by row.

    Parameters
    ----------
    pure_premium : expected fund payment, currency a member-year, >= 0.
    loadings : the rows that follow, in order.
    currency : ISO 4217; its minor unit is what amounts are rounded to.
    standard_error : of the pure premium; carried to the contribution.

    Raises
    ------
    InputError
        Where shares of the contribution leave nothing for the rest, a name comes twice, the rows make the
        contribution negative, or the currency is no code.

    >>> rows = [
    ...     Loading(item="safety margin", share=0.1, of="pure premium"),
    ...     Loading.spread("running cost", total=6000.0, member_years=400.0),
    ...     Loading(item="collection", share=0.04, of="contribution"),
    ... ]
    >>> print(premium_build_up(75.0, rows, currency="EUR"))
    pure premium                amount                 75.00
    safety margin               10 % of pure premium    7.50
    running cost                amount                 15.00
    collection                  4 % of contribution     4.06
    --------------------------------------------------------
    contribution a member-year  EUR                   101.56
    """
    rows = listed("loadings", loadings, "rows of the kind Loading", of=Loading)
    require_currency("currency", currency)
    one_number(
        "pure_premium", pure_premium, minimum=0.0, maximum=1e15, unit="currency a member-year"
    )
    one_number("standard_error", standard_error, minimum=0.0, maximum=1e15, unit="currency")
    items = (PURE, *(row.item for row in rows))
    if len(set(items)) != len(items):
        raise InputError([Fault("loadings", "an item twice", "each once", code="duplicate_name")])
    fixed, by_total, by_pure = _linear(pure_premium, rows)
    left = 1.0 - math.fsum(by_total)
    if left <= 1e-9:
        got = f"shares of the contribution that add up to {1.0 - left:.6g}"
        remedy = "Something must be left for the rows that are not shares of it."
        raise InputError([Fault("loadings", got, "less than 1 in all", remedy, "shares")])
    contribution = math.fsum(fixed) / left
    if contribution < 0.0:
        got = f"a contribution of {contribution:.6g}"
        raise InputError([Fault("loadings", got, "0 or more", code="negative")])
    return PremiumBuildUp(
        currency=currency,
        items=items,
        bases=("amount", *(row.basis for row in rows)),
        amounts=tuple(a + b * contribution for a, b in zip(fixed, by_total, strict=True)),
        standard_error=standard_error * math.fsum(by_pure) / left,
    )


def mutual_build_up(
    pure_premium: float,
    *,
    running_cost: float,
    currency: str,
    safety_margin: float = 0.1,
    surplus: float = 0.05,
    standard_error: float = 0.0,
) -> PremiumBuildUp:
    """The build-up of the handbooks for mutual health organisations: four rows.

    Contribution = pure premium + safety margin (a share of the pure premium) + running cost (an amount) +
    surplus (a share of those three). The default shares are examples to replace: the fund's own size and
    volatility decide what is right.

    Parameters
    ----------
    pure_premium, running_cost : currency a member-year, >= 0.
    safety_margin, surplus : shares, 0 to 3; for 10 % write 0.1.
    currency, standard_error : as for `premium_build_up`.

    Source: ILO/STEP, *Health Micro-Insurance Schemes: Feasibility Study Guide* (2005), on the calculation of
    contributions.

    >>> page = mutual_build_up(75.0, running_cost=12.5, currency="EUR")
    >>> page.table()["amount"].tolist()
    [75.0, 7.5, 12.5, 4.75, 99.75]
    """
    one_number(
        "running_cost", running_cost, minimum=0.0, maximum=1e15, unit="currency a member-year"
    )
    for name, share in (("safety_margin", safety_margin), ("surplus", surplus)):
        one_number(name, share, minimum=0.0, maximum=MOST_SHARE, unit="share")
    return premium_build_up(
        pure_premium,
        [
            Loading(item="safety margin", share=safety_margin, of="pure premium"),
            Loading(item="running cost", amount=running_cost),
            Loading(item="surplus", share=surplus, of="rows above"),
        ],
        currency=currency,
        standard_error=standard_error,
    )


def _linear(
    pure: float, loadings: Sequence[Loading]
) -> tuple[list[float], list[float], list[float]]:
    """Each row as fixed + by_total x contribution, and what a unit of pure premium adds to `fixed`."""
    fixed, by_total, by_pure = [pure], [0.0], [1.0]
    for row in loadings:
        of_pure, of_above = row.of == PURE, row.of == "rows above"
        share_above = row.share if of_above else 0.0
        own = row.share * pure if of_pure else 0.0
        fixed.append(row.amount + own + share_above * math.fsum(fixed))
        of_contribution = row.share if row.of == "contribution" else 0.0
        by_total.append(of_contribution + share_above * math.fsum(by_total))
        by_pure.append((row.share if of_pure else 0.0) + share_above * math.fsum(by_pure))
    return fixed, by_total, by_pure


def _adding_up(amounts: Sequence[float]) -> list[int]:
    """Whole numbers near the amounts whose sum is the rounded sum: largest remainders are rounded up."""
    # A hair above: a half that floating point holds a little short is still rounded up.
    total = math.floor(math.fsum(amounts) + 0.5 + 1e-9)
    whole = [math.floor(amount + 1e-9) for amount in amounts]
    rest = np.array([amount - low for amount, low in zip(amounts, whole, strict=True)])
    for place in np.argsort(-rest, kind="stable")[: total - sum(whole)]:
        whole[int(place)] += 1
    return whole
