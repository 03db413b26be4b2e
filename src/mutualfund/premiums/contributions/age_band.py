"""By age band, with a greatest ratio between the dearest band and the cheapest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from mutualfund.assumptions.bands import AgeBands, covers_all_ages
from mutualfund.assumptions.model import Amount, Freeze, Number, Whole
from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.members import require_portfolio
from mutualfund.premiums.contributions.cells import by_age
from mutualfund.premiums.contributions.compression import compressed_prices
from mutualfund.premiums.contributions.refusals import require_same_keys
from mutualfund.premiums.contributions.rule import Contribution
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.schema import MAX_AGE
from mutualfund.types import BoolArray, FloatArray, IntArray

BandTable = Annotated[Mapping[str, Amount], AfterValidator(covers_all_ages), Freeze]
HighestRatio = Annotated[Number, Field(ge=1.0, le=1000.0)]
ROUNDING = 1e-9  # of the ratio: a product of two floats that was at the limit


class AgeBandContribution(Contribution):
    """By age band.

    >>> rule = AgeBandContribution(monthly={"0-17": 12.0, "18+": 40.0})
    >>> rule.cell_table([])[[17, 18], 0].tolist()
    [0, 1]
    """

    kind: Literal["age_band"] = "age_band"
    monthly: BandTable = Field(description="monthly contribution by age band, fund currency")
    previous_monthly: BandTable | None = Field(
        default=None, description="the same before fund.start"
    )
    maximum_ratio: HighestRatio | None = Field(
        default=None,
        description="how many times the cheapest band the dearest may cost, before adjustments: loadings "
        "by entry age and the like come on top",
    )
    ratio_from_age: Annotated[Whole, Field(ge=0, le=MAX_AGE)] = Field(
        default=0, description="age from which bands count for maximum_ratio"
    )

    @model_validator(mode="after")
    def _previous_matches(self) -> Self:
        require_same_keys(self.previous_monthly, self.monthly)
        return self

    @model_validator(mode="after")
    def _within_the_ratio(self) -> Self:
        if self.maximum_ratio is None:
            return self
        prices = np.asarray(list(self.monthly.values()))[self._in_ratio()]
        low, high = float(prices.min()), float(prices.max())
        if high > self.maximum_ratio * low * (1.0 + ROUNDING):
            got = f"{high:g} over {low:g}"
            allowed = f"at most maximum_ratio, {self.maximum_ratio:g}, times the cheapest band"
            remedy = "Bring them closer, for instance with AgeBandContribution.compressed."
            raise InputError([Fault("monthly", got, allowed, remedy, "ratio")])
        return self

    def _in_ratio(self) -> BoolArray:
        """(n_bands,) whether a band counts for the ratio: it holds an age from `ratio_from_age` on."""
        return np.asarray([last >= self.ratio_from_age for last in AgeBands(self.monthly).last])

    def times_in_ratio(self, portfolio: Portfolio, at: int | date = 1) -> FloatArray:
        """(n_members,) how many times each owes the price of a band that counts for the ratio; else 0.

        Parameters
        ----------
        portfolio : the members on the fund's first day.
        at : fund year or day, as in `monthly_dues`.

        >>> rule = AgeBandContribution(monthly={"0-17": 10.0, "18+": 40.0}, ratio_from_age=18)
        >>> sorted(set(rule.times_in_ratio(Portfolio.synthetic(500)).tolist()))
        [0.0, 1.0]
        """
        standing = Standing(portfolio, self._year_of(portfolio, at))
        counts = self._in_ratio()[AgeBands(self.monthly).index_of(standing.age)]
        return np.where(counts, self.factors(standing), 0.0)

    def compressed(
        self, maximum_ratio: float, portfolio: Portfolio, at: int | date = 1
    ) -> AgeBandContribution:
        """The rule within a ratio that brings in the same: dear bands fall to it, cheap ones pay for it.

        Bands that count for the ratio are held between a least price and `maximum_ratio` times it; the least
        price is the one at which these members together owe what they owed, adjustments included.

        Parameters
        ----------
        maximum_ratio : 1 or more.
        portfolio : the members on the fund's first day.
        at : fund year or day in which they owe as much as before, as in `monthly_dues`.

        Raises
        ------
        InputError
            Where the ratio is below 1, nobody pays in the bands that count, or the members lack a column.

        >>> rule = AgeBandContribution(monthly={"0-59": 20.0, "60+": 100.0})
        >>> ratio = rule.compressed(3.0, Portfolio.synthetic(1000)).monthly
        >>> round(ratio["60+"] / ratio["0-59"], 12)
        3.0
        """
        require_portfolio("portfolio", portfolio)
        counts, prices = self._in_ratio(), self.written()
        standing = Standing(portfolio, self._year_of(portfolio, at))
        bands = AgeBands(self.monthly).index_of(standing.age)
        owing = self.factors(standing)  # members, as many times as they owe the price
        members = np.bincount(bands, weights=owing, minlength=prices.size)[counts]
        new = prices.copy()
        new[counts] = compressed_prices(prices[counts], members.astype(np.float64), maximum_ratio)
        given = {name: getattr(self, name) for name in self.model_fields_set}
        given |= {"monthly": dict(zip(self.monthly, new.tolist(), strict=True))}
        return type(self)(**given | {"maximum_ratio": maximum_ratio})

    def cell_labels(self) -> tuple[str, ...]:
        """The age bands, as written."""
        return tuple(self.monthly)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) band of each age, whatever the plan."""
        return by_age(AgeBands(self.monthly).table(), plan_names)

    def written(self) -> FloatArray:
        """(n_bands,) monthly price, fund currency."""
        return np.asarray(list(self.monthly.values()))

    def previously_written(self) -> FloatArray | None:
        """(n_bands,) monthly price before the fund's start."""
        previous = self.previous_monthly
        return None if previous is None else np.asarray([previous[band] for band in self.monthly])
