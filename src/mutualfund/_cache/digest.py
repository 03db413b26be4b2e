"""What compiled code is made of, in one digest: sources, versions, processor, the compiler's settings.

numba itself looks at the file of a function alone, and so does not notice an edit in a function that a kept
one calls. Here any edit in any file that code is compiled from makes another digest, and so another folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba.core import config

PACKAGE = Path(__file__).parents[1]
MODULES = (
    "_jit.py",
    "_philox.py",
    "claims/reserving/normals.py",
    "claims/reserving/replicates.py",
    "premiums/contributions/kernels.py",
    "rng.py",
    "schema.py",
    "types.py",
)
ROOMS = ("_cache", "sim")

SETTINGS = (
    "BOUNDSCHECK",
    "CPU_FEATURES",
    "CPU_NAME",
    "DEBUGINFO_DEFAULT",
    "DISABLE_INTEL_SVML",
    "ENABLE_AVX",
    "ENABLE_PROFILING",
    "JIT_COVERAGE",
    "LLVM_REFPRUNE_FLAGS",
    "LLVM_REFPRUNE_PASS",
    "LOOP_VECTORIZE",
    "OPT",
    "SLP_VECTORIZE",
)
"""Settings of numba that change the code, whether a variable, a file or a program has set them."""

HARMLESS = frozenset(
    {
        "NUMBA_CACHE_DIR",
        "NUMBA_CACHE_LOCATOR_CLASSES",
        "NUMBA_COLOR_SCHEME",
        "NUMBA_DEBUG_CACHE",
        "NUMBA_DISABLE_PERFORMANCE_WARNINGS",
        "NUMBA_FULL_TRACEBACKS",
        "NUMBA_NUM_THREADS",
        "NUMBA_THREADING_LAYER",
        "NUMBA_THREADING_LAYER_PRIORITY",
    }
)
"""Variables that leave the code as it is. Any other one, known or not, stands in the digest as it is."""


def digest() -> str:
    """What code compiled now would be made of, 32 hexadecimal digits.

    Raises
    ------
    OSError
        Where the sources cannot be read, or are not those that this process has loaded.

    >>> len(digest())
    32
    """
    if sources() != loaded_sources():
        raise OSError("the sources have changed since they were loaded")
    return _hash([loaded_sources(), *_versions(), *_processor(), *_settings()])


@cache
def loaded_sources() -> str:
    """Digest of the sources when this process first asked, which `_jit` does as it is loaded.

    Raises
    ------
    OSError
        Where the sources cannot be read.
    """
    return sources()


def sources() -> str:
    """Digest of the files that code is compiled from, as they are now.

    Raises
    ------
    OSError
        Where one cannot be read, as in a package without sources or within an archive.
    """
    parts: list[str | bytes] = []
    for path in source_files():
        parts += [path.relative_to(PACKAGE).as_posix(), path.read_bytes()]
    return _hash(parts)


def source_files() -> list[Path]:
    """The files that code is compiled from: the modules named here, and every one in the rooms named here.

    >>> [path.name for path in source_files()][:2]
    ['_jit.py', '_philox.py']
    """
    found = [PACKAGE / name for name in MODULES]
    for room in ROOMS:
        found += [PACKAGE / room / "__init__.py"]
        found += sorted(set((PACKAGE / room).rglob("*.py")) - {found[-1]})
    return found


@cache
def _versions() -> list[str]:
    try:
        own = metadata.version("mutualfund-actuarial")
    except metadata.PackageNotFoundError:  # run from its sources, which are in the digest
        own = "not installed"
    return [sys.version, own, numba.__version__, llvmlite.__version__, np.__version__]


@cache
def _processor() -> list[str]:
    features = llvmlite.binding.get_host_cpu_features().flatten()
    triple = llvmlite.binding.get_process_triple()
    return [triple, llvmlite.binding.get_host_cpu_name(), features]


def _settings() -> list[str]:
    set_outside = sorted(os.environ.items())
    return [
        *(f"{name}={getattr(config, name, None)!r}" for name in SETTINGS),
        *(f"{k}={v}" for k, v in set_outside if k.startswith("NUMBA_") and k not in HARMLESS),
    ]


def _hash(parts: list[str | bytes]) -> str:
    """Digest of the parts and of where each ends."""
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hashed.update(len(data).to_bytes(8, "little"))
        hashed.update(data)
    return hashed.hexdigest()[:32]
