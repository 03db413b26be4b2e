"""Pools settled late: on an estimate first, put right when the final figures come."""

from __future__ import annotations

from collections.abc import Sequence

from mutualfund.errors import Fault, InputError, listed
from mutualfund.premiums.columns import column
from mutualfund.premiums.equalisation.transfers import Transfers


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
    over the funds. A pool that pays a share pays that share of each amount it owes, estimates and late
    figures by themselves, without set-off; what becomes of an estimate so paid says `Transfers.true_up`.

    Parameters
    ----------
    final : transfers by period, on final figures.
    provisional : the same on the estimates, or nothing: then all of it is paid late.
    delay : whole periods until the final figures, 0 or more.
    pool_pays : share of what it owes in a period that the pool pays, by period of payment or for all.

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
    >>> [paid.of("A") for paid in settled_late([year], provisional=[guess], delay=1, pool_pays=0.5)]
    [6.25, -1.25]
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
    paid = [final[0].true_up(final[0])] * n_paid
    for period, known in enumerate(final):
        late = known
        if provisional is not None:
            estimate = provisional[period]
            now = _paid(estimate, float(shares[period]))
            paid[period] = paid[period].plus(now)
            late = known.true_up(estimate, now)
        now = _paid(late, float(shares[period + delay]))
        paid[period + delay] = paid[period + delay].plus(now)
    return tuple(paid)


def _paid(owed: Transfers, share: float) -> Transfers:
    return owed if share == 1.0 else owed.when_pool_pays(share)
