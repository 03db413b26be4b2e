"""The README's commands are the ones CI runs, and its Python block prints what the README says it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_first_lines_say_insurance_and_both_names() -> None:
    head = "\n".join(README.splitlines()[:6])
    assert all(word in head for word in ("**insurance**", "`mutualfund-actuarial`", "`mutualfund`"))


def test_both_commands_make_their_own_environment() -> None:
    first, second = blocks("sh")[:2]
    assert "-m venv" in first and "examples/rand_hie/run.py" in first
    assert "-m venv" in second and "-m pytest" in second


def test_ci_runs_the_readme_s_test_command() -> None:
    script = [sys.executable, str(ROOT / ".ci" / "readme_command.py"), "tests"]
    command = subprocess.run(script, capture_output=True, text=True, check=True).stdout.strip()
    assert command.startswith("python -m pytest")
    assert command.removeprefix("python") in blocks("sh")[1]


def test_python_block_prints_what_the_readme_shows() -> None:
    (code,), (shown, *_) = blocks("python"), blocks("text")
    assert len([line for line in code.splitlines() if line.strip()]) <= 12
    script = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(script, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split("\n")[:-1] == shown.split("\n")[:-1]


PAGES = sorted(
    page
    for pattern in ("*.md", "docs/*.md", "benchmarks/*.md", "examples/*/*.md", "tests/*/*.md")
    for page in ROOT.glob(pattern)
)


def test_every_file_a_page_points_to_is_there() -> None:
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(
            r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")
        )
    ]
    assert {page.name for page, _ in links} > {"README.md", "CONTRIBUTING.md", "kernel.md"}
    assert [(page.name, to) for page, to in links if not (page.parent / to).exists()] == []


def test_a_reader_of_the_readme_finds_every_notebook() -> None:
    linked = {Path(target) for target in re.findall(r"\]\((notebooks/[^)]+)\)", README)}
    assert linked == {page.relative_to(ROOT) for page in ROOT.glob("notebooks/*.py")}


def test_the_picture_says_in_words_what_it_shows() -> None:
    (alternative, path), *_ = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", README)
    assert len(alternative.split()) > 8
    assert (ROOT / path).stat().st_size < 200_000
