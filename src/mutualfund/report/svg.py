"""How a picture becomes SVG text that stands inside the page.

Each chart is drawn twice, wide for a desk or paper and narrow for a telephone, because one picture scaled
down would have letters nobody can read; the style sheet shows the one that fits. The same numbers give the
same bytes: no date, fixed ids, text left as text. matplotlib is loaded only when a chart is drawn.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from mutualfund.errors import RunError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito (2008): people with any kind of colour blindness tell these apart. The vermillion is a shade
# darker than theirs, for contrast on white.
BLUE, VERMILLION, INK, GREY = "#0072B2", "#B34700", "#1d2733", "#5b6673"
PALE, PALER, PEACH = "#8fc1e0", "#d3e6f3", "#edb48f"

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mutualfund",
    "text.parse_math": False,  # a dollar sign is a dollar
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 12.5,
    "axes.edgecolor": "#9aa5b1",
    "axes.labelcolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "ytick.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#e3e8ed",
    "grid.linewidth": 0.8,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@dataclass(frozen=True, slots=True)
class Size:
    """One of the two formats: inches at 72 points each."""

    name: str
    width: float
    height: float

    @property
    def narrow(self) -> bool:
        """Whether it is the telephone's."""
        return self.name == "narrow"


WIDE, NARROW = Size("wide", 9.6, 4.2), Size("narrow", 4.7, 3.7)

Paint = Callable[["Axes", Size], None]


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture in both formats, each an SVG element with its own title and description."""

    name: str
    title: str
    description: str
    wide: str
    narrow: str


def require_matplotlib() -> None:
    """Refuse early, and say what to install, where the library that draws is absent.

    Raises
    ------
    RunError
        Naming the extra.
    """
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise RunError(
            "the report's charts need matplotlib, which is not installed. Install it with: "
            'pip install "mutualfund-actuarial[report]"'
        )


def draw(name: str, title: str, description: str, paint: Paint, height: float = 1.0) -> Chart:
    """Draw one chart in both formats.

    Parameters
    ----------
    title, description
        For those who cannot see it; any text.
    paint
        Draws on the axes it is given; called once for each format.
    height
        Of both formats, relative to the usual one.
    """
    require_matplotlib()
    wide, narrow = (
        labelled(
            _svg(name, size, paint, height), f"{name}-{size.name}", size.name, title, description
        )
        for size in (WIDE, NARROW)
    )
    return Chart(name, title, description, wide, narrow)


def _svg(name: str, size: Size, paint: Paint, height: float) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(size.width, size.height * height), layout="constrained")
        FigureCanvasSVG(figure)
        paint(figure.add_subplot(), size)
        sink = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(sink, format="svg", metadata=nothing)
    return inline(sink.getvalue(), f"{name}-{size.name}")


def inline(svg: str, prefix: str) -> str:
    """The SVG element alone, fit to stand in an HTML page beside others.

    Prolog, namespaces, the global style and the font family go (the page's own letters are used); the few
    ids that the picture refers to get `prefix`, so that two pictures on one page never share one.

    >>> inline('<svg xmlns="x" viewBox="0 0 1 1"><g id="a"/><path id="m"/><use xlink:href="#m"/></svg>', "p")
    '<svg viewBox="0 0 1 1"><g/><path id="p-m"/><use href="#p-m"/></svg>'
    """
    svg = svg[svg.index("<svg") :]
    used = set(re.findall(r"(?:href=\"|url\()#([^\")]+)", svg))
    svg = re.sub(
        r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", svg, flags=re.S
    )
    svg = re.sub(r'\sid="([^"]+)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(?:xlink:)?href="#', f'href="#{prefix}-', svg)
    svg = svg.replace("url(#", f"url(#{prefix}-")
    svg = re.sub(r"font-family: [^;\"]*; ?", "", svg)
    svg = re.sub(r">\s+<", "><", svg)
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None  # matplotlib always writes one
    return f"<svg {box[0]}>" + svg[svg.index(">") + 1 :].strip()


def labelled(svg: str, prefix: str, css_class: str, title: str, description: str) -> str:
    """The same element as one image with a title and a description that a screen reader speaks.

    >>> labelled('<svg viewBox="0 0 1 1"></svg>', "fan", "wide", "Reserve", "It grows.")[:50]
    '<svg class="wide" role="img" aria-labelledby="fan-'
    """
    names = f'aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc"'
    words = (
        f'<title id="{prefix}-title">{escape(title)}</title>'
        f'<desc id="{prefix}-desc">{escape(description)}</desc>'
    )
    opening, _, rest = svg.partition(">")
    return (
        f'<svg class="{css_class}" role="img" {names}{opening.removeprefix("<svg")}>{words}{rest}'
    )
