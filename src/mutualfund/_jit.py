"""The one place with compiler options.

`fastmath` stays off: it lets the compiler assume that no NaN exists and reorder sums, and a ledger needs
neither. `error_model="numpy"` removes Python's division check, which keeps loops from being vectorised.
`nogil` lets blocks of paths run in threads. `_nrt=False` turns reference counting off: kernels only borrow
arrays from their caller and own none (so they cannot allocate), and counting each look into a table of tables
would cost more than the work. `no_cfunc_wrapper` leaves out an entrance for C, which nobody uses and which
takes a tenth of the compiler's time. Compiled kernels are kept on disk by `mutualfund._cache` instead of
numba's own cache, which does not notice an edit in a function that a kept one calls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numba

from mutualfund._cache.kept import KeptCode

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "fastmath": False,
    "no_cfunc_wrapper": True,
}
_LEAF: dict[str, Any] = _OPTIONS | {"forceinline": True, "no_cpython_wrapper": True}
_kernels: list[Any] = []


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers on its first call, and keep the code for later processes."""
    compiled: Any = numba.njit(**_OPTIONS)(function)
    if compiled is not function:  # as it is where numba is told not to compile (NUMBA_DISABLE_JIT)
        compiled._cache = KeptCode(function)
        _kernels.append(compiled)
    kept: Function = compiled
    return kept


def inline(function: Function) -> Function:
    """A small leaf of a kernel, merged into its caller by the compiler, and kept as part of it.

    A leaf has no entrance for Python: compiling, optimising and linking one for each took a third of a first
    run. Called from Python all the same, as tests do, a leaf is compiled once more by itself.
    """
    leaf: Any = numba.njit(**_LEAF)(function)
    if leaf is not function:
        by_itself = cache(lambda: numba.njit(**_OPTIONS)(function))
        # A call from Python looks for an entrance in a table, and asks for one where it finds none. So what
        # is compiled for a kernel is noted for kernels alone, and never gets into that table.
        leaf.add_overload = lambda result: leaf.overloads.update(
            {tuple(result.signature.args): result}
        )
        leaf._compile_for_args = lambda *_arguments, **_named: by_itself()
    merged: Function = leaf
    return merged


def compilations() -> int:
    """How many kernels this process has compiled because they were not kept, once for each set of types."""
    return sum(sum(kernel.stats.cache_misses.values()) for kernel in _kernels)
