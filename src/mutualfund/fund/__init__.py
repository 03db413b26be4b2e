"""The fund: a scenario simulated from its first day to its last close."""

from __future__ import annotations

from mutualfund.fund.simulate import simulate

__all__ = ["simulate"]
