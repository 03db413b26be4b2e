"""Ruin theory: the classical surplus process in continuous time, beside the simulation's yearly one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.claims.ruin.erlang import ErlangMixture as ErlangMixture
    from mutualfund.claims.ruin.process import RuinBounds as RuinBounds
    from mutualfund.claims.ruin.process import SurplusProcess as SurplusProcess

__all__, __getattr__, __dir__ = on_demand(__name__)
