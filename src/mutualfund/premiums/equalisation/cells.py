"""Ex-ante risk adjustment by cells: a fund is paid for the members it has, not for what they came to cost.

In the Swiss way (Bundesamt für Gesundheit, Risikoausgleich: age, sex, earlier hospital stay, pharmaceutical
cost groups, by canton) a fund receives for every member the average cost of the member's cell over all
funds, less the average over everyone. In the Dutch way several criteria add up, each a table of cells, and
part of the money comes from outside: an income-related contribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from mutualfund.assumptions.model import Amount, Freeze, FrozenTable, Input, Name, Number, unique
from mutualfund.errors import Fault, InputError, listed, numbers, require_kind
from mutualfund.premiums.columns import exposure, fund_names, table
from mutualfund.premiums.equalisation.dated import DatedTable, in_force, one_a_day
from mutualfund.premiums.equalisation.transfers import CENTS, Transfers
from mutualfund.types import FloatArray

Weight = Annotated[Number, Field(ge=-1e9, le=1e9)]
CellWeights = Annotated[Mapping[Name, Weight], Field(min_length=1), Freeze]
_AGREE = 1e-9


class Criterion(Input):
    """One way to sort members: a cost per member-year for each cell, every member in one of them.

    Added to the criteria before it, a weight may be negative.

    >>> Criterion(name="age and sex", cells={"F 0-64": 900.0, "M 0-64": 800.0}).cells["F 0-64"]
    900.0
    """

    name: Name = Field(description="what members are sorted by")
    cells: CellWeights = Field(description="expected cost of a member-year by cell, fund currency")


class CellTable(DatedTable):
    """The criteria of one year, with the days of their use.

    >>> from datetime import date
    >>> table = CellTable(valid_from=date(2027, 1, 1), source="made up",
    ...     criteria=[{"name": "age", "cells": {"young": 1000.0, "old": 5000.0}}])
    >>> [criterion.name for criterion in table.criteria]
    ['age']
    """

    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)] = Field(
        description="ways of sorting the members; their costs add up"
    )

    @model_validator(mode="after")
    def _named_once(self) -> CellTable:
        names = [criterion.name for criterion in self.criteria]
        if not unique(names):
            raise InputError(
                [Fault("criteria", str(names), "each name once", code="duplicate_name")]
            )
        return self


def cell_costs(
    members: npt.ArrayLike, costs: npt.ArrayLike, cells: Sequence[str]
) -> Mapping[str, float]:
    """Average cost of a member-year by cell over all funds: the cells of a `Criterion`.

    Parameters
    ----------
    members : (n_funds, n_cells) member-years of the base year; more than 0 in every cell over all funds.
    costs : (n_funds, n_cells) costs of the base year, fund currency.
    cells : (n_cells,) names.

    Raises
    ------
    InputError
        For a cell without exposure or named twice, or members that are not a table.

    >>> dict(cell_costs([[10.0, 5.0], [30.0, 5.0]], [[9e3, 3e4], [3.1e4, 2e4]], ["young", "old"]))
    {'young': 1000.0, 'old': 5000.0}
    """
    labels = tuple(str(cell) for cell in listed("cells", cells, "names of cells"))
    if not unique(labels):
        raise InputError([Fault("cells", "a name twice", "each once", code="duplicate_name")])
    n = len(np.atleast_1d(numbers("members", members)))
    years = table("members", members, n, labels, unit="member-years")
    remedy = "Join it to a neighbouring cell."
    base = exposure(
        "members over all funds", years.sum(axis=0), len(labels), unit="member-years", remedy=remedy
    )
    total = table("costs", costs, n, labels, unit="fund currency").sum(axis=0)
    means = (float(mean) for mean in total / base)
    return FrozenTable(zip(labels, means, strict=True))


class CellAdjustment(Input):
    """Expected cost of a fund's members by cell, less the same amount per member for every fund.

    Receipt of a fund = sum over cells of member-years x cost - (all expected cost - money from outside) / all
    member-years x its member-years. Without money from outside it is zero-sum to the cent, whatever the costs
    stated for the cells.

    >>> from datetime import date
    >>> cells = {"name": "age", "cells": {"young": 1000.0, "old": 5000.0}}
    >>> scheme = CellAdjustment(
    ...     tables=[{"valid_from": date(2027, 1, 1), "source": "made up", "criteria": [cells]}])
    >>> moved = scheme.transfers(date(2027, 1, 1), ["A", "B"], {"age": [[90.0, 10.0], [60.0, 40.0]]})
    >>> moved.rates["cost_per_member"], moved.amounts.tolist()
    (2000.0, [-60000.0, 60000.0])
    """

    tables: Annotated[tuple[CellTable, ...], Field(min_length=1), AfterValidator(one_a_day)] = (
        Field(description="costs by cell, with the days on which they were in force")
    )
    outside_money: Amount = Field(
        default=0.0,
        description="paid into the pool by others than the funds, such as an income-related levy",
    )

    def transfers(
        self,
        on: date,
        funds: Sequence[str],
        members: Mapping[str, npt.ArrayLike],
        *,
        minor: int = CENTS,
    ) -> Transfers:
        """Settle one year.

        Parameters
        ----------
        on : first day of the year: the table then in force applies.
        funds : names, each once.
        members : criterion -> (n_funds, n_cells) member-years by cell, cells in the order of the table. Every
            criterion sorts the same members, so a fund's member-years are the same in each.
        minor : minor units per currency unit.

        Returns
        -------
        Transfers with a part for each criterion and `levy`; the rates `cost_per_member` and
        `levy_per_member`.

        Raises
        ------
        InputError
            For a criterion without members, a fund without members, or criteria whose member-years do not
            add up to the same number.
        """
        criteria = in_force(self.tables, on).criteria
        names = fund_names(funds)
        counted = _counted(criteria, members, len(names))
        years = counted[criteria[0].name].sum(axis=1)
        remedy = "Leave out a fund without members."
        exposure(
            f"members.{criteria[0].name}", years, len(names), unit="member-years", remedy=remedy
        )
        parts = {one.name: _expected(counted[one.name], one.cells) for one in criteria}
        expected = float(sum(part.sum() for part in parts.values()))
        levy = (expected - self.outside_money) / float(years.sum())
        rates = {"cost_per_member": expected / float(years.sum()), "levy_per_member": levy}
        return Transfers.between(
            "risk adjustment by cells",
            names,
            {**parts, "levy": -levy * years},
            brought=self.outside_money,
            rates=rates,
            minor=minor,
        )


def _counted(
    criteria: Sequence[Criterion], members: Mapping[str, Any], n: int
) -> dict[str, FloatArray]:
    """Member-years by criterion, each fund's the same in every one."""
    known = [criterion.name for criterion in criteria]
    require_kind("members", members, Mapping, "a mapping from criterion to members by cell")
    if set(members) != set(known):
        got, allowed = ", ".join(map(str, members)) or "nothing", "the criteria " + ", ".join(known)
        raise InputError([Fault("members", got, allowed, code="keys")])
    counted = {
        one.name: table(
            f"members.{one.name}", members[one.name], n, tuple(one.cells), unit="member-years"
        )
        for one in criteria
    }
    first = counted[known[0]].sum(axis=1)
    for name in known[1:]:
        total = counted[name].sum(axis=1)
        off = np.flatnonzero(np.abs(total - first) > _AGREE * np.maximum(first, 1.0))
        if off.size:
            fund = int(off[0])
            allowed = f"the {first[fund]:g} member-years that {known[0]} sorts"
            remedy = f"Every member belongs to one cell of {name}."
            got = f"{total[fund]:g} in all"
            raise InputError([Fault(f"members.{name}[{fund}]", got, allowed, remedy, "sum")])
    return counted


def _expected(members: FloatArray, cells: Mapping[str, float]) -> FloatArray:
    total = np.zeros(members.shape[0])
    for place, weight in enumerate(cells.values()):
        total = total + weight * members[:, place]
    return total
