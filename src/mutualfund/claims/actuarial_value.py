"""The inverse of cost sharing: the deductible, coinsurance or maximum that gives a wanted actuarial value."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from mutualfund.claims.cost_sharing import AnnualPlan
from mutualfund.claims.layers import LimitedMean, mean_of_layers, require_positive
from mutualfund.errors import Fault, InputError, one_number, require_choice, require_kind

Term = Literal["deductible", "coinsurance", "out_of_pocket_maximum"]
_SPOKEN: dict[str, str] = {
    "deductible": "a deductible",
    "coinsurance": "coinsurance",
    "out_of_pocket_maximum": "an out-of-pocket maximum",
}

_LARGEST = 1e290
_NEAR = 1e-12  # of actuarial values: what rounding may do


def plan_with_actuarial_value(
    value: float, cost: LimitedMean, *, change: Term = "deductible", plan: AnnualPlan | None = None
) -> AnnualPlan:
    """`plan` with the one term that gives the fund a wanted share of the expected cost.

    Parameters
    ----------
    value
        The wanted actuarial value, 0 to 1.
    cost
        Law of the year's cost; it need only offer ``mean, sf, limited_mean``.
    change
        The term to be found. A deductible lies between 0 and the out-of-pocket maximum, coinsurance between 0
        and 1, an out-of-pocket maximum at or above the deductible.
    plan
        The other terms; a plan that pays everything unless given.

    Raises
    ------
    InputError
        Where no such term gives the value: the fault states the range that can be reached. Where `cost` may
        be below zero.

    >>> from mutualfund.claims import Exponential
    >>> plan = plan_with_actuarial_value(0.60, Exponential(mean=1000))
    >>> round(plan.deductible, 4), round(plan.expected(Exponential(mean=1000)).actuarial_value, 9)
    (510.8256, 0.6)
    """
    base = AnnualPlan() if plan is None else plan
    require_kind("plan", base, AnnualPlan, "an AnnualPlan")
    require_positive(cost)
    require_term(change)
    total = float(cost.mean)
    if not total > 0.0:
        raise InputError([Fault("cost", "no expected cost", "a mean above 0", code="no_cost")])

    def reached(term: float) -> float:
        if change == "deductible" and term == math.inf:
            return 0.0
        changed = replace(base, **{change: term})
        return mean_of_layers(cost, changed.fund_layers) / total

    lowest, highest = {
        "deductible": (0.0, base.out_of_pocket_maximum),
        "coinsurance": (0.0, 1.0),
        "out_of_pocket_maximum": (base.deductible, math.inf),
    }[change]
    term = term_for(value, reached, change, lowest, highest, total)
    if change == "deductible" and term == math.inf:
        allowed = "above 0: no deductible leaves the fund nothing of a cost without an end"
        remedy = "Ask for a small value above 0, or state a maximum."
        fault = Fault("actuarial_value", f"{value:g}", allowed, remedy, "unreachable")
        raise InputError([fault])
    return replace(base, **{change: term})


def require_term(change: str) -> None:
    """Refuse a term that is none of the three.

    Raises
    ------
    InputError
        With one fault.
    """
    require_choice("change", change, _SPOKEN)


def term_for(
    value: float,
    reached: Callable[[float], float],
    change: str,
    lowest: float,
    highest: float,
    start: float,
) -> float:
    """The term from `lowest` to `highest` at which the actuarial value `reached` falls to `value`.

    Parameters
    ----------
    value
        0 to 1.
    reached
        The actuarial value at a term, also at an infinite one; it must not rise with the term, and with none
        of the three does it.
    change
        The term's name, for the error.
    lowest, highest
        The term's range. From `start` on an infinite one is searched by doubling.

    Raises
    ------
    InputError
        Where `value` is outside the range that can be reached.
    """
    one_number(
        "actuarial_value", value, minimum=0.0, maximum=1.0, unit="share of the expected cost"
    )
    most, least = reached(lowest), reached(highest)
    if not least - _NEAR <= value <= most + _NEAR:
        allowed = f"{least:.6g} to {most:.6g}, what {_SPOKEN[change]} can reach here"
        remedy = "Change another term of the plan as well."
        fault = Fault("actuarial_value", f"{value:g}", allowed, remedy, "unreachable")
        raise InputError([fault])
    if value >= most - _NEAR:
        return lowest
    if value <= least * (1.0 + _NEAR):
        return highest
    end = highest
    if end == math.inf:
        end = max(2.0 * lowest, start)
        while reached(end) > value and end < _LARGEST:
            end *= 2.0
    if reached(end) >= value:
        return end if reached(end) == value else highest
    from scipy import optimize

    return float(
        optimize.brentq(lambda term: reached(term) - value, lowest, end, xtol=1e-14, rtol=1e-14)
    )
