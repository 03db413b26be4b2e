"""A share of income, between a floor and a ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Amount, Share
from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.members import require_portfolio
from mutualfund.premiums.columns import column
from mutualfund.premiums.contributions.between_bounds import BetweenBounds
from mutualfund.premiums.contributions.cells import one_cell
from mutualfund.premiums.contributions.refusals import missing_columns, require_total
from mutualfund.premiums.contributions.rule import Contribution
from mutualfund.premiums.contributions.standing import MONTHS, Standing
from mutualfund.types import FloatArray, IntArray

DUES_PER_UNIT = 100
"""Income-related dues are counted in hundredths of the currency unit, in every currency.

The rule does not know the currency: where that has no hundredths, as the yen, its dues are not yet amounts
that can be paid, which `balance` makes of them.
"""

ROUNDING = 1e-12  # of a total or a rate: sums and products of floats


class IncomeContribution(Contribution):
    """A share of income, between a monthly minimum and maximum.

    Units are each member's year-1 monthly dues in hundredths of the currency; the price of a unit
    is 0.01. What a meeting sets, by `level` or by balancing, moves the rate; minimum and maximum, which
    statutes and by-laws fix as amounts, stay. With `moves = "all"` they move too. Rises of later years in a
    simulation move all three, as yearly indexation does.

    >>> rule = IncomeContribution(rate=0.0625, minimum=10.0, maximum=200.0)
    >>> rule.dues([24_000.0, 0.0]).tolist(), rule.scaled(2.0).dues([24_000.0, 0.0]).tolist()
    ([125.0, 10.0], [200.0, 10.0])
    """

    kind: Literal["income"] = "income"
    rate: Share = Field(description="share of income owed")
    previous_rate: Share | None = Field(default=None, description="the same before fund.start")
    minimum: Amount = Field(default=0.0, description="least monthly contribution, fund currency")
    maximum: Amount | None = Field(
        default=None, description="greatest monthly contribution, fund currency"
    )
    moves: Literal["rate", "all"] = Field(
        default="rate",
        description="what level and balancing move: the rate between bounds that stay, or the bounds as well",
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            allowed = f"at least the minimum, {self.minimum:g}"
            remedy = "Exchange the two, or leave out the maximum."
            raise InputError([Fault("maximum", f"{self.maximum:g}", allowed, remedy, "range")])
        if self.rate == 0 and self.previous_rate:
            raise InputError(
                [Fault("rate", "0", "more than 0 where previous_rate is", code="range")]
            )
        if self._rate > 1.0 + ROUNDING:
            allowed = f"at most {1.0 / self.rate:g} at this rate, which then is the whole income"
            raise InputError([Fault("level", f"{self.level:g}", allowed, code="range")])
        return self

    @property
    def _rate(self) -> float:
        """Share of income that is owed, as the meeting has set it where it moves that alone."""
        return self.rate * self.level if self.moves == "rate" else self.rate

    @property
    def _highest(self) -> float:
        return np.inf if self.maximum is None else self.maximum

    @property
    def counts(self) -> bool:
        """True: members owe as many units as their dues have hundredths."""
        return True

    def needs(self) -> tuple[str, ...]:
        """The income column, and what the adjustments need."""
        return ("income", *super().needs())

    def cell_labels(self) -> tuple[str, ...]:
        """One cell."""
        return ("income",)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) zeros."""
        return one_cell(plan_names)

    def written(self) -> FloatArray:
        """(1,) 0.01, the price of a unit."""
        return np.asarray([1.0 / DUES_PER_UNIT])

    def prices(self) -> FloatArray:
        """(1,) 0.01, times the level where bounds move with it."""
        return self.written() if self.moves == "rate" else super().prices()

    def previously_written(self) -> FloatArray | None:
        """(1,) the price of a unit before; minimum and maximum are taken to have moved with the rate."""
        if self.previous_rate is None or self._rate == 0:
            return None
        return np.asarray([self.previous_rate / self._rate / DUES_PER_UNIT])

    def reaching(
        self, required: float, owed: FloatArray, portfolio: Portfolio, at: int | date
    ) -> tuple[float, FloatArray]:
        """The factor on the rate at which members owe a total between bounds that stay, and what each owes.

        Raises
        ------
        InputError
            Where the bounds, or a rate of 100 %, keep the total out of reach, naming what is within.
        """
        require_total(required)
        if self.moves == "all" or portfolio.income is None:
            return super().reaching(required, owed, portfolio, at)
        times = self.factors(Standing(portfolio, self._year_of(portfolio, at)))
        bounds = (MONTHS * self.minimum, MONTHS * self._highest)
        dues = BetweenBounds(portfolio.income * self._rate, *bounds, times)
        whole_income = 1.0 / self._rate if self._rate else 0.0
        least, most = (float(dues.at(factor).sum()) for factor in (0.0, whole_income))
        if not least * (1.0 - ROUNDING) <= required <= most * (1.0 + ROUNDING):
            within = f"{math.ceil(100 * least) / 100:,.2f} to {math.floor(100 * most) / 100:,.2f}"
            allowed = f"{within}, which minimum, maximum and income let members owe"
            remedy = 'Change the bounds, or let them move with the rate: moves = "all".'
            fault = Fault("required_total", f"{required:,.2f}", allowed, remedy, "range")
            raise InputError([fault])
        factor = min(dues.factor_for(required), whole_income) if self._rate else 1.0
        return factor, dues.at(factor)

    def dues(self, income: FloatArray | Sequence[float]) -> FloatArray:
        """(n,) monthly dues before adjustments, fund currency, for annual incomes, (n,), not negative.

        Raises
        ------
        InputError
            For an income that is no number or below zero, naming its place.
        """
        yearly = column("income", income, None, maximum=1e15, unit="currency a year", show=False)
        return self._hundredths(yearly) * float(self.prices()[0])

    def counted(self, portfolio: Portfolio) -> FloatArray:
        """(n_members,) monthly dues in whole hundredths of the currency, rounded half up.

        The rate counts as the decimal that is written: of incomes in whole hundredths the rounding is exact
        as long as income in hundredths x digits of the rate stays below 2^51 (at 7.5 %, 300 billion a year).

        Raises
        ------
        InputError
            Where the members have no income column.
        """
        require_portfolio("portfolio", portfolio)
        if portfolio.income is None:
            raise InputError(missing_columns(["income"], portfolio))
        return self._hundredths(portfolio.income)

    def _hundredths(self, income: FloatArray) -> FloatArray:
        from mutualfund.premiums.contributions.kernels import hundredths_of_income

        share, parts = _as_ratio(self.rate, self.level if self.moves == "rate" else 1.0)
        lowest, highest = _half_up(self.minimum), _half_up(self._highest)
        out = np.empty(income.size)
        hundredths_of_income(income, share, MONTHS * parts, float(self._rate), lowest, highest, out)
        return out


def _as_ratio(*factors: float) -> tuple[float, float]:
    """The product of decimals as written: a whole number over a power of ten."""
    product = Decimal(1)
    for factor in factors:
        product *= Decimal(repr(float(factor)))
    digits = -int(product.normalize().as_tuple().exponent)
    power = Decimal(10) ** max(digits, 0)
    return float(product * power), float(power)


def _half_up(amount: float) -> float:
    """An amount as written in whole hundredths, half up; an infinite one stays so."""
    hundredths = Decimal(repr(float(amount))) * DUES_PER_UNIT
    return float(hundredths.to_integral_value(ROUND_HALF_UP))
