"""One estimated number with its Monte Carlo error, and a table of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.results import risk
from mutualfund.types import BoolArray, FloatArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number read off the paths, with the error that comes from having only so many paths.

    Attributes
    ----------
    year
        Fund year from 1; None where the number concerns the whole horizon.
    standard_error
        Monte Carlo standard error, in the unit of `estimate`.
    low, high
        95 % interval: Wilson's for probabilities, estimate +- 1.96 standard errors elsewhere.

    >>> Estimate("ruin", 10, 0.02, 0.001, 0.0181, 0.0221, "share", "ruin by year 10").estimate
    0.02
    """

    quantity: str
    year: int | None
    estimate: float
    standard_error: float
    low: float
    high: float
    unit: str
    label: str

    def __str__(self) -> str:
        return (
            f"{self.label}: {readable(self.estimate, self.unit)} "
            f"({readable(self.low, self.unit)} to {readable(self.high, self.unit)})"
        )


def readable(value: float, unit: str) -> str:
    """A number as a table shows it: shares to four figures after the point, money in full units.

    >>> readable(1234567.8, "EUR"), readable(0.01234, "share")
    ('1,234,568', '0.0123')
    """
    if not np.isfinite(value):
        return "n/a"
    if unit in ("share", "ratio", "flag"):
        return f"{value:.4f}"
    return f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class Summary:
    """A small table of estimates, each with its standard error, interval and plain label.

    >>> row = Estimate("ruin", 2, 0.02, 0.001, 0.0181, 0.0221, "share", "ruin by year 2")
    >>> Summary((row,))["ruin"].estimate
    0.02
    """

    rows: tuple[Estimate, ...]

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: str | tuple[str, int]) -> Estimate:
        """The row of a quantity; with several years, name one: ``summary["reserve_close", 1]``."""
        name, year = key if isinstance(key, tuple) else (key, None)
        found = [
            row for row in self.rows if row.quantity == name and (year is None or row.year == year)
        ]
        if len(found) != 1:
            quantities = ", ".join(dict.fromkeys(row.quantity for row in self.rows))
            years = ", ".join(str(row.year) for row in found)
            hint = f"one of the years {years}" if found else f"one of: {quantities}"
            raise KeyError(f"{key!r} names {len(found)} rows of the summary; write {hint}")
        return found[0]

    def __str__(self) -> str:
        cells = [_HEADER, *(_cells(row) for row in self.rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADER))]
        return "\n".join(
            "  ".join(
                text.ljust(width) if column == 0 else text.rjust(width)
                for column, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in cells
        )

    def to_pandas(self) -> pd.DataFrame:
        """One row per estimate; `year` is missing where the number concerns the whole horizon."""
        import pandas as pd

        names = [field.name for field in fields(Estimate)]
        frame = pd.DataFrame(
            [[getattr(row, name) for name in names] for row in self], columns=names
        )
        return frame.astype({"year": "Int64"})

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(text)}</th>" for text in _HEADER)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in _cells(row)) + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


_HEADER = ("quantity", "estimate", "standard error", "95 % low", "95 % high", "unit")


def _cells(row: Estimate) -> tuple[str, ...]:
    numbers = (row.estimate, row.standard_error, row.low, row.high)
    return (row.label, *(readable(number, row.unit) for number in numbers), row.unit)


def proportion(hits: BoolArray, quantity: str, year: int | None, label: str) -> Estimate:
    """Share of paths where `hits` (n_paths,) is true, with Wilson's 95 % interval and error.

    The error is not zero where no path, or every path, is hit.
    """
    count, n_paths = int(np.count_nonzero(hits)), hits.size
    share = count / n_paths
    low, high = risk.wilson_interval(count, n_paths)
    error = float(risk.probability_error(count, n_paths))
    return Estimate(quantity, year, share, error, float(low), float(high), "share", label)


def mean(values: FloatArray, quantity: str, year: int | None, unit: str, label: str) -> Estimate:
    """Mean over paths of `values` (n_paths,), and its standard error."""
    return normal(float(values.mean()), risk.mean_error(values), quantity, year, unit, label)


def normal(
    value: float, error: float, quantity: str, year: int | None, unit: str, label: str
) -> Estimate:
    """An estimate whose 95 % interval is 1.96 standard errors either side."""
    half = risk.Z95 * error
    return Estimate(quantity, year, value, error, value - half, value + half, unit, label)


def ratio_of_means(
    above: FloatArray, below: FloatArray, quantity: str, year: int | None, unit: str, label: str
) -> Estimate:
    """Mean of `above` over mean of `below`, both (n_paths,), with the delta-method error.

    Not a number where `below` is zero on every path.
    """
    ratio, error = risk.ratio_with_error(above, below)
    return normal(ratio, error, quantity, year, unit, label)
