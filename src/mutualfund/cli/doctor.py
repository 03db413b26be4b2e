"""`doctor`: what a maintainer asks first when something goes wrong."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator

EXTRAS = {"matplotlib": "report", "polars": "polars"}


def state_of_health() -> Iterator[str]:
    """One line each on versions, machine, compiler's cache and optional parts."""
    from mutualfund._cache.state import state
    from mutualfund.fund.engines import default_workers
    from mutualfund.results.manifest import environment

    found = environment()
    for name, version in found["versions"].items():
        yield f"{name:12} {version}"
    for name, extra in EXTRAS.items():
        yield f"{name:12} {optional(name, extra)}"
    yield f"{'system':12} {platform.system()} {platform.machine()}, {found['cpu']}"
    yield f"{'processors':12} {default_workers()}"
    yield f"{'memory':12} {memory()}"
    yield f"{'cache':12} {state()}"


def optional(name: str, extra: str) -> str:
    """The version of an optional library, or how to get it."""
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return f'not installed; pip install "mutualfund-actuarial[{extra}]"'


def memory() -> str:
    """Memory of the machine, where the system tells."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return "unknown"
    return f"{size / 2**30:.1f} GiB"
