"""The scenario: who the members are, what may happen, what they have decided, and how to run it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, PrivateAttr

from mutualfund.assumptions import Assumptions, MortalityTable
from mutualfund.assumptions.paths import replaced, steps
from mutualfund.errors import Fault, InputError, RunError
from mutualfund.inputs.schema import inlined
from mutualfund.portfolio import Portfolio
from mutualfund.rules import Rulebook
from mutualfund.scenario import checks, reading, toml
from mutualfund.scenario.card import card, summary
from mutualfund.scenario.file_schema import shared
from mutualfund.scenario.settings import Fund, Heading, Members, Settings

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Scenario(Heading):
    """Four inputs together, checked together: portfolio, assumptions, rulebook, settings.

    Load one from a TOML file, or build it in Python and pass the portfolio.

    Raises
    ------
    InputError
        With every fault of the scenario and its members at once.

    >>> from datetime import date
    >>> line = {"name": "dental", "frequency": {"kind": "poisson", "mean": 0.7},
    ...         "severity": {"kind": "gamma", "mean": 140, "cv": 0.6}}
    >>> scenario = Scenario(
    ...     fund=Fund(name="Harbour", currency="EUR", start=date(2027, 1, 1), opening_reserve=1e5),
    ...     assumptions={"lines": [line]},
    ...     rules={"contributions": {"kind": "flat", "monthly": 9.0}},
    ...     portfolio=Portfolio.synthetic(200),
    ... )
    >>> scenario.replace("rules.contributions.monthly", 10.0).rules.contributions.monthly
    10.0
    >>> scenario.portfolio, scenario.has_members, scenario.mortality.rates.shape
    (Portfolio of 200 members, True, (121, 3))
    """

    fund: Fund = Field(description="who the fund is")
    settings: Settings = Field(default_factory=Settings, description="how to run")
    members: Members = Field(
        default_factory=Members, description="who the members are and how they move"
    )
    assumptions: Assumptions = Field(description="what may happen")
    rules: Rulebook = Field(default_factory=Rulebook, description="what the members have decided")

    _portfolio: Portfolio | None = PrivateAttr(None)
    _folder: Path | None = PrivateAttr(None)
    _mortality: MortalityTable = PrivateAttr(default_factory=MortalityTable.none)

    def __init__(
        self,
        /,
        *,
        portfolio: Portfolio | None = None,
        folder: Path | None = None,
        read_members: bool = True,
        **data: Any,
    ) -> None:
        parts, faults = reading.sections(data, type(self))
        source = reading.members_of(parts, portfolio, folder, read_members=read_members)
        faults += source.faults
        faults += checks.all_faults(parts, data, source.portfolio)
        if faults:
            raise InputError(dict.fromkeys(faults))
        super().__init__(**parts)
        self._portfolio, self._mortality, self._folder = source.portfolio, source.mortality, folder

    @classmethod
    def load(cls, path: Path | str, *, read_members: bool = True) -> Self:
        """The scenario of a TOML file; its members file lies beside it.

        With ``read_members=False`` the members are left unread, for looking at a scenario whose
        members are elsewhere.

        >>> from mutualfund.scenario import archetypes
        >>> Scenario.load(archetypes.path("mutuelle")).settings.paths
        1000
        """
        path = Path(path)
        return cls.from_dict(reading.tables(path), path.parent, read_members=read_members)

    @classmethod
    def from_dict(
        cls,
        data: Mapping[str, Any],
        folder: Path | str | None = None,
        portfolio: Portfolio | None = None,
        *,
        read_members: bool = True,
    ) -> Self:
        """The scenario of nested tables, as a TOML file holds them. `folder` is where its files lie.

        >>> from mutualfund.scenario import archetypes
        >>> tables = archetypes.load("mutuelle").to_dict()
        >>> tables["settings"]["years"] = 3
        >>> Scenario.from_dict(tables).settings.years
        3
        """
        place = None if folder is None else Path(folder)
        return cls(portfolio=portfolio, folder=place, read_members=read_members, **data)

    @property
    def portfolio(self) -> Portfolio:
        """The members."""
        if self._portfolio is None:
            raise RunError(
                "this scenario was loaded without its members; load it with read_members=True"
            )
        return self._portfolio

    @property
    def has_members(self) -> bool:
        """Whether the members were read."""
        return self._portfolio is not None

    @property
    def mortality(self) -> MortalityTable:
        """The mortality table that `members.mortality` names."""
        return self._mortality

    def replace(self, path: str, value: object) -> Self:
        """A copy with one value changed, checked anew; list items go by name or position.

        The members are read again only where `members.file` or `members.synthetic` changes.

        >>> from mutualfund.scenario import archetypes
        >>> dearer = archetypes.load("mutuelle").replace("assumptions.lines.drugs.trend_per_year", 0.08)
        >>> dearer.assumptions.line("drugs").trend_per_year
        0.08
        """
        if steps(path)[:1] == ["portfolio"]:
            raise InputError(
                [Fault(path, "a path", "a path of the scenario file; pass portfolio= instead")]
            )
        fields = {name: getattr(self, name) for name in self.model_fields_set}
        top, *rest = path.split(".", 1)
        if top not in type(self).model_fields:
            raise InputError([checks.unknown(path, top, type(self).model_fields, "path")])
        fields[top] = replaced(getattr(self, top), rest[0], value, top) if rest else value
        members = reading.members_model(fields.get("members", self.members))
        same = members is not None and members.source == self.members.source
        return type(self)(
            portfolio=self._portfolio if same else None,
            folder=self._folder,
            read_members=self._portfolio is not None,
            **fields,
        )

    def to_dict(self) -> dict[str, Any]:
        """Nested tables as a TOML file holds them: what was stated, not the defaults.

        Rules and severities of one's own are Python objects, which no text holds: a scenario with any of
        them is refused here, and cannot be rebuilt from a stored run.

        Raises
        ------
        InputError
            Where a rule or severity of one's own stands in it.

        >>> from mutualfund.scenario import archetypes
        >>> archetypes.load("mutuelle").to_dict()["rules"]["calls"]
        {'maximum': 0.0}
        """
        return reading.plain(self)

    def to_toml(self) -> str:
        """The scenario as TOML text; refused as in `to_dict`.

        >>> from mutualfund.scenario import archetypes
        >>> 'currency = "XOF"' in archetypes.load("mutuelle").to_toml()
        True
        """
        return toml.dumps(self.to_dict())

    @staticmethod
    def json_schema() -> dict[str, Any]:
        """The JSON Schema of a scenario file; shipped as ``scenario.schema.json``.

        >>> sorted(Scenario.json_schema()["properties"])[:3]
        ['assumptions', 'fund', 'intended_use']
        """
        return {
            "$schema": _DRAFT,
            "title": "mutualfund scenario",
            **shared(inlined(Scenario.model_json_schema())),
        }

    def __repr__(self) -> str:
        return summary(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return card(self)
