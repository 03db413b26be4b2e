"""What any benefit table comes to in a full year, by drawing member-years: for designs without a closed form.

With a copay beside an out-of-pocket maximum, or lines that share a deductible at different coinsurance, it
matters which claim comes first. Here member-years are drawn from the lines' own laws, every claim at a moment
of its own, and shared out claim by claim as definition 15 says; each figure has its standard error. Rounding
to the minor unit is left out, and so is whatever is not a full year with all waits served (definition 31).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, one_number, require_whole
from mutualfund.rng import Purpose, blocks, stream_key, uniforms
from mutualfund.rules.benefits import Benefits
from mutualfund.rules.expected_sharing import BearerSplit, LineYear, require_table
from mutualfund.types import FloatArray, IntArray, frozen

FEWEST_MEMBERS, MOST_MEMBERS = 100, 10_000_000
MOST_CLAIMS = 50_000_000
MOST_COUNT = 1 << 16
"""Claims of a member on a line: their number is sixteen bits of their address."""
AT_ONCE = 1 << 20
"""Claims drawn together, so that their random words stay near the processor."""
UNLIKELY = 1e-12
"""A count whose chance of being exceeded is below this is taken as the largest."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledBearers:
    """Who bears the expected cost of a full member-year, as drawn; see `sampled_sharing`.

    lines: one split a line, currency a member-year. member_error, fund_error: (n_lines + 1,) standard errors
    of the members' and of the fund's part, by line, and last of all lines together. members: how many were
    drawn.
    """

    lines: tuple[BearerSplit, ...]
    member_error: FloatArray
    fund_error: FloatArray
    members: int

    @property
    def whole(self) -> BearerSplit:
        """All lines together."""
        parts = ("total", "external", "member", "provider", "fund")
        names = tuple(name for line in self.lines for name in line.lines)
        return BearerSplit(
            names, **{part: math.fsum(getattr(x, part) for x in self.lines) for part in parts}
        )


class CountToDraw(Protocol):
    """A claim count whose distribution function can be inverted; every listed one is."""

    @property
    def mean(self) -> float: ...
    def cdf(self, k: npt.ArrayLike) -> FloatArray: ...


class _Claims(NamedTuple):
    """Claims of all members in order of moment; arrays (n,)."""

    member: IntArray
    line: IntArray
    amount: FloatArray  # currency
    turn: IntArray  # 0 for a member's first claim, 1 for the second, ...


class _Terms(NamedTuple):
    """Terms by line, (n_lines,); an infinite amount is one that is not stated."""

    covered: FloatArray  # 1 or 0
    external: FloatArray
    copay: FloatArray
    deductible_applies: FloatArray
    coinsurance: FloatArray
    limit: FloatArray
    provider: FloatArray


def sampled_sharing(
    benefits: Benefits,
    costs: Mapping[str, LineYear],
    *,
    members: int = 100_000,
    seed: int = 0,
    provider_shares: Mapping[str, float] | None = None,
    trend: float = 0.0,
) -> SampledBearers:
    """The expected split of a full member-year's cost under any benefit table, with its standard error.

    Parameters
    ----------
    benefits
        The table. When a line opens, waiting and indexing are left out: a full year, all waits served.
    costs
        By line, claims and what each costs. Moments are even over the year and lines independent.
    members
        Member-years drawn, 100 to 10 million. An error halves with four times as many.
    seed
        0 to 2^64 - 1. A claim has the line's name and the member's number for its address, so another table,
        another line or more members change none of the claims.
    provider_shares
        By line, the share of the fund's part that a provider contract bears, 0 to 1.
    trend
        Growth of every claim, above -1, the terms as they stand.

    Raises
    ------
    InputError
        Where a cost is not a `LineYear`, a share belongs to no line, or there would be more than 50 million
        claims.

    >>> from mutualfund.claims import Fixed, Poisson
    >>> visits = LineYear(Poisson(mean=4), Fixed(amount=50))
    >>> benefits = Benefits(out_of_pocket_maximum=30, visits={"copay": 20})
    >>> found = sampled_sharing(benefits, {"visits": visits}, members=20_000)
    >>> exact = 20 * 4 * math.exp(-4) + 30 * (1 - 5 * math.exp(-4))  # one copay, and then ten more
    >>> bool(abs(found.whole.member - exact) < 5 * found.member_error[-1] < 0.5)
    True
    """
    few, many = FEWEST_MEMBERS, MOST_MEMBERS
    require_whole("members", members, minimum=few, maximum=many, unit="member-years")
    require_whole("seed", seed, minimum=0, maximum=2**64 - 1, unit="seed")
    one_number("trend", trend, minimum=-0.99, maximum=100.0, unit="growth of costs")
    require_table(benefits, costs, provider_shares)
    shares = dict(provider_shares or {})
    _check(benefits, costs, shares)
    claims = _drawn(costs, members, seed, 1.0 + trend)
    terms = _terms(benefits, list(costs), shares)
    year = _Year(benefits, terms, members)
    for some in _turns(claims.turn):
        year.share(claims.member[some], claims.line[some], claims.amount[some])
    return year.bearers(tuple(costs))


def _check(benefits: Benefits, costs: Mapping[str, LineYear], shares: Mapping[str, float]) -> None:
    faults = [
        Fault(
            f"costs.{name}", f"a {type(cost).__name__}", "a LineYear: claims are drawn one by one"
        )
        for name, cost in costs.items()
        if not (isinstance(cost, LineYear) and hasattr(cost.frequency, "cdf"))
    ]
    known = ", ".join(costs)
    strangers = [("provider_shares", shares), ("benefits", benefits.lines)]
    faults += [
        Fault(f"{where}.{name}", "a line without a cost", f"a line of costs: {known}", code="line")
        for where, named in strangers
        for name in named
        if name not in costs
    ]
    if not costs:
        faults.append(Fault("costs", "no line", "at least one", code="empty"))
    if faults:
        raise InputError(faults)
    for name, share in shares.items():
        one_number(f"provider_shares.{name}", share, minimum=0.0, maximum=1.0, unit="share")


def _terms(benefits: Benefits, names: list[str], shares: Mapping[str, float]) -> _Terms:
    lines = [benefits.line(name) for name in names]
    return _Terms(
        covered=np.array([float(line.covered) for line in lines]),
        external=np.array([line.external_share for line in lines]),
        copay=np.array([line.copay for line in lines]),
        deductible_applies=np.array([float(line.deductible_applies) for line in lines]),
        coinsurance=np.array([line.coinsurance for line in lines]),
        limit=np.array([_amount(line.annual_limit) for line in lines]),
        provider=np.array([shares.get(name, 0.0) for name in names]),
    )


def _amount(stated: float | None) -> float:
    return math.inf if stated is None else float(stated)


def _drawn(costs: Mapping[str, LineYear], members: int, seed: int, growth: float) -> _Claims:
    """Every claim of every member, in order of its moment in the year."""
    expected = members * math.fsum(float(cost.frequency.mean) for cost in costs.values())
    if expected > MOST_CLAIMS:
        got, allowed = f"{expected:.3g} claims", f"at most {MOST_CLAIMS:.0e}"
        raise InputError([Fault("members", got, allowed, "Ask for fewer members.", "size")])
    who, line, amount, moment = [], [], [], []
    for place, (name, cost) in enumerate(costs.items()):
        key = stream_key(seed, f"line:{name}")
        counts = _counts(name, cost, members, key)
        who.append(np.repeat(np.arange(members), counts))
        line.append(np.full(who[-1].size, place))
        chance, when = _claim_draws(key, who[-1], counts)
        amount.append(np.asarray(cost.severity.quantile(chance)) * growth)
        moment.append(when)
    member = np.concatenate(who)
    order = np.lexsort((np.concatenate(moment), member))
    member = member[order]
    turn = np.arange(member.size) - np.searchsorted(member, member)
    return _Claims(member, np.concatenate(line)[order], np.concatenate(amount)[order], turn)


def _counts(name: str, cost: LineYear, members: int, key: tuple[int, int]) -> IntArray:
    """(members,) claims of each, by inversion of the count's distribution function."""
    law = cast("CountToDraw", cost.frequency)
    most = 16
    while float(law.cdf(most)) < 1.0 - UNLIKELY:
        most *= 2
        if most > MOST_COUNT:
            allowed = f"at most {MOST_COUNT:,} claims of a member"
            raise InputError([Fault(f"costs.{name}", "more", allowed, code="size")])
    member = np.arange(members, dtype=np.uint64)
    chance = uniforms(blocks(key, member=member, purpose=Purpose.COUNT))
    return np.minimum(np.searchsorted(law.cdf(np.arange(most)), chance), most)


def _claim_draws(
    key: tuple[int, int], who: IntArray, counts: IntArray
) -> tuple[FloatArray, FloatArray]:
    """(n,) chance whose quantile is the amount, and moment in the year, both in (0, 1), of each claim."""
    first = np.repeat(np.cumsum(counts) - counts, counts)
    index = (np.arange(who.size) - first).astype(np.uint64)
    chance, moment = np.empty(who.size), np.empty(who.size)
    for begin in range(0, who.size, AT_ONCE):
        some = slice(begin, begin + AT_ONCE)
        member = who[some].astype(np.uint64)
        block = blocks(key, member=member, purpose=Purpose.CLAIM, index=index[some])
        chance[some], moment[some] = uniforms(block), uniforms(block[:, 2:])
    return chance, moment


def _turns(turn: IntArray) -> Iterator[IntArray]:
    """Places of everybody's first claims, then of the second ones, and so on."""
    order = np.argsort(turn, kind="stable")
    ends = np.cumsum(np.bincount(turn)) if turn.size else np.zeros(0, np.int64)
    begin = 0
    for end in ends:
        yield order[begin:end]
        begin = int(end)


class _Year:
    """What each member has paid and been paid so far, and what each line has cost whom."""

    def __init__(self, benefits: Benefits, terms: _Terms, members: int) -> None:
        n_lines = terms.copay.size
        self.terms = terms
        self.left = np.full(members, float(benefits.deductible))
        self.room = np.full(members, _amount(benefits.out_of_pocket_maximum))
        self.cover = np.full(members, _amount(benefits.annual_limit))
        self.line_cover = np.tile(terms.limit, (members, 1))
        self.total = np.zeros(n_lines)
        self.external = np.zeros(n_lines)
        self.member = np.zeros((n_lines, members))
        self.borne = np.zeros((n_lines, members))  # by fund and provider

    def share(self, who: IntArray, line: IntArray, billed: FloatArray) -> None:
        """Share out one claim each of the members `who`, all different, by definition 15."""
        terms = self.terms
        external = billed * terms.external[line]
        own = billed - external
        copay = np.minimum(own, terms.copay[line])
        deductible = np.minimum(own - copay, self.left[who] * terms.deductible_applies[line])
        rest = own - copay - deductible
        sharing = np.minimum(copay + deductible + terms.coinsurance[line] * rest, self.room[who])
        covered = np.minimum(own - sharing, np.minimum(self.cover[who], self.line_cover[who, line]))
        known = terms.covered[line] == 1.0
        sharing, deductible, covered, external = (
            np.where(known, part, 0.0) for part in (sharing, deductible, covered, external)
        )
        self.left[who] -= deductible
        self.room[who] -= sharing
        self.cover[who] -= covered
        self.line_cover[who, line] -= covered
        np.add.at(self.total, line, billed)
        np.add.at(self.external, line, external)
        self.member[line, who] += billed - external - covered
        self.borne[line, who] += covered

    def bearers(self, names: tuple[str, ...]) -> SampledBearers:
        """Averages over members, and their standard errors."""
        members = self.left.size
        provider = self.terms.provider[:, np.newaxis] * self.borne
        fund = self.borne - provider
        splits = tuple(
            BearerSplit(
                (name,),
                float(self.total[place]) / members,
                float(self.external[place]) / members,
                float(self.member[place].mean()),
                float(provider[place].mean()),
                float(fund[place].mean()),
            )
            for place, name in enumerate(names)
        )
        return SampledBearers(splits, _errors(self.member), _errors(fund), members)


def _errors(by_line: FloatArray) -> FloatArray:
    """(n_lines + 1,) standard errors of means over members: of each line, and of their sum."""
    every = np.vstack([by_line, by_line.sum(axis=0)])
    return frozen(every.std(axis=1, ddof=1) / math.sqrt(every.shape[1]))
