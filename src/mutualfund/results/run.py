"""`FundRun`: what a simulation hands back, and every question it answers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from mutualfund.results import risk
from mutualfund.results.estimates import Estimate, Summary, proportion
from mutualfund.results.held import HeldRun
from mutualfund.results.marginals import Side, dimension_of
from mutualfund.results.measures import worse_when_high
from mutualfund.schema import minor_units
from mutualfund.types import BoolArray, FloatArray, frozen

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from mutualfund.results.plots import Plots

By = Literal["fund"] | Side


@dataclass(frozen=True, eq=False, repr=False)
class FundRun(HeldRun):
    """The results of one simulation: the yearly ledger of every path, and its manifest.

    Attributes
    ----------
    scenario
        What was simulated; None where a stored run is read without its members file.
    ledger
        Measure -> (n_paths, n_years), currency, persons, ratio or flag as `registry` says.
    marginals
        The same amounts along one side: ``line``, ``month`` or ``age``, as far as ``settings.keep`` asks.
    manifest
        How the numbers came about: versions, seed, hashes of the inputs, warnings.
    scenario_text
        The scenario as stored, for a run that was read from a folder.

    Years are numbered from 1, paths from 0. All arrays are read-only copies.

    >>> import numpy as np
    >>> from mutualfund.results.facts import FundFacts, scenario_text
    >>> facts = FundFacts("Trial", "Village fund", "EUR", "2027-01-01", (), (0.0,), (0.0,))
    >>> run = FundRun(None, {"result": np.zeros((4, 1))}, {}, {"facts": facts.to_dict()})
    >>> run.n_paths, run.n_years, run.measure("result").shape
    (4, 1, (4, 1))
    """

    def __repr__(self) -> str:
        return f"<FundRun {self.facts.fund!r}: {self.n_paths:,} paths x {self.n_years} years>"

    # -- what it says ----------------------------------------------------------------------------

    def summary(self) -> Summary:
        """The main results, each with its Monte Carlo error and a plain label.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> print(run.summary()["ruin"])
        ruin by the end of year 2: 0.1000 (0.0657 to 0.1494)
        """
        from mutualfund.results.summary import summarize

        return summarize(self)

    def mean(self, measure: str, year: int | None = None) -> Estimate:
        """Mean over the paths of a measure in one year (the last unless named).

        >>> from mutualfund.results import example_run
        >>> print(example_run().mean("claims_incurred", 1))
        mean claims, year 1: 900,000 (848,144 to 951,856)
        """
        from mutualfund.results import summary

        return summary.expected(self, measure, year)

    def sd(self, measure: str, year: int | None = None) -> Estimate:
        """Standard deviation over the paths (divisor n - 1), of a measure in one year, as for `mean`.

        >>> from mutualfund.results import example_run
        >>> print(example_run().sd("claims_incurred", 1))
        standard deviation of claims, year 1: 118,322 (96,373 to 140,270)
        """
        from mutualfund.results import summary

        return summary.deviation(self, measure, year)

    @cached_property
    def ruined(self) -> BoolArray:
        """Whether each path has been insolvent in any year so far, (n_paths, n_years)."""
        insolvent = self.measure("insolvent") > 0
        return cast(BoolArray, frozen(np.logical_or.accumulate(insolvent, axis=1), np.bool_))

    @cached_property
    def below_floor(self) -> BoolArray:
        """Whether the booked reserve closes below the safety line, (n_paths, n_years).

        The line is the floor in force that year times the year's contributions due. Without a
        floor it is zero. Half a minor unit is no shortfall: a call that fills the reserve up to the
        line leaves it within a floating-point rounding of it, on either side.
        """
        line = np.array(self.facts.floors) * self.measure("contributions_due")
        line = line - 0.5 / minor_units(self.facts.currency)
        return cast(BoolArray, frozen(self.measure("reserve_close") < line, np.bool_))

    def ruin_by_year(self) -> Summary:
        """Chance of having been insolvent in any year up to each year, with Wilson's interval.

        Insolvent means that the true reserve is below zero at a year's end, after any call. The
        chances are cumulative, so they never fall.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> print(run.ruin_by_year().rows[-1])
        ruin by year 2: 0.1000 (0.0657 to 0.1494)
        """
        return Summary(
            tuple(
                proportion(self.ruined[:, index], "ruin", index + 1, f"ruin by year {index + 1}")
                for index in range(self.n_years)
            )
        )

    def probability(self, condition: str, year: int | None = None) -> Estimate:
        """Chance that a measure meets a condition in one year (the last unless named).

        Parameters
        ----------
        condition
            ``"<measure> <operator> <number>"``, such as ``"reserve_close < 1e6"``. The operators
            are ``<``, ``<=``, ``>`` and ``>=``.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> print(run.probability("reserve_close < 0", year=1))
        reserve_close < 0 in year 1: 0.1000 (0.0657 to 0.1494)
        """
        from mutualfund.results.limits import parse_condition

        name, comparison, threshold = parse_condition(condition)
        hits = comparison(self.at(name, year), threshold)
        place = self.year_index(year) + 1
        return proportion(hits, condition, place, f"{condition} in year {place}")

    def quantile(self, measure: str, p: float, year: int | None = None) -> float:
        """Smallest simulated value that at least a share `p` of the paths does not exceed.

        Raises
        ------
        InputError
            Where `p` is not a fraction between 0 and 1.
        NotEnoughPathsError
            Where fewer than ten paths lie beyond the quantile.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.quantile("reserve_close", 0.05)
        -42500.0
        """
        return risk.var(self.at(measure, year), p, minimum_beyond=risk.SUPPORT)

    def var(self, p: float, year: int = 1, *, measure: str = "result") -> float:
        """Value at risk of a year's result: the smallest loss x with P(loss <= x) at least `p`.

        The loss is minus the result. Of a burden, such as ``claims_incurred``, it is the amount not
        exceeded with probability `p`; of anything else, such as ``reserve_close``, the amount that
        is kept with that probability: its lower tail.

        Raises
        ------
        InputError, NotEnoughPathsError
            As for `quantile`.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.var(0.95)
        120000.0
        >>> run.var(0.95, year=2, measure="reserve_close")
        -12500.0
        """
        losses, held = self._losses(measure, year)
        tail = risk.lower_var if held else risk.var
        return tail(losses, p, minimum_beyond=risk.SUPPORT)

    def tvar(self, p: float, year: int = 1, *, measure: str = "result") -> float:
        """Tail value at risk: the mean of the worst 1 - `p` of outcomes, splitting the atom.

        Of the loss for the result, of the amount itself for other measures, as for `var`.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.tvar(0.9)
        130000.0
        """
        losses, held = self._losses(measure, year)
        tail = risk.lower_tvar if held else risk.tvar
        return tail(losses, p, minimum_beyond=risk.SUPPORT)

    def _losses(self, measure: str, year: int) -> tuple[FloatArray, bool]:
        """What is at risk on each path, (n_paths,), and whether its lower tail is the bad one."""
        values = self.at(measure, year)
        if measure == "result":
            return -values, False
        return values, not worse_when_high(self.registry[measure])

    def digest(self) -> str:
        """SHA-256 over every measure, path, year and marginal, in canonical order.

        Arrays count as little-endian float64 in path-major order under their sorted names, so the
        digest does not depend on files, threads or blocks, and any changed value changes it.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.digest() == example_run(200).digest()
        True
        """
        sides = {dimension_of(name).plural: side for name, side in sorted(self.marginals.items())}
        header: dict[str, Any] = {"digest": 1, "paths": self.n_paths, "years": self.n_years}
        header |= {"lines": self.facts.line_names}
        header |= {part: side.labels for part, side in sides.items()}
        state = hashlib.sha256(json.dumps(header).encode())
        for part, arrays in [("ledger", self.ledger), *((p, s.measures) for p, s in sides.items())]:
            for name in sorted(arrays):
                state.update(f"\n{part}.{name}\n".encode())
                state.update(_canonical_bytes(arrays[name]))
        return state.hexdigest()

    # -- how it travels --------------------------------------------------------------------------

    def to_arrow(self, *, by: By = "fund") -> pa.Table:
        """Tidy rows (path, year, measure, value); with ``by="line"``, ``"month"`` or ``"age"`` along it.

        Months are those of treatment, 1 to 12 of the fund year. Ages are last birthdays at its start; only
        claims of member-level lines have one.

        Raises
        ------
        InputError
            Where the run was not asked to keep that side.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.to_arrow().column_names
        ['path', 'year', 'measure', 'value']
        >>> run.to_arrow(by="line").num_rows
        2800
        """
        from mutualfund.results import tidy

        return tidy.rows(self) if by == "fund" else tidy.marginal_rows(self, by)

    def to_pandas(self, *, by: By = "fund") -> pd.DataFrame:
        """`to_arrow` as a pandas frame; measure, line and age are categories.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.to_pandas().query("measure == 'expenses'").value.mean().item()
        51250.0
        """
        return cast("pd.DataFrame", self.to_arrow(by=by).to_pandas())

    def to_polars(self, *, by: By = "fund") -> pl.DataFrame:
        """`to_arrow` as a polars frame (needs the ``polars`` extra).

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.to_polars().columns
        ['path', 'year', 'measure', 'value']
        """
        import polars as pl

        return cast("pl.DataFrame", pl.from_arrow(self.to_arrow(by=by)))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The tidy rows for any library that reads Arrow streams."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write the run into `folder`: manifest, scenario text, blocks of results, summary.

        The folder holds no member rows. It must be new, empty, or (with `overwrite`) hold a run.

        >>> from mutualfund.results import example_run
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     folder = example_run().save(place + "/trial")
        ...     sorted(entry.name for entry in folder.iterdir())
        ['blocks', 'manifest.json', 'scenario.toml', 'summary.parquet']
        """
        from mutualfund.results.storage import save_run

        return save_run(self, Path(folder), overwrite=overwrite)

    @property
    def plot(self) -> Plots:
        """Pictures of this run, each returning matplotlib Axes: ``run.plot.reserve()``."""
        from mutualfund.results.plots import Plots

        return Plots(self)

    def _repr_html_(self) -> str:
        from mutualfund.results.card import card

        return card(self)


def _canonical_bytes(values: FloatArray) -> bytes:
    # Adding zero turns -0.0 into 0.0, and every missing value gets the same bits: equal numbers
    # must have equal digests.
    canonical = np.where(np.isnan(values), np.nan, values + 0.0)
    return canonical.astype("<f8").tobytes(order="C")
