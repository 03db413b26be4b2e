"""Draw docs/images/kernel.svg: a block of members on its way through the kernel, and its words bit by bit.

python docs/draw_kernel.py

Twelve members stand for a block, eight lanes for 32. Bit positions are read from the kernel, so the picture
cannot say others.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import NamedTuple

from mutualfund.sim.kernels.claims import DELAY_AT, LINE_AT, MONTH_AT, PART_AT
from mutualfund.sim.kernels.layout import DELAY_BITS, MONTH_BITS
from mutualfund.sim.kernels.workspace import LANES, MEMBERS

PICTURE = Path(__file__).resolve().parent / "images" / "kernel.svg"
WIDTH, HEIGHT = 1000, 1296
INK, FAINT, RULE, PAPER = "#1a1a1a", "#5a5a5a", "#b5b5b5", "#ffffff"
# Okabe and Ito's colours, which the colour-blind tell apart; the letter says the line as well.
LINES = {"V": "#56B4E9", "D": "#E69F00", "H": "#CC79A7"}
NAMES = {"V": "visits", "D": "drugs", "H": "hospital"}
GREY, FUND, OWN = "#ececec", "#4d6a4f", "#ffffff"

MEMBER_NAMES = "abcdefghijkl"
COUNTS = {
    "V": [1, 0, 2, 0, 0, 3, 1, 0, 1, 0, 2, 0],
    "D": [1, 2, 0, 0, 1, 2, 0, 0, 2, 1, 2, 1],
    "H": [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
}
OPEN = {("V", 5), ("D", 1), ("D", 10)}  # counts that the first byte leaves open
DEDUCTIBLE, COINSURANCE = 60, 0.2
ROW, CELL = 23, 38


class Claim(NamedTuple):
    month: int
    line: str
    amount: int


def total(member: int) -> int:
    return sum(counts[member] for counts in COUNTS.values())


ORDER = sorted((m for m in range(12) if total(m)), key=total, reverse=True)
SHOWN = ORDER[:8]
COLUMNS = total(ORDER[0])


def claims_of(member: int) -> list[Claim]:
    """Some months and amounts, line by line."""
    found = []
    for place, (line, counts) in enumerate(COUNTS.items()):
        for index in range(counts[member]):
            mixed = 7 * member + 5 * index + 3 * place
            found.append(
                Claim((mixed * 5 + 4) % 12 + 1, line, 20 + mixed * 11 % 70 + 300 * (line == "H"))
            )
    return found


def shared(claims: list[Claim]) -> list[tuple[Claim, float]]:
    """Claims in order of moment, each with what the fund pays."""
    left, out = float(DEDUCTIBLE), []
    for claim in sorted(claims):
        first = min(claim.amount, left)
        left -= first
        out.append((claim, (claim.amount - first) * (1 - COINSURANCE)))
    return out


class Drawing:
    """SVG, element by element."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str,
        stroke: str = INK,
        wide: float = 0.8,
    ) -> None:
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="{fill}" '
            f'stroke="{stroke}" stroke-width="{wide:g}"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 14,
        anchor: str = "start",
        weight: str = "normal",
        fill: str = INK,
    ) -> None:
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" '
            f'font-weight="{weight}" fill="{fill}">{escape(words)}</text>'
        )

    def line(self, points: str, arrow: bool = False, stroke: str = INK, wide: float = 1.2) -> None:
        head = ' marker-end="url(#head)"' if arrow else ""
        self.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{stroke}" '
            f'stroke-width="{wide:g}"{head}/>'
        )

    def heading(self, x: float, y: float, number: str, words: str, *under: str) -> None:
        if number:
            self.parts.append(f'<circle cx="{x + 11:g}" cy="{y - 6:g}" r="11" fill="{INK}"/>')
            self.text(x + 11, y - 1, number, 14, "middle", "bold", PAPER)
        self.text(x + 30 if number else x, y, words, 17, weight="bold")
        for k, line in enumerate(under):
            self.text(x, y + 21 + 17 * k, line, 14, fill=FAINT)

    def whole(self) -> str:
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                f'width="{WIDTH}" height="{HEIGHT}" '
                'font-family="Helvetica, Arial, Liberation Sans, sans-serif" role="img">',
                "<title>A block of members on its way through the kernel</title>",
                '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
                f'markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z" fill="{INK}"/>'
                "</marker></defs>",
                f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
                *self.parts,
                "</svg>\n",
            ]
        )


# ---- the way through the kernel ------------------------------------------------------------------------


def draw_block(to: Drawing, x: float, y: float) -> None:
    to.heading(
        x, y, "1", "A block on one path", f"up to {MEMBERS:,} members, in", "order of their keys"
    )
    top = y + 58
    to.text(x + 38, top, "first bytes: 16 paths", 13, fill=FAINT)
    for m, name in enumerate(MEMBER_NAMES):
        row = top + 9 + ROW * m
        to.box(x, row, 28, ROW, GREY)
        to.text(x + 14, row + 16, name, 14, "middle")
        for path in range(16):
            here = path == 5
            to.box(x + 38 + 9 * path, row + 4, 9, ROW - 8, INK if here else PAPER, RULE, 0.6)
    to.line(f"{x + 87.5:g},{top + 302:g} {x + 87.5:g},{top + 288:g}", arrow=True)
    to.text(x + 87, top + 316, "this path's byte", 13, "middle", fill=FAINT)


def draw_counts(to: Drawing, x: float, y: float) -> None:
    to.heading(x, y, "2", "Counts", "members × lines; the byte decides", "nearly all of them")
    top = y + 58
    for k, line in enumerate(COUNTS):
        to.text(x + 46 * k + 23, top, NAMES[line], 13, "middle", fill=FAINT)
    to.text(x + 172, top, "total", 13, "middle", fill=FAINT)
    for m in range(12):
        row = top + 9 + ROW * m
        for k, (line, counts) in enumerate(COUNTS.items()):
            sparse = line == "H" and not counts[m]
            to.box(
                x + 46 * k,
                row,
                46,
                ROW,
                LINES[line] if counts[m] else PAPER,
                RULE if sparse else INK,
            )
            if not sparse:
                to.text(x + 46 * k + 23, row + 16, str(counts[m]), 14, "middle")
            if (line, m) in OPEN:
                to.parts.append(
                    f'<circle cx="{x + 46 * k + 38:g}" cy="{row + 11.5:g}" r="3.2" fill="{INK}"/>'
                )
        to.box(x + 152, row, 40, ROW, GREY)
        to.text(x + 172, row + 16, str(total(m)), 14, "middle", "bold")
    to.parts.append(f'<circle cx="{x + 4:g}" cy="{top + 298:g}" r="3.2" fill="{INK}"/>')
    to.text(x + 12, top + 302, "left open: 24 more bits", 13, fill=FAINT)
    to.text(x, top + 318, "hospital is sparse: searched for", 13, fill=FAINT)


def draw_order(to: Drawing, x: float, y: float) -> None:
    to.heading(x, y, "3", "Sorted", "most claims first; who has", "none is left out")
    top = y + 58
    to.text(x + 14, top, "total", 13, "middle", fill=FAINT)
    for place, m in enumerate(ORDER):
        row = top + 9 + ROW * place
        inside = place < len(SHOWN)
        to.box(x, row, 28, ROW, GREY)
        to.text(x + 14, row + 16, str(total(m)), 14, "middle", "bold")
        to.box(x + 28, row, 28, ROW, GREY if inside else PAPER)
        to.text(x + 42, row + 16, MEMBER_NAMES[m], 14, "middle")
    low, high = top + 9, top + 9 + ROW * len(SHOWN)
    edge = x + 64
    to.line(
        f"{edge},{low + 1:g} {edge + 8},{low + 1:g} {edge + 8},{high - 1:g} {edge},{high - 1:g}"
    )
    middle = (low + high) / 2
    to.text(edge + 17, middle - 12, "a chunk:", 14, weight="bold")
    to.text(edge + 17, middle + 6, f"{LANES} lanes", 14)
    to.text(edge + 17, middle + 24, "(8 drawn here)", 13, fill=FAINT)
    to.text(edge + 3, high + 17, "the next chunk", 13, fill=FAINT)


def draw_key(to: Drawing, x: float, y: float) -> None:
    """What colours and letters mean."""
    to.text(x, y, "Lines", 14, weight="bold")
    for k, (letter, name) in enumerate(NAMES.items()):
        to.box(x, y + 10 + 28 * k, 28, ROW, LINES[letter])
        to.text(x + 14, y + 26 + 28 * k, letter, 14, "middle")
        to.text(x + 38, y + 26 + 28 * k, name, 14)
    for k, (sign, words) in enumerate(
        (("1 to 3", "each block and path"), ("4 to 7", "each chunk"))
    ):
        to.text(x, y + 128 + 21 * k, sign, 14, weight="bold")
        to.text(x + 50, y + 128 + 21 * k, words, 14)


def draw_lanes(to: Drawing, x: float, y: float) -> list[tuple[float, int]]:
    """An empty chunk, one row a lane, one column a claim; returns each row's height and member."""
    top = y + 58
    for j in range(COLUMNS):
        to.text(x + 28 + CELL * j + 19, top, str(j), 13, "middle", fill=FAINT)
    rows = [(top + 8 + ROW * place, m) for place, m in enumerate(SHOWN)]
    for row, m in rows:
        to.text(x + 12, row + 16, MEMBER_NAMES[m], 14, "middle")
        for j in range(total(m), COLUMNS):
            to.box(x + 28 + CELL * j, row, CELL, ROW, PAPER, RULE)
    return rows


def draw_words(to: Drawing, x: float, y: float, moments: bool) -> None:
    """The chunk as words, before and after they are sorted."""
    before = ("one row a lane, claims in", "columns; letter: line, number: month")
    after = ("whole columns compared and", "exchanged, where order matters")
    if moments:
        to.heading(x, y, "5", "Sorted by moment", *after)
    else:
        to.heading(x, y, "4", "Claims as words", *before)
    for row, m in draw_lanes(to, x, y):
        claims = sorted(claims_of(m)) if moments else claims_of(m)
        for j, claim in enumerate(claims):
            left = x + 28 + CELL * j
            to.box(left, row, CELL, ROW, LINES[claim.line])
            to.text(left + 19, row + 16, f"{claim.line} {claim.month}", 14, "middle")


def draw_shares(to: Drawing, x: float, y: float) -> None:
    words = ("column by column, against what", "each lane has left of its limits")
    to.heading(x, y, "6", "Shared", *words)
    for row, m in draw_lanes(to, x, y):
        for j, (claim, fund) in enumerate(shared(claims_of(m))):
            left, width = x + 28 + CELL * j, CELL * fund / claim.amount
            to.box(left, row, CELL, ROW, OWN)
            if width:
                to.box(left + CELL - width, row, width, ROW, FUND)
            to.box(left, row, CELL, 5, LINES[claim.line])
    low = y + 76 + ROW * len(SHOWN)
    for k, (fill, bearer) in enumerate(((OWN, "member"), (FUND, "fund"))):
        to.box(x + 28 + 78 * k, low, 14, 14, fill)
        to.text(x + 48 + 78 * k, low + 12, bearer, 13, fill=FAINT)


def draw_sums(to: Drawing, x: float, y: float) -> None:
    to.heading(x, y, "7", "Sums, whole numbers, so in any order")
    everything = [part for m in SHOWN for part in shared(claims_of(m))]
    for k, word in enumerate(("claims", "billed", "fund")):
        to.text(x + 130 + 62 * k, y + 27, word, 13, "end", fill=FAINT)
    for k, line in enumerate(COUNTS):
        row = y + 34 + ROW * k
        mine = [(claim, fund) for claim, fund in everything if claim.line == line]
        billed = sum(claim.amount for claim, _ in mine)
        numbers = (len(mine), billed, round(sum(fund for _, fund in mine)))
        to.box(x, row, 76, ROW, LINES[line])
        to.text(x + 38, row + 16, NAMES[line], 14, "middle")
        for j, number in enumerate(numbers):
            to.box(x + 76 + 62 * j, row, 62, ROW, PAPER)
            to.text(x + 130 + 62 * j, row + 16, str(number), 14, "end")
    notes = (
        "by line: claims, billed, each one's part",
        "by month of treatment and payment delay: the fund's part",
        "by member, where asked: excess of loss, sums by age",
    )
    for k, note in enumerate(notes):
        to.text(x + 290, y + 50 + ROW * k, note, 14)


# ---- bits ----------------------------------------------------------------------------------------------


def draw_bits(
    to: Drawing, x: float, y: float, width: float, bits: int, fields: list[tuple[str, int, str]]
) -> None:
    """Fields, most significant first: label, bits, colour; above them the numbers of their outer bits."""
    each, high = width / bits, bits
    for label, size, fill in fields:
        left, low = x + (bits - high) * each, high - size
        to.box(left, y, size * each, 34, fill)
        if size * each > 24:
            to.text(left + 3, y - 5, str(high - 1), 12, fill=FAINT)
            to.text(left + size * each - 3, y - 5, str(low), 12, "end", fill=FAINT)
            to.text(left + size * each / 2, y + 22, label, 14, "middle")
        else:
            to.text(left + size * each / 2, y - 5, str(high - 1), 12, "middle", fill=FAINT)
        high = low


def draw_claim_word(to: Drawing, x: float, y: float, width: float) -> None:
    to.heading(
        x,
        y,
        "",
        "A claim's word",
        "the most significant part first: to sort words is to sort claims by moment",
    )
    fields = [
        ("0", 64 - MONTH_AT - 4, PAPER),
        ("month", 4, "#f3e3a1"),
        ("part of the month", MONTH_AT - PART_AT, "#f3e3a1"),
        ("line", PART_AT - LINE_AT, LINES["V"]),
        ("delay", LINE_AT - DELAY_AT, "#cfe3d8"),
        ("amount in minor units", DELAY_AT, GREY),
    ]
    draw_bits(to, x, y + 46, width, 64, fields)


def draw_philox(to: Drawing, x: float, y: float, width: float) -> None:
    to.heading(
        x,
        y,
        "",
        "A claim's Philox block",
        "key: seed and name of the line; counter: the claim's address; out come four words of 32 bits",
    )
    counter = ("member, low half", "member, high half", "path", "year 12 | purpose 4 | index 16")
    for k, (label, share) in enumerate(zip(counter, (0.2, 0.2, 0.2, 0.4), strict=True)):
        left = x + width * sum((0.2, 0.2, 0.2, 0.4)[:k])
        to.box(left, y + 30, width * share, 26, PAPER, RULE)
        to.text(left + width * share / 2, y + 48, label, 14, "middle")
    middle = x + width / 2
    to.line(f"{middle:g},{y + 58:g} {middle:g},{y + 80:g}", arrow=True)
    to.text(middle + 10, y + 74, "ten rounds", 13, fill=FAINT)
    to.text(x, y + 74, "words 1 and 0: the amount", 14, weight="bold")
    amount = [
        ("", 1, "#bdbdbd"),
        ("amount: distance from the far end of that half", 35, GREY),
        ("thinning", 28, "#d9d2e9"),
    ]
    draw_bits(to, x, y + 98, width, 64, amount)
    to.text(x + 2, y + 147, "bit 63: below or above the median", 13, fill=FAINT)
    to.text(x, y + 172, "words 3 and 2: moment and delay", 14, weight="bold")
    moment = [
        ("delay: slot", 6, "#cfe3d8"),
        ("delay: side", DELAY_BITS, "#cfe3d8"),
        ("part of the month", 12, "#f3e3a1"),
        ("month", 32 - MONTH_BITS, "#f3e3a1"),
        ("month: side of the slot", MONTH_BITS, "#f3e3a1"),
    ]
    draw_bits(to, x, y + 196, width, 64, moment)


def picture() -> str:
    """The whole drawing as text."""
    to = Drawing()
    draw_block(to, 30, 40)
    to.line("234,240 266,240", arrow=True)
    draw_counts(to, 284, 40)
    to.line("494,240 538,240", arrow=True)
    draw_order(to, 556, 40)
    draw_key(to, 776, 98)
    to.line("724,196 744,196 744,430 142,430 142,450", arrow=True)
    draw_words(to, 30, 472, moments=False)
    to.line("272,628 336,628", arrow=True)
    draw_words(to, 356, 472, moments=True)
    to.line("598,628 662,628", arrow=True)
    draw_shares(to, 682, 472)
    to.line("886,726 886,768 440,768", arrow=True)
    draw_sums(to, 30, 762)
    draw_claim_word(to, 30, 922, WIDTH - 60)
    draw_philox(to, 30, 1046, WIDTH - 60)
    return to.whole()


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
