"""Fails where a tracked file of the package is missing from the wheel given as the argument."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path


def main(wheel: str) -> int:
    root = Path(__file__).resolve().parents[1]
    listing = ["git", "-C", str(root), "ls-files", "src/mutualfund"]
    tracked = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\n")
    expected = {path.removeprefix("src/") for path in tracked if path}
    missing = sorted(expected - set(zipfile.ZipFile(wheel).namelist()))
    for path in missing:
        print(f"not in the wheel: {path}")
    print(
        f"{len(expected) - len(missing)} of {len(expected)} files of the package are in the wheel"
    )
    return 1 if missing or not expected else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
