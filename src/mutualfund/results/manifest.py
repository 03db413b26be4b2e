"""How a run came about, in plain text: versions, processor, hashes. No user, host or folder."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from mutualfund.errors import RunError

RUN_VERSION = 1
"""Version of the run folder's layout; it changes when an older reader could misread a newer run."""

LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "pyarrow")

PARTS = {"files": dict, "digest": str, "facts": dict}
"""What every manifest holds beside its version and seal, and as what."""

# A word that starts at the root of a file system: everything before its last name is private.
_ABSOLUTE = re.compile(r"(?<![\w.:/\\])(?:[A-Za-z]:\\|/)(?:[^\s/\\'\":]+[/\\])*([^\s/\\'\":]*)")


def environment() -> dict[str, Any]:
    """Versions of everything that can move a number, and the processor's model.

    >>> sorted(environment())
    ['cpu', 'versions']
    """
    versions = {name: _version(name) for name in LIBRARIES}
    package = _version("mutualfund-actuarial")
    return {
        "versions": {"mutualfund": package, "python": platform.python_version()} | versions,
        "cpu": cpu_model(),
    }


def cpu_model() -> str:
    """The processor's model name, or its architecture where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def sha256(data: bytes) -> str:
    """SHA-256 of `data` in hexadecimal.

    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def without_folders(value: Any) -> Any:
    """The same text, list or table with absolute paths cut down to their last name.

    >>> without_folders(["read /home/anna/fund/members.parquet", 3])
    ['read members.parquet', 3]
    """
    if isinstance(value, str):
        return _ABSOLUTE.sub(r"\1", value)
    if isinstance(value, Mapping):
        return {key: without_folders(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_folders(item) for item in value]
    return value


def render(manifest: Mapping[str, Any]) -> str:
    """The manifest as its file holds it, sealed with the hash of its own content."""
    content = {key: value for key, value in manifest.items() if key != "manifest_sha256"}
    seal = sha256(json.dumps(content, sort_keys=True).encode())
    text = json.dumps(content | {"manifest_sha256": seal}, indent=1, sort_keys=True)
    return text + "\n"


def parse(
    text: str, file: str = "manifest.json", parts: Mapping[str, type] = PARTS
) -> dict[str, Any]:
    """Read a manifest file, or another that `render` wrote and that holds `parts`.

    Raises
    ------
    RunError
        Where the text is not what was once written, to the letter, or lacks what every such file has.
    """
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise RunError(f"{file} is damaged: it is not JSON") from error
    if not isinstance(manifest, dict) or "manifest_sha256" not in manifest:
        raise RunError(f"{file} is not the manifest of a run")
    if manifest.get("run_version") != RUN_VERSION:
        raise RunError(
            f"{file} has run_version {manifest.get('run_version')}; "
            f"this version of mutualfund reads {RUN_VERSION}"
        )
    if render(manifest) != text:
        raise RunError(f"{file} was altered after the run was stored")
    for key, kind in parts.items():
        if not isinstance(manifest.get(key), kind):
            raise RunError(f"{file} is not the manifest of a run: no usable {key!r}")
    return manifest


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
