"""`warmup`: compiled code is kept, so it can be waited for beforehand."""

from __future__ import annotations

from time import perf_counter


def compile_all() -> str:
    """Compile what a simulation needs, unless it is kept already, and say which and how long it took."""
    from mutualfund._cache.state import state
    from mutualfund.fund.warmup import warm_up

    began = perf_counter()
    n_compiled = warm_up()
    took, kept = f"{perf_counter() - began:.1f} s", state()
    if kept.folder is None:
        return f"Compiled in {took}, but not kept. The cache is {kept}."
    if kept.n_files == 0:
        return f"Compiled in {took}, but could not be kept in {kept.where}."
    if n_compiled == 0:
        return f"Compiled already: ready in {took}, from {kept.where}."
    return f"Compiled in {took}. The code is kept in {kept.where}; runs start at once now."
