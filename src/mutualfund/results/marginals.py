"""Amounts along one side at a time: by claim line, by month of treatment, by age; never by two at once.

`DIMENSIONS` says along which sides a run can be kept, and which measures each of them has. A further
side is a further row of that table; storage, tables, digest and memory estimate follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.results.measures import LINE_MEASURES, MEASURES, Measure
from mutualfund.types import FloatArray, frozen

Side = Literal["line", "month", "age"]
Labels = tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side along which amounts can be kept.

    Attributes
    ----------
    name
        Its column in exported rows, and its name in ``to_arrow(by=...)``.
    kept_by
        The word in ``settings.keep`` that asks for it.
    measures
        What is kept along it.
    meaning
        What its labels stand for.

    >>> DIMENSIONS["age"].kept_by, tuple(DIMENSIONS["age"].measures)
    ('cells', ('member_months', 'claims_incurred'))
    """

    name: Side
    kept_by: Literal["lines", "cells", "months"]
    measures: Mapping[str, Measure]
    meaning: str

    @property
    def plural(self) -> str:
        """Its name in the run folder's files and in the digest."""
        return f"{self.name}s"


MONTH_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {"claims_incurred": MEASURES["claims_incurred"]}
)
"""The measures kept by month of treatment. Their sum over months is the ledger's amount."""

AGE_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "member_months": Measure(
            "member_months", "months", "count", 0, "member-months", "months of cover, all members"
        ),
        "claims_incurred": MEASURES["claims_incurred"],
    }
)
"""The measures kept by age. Claims are those of member-level lines: a fund-level amount has no age.

Contributions are not among them: a tariff has cells of its own, and only the sums of those are known.
"""

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        dimension.name: dimension
        for dimension in (
            Dimension("line", "lines", LINE_MEASURES, "claim line, in the order of the scenario"),
            Dimension(
                "month", "months", MONTH_MEASURES, "month of treatment, 1 to 12 of the fund year"
            ),
            Dimension(
                "age", "cells", AGE_MEASURES, "age last birthday at the start of the fund year"
            ),
        )
    }
)
"""Every side along which a run can be kept, by name.

Month 1 is the month in which the fund year starts (``fund.start``), so the labels are the same in every year.
"""


def kept(keep: Iterable[str]) -> tuple[Dimension, ...]:
    """The sides that ``settings.keep`` asks for, in the order of `DIMENSIONS`.

    >>> [dimension.name for dimension in kept(("cells", "lines"))]
    ['line', 'age']
    """
    asked = set(keep)
    return tuple(dimension for dimension in DIMENSIONS.values() if dimension.kept_by in asked)


def dimension_of(name: str) -> Dimension:
    """The side of that name.

    Raises
    ------
    InputError
        For a name that is none.
    """
    if name not in DIMENSIONS:
        allowed = ", ".join(("fund", *DIMENSIONS))
        raise InputError([Fault("by", repr(name), allowed, code="unknown_dimension")])
    return DIMENSIONS[name]


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """The amounts of every path and year along one side.

    Attributes
    ----------
    labels
        Names of the last axis: claim lines, months 1 to 12, ages.
    measures
        Measure -> (n_paths, n_years, n_labels), in the unit of the measure. Read-only copies.

    >>> import numpy as np
    >>> Marginal(("care", "drugs"), {"billed": np.zeros((4, 1, 2))}).measures["billed"].shape
    (4, 1, 2)
    """

    labels: Labels
    measures: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", frozen_arrays(self.measures))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by value: read-only views of dictionaries cannot be pickled."""
        return Marginal, (self.labels, dict(self.measures))

    def ordered(self, labels: Labels) -> Marginal:
        """The same amounts in another order of the labels.

        >>> import numpy as np
        >>> shares = Marginal(("care", "drugs"), {"billed": np.array([[[3.0, 1.0]]])})
        >>> shares.ordered(("drugs", "care")).measures["billed"].tolist()
        [[[1.0, 3.0]]]
        """
        places = [self.labels.index(label) for label in labels]
        moved = {name: values[:, :, places] for name, values in self.measures.items()}
        return Marginal(labels, moved)


def frozen_arrays(arrays: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    """Read-only arrays under the same names, in a table that cannot be changed.

    An array that is read-only already, and no view of another, is held as it is; others are copied.
    """
    held = {
        name: values if is_frozen(values) else frozen(values) for name, values in arrays.items()
    }
    return MappingProxyType(held)


def is_frozen(values: FloatArray) -> bool:
    """Whether nobody can write into an array, neither by it nor by one that it is a view of."""
    if not isinstance(values, np.ndarray) or values.dtype != np.float64:
        return False
    return values.flags.owndata and values.flags.c_contiguous and not values.flags.writeable
