"""The picture of the kernel is the one that its script draws from the kernel's own bit positions."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "kernel.svg"


def test_the_kernel_s_picture_is_up_to_date() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_kernel.py"))["picture"]()
    assert drawn == PICTURE.read_text(encoding="utf-8"), "run python docs/draw_kernel.py"


def test_the_kernel_s_picture_can_be_read_on_a_dark_page() -> None:
    """Its first shape is a white ground under all of it."""
    root = ElementTree.parse(PICTURE).getroot()
    ground = next(root.iter("{http://www.w3.org/2000/svg}rect"))
    width, height = root.attrib["viewBox"].split()[2:]
    assert (ground.attrib["width"], ground.attrib["height"]) == (width, height)
    assert ground.attrib["fill"] == "#ffffff"


def test_the_kernel_s_picture_says_in_words_what_it_shows() -> None:
    page = (ROOT / "docs" / "kernel.md").read_text(encoding="utf-8")
    (alternative,) = re.findall(r"!\[([^\]]+)\]\(images/kernel\.svg\)", page)
    assert len(alternative.split()) > 20
