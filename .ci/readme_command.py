"""Prints one of the README's two commands as CI runs it.

``run`` prints the first fenced ``sh`` block as it stands. ``tests`` prints the lines of the second that
call pytest, without the virtual environment's folder in front: CI has made an environment of its own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def shell_blocks(text: str) -> list[str]:
    """The README's fenced ``sh`` blocks, in order."""
    return re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def command(which: str, text: str) -> str:
    blocks = shell_blocks(text)
    if which == "run":
        return blocks[0]
    lines = [line for line in blocks[1].splitlines() if "-m pytest" in line]
    if not lines:
        raise SystemExit("The README's second sh block does not call pytest.")
    return "\n".join(re.sub(r"\S*/bin/python", "python", line) for line in lines)


if __name__ == "__main__":
    print(command(sys.argv[1], README.read_text(encoding="utf-8")))
