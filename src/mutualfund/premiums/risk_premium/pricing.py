"""Risk premiums in closed form: what the fund expects to pay for each member, without simulating one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mutualfund.assumptions import Assumptions, Uncertainty
from mutualfund.errors import Fault, InputError, kind_of, require_kind, require_whole
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.members import require_portfolio
from mutualfund.premiums.risk_premium.cover import (
    LineCover,
    YearlyCost,
    YearlyDesign,
    law_of_year,
)
from mutualfund.premiums.risk_premium.members import groups_of
from mutualfund.premiums.risk_premium.payments import Payments
from mutualfund.premiums.risk_premium.period import RatingPeriod
from mutualfund.premiums.risk_premium.priced_line import (
    PricedLine,
    mean_cost,
    price_line,
    scaled_severity,
)
from mutualfund.premiums.risk_premium.result import RiskPremiums
from mutualfund.types import FloatArray

BANDS = ("0-17", "18-44", "45-64", "65+")
_BUMP = 1e-3
_WRAP = "Write LineCover(design) for the terms of a line."


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
) -> RiskPremiums:
    """Expected fund payment a member-year by cell and line, in closed form.

    A cover of each claim is priced from the severity alone. A cost sharing on the year's cost is priced on
    the distribution of that cost, for each age band, sex, health state and frailty level of a member, and
    then averaged: members who differ must not be averaged before a deductible. Shocks are not priced, as in
    definition 31, nor are lines of the whole fund.

    Parameters
    ----------
    assumptions : rates, costs, health states and frailty; trend and uncertainty by line.
    portfolio : the members to price, at the ages that they have in the rating year.
    covers : terms by line; a line without is covered in full.
    yearly_design : one design on the cost of all covered lines together, such as `claims.AnnualPlan`; then
        no line has a design of its own and the answer has one joint line.
    yearly_cost : the distribution of a year's cost from its `ClaimPart`s, asked for where a yearly design is.
        It is computed once for each kind of member, about a tenth of a second each; where claims have a
        closed form, a function of your own is quicker.
    period : the rating year; default that of the assumptions, from 1 January, without trend. Costs are
        trended to it, health states move on by its whole years, and its months are those of the seasonality.
    months_since_joining : at the start of the rating year, 0 for new members; None: every wait is served.
    age_bands : of the cells, covering every age.
    measured_on : the members whose average rate is each line's mean; default `portfolio`.

    Returns
    -------
    RiskPremiums, with the parameter error that the lines' `uncertainty` brings.

    Raises
    ------
    InputError
        Where a cover names no line, designs conflict, or a severity of one's own lacks what its design or
        `yearly_cost` asks.

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
    if months_since_joining is not None:
        require_whole(
            "months_since_joining", months_since_joining, minimum=0, maximum=1200, unit="months"
        )
    groups = groups_of(portfolio, assumptions, age_bands, 1 if period is None else period.year)
    lines = [
        price_line(
            line, given[line.name], assumptions, groups, opening, period, months_since_joining
        )
        for line in assumptions.lines
        if line.level == "member"
    ]
    if not lines:
        raise InputError([Fault("assumptions.lines", "fund-level lines", "a line of members")])
    pay = Payments(groups, yearly_design, yearly_cost)
    lines = _responded(lines, pay)
    names = tuple(x.line.name for x in lines) if yearly_design is None else ("all lines",)
    return RiskPremiums(
        cells=groups.cells,
        lines=names,
        exposure=groups.exposure,
        cost=_joint(np.stack([pay.cost(x) for x in lines], axis=1), yearly_design),
        premiums=pay.premiums(lines),
        errors=_errors(lines, pay),
    )


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


def _responded(lines: Sequence[PricedLine], pay: Payments) -> list[PricedLine]:
    """Rates moved by members' expected share of the line's cost over the whole portfolio (definition 13)."""
    if all(line.line.use_response is None for line in lines):
        return list(lines)
    shares = pay.groups.exposure / pay.groups.exposure.sum()
    cost = _joint(np.stack([pay.cost(line) for line in lines], axis=1), pay.yearly)
    fund = shares @ pay.premiums(lines)
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


def _errors(lines: Sequence[PricedLine], pay: Payments) -> FloatArray:
    """(n_sources, n_cells, n_lines) premium's change for one standard error of each uncertain parameter."""
    found = [np.zeros_like(pay.premiums(lines))]
    for place, line in enumerate(lines):
        if line.line.uncertainty is None:
            continue
        cvs = (line.line.uncertainty.frequency, line.line.uncertainty.severity)
        for cv, bump in zip(cvs, ((_BUMP, 0.0), (0.0, _BUMP)), strict=True):
            if cv > 0.0:
                up, down = (
                    pay.premiums(
                        [
                            *lines[:place],
                            line.scaled(1.0 + sign * bump[0], 1.0 + sign * bump[1]),
                            *lines[place + 1 :],
                        ]
                    )
                    for sign in (1.0, -1.0)
                )
                found.append(cv * (up - down) / (2.0 * _BUMP))
        if line.line.uncertainty.shapes:
            found += _shape_errors(lines, place, line.line.uncertainty, pay)
    return np.stack(found)


def _shape_errors(
    lines: Sequence[PricedLine], place: int, unsure: Uncertainty, pay: Payments
) -> list[FloatArray]:
    """Each shape's premium less their average, times the root of its chance; squares sum to a variance."""
    line, chances = lines[place], unsure.shape_chances
    severities = [line.severity, *(shape.severity for shape in unsure.shapes)]
    premiums = []
    for severity, mean in zip(severities, unsure.shape_means, strict=True):
        level = mean_cost(line.severity) * mean / mean_cost(severity)
        shaped = replace(line, severity=scaled_severity(severity, level))
        premiums.append(pay.premiums([*lines[:place], shaped, *lines[place + 1 :]]))
    average = sum(chance * each for chance, each in zip(chances, premiums, strict=True))
    return [
        math.sqrt(chance) * (each - average) for chance, each in zip(chances, premiums, strict=True)
    ]
