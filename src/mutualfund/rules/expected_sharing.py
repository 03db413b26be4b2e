"""What the rulebook's benefits come to in a full year, in closed form: who bears which part of the cost.

A copay acts on each claim; deductible, coinsurance, out-of-pocket maximum and limits act on what a member's
claims of the year leave in total. So a line is priced claim by claim up to its copay and, beyond it, as one
yearly amount. That is **exact** for the laws that it is given, since definition 15 comes to the same yearly
total in whatever order the claims come. Two things are left out: rounding to the minor unit, at most half a
unit a claim and share, and whatever is not a full year with all waits served (definition 31).

It holds where the design acts on one total. Where it does not, no law of a total can tell the answer, and
`expected_sharing` **refuses** rather than approximates:

* a copay beside an out-of-pocket maximum: the maximum then sees copays and the rest of the cost together;
* lines that share a deductible, maximum or limit but differ in coinsurance, limit of their own, provider's
  share, or in whether the deductible applies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

from mutualfund.claims import AnnualPlan, Collective
from mutualfund.claims import total as total_of
from mutualfund.claims.layers import LimitedMean, layer_mean, mean_of_layers
from mutualfund.errors import Fault, InputError, one_number, require_kind
from mutualfund.rules.benefits import Benefits, LineBenefit


class ClaimCount(Protocol):
    """How many claims a member has in a full year."""

    @property
    def mean(self) -> float: ...


@dataclass(frozen=True, slots=True)
class LineYear:
    """A line's claims in a full member-year: how many, and what each costs.

    frequency: a claim count; of a member drawn at random, its dispersion holds what differs between members
    (definition 8). severity: a severity, currency.

    >>> from mutualfund.claims import Gamma, Poisson
    >>> LineYear(Poisson(mean=0.8), Gamma(mean=300, cv=0.9)).mean
    240.0
    """

    frequency: ClaimCount
    severity: Any

    def __post_init__(self) -> None:
        parts = (("frequency", ("mean",)), ("severity", ("mean", "sf", "limited_mean")))
        for name, questions in parts:
            given = getattr(self, name)
            missing = [question for question in questions if not hasattr(given, question)]
            if missing:
                got = f"{type(given).__name__} without {', '.join(missing)}"
                remedy = "Of a fit pass fit.distribution."
                allowed = f"a law of the {name}"
                raise InputError([Fault(f"line_year.{name}", got, allowed, remedy, "no_law")])

    @property
    def mean(self) -> float:
        """Expected cost, currency."""
        return float(self.frequency.mean) * float(self.severity.mean)


class CoveredClaims(NamedTuple):
    """Claims of which ``share x max(X - deductible, 0)`` counts: a part of the year that a total sums.

    >>> from mutualfund.claims import Fixed, Poisson
    >>> CoveredClaims(Poisson(mean=2), Fixed(amount=50), deductible=10.0, limit=float("inf"), share=0.8).share
    0.8
    """

    frequency: Any  # a claim count, or 1 where `severity` is the law of a whole year
    severity: Any
    deductible: float  # currency a claim
    limit: float  # of the layer of each claim: none here
    share: float


Cost: TypeAlias = LineYear | LimitedMean
Total: TypeAlias = Callable[[Sequence[CoveredClaims]], LimitedMean]
"""The law of the sum of independent parts."""


def law_of_sum(parts: Sequence[CoveredClaims]) -> LimitedMean:
    """The law of a year's total cost, by `claims.total` on a grid of its own choice.

    >>> from mutualfund.claims import Fixed, Poisson
    >>> part = CoveredClaims(Poisson(mean=2), Fixed(amount=50), deductible=10.0, limit=math.inf, share=0.5)
    >>> float(law_of_sum([part]).mean)
    40.0
    """
    return total_of([Collective(*part) for part in parts])


BEYOND_ALL = 1e15
"""Currency: the most that a benefit table can state. No year costs it, so no law is asked about it."""


@dataclass(frozen=True, slots=True)
class BearerSplit:
    """The expected cost of some lines in a full member-year, by who bears it; currency.

    >>> split = BearerSplit(("dental",), total=100.0, external=0.0, member=20.0, provider=0.0, fund=80.0)
    >>> split.actuarial_value, round(split.member_share, 9)
    (0.8, 0.2)
    """

    lines: tuple[str, ...]
    total: float
    external: float
    member: float
    provider: float
    fund: float

    @property
    def actuarial_value(self) -> float:
        """The share that fund and provider bear of what external payers leave; NaN where nothing is left."""
        left = self.total - self.external
        return (self.fund + self.provider) / left if left > 0.0 else math.nan

    @property
    def member_share(self) -> float:
        """The share of it that the terms keep from fund and provider: what is left to the members."""
        return 1.0 - self.actuarial_value


@dataclass(frozen=True, slots=True)
class ExpectedBearers:
    """Who bears the expected cost of a full member-year; see `expected_sharing`.

    groups: lines that share a yearly amount are known together only.
    """

    groups: tuple[BearerSplit, ...]

    @property
    def whole(self) -> BearerSplit:
        """All lines together."""
        parts = ("total", "external", "member", "provider", "fund")
        names = tuple(name for group in self.groups for name in group.lines)
        sums = {part: math.fsum(getattr(group, part) for group in self.groups) for part in parts}
        return BearerSplit(names, **sums)


def expected_sharing(
    benefits: Benefits,
    costs: Mapping[str, Cost],
    *,
    total: Total = law_of_sum,
    provider_shares: Mapping[str, float] | None = None,
    trend: float = 0.0,
) -> ExpectedBearers:
    """The expected split of a full member-year's cost between member, fund and others under a benefit table.

    Parameters
    ----------
    benefits
        The table. When a line opens, waiting and indexing are left out: a full year, all waits served.
    costs
        By line, a `LineYear`, or the law of the line's yearly cost, which need only offer ``mean, sf,
        limited_mean`` and to which no copay can be applied.
    total
        Gives the law of a sum of independent parts, each a `CoveredClaims`, where a yearly amount acts on a
        `LineYear` or on several lines together; the result is as exact as that law. The default chooses its
        grid; one of your own is
        ``lambda parts: claims.total([claims.Collective(*part) for part in parts], claims.Grid(reach=1e-9))``.
    provider_shares
        By line, the share of the fund's part that a provider contract bears, 0 to 1.
    trend
        Growth of every claim, above -1, the terms as they stand.

    Returns
    -------
    ExpectedBearers

    Raises
    ------
    InputError
        Where the design does not act on one total (see the module), a cost cannot answer what it is asked (a
        sum asks of its parts what `claims.Collective` does, and knows no amount beyond its grid), a name is
        no line's, or a line that shares a yearly amount has no cost.

    >>> from mutualfund.claims import Exponential, Poisson
    >>> drugs = LineYear(Poisson(mean=4), Exponential(mean=50))
    >>> benefits = Benefits(drugs={"copay": 10, "coinsurance": 0.2})
    >>> split = expected_sharing(benefits, {"drugs": drugs}).whole
    >>> round(split.member, 2), round(split.fund, 2), round(split.actuarial_value, 4)
    (69.0, 131.0, 0.655)
    >>> round(expected_sharing(Benefits(deductible=120), {"drugs": drugs}).whole.fund, 2)
    99.06
    """
    one_number("trend", trend, minimum=-0.99, maximum=100.0, unit="growth of costs")
    require_table(benefits, costs, provider_shares)
    shares = provider_shares or {}
    for name, share in shares.items():
        one_number(f"provider_shares.{name}", share, minimum=0.0, maximum=1.0, unit="share")
    _refuse_unknown(benefits, costs, shares)
    groups = _groups(benefits, costs)
    faults = [fault for names in groups for fault in _faults(benefits, names, costs, shares)]
    if faults:
        raise InputError(faults)
    year = _Year(benefits, costs, total, shares, 1.0 + trend)
    return ExpectedBearers(tuple(year.split(names) for names in groups))


def require_table(
    benefits: Benefits, costs: Mapping[str, Cost], shares: Mapping[str, float] | None
) -> None:
    """Refuse what is no benefit table, or no mapping from line to its cost or share."""
    require_kind("benefits", benefits, Benefits, "Benefits")
    require_kind("costs", costs, Mapping, "a mapping from line to its cost")
    if shares is not None:
        require_kind("provider_shares", shares, Mapping, "a mapping from line to a share")


# ---- which lines share an amount, and whether that has a closed form ----------------------------------


def _groups(benefits: Benefits, costs: Mapping[str, Cost]) -> list[tuple[str, ...]]:
    """Lines that draw on one yearly amount together, the others each alone."""
    together = lines_together(benefits, costs)
    alone: list[tuple[str, ...]] = [(name,) for name in costs if name not in together]
    return [together, *alone] if together else alone


def lines_together(benefits: Benefits, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the lines `names` that draw on a yearly amount of the whole table.

    >>> lines_together(Benefits(deductible=100, care={"deductible_applies": False}), ["care", "drugs"])
    ('drugs',)
    """
    covered = [name for name in names if benefits.line(name).covered]
    if benefits.out_of_pocket_maximum is not None or benefits.annual_limit is not None:
        return tuple(covered)
    return tuple(
        name
        for name in covered
        if benefits.deductible > 0.0 and benefits.line(name).deductible_applies
    )


def _refuse_unknown(
    benefits: Benefits, costs: Mapping[str, Cost], shares: Mapping[str, float]
) -> None:
    """Refuse names that no line has, and lines without a cost where a yearly amount is shared."""
    known = ", ".join(costs) or "no line"
    found = [
        Fault(f"provider_shares.{name}", "no such line", known, code="unknown_line")
        for name in shares
        if name not in costs
    ]
    all_share = benefits.out_of_pocket_maximum is not None or benefits.annual_limit is not None
    remedy = "Give every line of the benefits its cost: they draw on one amount together."
    for name, line in benefits.lines.items():
        shares_one = all_share or (benefits.deductible > 0.0 and line.deductible_applies)
        if name not in costs and line.covered and shares_one:
            found.append(
                Fault(f"costs.{name}", "nothing", "the line's cost", remedy, code="missing_cost")
            )
    if found:
        raise InputError(found)


def _faults(
    benefits: Benefits,
    names: tuple[str, ...],
    costs: Mapping[str, Cost],
    shares: Mapping[str, float],
) -> list[Fault]:
    """What keeps a group of lines from a closed form."""
    lines, found = [benefits.line(name) for name in names], []
    for name, line in zip(names, lines, strict=True):
        if line.copay > 0.0 and line.covered and benefits.out_of_pocket_maximum is not None:
            found.append(_refusal(f"benefits.{name}.copay", "beside an out-of-pocket maximum"))
        if line.copay > 0.0 and line.covered and not isinstance(costs[name], LineYear):
            found.append(
                _refusal(f"benefits.{name}.copay", "on a cost that is not given by claims")
            )
        if line.annual_limit is not None and len(names) > 1:
            got = "beside a yearly amount that lines share"
            found.append(_refusal(f"benefits.{name}.annual_limit", got))
    shared: dict[str, set[float]] = {
        "coinsurance": {line.coinsurance for line in lines},
        "deductible_applies": {
            line.deductible_applies or benefits.deductible == 0.0 for line in lines
        },
        "provider's share": {shares.get(name, 0.0) for name in names},
    }
    place = "benefits." + "+".join(names)
    for term, values in shared.items():
        if len(values) > 1:
            got = f"lines that differ in {term} and share a yearly amount"
            found.append(_refusal(place, got))
    return found


def _refusal(place: str, got: str) -> Fault:
    remedy = "Use sampled_sharing, which draws member-years and states its error."
    return Fault(place, got, "a design that acts on one total", remedy, "no_closed_form")


# ---- one group ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Year:
    """A full year under a benefit table, every claim `growth` times as large as stated."""

    benefits: Benefits
    costs: Mapping[str, Cost]
    total: Total
    provider_shares: Mapping[str, float]
    growth: float

    def split(self, names: tuple[str, ...]) -> BearerSplit:
        """The parts of the expected cost of the lines `names`, which share their terms."""
        lines = [self.benefits.line(name) for name in names]
        means = [self.growth * float(self.costs[name].mean) for name in names]
        whole = math.fsum(means)
        if not lines[0].covered:
            return BearerSplit(names, whole, 0.0, whole, 0.0, 0.0)
        pairs = list(zip(lines, means, strict=True))
        external = math.fsum(line.external_share * mean for line, mean in pairs)
        parts = [self._beyond_copay(name) for name in names]
        borne = self._borne([part for part in parts if part.share > 0.0], lines)
        provider = self.provider_shares.get(names[0], 0.0) * borne
        member = whole - external - borne
        return BearerSplit(names, whole, external, member, provider, borne - provider)

    def _beyond_copay(self, name: str) -> CoveredClaims:
        """What is left of each claim after the external share and the copay, before `growth`."""
        line, cost = self.benefits.line(name), self.costs[name]
        own = 1.0 - line.external_share
        if not isinstance(cost, LineYear):
            return CoveredClaims(1, cost, 0.0, math.inf, own)
        # a claim twice as large leaves as much beyond a copay as twice the claim beyond half of it
        copay = line.copay / (own * self.growth) if own > 0.0 else 0.0
        return CoveredClaims(cost.frequency, cost.severity, copay, math.inf, own)

    def _borne(self, parts: Sequence[CoveredClaims], lines: Sequence[LineBenefit]) -> float:
        """What fund and provider bear of the lines' yearly total."""
        plan = yearly_plan(self.benefits, lines)
        if not parts or plan.deductible >= BEYOND_ALL:
            return 0.0
        if plan == AnnualPlan(coinsurance=plan.coinsurance):
            # no yearly amount at all: each claim by itself
            return (1.0 - plan.coinsurance) * self.growth * math.fsum(_mean(x) for x in parts)
        first = parts[0]
        if len(parts) == 1 and isinstance(first.frequency, int):
            return mean_of_layers(first.severity, plan.fund_layers, first.share * self.growth)
        return mean_of_layers(self.total(parts), plan.fund_layers, self.growth)


def yearly_plan(benefits: Benefits, lines: Sequence[LineBenefit]) -> AnnualPlan:
    """The terms that act on the yearly total of lines that share them.

    >>> benefits = Benefits(deductible=500, out_of_pocket_maximum=300, care={"annual_limit": 9_000})
    >>> plan = yearly_plan(benefits, [benefits.line("care")])
    >>> plan.deductible, plan.out_of_pocket_maximum, plan.annual_limit
    (300.0, 300.0, 9000.0)
    """
    most = benefits.out_of_pocket_maximum
    if most is None or most >= BEYOND_ALL:
        most = math.inf
    limits = [benefits.annual_limit, *(line.annual_limit for line in lines)]
    deductible = benefits.deductible if lines[0].deductible_applies else 0.0
    return AnnualPlan(
        deductible=min(deductible, most),
        coinsurance=lines[0].coinsurance,
        out_of_pocket_maximum=most,
        annual_limit=min((limit for limit in limits if limit is not None), default=math.inf),
    )


def _mean(part: CoveredClaims) -> float:
    """Expected cost of a part, currency."""
    count = part.frequency if isinstance(part.frequency, int) else part.frequency.mean
    return float(count) * part.share * layer_mean(part.severity, part.deductible, math.inf)
