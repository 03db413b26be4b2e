"""The fund: a scenario checked, and simulated from its first day to its last close."""

from __future__ import annotations

from mutualfund.fund.check import CheckReport, check
from mutualfund.fund.simulate import simulate

__all__ = ["CheckReport", "check", "simulate"]
