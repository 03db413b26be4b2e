"""Equalise: what comes from the pool of funds, for this year and for earlier ones (definition 20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mutualfund.fund.context import Fund
from mutualfund.fund.state import FundState, PoolDebt
from mutualfund.rng import Purpose, blocks, stream_key, uniforms
from mutualfund.rules import Equalisation, Rulebook
from mutualfund.rules.view import YearView
from mutualfund.sim.paths import lognormal_multiplier, normal_scores
from mutualfund.types import FloatArray, UIntArray


class PoolChance(NamedTuple):
    """What is random about the pool in one year, (n_paths,)."""

    estimate: FloatArray  # the estimate over the final figure
    pays: FloatArray  # share of its debts that the pool pays


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """The pool's part of a year, (n_paths,) currency."""

    settled: FloatArray  # received this year, below zero where paid
    pending: tuple[PoolDebt, ...]  # what is settled in later years


def pool_chances(seed: int, books: Sequence[Rulebook], path: UIntArray) -> list[PoolChance | None]:
    """The error of every year's estimate and whether the pool pays, addressed by path and year.

    books: rules by year. path: (n_paths,) path numbers.
    """
    stream = stream_key(seed, "equalisation")
    chances: list[PoolChance | None] = []
    rule: Equalisation | None = None
    for place, book in enumerate(books):
        rule = book.equalisation or rule  # a pool that was left owes, and defaults, as before
        if rule is None:
            chances.append(None)
            continue
        words = blocks(stream, path=path, year=place + 1, purpose=Purpose.SHOCK)
        scores = normal_scores(uniforms(words))
        in_default = uniforms(words[..., 2:]) < rule.default_probability
        estimate = lognormal_multiplier(scores, rule.estimate_cv)
        chances.append(PoolChance(estimate, np.where(in_default, rule.default_pays, 1.0)))
    return chances


def equalise(fund: Fund, state: FundState, view: YearView, chance: PoolChance | None) -> Exchange:
    """Settle the year's estimate and what has become due of earlier years.

    What a pool in default pays, and what then becomes of an estimate, says definition 20. Years before the
    first are not settled. A pool that the members have left still settles what is pending.
    """
    settled = np.zeros_like(view.contributions_due)
    if chance is None:  # there has been no pool
        return Exchange(settled, ())
    for debt in state.pool:
        if debt.due == view.year:
            settled = settled + _paid(debt.amount, chance.pays)
    pending = tuple(debt for debt in state.pool if debt.due > view.year)
    rule = fund.rules[view.year - 1].equalisation
    if rule is not None:
        final = rule.final(view)
        now = rule.provisional(final, chance.estimate)
        settled = settled + _paid(now, chance.pays)
        if rule.delay_years > 0:
            too_high = np.maximum(0.0, now - np.maximum(0.0, final))
            left = final - now + (1.0 - chance.pays) * too_high
            pending = (*pending, PoolDebt(view.year + rule.delay_years, left))
    return Exchange(settled, pending)


def _paid(owed: FloatArray, pays: FloatArray) -> FloatArray:
    return np.where(owed > 0.0, pays * owed, owed)
