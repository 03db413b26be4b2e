"""What a pool moves between funds: its parts, the money paid, and what is left if somebody does not pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mutualfund.assumptions.model import FrozenTable
from mutualfund.errors import Fault, InputError, one_number, require_kind
from mutualfund.premiums.cents import prorated, require_minor, rounded, settled
from mutualfund.premiums.columns import MOST, column, fund_names
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

CENTS = 100
"""Minor units per currency unit, unless said otherwise."""


@dataclass(frozen=True, eq=False)
class Transfers:
    """Who pays and who receives under one scheme; a receipt is positive, a payment negative.

    Money moves in two ways, both in whole minor units. Through a pool: what the funds pay in is what they are
    paid out, but for what others bring, settled by largest remainder. And with one outside party that settles
    with each fund by itself, as the sponsor of a risk corridor. `net` is both together, and `net` with
    `outside` sums to zero exactly. `outside` is what others than the funds receive (negative: what they pay
    in).

    Parameters
    ----------
    scheme : what moved the money, in words.
    funds : names, each once.
    parts : name -> (n_funds,) currency, unrounded and signed; they add up to the net transfer.
    pooled : (n_funds,) minor units that move through the pool.
    bilateral : (n_funds,) minor units that a fund settles with the outside party by itself.
    minor : minor units per currency unit.
    rates : the figures common to all funds, such as a levy per unit.

    >>> moved = Transfers.between("pool", ["A", "B"], {"claims": [60.0, 20.0], "levy": [-40.0, -40.0]})
    >>> moved.of("A"), moved.of("B"), moved.outside
    (20.0, -20.0, 0)
    >>> moved
    Transfers of 'pool' between 2 funds: 20.00 paid in, 20.00 paid out
    """

    scheme: str
    funds: tuple[str, ...]
    parts: Mapping[str, FloatArray]
    pooled: IntArray
    bilateral: IntArray
    minor: int
    rates: Mapping[str, float]

    @classmethod
    def between(
        cls,
        scheme: str,
        funds: Sequence[str],
        parts: Mapping[str, Any],
        *,
        brought: float = 0.0,
        rates: Mapping[str, float] | None = None,
        minor: int = CENTS,
    ) -> Self:
        """Settle in a pool, parts that sum to `brought` over the funds: what others pay into it, currency.

        Raises
        ------
        InputError
            For a fund named twice, a part of another length, amounts too large to have cents, or parts that
            do not sum to `brought`.
        """
        require_minor(minor)
        one_number("brought", brought, minimum=-MOST, maximum=MOST, unit="fund currency")
        names = fund_names(funds)
        signed = _signed(parts, len(names))
        exact = _sum(signed, len(names))
        _require_sum(signed, exact, brought, minor)
        pooled = settled("net", exact, names, minor=minor, total=round(brought * minor))
        none = frozen(np.zeros_like(pooled), np.int64)
        return cls(scheme, names, signed, pooled, none, minor, _common(rates))

    @classmethod
    def with_outside(
        cls,
        scheme: str,
        funds: Sequence[str],
        parts: Mapping[str, Any],
        *,
        rates: Mapping[str, float] | None = None,
        minor: int = CENTS,
    ) -> Self:
        """Settle parts of a scheme that is not zero-sum: each fund by itself with a party outside."""
        names = fund_names(funds)
        signed = _signed(parts, len(names))
        owed = rounded("net", _sum(signed, len(names)), minor=minor)
        none = frozen(np.zeros_like(owed), np.int64)
        return cls(scheme, names, signed, none, owed, minor, _common(rates))

    def __repr__(self) -> str:
        paid, received = (
            f"{units / self.minor:,.2f}"
            for units in (-int(self.net[self.net < 0].sum()), int(self.net[self.net > 0].sum()))
        )
        return (
            f"Transfers of '{self.scheme}' between {len(self.funds)} funds: "
            f"{paid} paid in, {received} paid out"
        )

    @cached_property
    def net(self) -> IntArray:
        """(n_funds,) minor units that each fund receives, below zero where it pays."""
        return frozen(self.pooled + self.bilateral, np.int64)

    @cached_property
    def outside(self) -> int:
        """Minor units that others than the funds receive, below zero where they pay in."""
        return -int(self.net.sum())

    @cached_property
    def amounts(self) -> FloatArray:
        """(n_funds,) net transfers in fund currency."""
        return frozen(self.net / self.minor)

    @cached_property
    def exact(self) -> FloatArray:
        """(n_funds,) the parts added up: net transfers before they were settled in whole minor units."""
        return frozen(_sum(self.parts, len(self.funds)))

    def of(self, fund: str) -> float:
        """The net transfer of one fund, currency; positive where it receives.

        Raises
        ------
        InputError
            Where no fund has that name.
        """
        if fund not in self.funds:
            raise InputError(
                [Fault("fund", repr(fund), ", ".join(self.funds), code="unknown_fund")]
            )
        return float(self.amounts[self.funds.index(fund)])

    def table(self) -> pd.DataFrame:
        """One row a fund: the parts, unrounded, and the net transfer paid."""
        import pandas as pd

        return pd.DataFrame(
            {**self.parts, "net": self.amounts}, index=pd.Index(self.funds, name="fund")
        )

    def plus(self, other: Transfers) -> Transfers:
        """Both transfers together: two schemes, two markets, or two settlements of one.

        A fund that one of them does not know moves nothing there; `rates` are kept where both have the same.

        Raises
        ------
        InputError
            Where the other one is in other minor units.

        >>> both = Transfers.between("pool", ["A", "B"], {"net": [5.0, -5.0]}).plus(
        ...     Transfers.between("pool", ["B", "C"], {"net": [2.0, -2.0]}))
        >>> both.funds, both.amounts.tolist()
        (('A', 'B', 'C'), [5.0, -3.0, -2.0])
        """
        return self._combined(other, 1)

    def true_up(self, provisional: Transfers, paid: Transfers | None = None) -> Transfers:
        """What is still to be moved after a provisional settlement, once these are the final figures.

        Parameters
        ----------
        provisional : what was to be settled on the estimate.
        paid : what of it was really paid, where that was not all: the same after `when_funds_pay` or
            `when_pool_pays`. What was not paid is lost as far as the final figures confirm the estimate; of
            what was estimated too high, only what was paid is given back.

        Raises
        ------
        InputError
            Where one of them is in other minor units.

        >>> year, guess = (Transfers.between("pool", ["A", "B"], {"net": [x, -x]}) for x in (10.0, 40.0))
        >>> paid = guess.when_pool_pays(0.5)
        >>> paid.of("A"), year.true_up(guess, paid).of("A")
        (20.0, -15.0)
        """
        late = self._combined(provisional, -1)
        if paid is None:
            return late
        require_kind("paid", paid, Transfers, "Transfers")
        if paid.funds != provisional.funds:
            got, allowed = (", ".join(one.funds) for one in (paid, provisional))
            raise InputError(
                [
                    Fault(
                        "paid",
                        got,
                        allowed,
                        "State what the estimate's own funds were paid.",
                        "funds",
                    )
                ]
            )
        missing = provisional._combined(paid, -1)._over(late.funds)
        due, final = provisional._over(late.funds), self._over(late.funds)
        return late._changed(
            late.pooled + _unconfirmed(missing.pooled, due.pooled, final.pooled),
            late.bilateral + _unconfirmed(missing.bilateral, due.bilateral, final.bilateral),
        )

    def _combined(self, other: Transfers, sign: int) -> Transfers:
        require_kind("other", other, Transfers, "Transfers")
        if other.minor != self.minor:
            got, allowed = (f"transfers in 1/{one.minor}" for one in (other, self))
            raise InputError([Fault("other", got, allowed, code="minor")])
        funds = tuple(dict.fromkeys((*self.funds, *other.funds)))
        here, there = self._over(funds), other._over(funds)
        none = np.zeros(len(funds))
        parts = {
            name: frozen(here.parts.get(name, none) + sign * there.parts.get(name, none))
            for name in {**here.parts, **there.parts}
        }
        same = (other.scheme, dict(other.rates)) == (self.scheme, dict(self.rates))
        return replace(
            here,
            scheme=self.scheme if other.scheme == self.scheme else f"{self.scheme}, {other.scheme}",
            rates=self.rates if same else FrozenTable({}),
            parts=FrozenTable(parts),
            pooled=frozen(here.pooled + sign * there.pooled, np.int64),
            bilateral=frozen(here.bilateral + sign * there.bilateral, np.int64),
        )

    def _over(self, funds: tuple[str, ...]) -> Transfers:
        """The same among these funds, its own and others, which move nothing."""
        if funds == self.funds:
            return self
        place = [funds.index(fund) for fund in self.funds]

        def spread(values: Any) -> Any:
            wide = np.zeros(len(funds), values.dtype)
            wide[place] = values
            return wide

        return replace(
            self,
            funds=funds,
            parts=FrozenTable({name: frozen(spread(part)) for name, part in self.parts.items()}),
            pooled=frozen(spread(self.pooled), np.int64),
            bilateral=frozen(spread(self.bilateral), np.int64),
        )

    def when_funds_pay(self, shares: Mapping[str, float]) -> Transfers:
        """What is received where some funds pay only a share of what they owe; the others pay in full.

        What the pool misses falls on those whom it was to pay, in proportion to it; what others bring into it
        they bring all the same. What a fund owes an outside party by itself, that party misses.

        Parameters
        ----------
        shares : fund -> share of its payment that it makes, 0 to 1.

        >>> moved = Transfers.between("pool", ["A", "B"], {"net": [-60.0, 61.0]}, brought=1.0)
        >>> moved.when_funds_pay({"A": 0.0}).amounts.tolist()
        [0.0, 1.0]
        """
        require_kind("shares", shares, Mapping, "a mapping from fund to the share it pays")
        for fund, share in shares.items():
            self.of(fund)
            one_number(f"shares.{fund}", share, minimum=0.0, maximum=1.0, unit="share paid")
        shared = [shares.get(fund, 1.0) for fund in self.funds]
        pooled, bilateral = (_paid_by(owed, shared) for owed in (self.pooled, self.bilateral))
        brought = int(self.pooled.sum())
        # Whom the pool pays, among them whoever outside is to have what the funds do not.
        due = np.append(np.maximum(self.pooled, 0), max(-brought, 0))
        there = max(brought, 0) - int(pooled.sum())
        received = prorated(frozen(due, np.int64), (*self.funds, "outside"), total=there)[:-1]
        return self._changed(pooled + received, bilateral + np.maximum(self.bilateral, 0))

    def when_pool_pays(self, share: float) -> Transfers:
        """What is received where the pool, or the outside party, pays only a share of what it owes the funds.

        Payments of the funds are made in full; what is not paid out is lost to the funds and stands in
        `outside`, so these transfers do not sum to zero over the funds.

        >>> corridor = Transfers.with_outside("corridor", ["A", "B"], {"payment": [1000.0, 200.0]})
        >>> corridor.when_pool_pays(0.126).amounts.tolist()
        [126.0, 25.2]
        """
        unit = "share of receipts that the pool pays"
        one_number("share", share, minimum=0.0, maximum=1.0, unit=unit)
        pooled, bilateral = (
            np.minimum(side, 0) + prorated(due, self.funds, total=round(int(due.sum()) * share))
            for side in (self.pooled, self.bilateral)
            for due in [frozen(np.maximum(side, 0), np.int64)]
        )
        return self._changed(pooled, bilateral)

    def _changed(self, pooled: IntArray, bilateral: IntArray) -> Transfers:
        """The same with other money moved, the difference in the part `unpaid`."""
        moved = (pooled + bilateral - self.net) / self.minor
        unpaid = frozen(moved + self.parts.get("unpaid", 0.0))
        parts = FrozenTable({**self.parts, "unpaid": unpaid})
        return replace(
            self,
            parts=parts,
            pooled=frozen(pooled, np.int64),
            bilateral=frozen(bilateral, np.int64),
        )


def _paid_by(owed: IntArray, shares: Sequence[float]) -> IntArray:
    """(n_funds,) what each fund pays of what it owes, below zero; zero where it receives."""
    paid = [round(min(int(unit), 0) * share) for unit, share in zip(owed, shares, strict=True)]
    return frozen(paid, np.int64)


def _unconfirmed(missing: IntArray, estimate: IntArray, final: IntArray) -> IntArray:
    """(n_funds,) the part of what was not paid of an estimate that the final figure does not have either."""
    spared = []
    for unpaid, due, known in zip(*(x.tolist() for x in (missing, estimate, final)), strict=True):
        confirmed = max(min(due, 0), min(known, max(due, 0)))
        spared.append(round(Fraction(unpaid * (due - confirmed), due or 1)))
    return frozen(spared, np.int64)


def _signed(parts: Mapping[str, Any], n: int) -> FrozenTable[str, FloatArray]:
    require_kind("parts", parts, Mapping, "a mapping from part to the amounts of the funds")
    return FrozenTable(
        {
            name: column(name, values, n, minimum=-np.inf, maximum=np.inf, unit="fund currency")
            for name, values in parts.items()
        }
    )


def _common(rates: Mapping[str, float] | None) -> FrozenTable[str, float]:
    """The figures common to all funds; none where none are given."""
    if rates is not None:
        require_kind("rates", rates, Mapping, "a mapping from name to a figure common to all funds")
    return FrozenTable(rates or {})


def _require_sum(
    parts: Mapping[str, FloatArray], net: FloatArray, brought: float, minor: int
) -> None:
    """Half a minor unit a fund is rounding; more would be money that nobody brought."""
    size = sum(float(np.abs(values).sum()) for values in parts.values())
    gap = float(net.sum()) - brought
    if not abs(gap) <= 0.5 * (net.size + 1) / minor + 1e-9 * size:
        got, allowed = f"a sum of {net.sum():,.2f}", f"{brought:,.2f}, what others bring"
        remedy = "State `brought`, or settle each fund by itself: Transfers.with_outside."
        raise InputError([Fault("parts", got, allowed, remedy, "sum")])


def _sum(parts: Mapping[str, FloatArray], n: int) -> FloatArray:
    total = np.zeros(n)
    for values in parts.values():
        total = total + values
    return total
