"""Run the README's Python block, write what it prints below it, and draw its picture.

python docs/refresh_readme.py
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "reserve_fan.png"
BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```\n\n```text\n(?P<output>.*?)^```", re.MULTILINE | re.DOTALL
)


def main() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = BLOCK.search(readme)
    if found is None:
        raise SystemExit("README.md has no python block followed by a text block")
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        script = Path(folder) / "readme.py"
        script.write_text(found["code"], encoding="utf-8")
        names = runpy.run_path(str(script))
    start, end = found.span("output")
    (ROOT / "README.md").write_text(
        readme[:start] + printed.getvalue() + readme[end:], encoding="utf-8"
    )
    draw(names["run"])


def draw(run: object) -> None:
    """The reserve fan of the README's run."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 4.2), dpi=120, layout="constrained")
    run.plot.reserve(figure.subplots())
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, facecolor="white", metadata={"Software": None})


if __name__ == "__main__":
    main()
