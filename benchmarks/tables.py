"""What a measurement hands over: tables and gates, as JSON and as the tables of README.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
Cell = str | float | int


@dataclass(frozen=True)
class Gate:
    """What must hold, and whether it does. `measured` is None where nothing could be measured."""

    what: str
    measured: float | None
    sense: Literal["at least", "at most"]
    bound: float
    unit: str = ""
    sizes: str = ""  # on what it was measured

    def at(self, measured: float | None) -> Gate:
        """The same gate with what was measured."""
        return replace(self, measured=measured)

    @property
    def holds(self) -> bool:
        """False where nothing was measured: a gate is met only by a number."""
        if self.measured is None:
            return False
        if self.sense == "at least":
            return self.measured >= self.bound
        return self.measured <= self.bound

    def row(self) -> dict[str, Cell]:
        none = self.measured is None
        measured = "not measured" if none else f"{number(self.measured or 0.0)} {self.unit}"
        return {
            "what": self.what,
            "measured": measured.strip(),
            "gate": f"{self.sense} {number(self.bound)} {self.unit}".strip(),
            "holds": "yes" if self.holds else "**no**",
            "on": self.sizes,
        }


@dataclass(frozen=True)
class Section:
    """One table of the README, with the words above it."""

    name: str
    title: str
    note: str
    rows: Sequence[dict[str, Cell]]
    gates: Sequence[Gate] = ()

    @classmethod
    def without(cls, peer: str, name: str, title: str, note: str, gates: Iterable[Gate]) -> Section:
        """What is shown where `peer` is not installed: no times, and gates that are not met."""
        note = f"{note} `{peer}` was not installed when this was measured, so there are no times."
        return cls(name, title, note, [], [gate.at(None) for gate in gates])

    def to_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "note": self.note,
            "rows": list(self.rows),
            "gates": [vars(gate) | {"holds": gate.holds} for gate in self.gates],
        }

    @classmethod
    def from_dict(cls, name: str, stored: dict[str, Any]) -> Section:
        gates = [
            Gate(**{key: value for key, value in gate.items() if key != "holds"})
            for gate in stored["gates"]
        ]
        return cls(name, stored["title"], stored["note"], stored["rows"], gates)


def number(value: float) -> str:
    """Three significant digits, without an exponent.

    >>> number(0.01234), number(5.0), number(1234.5), number(2)
    ('0.0123', '5', '1,234', '2')
    """
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.1e}" if 0.0 < abs(value) < 1e-4 else f"{value:.3g}"


def shown(value: float | None) -> Cell:
    """A number for a table, or that there is none."""
    return "too small to tell" if value is None else value


def markdown(rows: Sequence[dict[str, Cell]]) -> str:
    """A table; numbers stand to the right.

    >>> print(markdown([{"fund": "town", "ns": 5.25}]))
    | fund | ns |
    | --- | ---: |
    | town | 5.25 |
    """
    if not rows:
        return "Nothing was measured."
    names = list(rows[0])
    right = [any(isinstance(row[name], int | float) for row in rows) for name in names]
    head = "| " + " | ".join(names) + " |"
    rule = "| " + " | ".join("---:" if side else "---" for side in right) + " |"
    body = [
        "| " + " | ".join(v if isinstance(v, str) else number(v) for v in row.values()) + " |"
        for row in rows
    ]
    return "\n".join([head, rule, *body])


def gate_table(sections: Sequence[Section]) -> str:
    return markdown([gate.row() for section in sections for gate in section.gates])


def page(heading: str, sections: Sequence[Section]) -> str:
    """All that stands between the README's two marks."""
    parts = [heading, "### What must hold", gate_table(sections)]
    for section in sections:
        parts += [f"### {section.title}", section.note, markdown(section.rows)]
    return "\n\n".join(part.strip() for part in parts if part)


def between_marks(text: str, content: str) -> str:
    """`text` with what stands between the marks replaced.

    Raises
    ------
    ValueError
        Where the marks are missing.

    >>> between_marks(f"a\\n{BEGIN}\\nold\\n{END}\\nb", "new").splitlines()[2:3]
    ['']
    """
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the text has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{content}\n\n{END}{after}"
