"""What a run holds: the ledger of every path, its sides and its manifest, checked and read-only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mutualfund.errors import Fault, InputError, RunError
from mutualfund.results.facts import FundFacts, scenario_text
from mutualfund.results.marginals import Marginal, Side, dimension_of, frozen_arrays
from mutualfund.results.measures import Measure, unknown_measure, year_outside
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.scenario import Scenario


@dataclass(frozen=True, eq=False, repr=False)
class HeldRun:
    """The arrays behind `FundRun`, which says what each field is."""

    scenario: Scenario | None
    ledger: Mapping[str, FloatArray]
    marginals: Mapping[str, Marginal]
    manifest: Mapping[str, Any]
    scenario_text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ledger", frozen_arrays(self.ledger))
        object.__setattr__(self, "marginals", MappingProxyType(dict(self.marginals)))
        object.__setattr__(self, "manifest", _plain(self.manifest))
        if self.scenario is None and "facts" not in self.manifest:
            raise RunError("a run without its scenario needs the fund's facts in its manifest")
        self._check_shapes()

    def _check_shapes(self) -> None:
        shapes = {values.shape for values in self.ledger.values()}
        if len(shapes) != 1 or any(len(shape) != 2 or 0 in shape for shape in shapes):
            raise RunError(f"the ledger's arrays must all be (n_paths, n_years); got {shapes}")
        for name, marginal in self.marginals.items():
            expected = (self.n_paths, self.n_years, len(marginal.labels))
            for measure, values in marginal.measures.items():
                if values.shape != expected:
                    raise RunError(
                        f"{measure} by {dimension_of(name).name} has shape {values.shape}; "
                        f"expected {expected}"
                    )
        if not len(self.facts.floors) == len(self.facts.targets) == self.n_years:
            raise RunError(f"the fund's facts are not those of {self.n_years} years")
        if "line" in self.marginals and self.marginals["line"].labels != self.facts.line_names:
            raise RunError("the amounts by line are not in the order of the fund's lines")

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by value: read-only views of dictionaries cannot be pickled."""
        arrays = (dict(self.ledger), dict(self.marginals))
        return (type(self), (self.scenario, *arrays, dict(self.manifest), self.scenario_text))

    @cached_property
    def facts(self) -> FundFacts:
        """Names, currency and safety line of the fund."""
        if self.scenario is None or "facts" in self.manifest:
            return FundFacts.from_dict(self.manifest["facts"])
        return FundFacts.of(self.scenario)

    @cached_property
    def registry(self) -> Mapping[str, Measure]:
        """Unit, sign and meaning of each measure of this run."""
        return self.facts.registry

    @property
    def scenario_toml(self) -> str:
        """The scenario as TOML text; comments only, where it holds rules no file can state."""
        if self.scenario_text or self.scenario is None:
            return self.scenario_text
        return scenario_text(self.scenario)

    @property
    def n_paths(self) -> int:
        """Number of simulated futures."""
        return int(next(iter(self.ledger.values())).shape[0])

    @property
    def n_years(self) -> int:
        """Number of fund years."""
        return int(next(iter(self.ledger.values())).shape[1])

    def measure(self, name: str) -> FloatArray:
        """The values of one measure, (n_paths, n_years), read-only.

        Raises
        ------
        InputError
            For a name that this run does not hold.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.measure("claims_incurred").shape
        (200, 2)
        """
        if name not in self.ledger:
            raise InputError([unknown_measure(name, self.ledger)])
        return self.ledger[name]

    def at(self, name: str, year: int | None = None) -> FloatArray:
        """The values of one measure in one year, (n_paths,); the last year unless named.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.at("claims_incurred", 1)[:2].tolist()
        [1090000.0, 1070000.0]
        """
        return self.measure(name)[:, self.year_index(year)]

    @property
    def lines(self) -> Mapping[str, FloatArray]:
        """Measure -> (n_paths, n_years, n_lines) by claim line; empty where lines were not kept."""
        held = self.marginals.get("line")
        return MappingProxyType({}) if held is None else held.measures

    def marginal(self, by: Side) -> Marginal:
        """The amounts along one side: ``line``, ``month`` (of treatment) or ``age``.

        Raises
        ------
        InputError
            For another name, or a side that the run was not asked to keep.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.marginal("line").labels
        ('care',)
        """
        wanted = dimension_of(by)
        if by not in self.marginals:
            remedy = f'Simulate with settings.keep = ["{wanted.kept_by}"].'
            allowed = ", ".join(("fund", *self.marginals))
            raise InputError([Fault("by", repr(by), allowed, remedy, code="not_kept")])
        return self.marginals[by]

    def year_index(self, year: int | None = None) -> int:
        """Column of fund year `year` (from 1); the last where None.

        Raises
        ------
        InputError
            For a year outside the run.

        >>> from mutualfund.results import example_run
        >>> run = example_run(200)
        >>> run.year_index(1), run.year_index()
        (0, 1)
        """
        if year is None:
            return self.n_years - 1
        if not 1 <= year <= self.n_years:
            raise InputError([year_outside(year, self.n_years)])
        return int(year) - 1


def _plain(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """A copy that holds plain text, numbers, lists and tables only, as the stored file does."""
    return MappingProxyType(json.loads(json.dumps(dict(manifest))))
