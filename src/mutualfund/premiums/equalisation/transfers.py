"""What a pool moves between funds: its parts, the money paid, and what is left if somebody does not pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mutualfund.assumptions.model import FrozenTable
from mutualfund.errors import Fault, InputError, listed, one_number, require_kind
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

    `net` is money, in whole minor units, and `net` with `outside` sums to zero exactly. What rounding would
    leave over is settled by largest remainder. `outside` is what others than the funds receive (negative:
    what they pay in): nothing in a scheme between funds, the government's side of a risk corridor.

    Parameters
    ----------
    scheme : what moved the money, in words.
    funds : names, each once.
    parts : name -> (n_funds,) currency, unrounded and signed; they add up to the net transfer.
    net : (n_funds,) minor units.
    outside : minor units.
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
    net: IntArray
    outside: int
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
        """Settle parts that sum to `brought` over the funds: what others than the funds pay in, currency.

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
        net = settled("net", exact, names, minor=minor, total=round(brought * minor))
        return cls(scheme, names, signed, net, -int(net.sum()), minor, FrozenTable(rates or {}))

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
        """Settle parts of a scheme that is not zero-sum: each fund by itself, the rest is `outside`."""
        names = fund_names(funds)
        signed = _signed(parts, len(names))
        net = rounded("net", _sum(signed, len(names)), minor=minor)
        return cls(scheme, names, signed, net, -int(net.sum()), minor, FrozenTable(rates or {}))

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
        """Both transfers together: two schemes, or two settlements of one; `rates` where both have the same.

        Raises
        ------
        InputError
            Where the other one is between other funds or in other minor units.
        """
        return self._combined(other, 1)

    def true_up(self, provisional: Transfers) -> Transfers:
        """What is still to be moved after a provisional settlement, once these are the final figures."""
        return self._combined(provisional, -1)

    def _combined(self, other: Transfers, sign: int) -> Transfers:
        require_kind("other", other, Transfers, "Transfers between the same funds")
        if (other.funds, other.minor) != (self.funds, self.minor):
            got = f"transfers between {', '.join(other.funds)} in 1/{other.minor}"
            allowed = f"transfers between {', '.join(self.funds)} in 1/{self.minor}"
            raise InputError([Fault("other", got, allowed, code="funds")])
        none = np.zeros(len(self.funds))
        parts = {
            name: frozen(self.parts.get(name, none) + sign * other.parts.get(name, none))
            for name in {**self.parts, **other.parts}
        }
        same = (other.scheme, dict(other.rates)) == (self.scheme, dict(self.rates))
        return replace(
            self,
            scheme=self.scheme if other.scheme == self.scheme else f"{self.scheme}, {other.scheme}",
            rates=self.rates if same else FrozenTable({}),
            parts=FrozenTable(parts),
            net=frozen(self.net + sign * other.net, np.int64),
            outside=self.outside + sign * other.outside,
        )

    def when_funds_pay(self, shares: Mapping[str, float]) -> Transfers:
        """What is received where some funds pay only a share of what they owe; the others pay in full.

        The shortfall falls on those who were to receive, in proportion to it, so the transfers still sum to
        zero to the cent. Where others than the funds are a side of the scheme, as the sponsor of a corridor,
        it falls on them: they settle with each fund by itself.

        Parameters
        ----------
        shares : fund -> share of its payment that it makes, 0 to 1.
        """
        require_kind("shares", shares, Mapping, "a mapping from fund to the share it pays")
        for fund, share in shares.items():
            self.of(fund)
            one_number(f"shares.{fund}", share, minimum=0.0, maximum=1.0, unit="share paid")
        paid = np.minimum(self.net, 0)
        for place, fund in enumerate(self.funds):
            paid[place] = -round(-int(paid[place]) * shares.get(fund, 1.0))
        if self.outside:
            return self._unpaid(frozen(paid + np.maximum(self.net, 0), np.int64))
        due = int(np.maximum(self.net, 0).sum())
        missing = int(paid.sum()) - int(np.minimum(self.net, 0).sum())
        received = prorated(np.maximum(self.net, 0), self.funds, total=max(due - missing, 0))
        # Where nobody among the funds was to receive, what is missing is missed outside.
        return self._unpaid(frozen(paid + received, np.int64))

    def when_pool_pays(self, share: float) -> Transfers:
        """What is received where the pool itself pays only a share of what it owes the funds.

        Payments into the pool are made in full; what it does not pay out is lost to the funds and stands in
        `outside`, so these transfers do not sum to zero over the funds.

        >>> corridor = Transfers.with_outside("corridor", ["A", "B"], {"payment": [1000.0, 200.0]})
        >>> corridor.when_pool_pays(0.126).amounts.tolist()
        [126.0, 25.2]
        """
        one_number(
            "share", share, minimum=0.0, maximum=1.0, unit="share of receipts that the pool pays"
        )
        due = np.maximum(self.net, 0)
        received = prorated(due, self.funds, total=round(int(due.sum()) * share))
        return self._unpaid(frozen(np.minimum(self.net, 0) + received, np.int64))

    def _unpaid(self, net: IntArray) -> Transfers:
        unpaid = frozen((net - self.net) / self.minor + self.parts.get("unpaid", 0.0))
        outside = self.outside - int((net - self.net).sum())
        return replace(
            self, parts=FrozenTable({**self.parts, "unpaid": unpaid}), net=net, outside=outside
        )


def settled_late(
    final: Sequence[Transfers],
    *,
    provisional: Sequence[Transfers] | None = None,
    delay: int,
    pool_pays: Sequence[float] | float = 1.0,
) -> tuple[Transfers, ...]:
    """What is paid in each period when the final figures come late.

    In its own period a transfer is settled on an estimate, where there is one: the same scheme run on the
    figures then known. `delay` periods later the final figures settle the difference. What was estimated
    wrongly is therefore a transfer in time: its sum over the periods is zero, and so is each period's sum
    over the funds.

    Parameters
    ----------
    final : transfers by period, on final figures.
    provisional : the same on the estimates, or nothing: then all of it is paid late.
    delay : whole periods until the final figures, 0 or more.
    pool_pays : share of its receipts of a period that the pool pays, by period of payment or for all.

    Returns
    -------
    n_periods + `delay` transfers by period of payment.

    Raises
    ------
    InputError
        Where there are no periods, or not as many estimates as final figures.

    >>> year = Transfers.between("pool", ["A", "B"], {"net": [10.0, -10.0]})
    >>> guess = Transfers.between("pool", ["A", "B"], {"net": [12.5, -12.5]})
    >>> [paid.of("A") for paid in settled_late([year], provisional=[guess], delay=1)]
    [12.5, -2.5]
    """
    listed("final", final, "Transfers by period", of=Transfers)
    if not final:
        raise InputError([Fault("final", "nothing", "one period or more", code="empty")])
    if not (isinstance(delay, int) and 0 <= delay <= 100):
        allowed = "a whole number of periods, 0 to 100"
        raise InputError([Fault("delay", f"{delay}", allowed, code="range")])
    if provisional is not None:
        listed("provisional", provisional, "Transfers by period", of=Transfers)
    if provisional is not None and len(provisional) != len(final):
        got, allowed = f"{len(provisional)} periods", f"{len(final)}, as many as final has"
        raise InputError([Fault("provisional", got, allowed, code="length")])
    n_paid = len(final) + delay
    shares = column("pool_pays", pool_pays, n_paid, maximum=1.0, unit="share of receipts")
    nothing = final[0].true_up(final[0])
    paid = [nothing] * n_paid
    for period, known in enumerate(final):
        late = known
        if provisional is not None:
            paid[period] = paid[period].plus(provisional[period])
            late = known.true_up(provisional[period])
        paid[period + delay] = paid[period + delay].plus(late)
    return tuple(
        now if share == 1.0 else now.when_pool_pays(float(share))
        for now, share in zip(paid, shares, strict=True)
    )


def _signed(parts: Mapping[str, Any], n: int) -> FrozenTable[str, FloatArray]:
    require_kind("parts", parts, Mapping, "a mapping from part to the amounts of the funds")
    return FrozenTable(
        {
            name: column(name, values, n, minimum=-np.inf, maximum=np.inf, unit="fund currency")
            for name, values in parts.items()
        }
    )


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
