"""Benefits that reach a wanted actuarial value, and what trend does to benefits whose terms stand still."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mutualfund.claims.actuarial_value import Term, require_term, term_for
from mutualfund.claims.layers import LimitedMean
from mutualfund.claims.trend import TrendLeverage, require_trend
from mutualfund.errors import Fault, InputError
from mutualfund.rules.benefits import Benefits
from mutualfund.rules.expected_sharing import (
    BEYOND_ALL,
    Cost,
    CoveredClaims,
    Total,
    expected_sharing,
    law_of_sum,
    require_table,
)


def benefits_under_trend(
    benefits: Benefits,
    costs: Mapping[str, Cost],
    trend: float,
    *,
    total: Total = law_of_sum,
    provider_shares: Mapping[str, float] | None = None,
) -> TrendLeverage:
    """How the fund's and the members' parts grow when every claim grows by `trend` at fixed terms.

    trend: above -1, not 0. The other arguments are those of `expected_sharing`.

    Raises
    ------
    InputError
        As `expected_sharing`, and where nothing is expected to be paid.

    >>> from mutualfund.claims import Exponential, Poisson
    >>> from mutualfund.rules import LineYear
    >>> drugs = LineYear(Poisson(mean=4), Exponential(mean=50))
    >>> grown = benefits_under_trend(Benefits(drugs={"copay": 20}), {"drugs": drugs}, 0.08)
    >>> round(grown.fund_growth, 4), round(grown.leverage, 2)
    (0.1125, 1.41)
    """
    require_trend(trend)
    before, after = (
        expected_sharing(
            benefits, costs, total=total, provider_shares=provider_shares, trend=growth
        ).whole
        for growth in (0.0, trend)
    )
    return TrendLeverage(trend, before.fund, after.fund, before.member, after.member)


def benefits_with_actuarial_value(
    value: float,
    benefits: Benefits,
    costs: Mapping[str, Cost],
    *,
    change: Term = "deductible",
    total: Total = law_of_sum,
    provider_shares: Mapping[str, float] | None = None,
) -> Benefits:
    """`benefits` with the one term that gives `BearerSplit.actuarial_value` a wanted value.

    value: 0 to 1. change: ``"deductible"`` (0 to the out-of-pocket maximum) or ``"out_of_pocket_maximum"`` of
    the table, or ``"coinsurance"``, which is then that of every line in `costs`. The other arguments are
    those of `expected_sharing`; laws of sums are worked out once.

    Raises
    ------
    InputError
        As `expected_sharing`, and where no such term gives the value; the fault states the range that can be
        reached.

    >>> from mutualfund.claims import Exponential
    >>> found = benefits_with_actuarial_value(0.6, Benefits(), {"care": Exponential(mean=1000)})
    >>> round(found.deductible, 4)
    510.8256
    """
    require_term(change)
    require_table(benefits, costs, provider_shares)
    mean = math.fsum(float(cost.mean) for cost in costs.values())
    if not mean > 0.0:
        raise InputError([Fault("costs", "no expected cost", "a mean above 0", code="no_cost")])
    remembered = _once(total)

    def reached(term: float) -> float:
        changed = _changed(benefits, costs, change, term)
        split = expected_sharing(changed, costs, total=remembered, provider_shares=provider_shares)
        return split.whole.actuarial_value

    highest = 1.0 if change == "coinsurance" else math.inf
    if change == "deductible" and benefits.out_of_pocket_maximum is not None:
        highest = benefits.out_of_pocket_maximum  # a larger deductible changes nothing
    term = term_for(value, reached, change, 0.0, highest, mean)
    return _changed(benefits, costs, change, term)


def _changed(benefits: Benefits, costs: Mapping[str, Cost], change: Term, term: float) -> Benefits:
    tables = benefits.model_dump()
    if change != "coinsurance":
        unbounded = None if change == "out_of_pocket_maximum" else BEYOND_ALL
        return Benefits.model_validate(tables | {change: term if term < BEYOND_ALL else unbounded})
    lines = {name: tables.get(name, {}) | {change: term} for name in costs}
    return Benefits.model_validate(tables | lines)


def _once(total: Total) -> Total:
    """`total`, each sum worked out once: no term that is looked for changes what its parts are."""
    known: dict[object, LimitedMean] = {}

    def remembered(parts: Sequence[CoveredClaims]) -> LimitedMean:
        key = tuple((id(x.frequency), id(x.severity), x.deductible, x.share) for x in parts)
        if key not in known:
            known[key] = total(parts)
        return known[key]

    return remembered
