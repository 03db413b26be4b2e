"""The page in a real browser: nothing asked of the network, no error, readable on a telephone and on paper.

These tests need Chromium. On a user's machine without it they are skipped; in CI they fail instead.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mutualfund.report import render

from .conftest import make_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

OVERFLOWING = """() => [...document.querySelectorAll('body *')].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && (box.left < -1 || box.right > document.documentElement.clientWidth + 1)
        && !element.closest('.scroll');
}).map(element => element.tagName + '.' + element.getAttribute('class'))"""

CUT_OFF = """() => [...document.querySelectorAll('.scroll')].filter(
    part => part.scrollWidth > part.clientWidth + 1).length ? ['table'] : []"""

SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll('body *')]
    .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .filter(element => element.getClientRects().length && !element.closest('title, desc'))
    .map(element => {
        const svg = element.closest('svg');
        const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
        return scale * parseFloat(getComputedStyle(element).fontSize);
    }))"""

OVERLAPPING = """() => [...document.querySelectorAll('.chart svg')].flatMap(svg => {
    const texts = [...svg.querySelectorAll('text')].filter(text => text.getClientRects().length);
    const boxes = texts.map(text => text.getBoundingClientRect());
    const pairs = [];
    for (let a = 0; a < boxes.length; a++) for (let b = a + 1; b < boxes.length; b++) {
        const wide = Math.min(boxes[a].right, boxes[b].right) - Math.max(boxes[a].left, boxes[b].left);
        const high = Math.min(boxes[a].bottom, boxes[b].bottom) - Math.max(boxes[a].top, boxes[b].top);
        // A line's box is taller than its letters: only a third of a line is an overlap to the eye.
        if (wide > 1 && high > boxes[a].height / 3) pairs.push([texts[a].textContent, texts[b].textContent]);
    }
    return pairs;
})"""


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = chromium()
    if found is None:
        if IN_CI:
            pytest.fail("Chromium is missing: CI must install it to look at the report")
        pytest.skip("Chromium is not installed, so the page cannot be looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@dataclass
class Visit:
    """An opened page and what it did."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def visit(browser: Browser, file: Path, width: int, **options: Any) -> Visit:
    seen = Visit(browser.new_page(viewport={"width": width, "height": 900}, **options))
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.goto(file.as_uri(), wait_until="networkidle")
    return seen


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_is_wider_than_the_screen(browser: Browser, file: Path, width: int) -> None:
    page = visit(browser, file, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERFLOWING) == []
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", [375, 1280])
def test_the_browser_has_no_complaint_and_asks_the_network_for_nothing(
    browser: Browser, file: Path, width: int
) -> None:
    seen = visit(browser, file, width)
    assert seen.complaints == []
    assert seen.requests == [file.as_uri()]
    seen.page.close()


@pytest.mark.parametrize(("width", "smallest"), [(375, 10.5), (1280, 11.0)])
def test_no_letter_is_too_small_to_read(
    browser: Browser, file: Path, width: int, smallest: float
) -> None:
    page = visit(browser, file, width).page
    assert page.evaluate(SMALLEST_LETTERS) >= smallest
    page.close()


def test_the_picture_that_fits_is_the_one_shown(browser: Browser, file: Path) -> None:
    for width, shown, hidden in ((375, "narrow", "wide"), (1280, "wide", "narrow")):
        page = visit(browser, file, width).page
        assert page.locator(f".chart svg.{shown}:visible").count() == 3
        assert page.locator(f".chart svg.{hidden}:visible").count() == 0
        page.close()


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"years": 30, "start": "2027-07-01"},
        {"years": 1, "currency": "KES"},
        {"years": 17, "opening": -9e6, "currency": "XOF"},
    ],
)
def test_no_words_in_a_picture_lie_on_others(
    browser: Browser, tmp_path: Path, settings: dict[str, Any], width: int
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(make_run(**{"paths": 400} | settings)), encoding="utf-8")
    page = visit(browser, path, width).page
    assert page.evaluate(OVERLAPPING) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_first_screen_of_a_telephone_holds_the_verdict(browser: Browser, file: Path) -> None:
    page = visit(browser, file, 375).page
    last = page.locator("[data-sentence='3']").bounding_box()
    assert last is not None
    assert last["y"] + last["height"] < 667  # a small telephone's screen
    page.close()


def test_the_tables_open_without_a_script(browser: Browser, file: Path) -> None:
    page = visit(browser, file, 1280, java_script_enabled=False).page
    table = page.locator("details + .scroll table").first
    assert not table.is_visible()
    page.locator("summary").first.click()
    assert table.is_visible()
    page.close()


def test_a_screen_reader_hears_a_name_and_a_description_for_each_picture(
    browser: Browser, file: Path
) -> None:
    page = visit(browser, file, 1280).page
    for title in ("The reserve at the end of each year", "A hundred futures"):
        assert page.get_by_role("img", name=title).count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    page.close()


def test_text_stands_out_from_its_ground(browser: Browser, file: Path) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1. Grounds: white, and the pale blue of the tiles."""
    page = visit(browser, file, 1280).page
    colours = page.evaluate(
        "[...new Set([...document.querySelectorAll('main *, header *, footer *')]"
        ".filter(e => !e.closest('svg')).map(e => getComputedStyle(e).color))]"
    )
    for colour in colours:
        for ground in ((255, 255, 255), (238, 245, 250)):
            assert contrast(rgb(colour), ground) >= 4.5, colour
    page.close()


def rgb(text: str) -> tuple[int, int, int]:
    red, green, blue = (int(part) for part in re.findall(r"\d+", text)[:3])
    return red, green, blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Contrast ratio of two sRGB colours. Source: WCAG 2.2, definition of contrast ratio."""

    def luminance(colour: tuple[int, int, int]) -> float:
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (value / 255 for value in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_printed_it_is_a_few_sheets_of_a4_and_nothing_is_cut_off(
    browser: Browser, file: Path
) -> None:
    page = visit(browser, file, 1280).page
    sheets = page.pdf(prefer_css_page_size=True)
    assert sheets.startswith(b"%PDF")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheets)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    assert len(boxes) <= 4  # the tables of ten years are among them
    # The width that the margins leave of A4, in CSS pixels.
    page.set_viewport_size({"width": round((210 - 2 * 16) / 25.4 * 96), "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(OVERFLOWING) == []
    assert page.locator("[data-sentence='1']").is_visible()
    assert page.locator(".pair svg.narrow:visible").count() == 1
    assert page.locator("table:visible").count() == 3
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SMALLEST_LETTERS) >= 9.0
    page.close()


def test_a_hostile_title_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    hostile = '</title><script>document.title = "run"</script><img src=x onerror=alert(1)>'
    path = tmp_path / "hostile.html"
    path.write_text(render(make_run(paths=40, years=1, title=hostile)), encoding="utf-8")
    seen = visit(browser, path, 1280)
    assert seen.page.title() == hostile
    assert seen.page.locator("h1").inner_text() == hostile
    assert seen.complaints == []
    assert seen.requests == [path.as_uri()]
    seen.page.close()


def test_a_script_put_into_the_file_is_stopped_by_its_policy(
    browser: Browser, page: str, tmp_path: Path
) -> None:
    path = tmp_path / "altered.html"
    path.write_text(
        page.replace("</body>", "<script>document.title = 'run'</script></body>"), encoding="utf-8"
    )
    seen = visit(browser, path, 1280)
    assert seen.page.title() != "run"
    assert "Content Security Policy" in " ".join(seen.complaints)
    seen.page.close()
