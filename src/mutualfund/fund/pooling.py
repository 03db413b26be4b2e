"""Reinsurance of one year, in the order of the file (definition 20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mutualfund.fund.context import Fund
from mutualfund.fund.state import FundState
from mutualfund.fund.treatments import Treatments
from mutualfund.rules.reinsurance import ExcessOfLoss, StopLoss
from mutualfund.sim.kernels.layout import FUND
from mutualfund.types import FloatArray, IntArray

Treaty = ExcessOfLoss | StopLoss


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """What one treaty expects and pays, (n_paths,) currency each."""

    expected_net: FloatArray  # expected claims net of the earlier treaties
    expected_recovery: FloatArray
    recovery: FloatArray


def exchanges(
    treaties: Sequence[Treaty],
    claims: FloatArray,
    expected_claims: FloatArray,
    layers: FloatArray,
    expected_layers: FloatArray,
    stop_loss_ratio: FloatArray,
) -> list[Exchange]:
    """Run a year's claims through the treaties, each seeing what the earlier ones left.

    Parameters
    ----------
    treaties
        In the order of the file.
    claims, expected_claims
        (n_paths,) the fund's part of the year's treatments, and what was expected of it.
    layers, expected_layers
        (n_paths, n_layers) recoveries under excess of loss, true and expected.
    stop_loss_ratio
        (n_stop_losses,) expected recovery per unit of expected net claims.
    """
    net, expected_net = claims, expected_claims
    layer = stop = 0
    done = []
    for treaty in treaties:
        if isinstance(treaty, ExcessOfLoss):
            recovery, expected = layers[:, layer], expected_layers[:, layer]
            layer += 1
        else:
            recovery = treaty.recovery(net, expected_net)
            expected = expected_net * stop_loss_ratio[stop]
            stop += 1
        done.append(Exchange(expected_net, expected, recovery))
        net, expected_net = net - recovery, expected_net - expected
    return done


class Pooled(NamedTuple):
    """The year's reinsurance over all treaties, (n_paths,) currency each."""

    premium: FloatArray
    recovery: FloatArray


def reinsure(
    fund: Fund, state: FundState, start_by_age: IntArray, treated: Treatments, year: int
) -> Pooled:
    """Cede the year's claims.

    What is expected follows from the members in force at the start of the year, by age. A fund in run-off has
    no treaties.

    start_by_age: (n_paths, 10) members at the start.
    """
    treaties = fund.rules[year - 1].reinsurance
    premium, recovery = np.zeros(state.closed.size), np.zeros(state.closed.size)
    if not treaties:
        return Pooled(premium, recovery)
    from_members = fund.expected.member_claims(start_by_age, year)
    done = exchanges(
        treaties,
        treated.total(FUND) / fund.minor,
        from_members + fund.expected.fund_lines[year - 1],
        treated.layers / fund.minor,
        from_members[:, np.newaxis] * fund.expected.layer_share[year - 1],
        fund.expected.stop_loss_ratio[year - 1],
    )
    for treaty, exchange in zip(treaties, done, strict=True):
        premium = premium + treaty.price(exchange.expected_recovery)
        recovery = recovery + exchange.recovery
    # Without members nothing is expected or recovered; a stated premium ends as well.
    return Pooled(np.where(state.closed, 0.0, premium), recovery)
