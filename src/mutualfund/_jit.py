"""The one place with compiler options.

`fastmath` stays off: it lets the compiler assume that no NaN exists and reorder sums, and a ledger needs
neither. `error_model="numpy"` removes Python's division check, which keeps loops from being vectorised.
`nogil` lets blocks of paths run in threads. `_nrt=False` turns reference counting off: kernels only borrow
arrays from their caller and own none (so they cannot allocate), and counting each look into a table of tables
would cost more than the work. The disk cache is opt-in (``MUTUALFUND_JIT_CACHE=1``), because
numba does not notice an edit in a function that a cached one calls.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba import types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "fastmath": False,
    "cache": os.environ.get("MUTUALFUND_JIT_CACHE") == "1",
}


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers on its first call."""
    compiled: Function = numba.njit(**_OPTIONS)(function)
    return compiled


def inline(function: Function) -> Function:
    """A small leaf of a kernel, merged into its caller by the compiler."""
    compiled: Function = numba.njit(forceinline=True, **_OPTIONS)(function)
    return compiled


def part(function: Function) -> Function:
    """A part of a kernel that is written apart and compiled only within it.

    Each compiled layer optimises everything below it once more, so a kernel has leaves, parts and one top.
    """
    compiled: Function = numba.njit(inline="always", **_OPTIONS)(function)
    return compiled


@intrinsic
def widest_vectors(_context: Any) -> tuple[Any, Any]:
    """In a kernel: use the widest vectors there are. LLVM takes half of them on some processors, so as not to
    slow other programs down; loops that do nothing but arithmetic on whole vectors gain more than that costs."""

    def generate(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        # llvmlite knows flags only; an attribute with a value is written as LLVM spells it.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate
