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
from typing import Any, TypeVar, cast

import numba
from numba import types
from numba.extending import intrinsic

from mutualfund._cache.kept import KeptCode

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "fastmath": False,
    "no_cfunc_wrapper": True,
}
_kernels: list[Any] = []


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers on its first call, and keep the code for later processes."""
    return _with_entrance(function, "")


def awaited_kernel(what: str) -> Callable[[Function], Function]:
    """A kernel so large that whoever waits for its first call is told; what: in a user's words."""
    return lambda function: _with_entrance(function, what)


def _with_entrance(function: Function, awaited: str) -> Function:
    compiled: Any = numba.njit(**_OPTIONS)(function)
    if compiled is not function:  # as it is where numba is told not to compile (NUMBA_DISABLE_JIT)
        compiled._cache = KeptCode(function, awaited)
        _kernels.append(compiled)
    kept: Function = compiled
    return kept


def stage(function: Function) -> Function:
    """A loop over arrays that a kernel calls: compiled by itself, so the compiler sees one loop at a time."""
    return _without_entrance(function, {})


def inline(function: Function) -> Function:
    """A small leaf of a kernel or a stage, merged into its caller by the compiler."""
    return _without_entrance(function, {"forceinline": True})


def part(function: Function) -> Function:
    """A part of a kernel that is written apart for the reader, and compiled only within it.

    Each compiled layer optimises everything below it once more, so a kernel has stages, parts and one top.
    """
    return _without_entrance(function, {"inline": "always"})


def _without_entrance(function: Function, how: dict[str, Any]) -> Function:
    """Compile what other compiled code calls; it is kept as part of the kernel that calls it.

    It has no entrance for Python: compiling, optimising and linking one for each took a third of a first
    run. Called from Python all the same, as tests do, it is compiled once more by itself.
    """
    options = _OPTIONS | {"no_cpython_wrapper": True} | how
    called: Any = numba.njit(**options)(function)
    if called is not function:
        by_itself = cache(lambda: numba.njit(**_OPTIONS)(function))
        # A call from Python looks for an entrance in a table, and asks for one where it finds none. So what
        # is compiled for a kernel is noted for kernels alone, and never gets into that table.
        called.add_overload = lambda result: called.overloads.update(
            {tuple(result.signature.args): result}
        )
        called._compile_for_args = lambda *_arguments, **_named: by_itself()
    merged: Function = called
    return merged


def _widest_vectors(_context: Any) -> tuple[Any, Any]:
    """Within compiled code: use the widest vectors there are.

    LLVM takes half of them on some processors, so as not to slow other programs down; loops that do nothing
    but arithmetic on whole vectors gain more than that costs.
    """

    def generate(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        # llvmlite knows flags only; an attribute with a value is written as LLVM spells it.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


widest_vectors = cast("Callable[[], None]", intrinsic(_widest_vectors))


def compilations() -> int:
    """How many kernels this process has compiled because they were not kept, once for each set of types."""
    return sum(sum(kernel.stats.cache_misses.values()) for kernel in _kernels)
