"""Subsidies: the part of the contributions that somebody else pays, late, and in part never."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Amount, Input, Name, Share, Whole
from mutualfund.errors import Fault, InputError, listed, numbers
from mutualfund.premiums.lateness import LONGEST_DELAY
from mutualfund.types import FloatArray

ROUNDING = 1e-9

Delay = Annotated[Whole, Field(ge=0, le=LONGEST_DELAY)]


class Subsidy(Input):
    """A share of everybody's contributions, paid by another `delay_months` after they fall due.

    Members owe the rest. What the payer defaults on is the fund's loss: members are not asked for it.

    >>> Subsidy(payer="State", share=0.5, delay_months=9, default=0.1).expected
    0.45
    """

    payer: Name = Field(description="who pays it")
    share: Share = Field(description="share of the contributions due")
    delay_months: Delay = Field(default=0, description="months after which it is paid, at most 60")
    default: Share = Field(default=0.0, description="share of it that is never paid")
    owed_at_start: Amount = Field(
        default=0.0,
        description="what of earlier months is still to come on fund.start, over delay_months",
    )

    @model_validator(mode="after")
    def _late_where_owed(self) -> Self:
        if self.owed_at_start and not self.delay_months:
            allowed = "0 where delay_months is 0"
            remedy = "State the delay, or add the amount to fund.opening_reserve."
            fault = Fault("owed_at_start", f"{self.owed_at_start:g}", allowed, remedy, "range")
            raise InputError([fault])
        return self

    @property
    def expected(self) -> float:
        """Share of the contributions due that is paid in the end."""
        return self.share * (1.0 - self.default)


def subsidised(subsidies: Sequence[Subsidy]) -> float:
    """Share of the contributions that members do not owe.

    >>> state, town = Subsidy(payer="State", share=0.5), Subsidy(payer="Town", share=0.25)
    >>> subsidised([state, town])
    0.75
    """
    return sum(subsidy.share for subsidy in subsidies)


def members_part(dues: FloatArray, subsidies: Sequence[Subsidy]) -> FloatArray:
    """What members owe themselves of their contributions, in the shape of `dues`.

    Raises
    ------
    InputError
        Where the dues are no numbers, the subsidies are more than they, or two have one payer.

    >>> members_part(np.array([30.0, 12.0]), [Subsidy(payer="State", share=0.5)]).tolist()
    [15.0, 6.0]
    """
    listed("subsidies", subsidies, "subsidies of the kind Subsidy", of=Subsidy)
    owed = numbers("dues", dues)
    if not subsidies:
        return owed
    _require_sum("subsidies", subsidies)
    return np.asarray(max(0.0, 1.0 - subsidised(subsidies)) * owed)


def subsidies_add_up(subsidies: Sequence[Subsidy]) -> Sequence[Subsidy]:
    """Refuse subsidies that are more than the contributions, or two of one payer."""
    _require_sum("", subsidies)  # the scenario says where
    return subsidies


def _require_sum(field: str, subsidies: Sequence[Subsidy]) -> None:
    together = subsidised(subsidies)
    if together > 1.0 + ROUNDING:
        got, allowed = f"shares of {together:g} together", "shares of at most 1 together"
        remedy = "Lower one of them; members owe the rest."
        raise InputError([Fault(field, got, allowed, remedy, "sum")])
    payers = [subsidy.payer for subsidy in subsidies]
    if len(set(payers)) < len(payers):
        got = ", ".join(payers)
        raise InputError([Fault(field, got, "each payer once", code="duplicate_name")])
