"""The members of a fund on the day it starts: frozen columns, sorted by member key.

Sorting by key makes every sum over members independent of the order of rows in the owner's file. Names of
people are never kept: a member is a key, an age, a sex, days of birth and of joining and a few codes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, require, require_kind
from mutualfund.schema import MAX_AGE, MAX_BYTES, SEXES
from mutualfund.types import FloatArray, IntArray, UIntArray, frozen

if TYPE_CHECKING:
    from mutualfund.portfolio.quality import Quality

LONG_STANDING = -100_000  # month of joining of a member whose day of joining is not given
UNKNOWN_AGE = -1  # age on joining of such a member

AgeMix = Literal["Y", "N", "O"]

_DTYPES: dict[str, npt.DTypeLike] = {
    "member_key": np.uint64,
    "age": np.int64,
    "sex": np.int8,
    "joined_month": np.int64,
    "plan_code": np.int64,
    "health_state_code": np.int64,
    "region_code": np.int64,
    "group_code": np.int64,
    "household_code": np.int64,
    "income": np.float64,
    "entry_age": np.int64,
    "birth_day": np.int64,
    "joined_day": np.int64,
}
_LATER = ("entry_age", "birth_day", "joined_day")  # members without them keep their digest
_CODED = ("plan", "health_state", "region", "group")


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Portfolio:
    """Who belongs to the fund at its start, sorted by `member_key`; every array is (n,) and read-only.

    Parameters
    ----------
    member_key
        Distinct 64-bit keys, ascending.
    age
        Age last birthday at fund start, 0 to 120.
    sex
        0 = F, 1 = M, 2 = X.
    joined_month
        Month of joining relative to the fund's first month: 0 that month, negative before,
        `LONG_STANDING` where unknown.
    plan_names, plan_code
        Plans by name; -1 = no plan.
    health_state_names, health_state_code
        Health states by name, or None for both; -1 = not known, to be drawn.
    region_names, region_code, group_names, group_code
        Labels for reports, or empty and None.
    household_code
        Equal for members of one household; -1 = none; or None.
    income
        Currency a year, or None.
    entry_age
        Age last birthday on the day of joining, `UNKNOWN_AGE` where that day is; or None where it cannot
        be told from days of birth.
    birth_day
        Day of birth, counted from 1970-01-01, or None where only ages are known.
    joined_day
        Day of joining, counted so too, any day where `joined_month` is `LONG_STANDING`; or None where only
        months are known.
    start
        The fund's start for which ages and months of joining were counted; None where any will do, which
        members with a `joined_day` cannot have.
    notes
        Counts of what the reader of the file noticed, for `quality`.

    Raises
    ------
    InputError
        Where keys repeat or are not ascending, lengths differ, or a value is out of range.

    >>> Portfolio.synthetic(1000, age_mix="N", seed=1)
    Portfolio of 1,000 members
    """

    member_key: UIntArray
    age: IntArray
    sex: npt.NDArray[np.int8]
    joined_month: IntArray
    plan_names: tuple[str, ...] = ()
    plan_code: IntArray
    health_state_names: tuple[str, ...] | None = None
    health_state_code: IntArray | None = None
    region_names: tuple[str, ...] = ()
    region_code: IntArray | None = None
    group_names: tuple[str, ...] = ()
    group_code: IntArray | None = None
    household_code: IntArray | None = None
    income: FloatArray | None = None
    entry_age: IntArray | None = None
    birth_day: IntArray | None = None
    joined_day: IntArray | None = None
    start: date | None = None
    notes: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        for name, dtype in _DTYPES.items():
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, frozen(values, dtype))
        self._check_shape()
        self._check_values()

    def _check_shape(self) -> None:
        lengths = {len(getattr(self, name)) for name in _DTYPES if getattr(self, name) is not None}
        if lengths == {0} or len(lengths) > 1:
            got = "no member" if lengths == {0} else "columns of different lengths"
            raise InputError(
                [Fault("portfolio", got, "columns of one length, at least 1", code="length")]
            )
        if (self.member_key[1:] <= self.member_key[:-1]).any():
            remedy = "Build it with Portfolio.from_frame, which sorts."
            fault = Fault(
                "portfolio.member_key", "keys out of order", "ascending", remedy, "key_order"
            )
            raise InputError([fault])
        if self.joined_day is not None and self.start is None:
            allowed = "the fund's first day, where days of joining are given"
            raise InputError([Fault("portfolio.start", "nothing", allowed, code="missing")])

    def _check_values(self) -> None:
        checks: dict[str, tuple[float, str]] = {
            "age": (MAX_AGE, "whole years"),
            "sex": (len(SEXES) - 1, "0 = F, 1 = M, 2 = X"),
            "income": (float(np.finfo(np.float64).max), "currency a year"),
        }
        for name, (maximum, unit) in checks.items():
            values = getattr(self, name)
            if values is not None:
                require(
                    f"portfolio.{name}", values, minimum=0, maximum=maximum, unit=unit, show=False
                )
        if self.entry_age is not None:
            require(
                "portfolio.entry_age",
                self.entry_age,
                minimum=UNKNOWN_AGE,
                maximum=MAX_AGE,
                unit="whole years, -1 = not known",
                show=False,
            )
        for name in _CODED:
            codes, names = getattr(self, f"{name}_code"), getattr(self, f"{name}_names") or ()
            if codes is not None:
                require(
                    f"portfolio.{name}_code",
                    codes,
                    minimum=-1,
                    maximum=len(names) - 1,
                    unit="place in the list of names",
                    show=False,
                )

    @classmethod
    def from_frame(cls, frame: Any, *, start: date) -> Portfolio:
        """The portfolio in a pandas, polars or Arrow table with the columns of `schema.MEMBERS`.

        Parameters
        ----------
        frame
            One row per member. ``member_id`` is text or whole numbers (7 is the member "7", not
            "007"), ``sex`` F, M or X; ``birth_date`` or ``age``.
        start
            First day of the fund's first year: ages and months of joining are counted to it.

        Raises
        ------
        InputError
            With every fault of the table: its column, how many rows, the first five of them, never a value.

        >>> import pyarrow as pa
        >>> frame = pa.table({"member_id": ["007", "8"], "age": [40, 35], "sex": ["F", "M"]})
        >>> len(Portfolio.from_frame(frame, start=date(2027, 1, 1)))
        2
        """
        from mutualfund.portfolio.frames import columns_of_frame
        from mutualfund.portfolio.reading import portfolio_from_columns

        return portfolio_from_columns(columns_of_frame(frame), start=start, source="frame")

    @classmethod
    def read_csv(
        cls,
        path: str | PathLike[str],
        *,
        start: date,
        delimiter: str = ",",
        decimal: str = ".",
        encoding: str = "utf-8",
        max_bytes: int = MAX_BYTES,
    ) -> Portfolio:
        """The portfolio in a CSV file; see `from_frame` and `files.columns_of_csv`.

        Raises
        ------
        InputError
            With every fault of the file.

        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "members.csv"
        >>> _ = path.write_text("member_id,age,sex\\n007,40,F\\n8,35,M\\n")
        >>> Portfolio.read_csv(path, start=date(2027, 1, 1))
        Portfolio of 2 members
        """
        from mutualfund.portfolio.files import columns_of_csv
        from mutualfund.portfolio.reading import portfolio_from_columns

        columns = columns_of_csv(
            path,
            "members",
            delimiter=delimiter,
            decimal=decimal,
            encoding=encoding,
            max_bytes=max_bytes,
        )
        return portfolio_from_columns(columns, start=start, source=Path(path).name)

    @classmethod
    def read_parquet(
        cls, path: str | PathLike[str], *, start: date, max_bytes: int = MAX_BYTES
    ) -> Portfolio:
        """The portfolio in a Parquet file; see `from_frame` and `files.columns_of_parquet`.

        Raises
        ------
        InputError
            With every fault of the file.

        >>> import pyarrow as pa
        >>> import pyarrow.parquet as pq
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "members.parquet"
        >>> pq.write_table(pa.table({"member_id": ["007"], "age": [40], "sex": ["F"]}), path)
        >>> Portfolio.read_parquet(path, start=date(2027, 1, 1))
        Portfolio of 1 member
        """
        from mutualfund.portfolio.files import columns_of_parquet
        from mutualfund.portfolio.reading import portfolio_from_columns

        columns = columns_of_parquet(path, "members", max_bytes=max_bytes)
        return portfolio_from_columns(columns, start=start, source=Path(path).name)

    @classmethod
    def synthetic(
        cls,
        n: int,
        *,
        age_mix: AgeMix = "N",
        seed: int = 1,
        plans: Mapping[str, float] | None = None,
    ) -> Portfolio:
        """`n` members who exist nowhere, with a known age structure; see `synthetic.synthetic_members`.

        >>> Portfolio.synthetic(200, age_mix="O", plans={"basic": 0.5, "plus": 0.5}).plan_names
        ('basic', 'plus')
        """
        from mutualfund.portfolio.synthetic import synthetic_members

        portfolio = synthetic_members(n, age_mix=age_mix, seed=seed)
        return portfolio if plans is None else portfolio.with_plans(plans, seed=seed)

    def with_plans(self, shares: Mapping[str, float], seed: int) -> Portfolio:
        """This portfolio with plans dealt out anew: each member draws a plan by `shares`.

        Parameters
        ----------
        shares
            Share of the members by plan, each 0 to 1, together at most 1; the rest has no plan.
        seed
            The draw depends on it and on the member's key only, not on the other members.

        Raises
        ------
        InputError
            Where a share is out of range or they exceed 1 together.

        >>> half = Portfolio.synthetic(10_000).with_plans({"basic": 0.5}, seed=3)
        >>> round(float((half.plan_code >= 0).mean()), 1)
        0.5
        """
        from mutualfund.portfolio.dealing import deal

        names, codes = deal(self.member_key, shares, seed)
        return replace(self, plan_names=names, plan_code=codes)

    def __len__(self) -> int:
        return len(self.member_key)

    def __repr__(self) -> str:
        return f"Portfolio of {len(self):,} member{'' if len(self) == 1 else 's'}"

    def _repr_html_(self) -> str:
        return self.quality()._repr_html_()

    def quality(self) -> Quality:
        """Counts that show what the portfolio holds and what is missing; no rows, no values of a member.

        >>> print(Portfolio.synthetic(1000, age_mix="N").quality().rows[0])
        ('members', 1000)
        """
        from mutualfund.portfolio.quality import quality_of

        return quality_of(self)

    def digest(self) -> str:
        """SHA-256 over every column in canonical order: equal for equal portfolios, whatever the file.

        >>> Portfolio.synthetic(5).digest() == Portfolio.synthetic(5).digest()
        True
        """
        whole = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "notes" or (field.name in _LATER and value is None):
                continue  # notes are no column
            whole.update(field.name.encode())
            if isinstance(value, np.ndarray):
                whole.update(value.astype(value.dtype.newbyteorder("<")).tobytes())
            else:
                whole.update(repr(value).encode())
        return whole.hexdigest()


def require_portfolio(field: str, value: object) -> None:
    """Refuse what is no `Portfolio`, such as the frame that one is read from.

    Raises
    ------
    InputError
        Naming the field and the kind of what came.
    """
    remedy = "Read the members with Portfolio.from_frame or Portfolio.read_csv."
    require_kind(field, value, Portfolio, "a Portfolio", remedy)
