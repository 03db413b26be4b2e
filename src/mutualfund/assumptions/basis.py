"""All that may happen, in one validated object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from mutualfund.assumptions.economy import Economy
from mutualfund.assumptions.frailty import Frailty
from mutualfund.assumptions.health import HealthStates
from mutualfund.assumptions.lines import Line
from mutualfund.assumptions.model import Input, unique
from mutualfund.assumptions.shocks import Shock
from mutualfund.errors import Fault, InputError

if TYPE_CHECKING:
    from mutualfund.assumptions.experience import Draft
    from mutualfund.claims.experience import ExperienceStudy
    from mutualfund.claims.experience.trend import Growth


class Assumptions(Input):
    """Service lines, health states, shocks and the economy.

    >>> line = Line(name="dental", frequency={"kind": "poisson", "mean": 0.7},
    ...             severity={"kind": "gamma", "mean": 140, "cv": 0.6})
    >>> Assumptions(lines=[line]).line_names
    ('dental',)
    """

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=64)] = Field(
        description="the service lines, each with its own name"
    )
    health_states: HealthStates | None = Field(
        default=None, description="persistence; leave out for one state"
    )
    frailty: Frailty | None = Field(
        default=None, description="yearly effect on a member's rates that lines share"
    )
    shocks: Annotated[tuple[Shock, ...], Field(max_length=32)] = Field(
        default=(), description="rare common events"
    )
    economy: Economy = Field(default_factory=Economy, description="investment return and inflation")

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        faults = [
            Fault(key, str(names), "each name once", code="duplicate_name")
            for key, names in (
                ("lines", [line.name for line in self.lines]),
                ("shocks", [shock.name for shock in self.shocks]),
            )
            if not unique(names)
        ]
        if faults:
            raise InputError(faults)
        return self

    @classmethod
    def from_experience(cls, study: ExperienceStudy, *, growth: Growth = "steady") -> Draft:
        """A draft of the lines' assumptions from an experience study.

        Each line with claims gets: the mean count and its dispersion conditional on age and sex; age and sex
        factors and a season, drawn towards 1 as far as their errors ask; the family of severity that fits
        best, at the level of the middle of the last twelve months and with the mean observed; trend of the
        cost of a claim, drawn towards that of all lines; payment lag; and `uncertainty`, which
        `settings.parameter_risk` draws from: the relative standard errors of the two means and what else
        the shape of a fitted severity may be, as a `Fit` brings it to a `Line`. What it cannot know keeps its
        default: health states, shocks, the economy.

        Claims still to be paid are allowed for by the delays of the study's own claims (`study.completion`),
        within the longest delay that could be seen. What the study shows and the draft cannot hold (payments
        that had not run off by then, growth of the number of claims), and lines of which fewer than 30
        members had a claim, stand in its `cautions`, and are each a `MutualFundWarning` too. Where the
        study's measure is ``"amount"``, the fund's part, the draft's claims are already net of cost sharing;
        study ``measure="allowed"`` where benefits will be simulated.

        Parameters
        ----------
        growth
            ``"steady"`` fits a straight line through the months. ``"yearly"`` lets cost step up as each study
            year opens, as a fee schedule does, and a simulation (docs/definitions.md, 11): through its steps
            a straight line of three years rises by 8/9 of them.

        Returns
        -------
        Draft
            `assumptions`, and `provenance`: source, number of observations, method and standard error of
            every number.

        Raises
        ------
        InputError
            Where `study` is no study or has no claim, or a line's name cannot stand in a scenario.

        >>> import warnings
        >>> from mutualfund.claims.experience import example_study
        >>> warnings.simplefilter("ignore")  # few claims
        >>> Assumptions.from_experience(example_study()).assumptions.line_names
        ('dental', 'drugs')
        """
        from mutualfund.assumptions.experience import drafted

        return drafted(study, growth)

    @property
    def line_names(self) -> tuple[str, ...]:
        """The lines' names, in file order."""
        return tuple(line.name for line in self.lines)

    def line(self, name: str) -> Line:
        """The line of that name; `KeyError` where there is none."""
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)
