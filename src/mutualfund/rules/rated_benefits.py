"""A benefit table as the terms that risk premiums are priced on, so that a design is stated once.

Terms of each claim (an external share, a copay, coinsurance, a provider's share) go to each line by itself,
yearly amounts either to one line or to all lines together. A table that is neither is refused with the
reason: no law of one total could tell its price.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mutualfund.assumptions import Assumptions
from mutualfund.claims import AnnualPlan
from mutualfund.claims.layers import layer_mean
from mutualfund.errors import Fault, InputError, require_kind
from mutualfund.premiums import LineCover
from mutualfund.premiums.principles.losses import loss_of
from mutualfund.rules.benefits import Benefits, LineBenefit
from mutualfund.rules.expected_sharing import lines_together, yearly_plan
from mutualfund.rules.rulebook import Rulebook

_REMEDY = "Simulate it: fund.simulated_premiums_by_cell gives the same cells and lines."


class RatedBenefits(NamedTuple):
    """What `premiums.risk_premiums` asks of a benefit table.

    >>> RatedBenefits({"dental": LineCover(covered=False)}, yearly_design=None).covers["dental"].covered
    False
    """

    covers: dict[str, LineCover]
    yearly_design: AnnualPlan | None


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """What the fund pays of each claim: `paid` x max(`own` x X - `copay`, 0).

    own: share of a claim that no other payer bears, 0 to 1. copay: currency, >= 0. paid: share of the rest
    that neither coinsurance nor a provider bears, 0 to 1.

    >>> from mutualfund.claims import Fixed
    >>> round(ClaimTerms(own=0.9, copay=20.0, paid=0.5).mean_per_loss(Fixed(amount=100.0)), 9)
    35.0
    """

    own: float
    copay: float
    paid: float

    def mean_per_loss(self, severity: Any) -> float:
        """Expected payment of a claim, currency."""
        if self.own == 0.0 or self.copay == 0.0:
            return self.paid * self.own * loss_of(severity).mean
        return self.paid * self.own * layer_mean(severity, self.copay / self.own, math.inf)


def rated_benefits(
    rules: Rulebook, assumptions: Assumptions, plan: str | None = None
) -> RatedBenefits:
    """The benefit table of a rulebook as the terms of `premiums.risk_premiums`.

    Parameters
    ----------
    rules
        As they stand; of a later day pass ``rules.in_force(day)``. Amounts are those stated: of year 1, where
        they are indexed.
    assumptions
        Whose member-level lines are priced.
    plan
        The table of members with that plan; of those without one if None. Price each with its own members.

    Returns
    -------
    RatedBenefits, with a yearly design where all covered lines share one yearly amount.

    Raises
    ------
    InputError
        For a plan that is none; and where the table has no closed form: a yearly amount that only some lines
        share, or that lines of unequal terms share; a copay, external or provider's share beside a yearly
        amount; a line that opens on a day of its own, or whose waiting is waived.

    >>> from mutualfund.assumptions import Line
    >>> drugs = Line(
    ...     name="drugs",
    ...     frequency={"kind": "poisson", "mean": 4.0},
    ...     severity={"kind": "exponential", "mean": 50.0},
    ... )
    >>> rules = Rulebook(benefits={"deductible": 120.0, "drugs": {"waiting_months": 3}})
    >>> rated_benefits(rules, Assumptions(lines=[drugs])).covers["drugs"].design.deductible
    120.0
    """
    require_kind("rules", rules, Rulebook, "a Rulebook")
    require_kind("assumptions", assumptions, Assumptions, "Assumptions")
    if plan is not None:
        require_kind("plan", plan, str, "the name of a plan")
    if plan is not None and plan not in rules.plans:
        allowed = ", ".join(rules.plans) or "None: there are no plans"
        raise InputError([Fault("plan", "no such plan", allowed, code="unknown_plan")])
    benefits = rules.benefits if plan is None else rules.plans[plan]
    names = [line.name for line in assumptions.lines if line.level == "member"]
    covered = [name for name in names if benefits.line(name).covered]
    together = lines_together(benefits, covered)
    shares = {name: provider.share for name, provider in rules.providers.items()}
    faults = [
        *_of_lines(benefits, covered, together, shares),
        *_of_all(benefits, covered, together),
    ]
    if faults:
        raise InputError(faults)
    joint = len(together) > 1
    covers = {name: LineCover(covered=False) for name in names if name not in covered}
    for name in covered:
        line = benefits.line(name)
        design = None if joint else _design(benefits, line, name in together, shares.get(name, 0.0))
        covers[name] = LineCover(design, line.waiting_months)
    lines = [benefits.line(name) for name in together]
    return RatedBenefits(covers, yearly_plan(benefits, lines) if joint else None)


def _design(
    benefits: Benefits, line: LineBenefit, shares_amount: bool, provider: float
) -> AnnualPlan | ClaimTerms | None:
    """The terms of a line that draws on no amount together with others."""
    if shares_amount or line.annual_limit is not None:
        return yearly_plan(benefits if shares_amount else Benefits(), [line])
    terms = ClaimTerms(
        own=1.0 - line.external_share,
        copay=line.copay,
        paid=(1.0 - line.coinsurance) * (1.0 - provider),
    )
    return None if terms == ClaimTerms(1.0, 0.0, 1.0) else terms


def _of_lines(
    benefits: Benefits, covered: Sequence[str], together: Sequence[str], shares: dict[str, float]
) -> Iterator[Fault]:
    """What keeps a line's own terms from a closed form."""
    for name in covered:
        line, place = benefits.line(name), f"rules.benefits.{name}"
        if line.starts is not None:
            yield _refusal(f"{place}.starts", "a line that opens on a day of its own")
        if line.waive_for_existing and line.waiting_months:
            yield _refusal(f"{place}.waive_for_existing", "waiting that some members are spared")
        if name in together or line.annual_limit is not None:
            of_claims = {
                f"{place}.copay": line.copay,
                f"{place}.external_share": line.external_share,
                f"rules.providers.{name}.share": shares.get(name, 0.0),
            }
            for field, value in of_claims.items():
                if value > 0.0:
                    yield _refusal(field, "terms of each claim beside a yearly amount")


def _of_all(benefits: Benefits, covered: Sequence[str], together: Sequence[str]) -> Iterator[Fault]:
    """What keeps a yearly amount that several lines share from a closed form."""
    if len(together) < 2:
        return
    place = "rules.benefits." + "+".join(together)
    if len(together) < len(covered):
        yield _refusal(place, "a yearly amount that not all covered lines share")
    lines = [benefits.line(name) for name in together]
    differing: dict[str, set[float]] = {
        "coinsurance": {line.coinsurance for line in lines},
        "deductible_applies": {
            line.deductible_applies or benefits.deductible == 0.0 for line in lines
        },
    }
    for term, values in differing.items():
        if len(values) > 1:
            yield _refusal(place, f"lines that differ in {term} and share a yearly amount")
    if any(line.annual_limit is not None for line in lines):
        yield _refusal(place, "a limit of one line beside a yearly amount that lines share")


def _refusal(field: str, got: str) -> Fault:
    return Fault(field, got, "terms that act on one total", _REMEDY, "no_closed_form")
