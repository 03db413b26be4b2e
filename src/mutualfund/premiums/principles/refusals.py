"""Premiums that do not exist are refused with the reason, never returned as a large number."""

from __future__ import annotations

from mutualfund.errors import Fault, InputError


def no_such_premium(principle: str, got: str, allowed: str, remedy: str) -> InputError:
    """The refusal of a principle for a loss that it cannot price."""
    fault = Fault(f"{principle}.loss", got, allowed, remedy, code="does_not_exist")
    return InputError([fault])
