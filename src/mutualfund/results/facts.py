"""The few things about the fund that its results need to be read: names, currency, safety line.

They travel in the manifest, so a stored run can be summarised and drawn without its members file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mutualfund.errors import InputError, RunError
from mutualfund.results.measures import Measure, with_flows

if TYPE_CHECKING:
    from mutualfund.rules import CapitalRule
    from mutualfund.scenario import Scenario


@dataclass(frozen=True, slots=True)
class FundFacts:
    """What a reader of the results must know of the scenario.

    Attributes
    ----------
    start
        First day of fund year 1, ISO 8601.
    line_names
        Claim lines in the order of the scenario, which is that of `FundRun.lines`.
    floors, targets
        Safety line and aim of the booked reserve in each year, as shares of that year's
        contributions due; None for the aim where a capital rule sets it.
    flows
        Name and sign of each cash flow that only some funds have: of listed rules, then of the fund's own.

    >>> FundFacts("Trial", "Village fund", "EUR", "2027-01-01", ("care",), (0.1,), (0.25,)).year_of(1)
    2027
    """

    title: str
    fund: str
    currency: str
    start: str
    line_names: tuple[str, ...]
    floors: tuple[float, ...]
    targets: tuple[float | None, ...]
    flows: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, scenario: Scenario) -> FundFacts:
        """Read the facts of `scenario`, with the reserve rule in force in each fund year."""
        start = scenario.fund.start
        openings = [
            date(start.year + year, start.month, 1) for year in range(scenario.settings.years)
        ]
        books = [scenario.rules.in_force(day) for day in openings]
        reserves = [book.reserve for book in books]
        listed = dict.fromkeys(flow for book in books for flow in book.listed_flows)
        own = tuple((rule.name, int(rule.sign)) for rule in scenario.rules.extra)
        return cls(
            title=scenario.title,
            fund=scenario.fund.name,
            currency=scenario.fund.currency,
            start=start.isoformat(),
            line_names=tuple(line.name for line in scenario.assumptions.lines),
            floors=tuple(float(reserve.floor) for reserve in reserves),
            targets=tuple(_share(reserve.target) for reserve in reserves),
            flows=(*listed, *own),
        )

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> FundFacts:
        """The facts as a manifest holds them.

        Raises
        ------
        RunError
            Where one is missing or is not what it should be.
        """
        try:
            flows = tuple((str(name), int(sign)) for name, sign in facts["flows"])
            with_flows(flows)  # refuses names and signs that no measure may have
            return cls(
                title=str(facts["title"]),
                fund=str(facts["fund"]),
                currency=str(facts["currency"]),
                start=date.fromisoformat(facts["start"]).isoformat(),
                line_names=tuple(str(name) for name in facts["line_names"]),
                floors=tuple(float(share) for share in facts["floors"]),
                targets=tuple(
                    None if share is None else float(share) for share in facts["targets"]
                ),
                flows=flows,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the facts of the fund cannot be read: {error!r}") from error

    def to_dict(self) -> dict[str, Any]:
        """Plain text and numbers, for the manifest."""
        return asdict(self)

    @property
    def registry(self) -> Mapping[str, Measure]:
        """The measures of this run: the standard ones and the fund's own cash flows."""
        return with_flows(self.flows)

    def year_of(self, year: int) -> int:
        """The calendar year in which fund year `year` (from 1) begins."""
        return date.fromisoformat(self.start).year + year - 1


def _share(target: float | CapitalRule) -> float | None:
    return float(target) if isinstance(target, float | int) else None


NOT_A_FILE = "This scenario is not a file."
"""How the text of a scenario begins that no file can state."""


def is_not_a_file(text: str) -> bool:
    """Whether this is the text of a scenario that no file can state.

    >>> is_not_a_file("# This scenario is not a file. rules.extra: got a Grant of your own")
    True
    """
    return text.startswith(f"# {NOT_A_FILE}")


def scenario_text(scenario: Scenario) -> str:
    """The scenario as TOML; where it holds rules no file can state, comments that name them."""
    try:
        return scenario.to_toml()
    except InputError as error:
        reasons = "\n".join(f"{NOT_A_FILE} {fault}" for fault in error.faults)
        return "".join(f"# {line}\n" for line in reasons.splitlines())
