"""What is still to come of claims already incurred: triangles, patterns, methods and their errors.

A method is a frozen value with ``fit(triangle)``; whatever the method, what comes back answers to the same
names: ``ultimate, ibnr, standard_error, total_ibnr, total_standard_error, summary(), plot``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.claims.reserving.backtest import BackTest as BackTest
    from mutualfund.claims.reserving.backtest import back_test as back_test
    from mutualfund.claims.reserving.bootstrap import Bootstrap as Bootstrap
    from mutualfund.claims.reserving.bootstrap import BootstrapReserve as BootstrapReserve
    from mutualfund.claims.reserving.completion import CompletionFactors as CompletionFactors
    from mutualfund.claims.reserving.completion import seasonal_factors as seasonal_factors
    from mutualfund.claims.reserving.development import LinkRatios as LinkRatios
    from mutualfund.claims.reserving.development import Pattern as Pattern
    from mutualfund.claims.reserving.emergence import Emergence as Emergence
    from mutualfund.claims.reserving.emergence import (
        actual_against_expected as actual_against_expected,
    )
    from mutualfund.claims.reserving.expected import Benktander as Benktander
    from mutualfund.claims.reserving.expected import BornhuetterFerguson as BornhuetterFerguson
    from mutualfund.claims.reserving.expected import CapeCod as CapeCod
    from mutualfund.claims.reserving.expected import ChainLadder as ChainLadder
    from mutualfund.claims.reserving.expected import OverDispersedPoisson as OverDispersedPoisson
    from mutualfund.claims.reserving.mack import Mack as Mack
    from mutualfund.claims.reserving.mack import MerzWuethrich as MerzWuethrich
    from mutualfund.claims.reserving.next_payments import ExpectedPayments as ExpectedPayments
    from mutualfund.claims.reserving.next_payments import NextPayments as NextPayments
    from mutualfund.claims.reserving.reserve import Reserve as Reserve
    from mutualfund.claims.reserving.reserve import ReservingMethod as ReservingMethod
    from mutualfund.claims.reserving.spread import sigma_squared as sigma_squared
    from mutualfund.claims.reserving.tail import ConstantTail as ConstantTail
    from mutualfund.claims.reserving.tail import DecayTail as DecayTail
    from mutualfund.claims.reserving.tail import Tail as Tail
    from mutualfund.claims.reserving.triangle import Triangle as Triangle

__all__, __getattr__, __dir__ = on_demand(__name__)
