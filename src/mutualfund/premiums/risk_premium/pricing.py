"""Risk premiums in closed form: what the fund expects to pay for each member, without simulating one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mutualfund.assumptions import Assumptions
from mutualfund.errors import Fault, InputError, kind_of, require_kind, require_whole
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.members import require_portfolio
from mutualfund.premiums.risk_premium.cover import (
    LineCover,
    YearlyCost,
    YearlyDesign,
    law_of_year,
)
from mutualfund.premiums.risk_premium.members import groups_of, joined_months_ago
from mutualfund.premiums.risk_premium.parameter_errors import (
    distributions_for_errors,
    parameter_errors,
)
from mutualfund.premiums.risk_premium.payments import Payments
from mutualfund.premiums.risk_premium.period import RatingPeriod
from mutualfund.premiums.risk_premium.priced_line import PricedLine, price_line
from mutualfund.premiums.risk_premium.result import RiskPremiums
from mutualfund.types import FloatArray, IntArray

BANDS = ("0-17", "18-44", "45-64", "65+")
_WRAP = "Write LineCover(design) for the terms of a line."


Progress = Callable[[int, int], None]
"""Told (distributions of a year's cost computed, those in all)."""


def risk_premiums(
    assumptions: Assumptions,
    portfolio: Portfolio,
    covers: Mapping[str, LineCover] | None = None,
    *,
    yearly_design: YearlyDesign | None = None,
    yearly_cost: YearlyCost = law_of_year,
    period: RatingPeriod | None = None,
    months_since_joining: int | None = None,
    age_bands: Sequence[str] = BANDS,
    measured_on: Portfolio | None = None,
    progress: Progress | None = None,
) -> RiskPremiums:
    """Expected fund payment a member-year by cell and line, in closed form.

    A cover of each claim is priced from the severity alone. A cost sharing on the year's cost is priced on
    the distribution of that cost; members who differ in age, sex, health state, wait or frailty are mixed in
    it, never averaged. A design of one line takes one distribution a cell, or fewer where cells are alike; a
    design over several lines takes one for each kind of member and level of the frailty, which with many
    factors takes a while (see `progress`). Shocks are not priced, as in definition 31, nor are lines of the
    whole fund.

    Parameters
    ----------
    assumptions : rates, costs, health states and frailty; trend and uncertainty by line.
    portfolio : the members to price, at the ages that they have in the rating year.
    covers : terms by line; a line without is covered in full. `rules.rated_benefits` reads them off a
        rulebook.
    yearly_design : one design on the cost of all covered lines together, such as `claims.AnnualPlan`; then
        no line has a design of its own, and the answer has **one joint line**, "all lines": what a design
        over all lines pays cannot be told apart by line.
    yearly_cost : the distribution of a year's cost from its `ClaimPart`s, asked for where a yearly design is.
        The default takes some tenths of a second; where claims have a closed form, your own is quicker.
    period : the rating year; default that of the assumptions, from 1 January, without trend. Costs are
        trended to it, health states move on by its whole years, and its months are those of the seasonality.
    months_since_joining : of every member at the start of the rating year, 0 to 1200: 0 for new members, 120
        where every wait is served. None: each member's own, by the portfolio's `joined` (definition 17), as
        in a simulation; who has none is long-standing. A cell is then the average of its members.
    age_bands : of the cells, covering every age.
    measured_on : the members whose average rate is each line's mean; default `portfolio`.
    progress : called with (distributions computed, distributions in all) after each; never where no design is
        of the year.

    Returns
    -------
    RiskPremiums, with the parameter error that the lines' `uncertainty` brings.

    Raises
    ------
    InputError
        Where a cover names no line, designs conflict, a severity of one's own lacks what its design or
        `yearly_cost` asks, or members would have a rate that the line's count cannot have (more claims than a
        binomial has trials), which a simulation refuses as well.

    Source: expectation of the collective model under coverage modifications, Klugman, Panjer, Willmot,
    *Loss Models*, 4th ed. (2012), chapters 8 and 9.

    >>> from mutualfund.premiums.risk_premium import example_risk_premiums
    >>> example_risk_premiums().by_line.round(2).tolist()
    [72.0, 60.0]
    """
    require_kind("assumptions", assumptions, Assumptions, "Assumptions")
    opening = portfolio if measured_on is None else measured_on
    require_portfolio("portfolio", portfolio)
    require_portfolio("measured_on", opening)
    if period is not None:
        require_kind("period", period, RatingPeriod, "a RatingPeriod")
    given = _covers(assumptions, covers or {}, yearly_design)
    groups = groups_of(
        portfolio,
        assumptions,
        age_bands,
        1 if period is None else period.year,
        _since(portfolio, period, months_since_joining),
        max((cover.waiting_months for cover in given.values()), default=0),
    )
    lines = [
        price_line(line, given[line.name], assumptions, groups, opening, period)
        for line in assumptions.lines
        if line.level == "member"
    ]
    if not lines:
        raise InputError([Fault("assumptions.lines", "fund-level lines", "a line of members")])
    count = _Counter(progress)
    pay = Payments(groups, yearly_design, yearly_cost, count)
    responds = any(line.line.use_response is not None for line in lines)
    served = [line.waits_served for line in lines] if responds else []
    if progress is not None:
        count.total = pay.distributions(lines) + distributions_for_errors(lines, pay)
        count.total += pay.distributions(served) if responds else 0
    lines = _responded(lines, served, pay) if responds else lines
    names = tuple(x.line.name for x in lines) if yearly_design is None else ("all lines",)
    return RiskPremiums(
        cells=groups.cells,
        lines=names,
        exposure=groups.exposure,
        cost=_joint(np.stack([pay.cost(x) for x in lines], axis=1), yearly_design),
        premiums=pay.premiums(lines),
        errors=parameter_errors(lines, pay),
    )


class _Counter:
    """Counts distributions for the caller's progress."""

    def __init__(self, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, 0, progress

    def __call__(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _since(portfolio: Portfolio, period: RatingPeriod | None, stated: int | None) -> IntArray:
    """(n,) months since joining: as stated for everybody, or each member's own."""
    if stated is None:
        return joined_months_ago(portfolio, period)
    require_whole("months_since_joining", stated, minimum=0, maximum=1200, unit="months")
    return np.full(len(portfolio), stated, np.int64)


def _covers(
    assumptions: Assumptions, covers: Mapping[str, LineCover], yearly: YearlyDesign | None
) -> dict[str, LineCover]:
    require_kind("covers", covers, Mapping, "a mapping from line to LineCover")
    if yearly is not None:
        allowed = "a design on the year's cost, such as AnnualPlan"
        require_kind("yearly_design", yearly, YearlyDesign, allowed)
    unknown = [name for name in covers if name not in assumptions.line_names]
    faults = [
        Fault(
            f"covers.{name}", "no such line", ", ".join(assumptions.line_names), code="unknown_line"
        )
        for name in unknown
    ]
    if yearly is not None:
        remedy = "Leave the line's design out, or price it without a design over all lines."
        faults += [
            Fault(f"covers.{name}.design", "a design", "none beside yearly_design", remedy)
            for name, cover in covers.items()
            if isinstance(cover, LineCover) and cover.design is not None
        ]
    faults += [
        Fault(f"covers.{name}", kind_of(cover), "a LineCover", _WRAP, "type")
        for name, cover in covers.items()
        if not isinstance(cover, LineCover)
    ]
    if faults:
        raise InputError(faults)
    return {name: covers.get(name, LineCover()) for name in assumptions.line_names}


def _joint(by_line: FloatArray, yearly: YearlyDesign | None) -> FloatArray:
    return by_line if yearly is None else by_line.sum(axis=1, keepdims=True)


def _responded(
    lines: Sequence[PricedLine], served: Sequence[PricedLine], pay: Payments
) -> list[PricedLine]:
    """Rates moved by members' expected share of the line's cost over the whole portfolio (definition 13).

    As in a simulation, the share is that of a full year with every wait served.
    """
    shares = pay.groups.exposure / pay.groups.exposure.sum()
    cost = _joint(np.stack([pay.cost(line) for line in served], axis=1), pay.yearly)
    fund = shares @ pay.premiums(served)
    whole = shares @ cost
    borne = 1.0 - np.where(whole > 0.0, fund / np.where(whole > 0.0, whole, 1.0), 1.0)
    moved = []
    for line, share in zip(lines, np.broadcast_to(borne, (len(lines),)), strict=True):
        answer = line.line.use_response
        factor = (
            1.0 if answer is None else float(answer.multiplier(min(max(float(share), 0.0), 1.0)))
        )
        moved.append(line.scaled(factor, 1.0))
    return moved
