"""Ruin theory: the classical surplus process in continuous time, beside the simulation's yearly one."""

from __future__ import annotations

from mutualfund.claims.ruin.erlang import ErlangMixture as ErlangMixture
from mutualfund.claims.ruin.process import RuinBounds as RuinBounds
from mutualfund.claims.ruin.process import SurplusProcess as SurplusProcess
