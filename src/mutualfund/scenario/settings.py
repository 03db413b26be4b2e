"""How the fund is simulated, and who the fund is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from mutualfund.assumptions.membership import Membership
from mutualfund.assumptions.model import (
    Amount,
    Flag,
    Freeze,
    Input,
    MonthStart,
    Share,
    Whole,
)
from mutualfund.errors import Fault, InputError
from mutualfund.schema import CURRENCY

Text = Annotated[str, Field(strict=True, max_length=2000)]
Reserve = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=-1e15, le=1e15)]


def _in_living_years(start: date) -> date:
    """Outside these years a digit was mistyped."""
    if not 1900 <= start.year <= 2200:
        raise ValueError("a day from 1900-01-01 to 2200-12-01")
    return start


class Fund(Input):
    """Who the fund is and how it stands on its first day.

    >>> from datetime import date
    >>> Fund(name="Harbour", currency="EUR", start=date(2027, 1, 1), opening_reserve=1e6).currency
    'EUR'
    """

    name: Annotated[str, Field(strict=True, min_length=1, max_length=120)] = Field(
        description="the fund's name"
    )
    currency: Annotated[str, Field(strict=True, pattern=f"^{CURRENCY}$")] = Field(
        description="ISO 4217 code, three capital letters"
    )
    start: Annotated[MonthStart, AfterValidator(_in_living_years)] = Field(
        description="first day of fund year 1, the first of a month"
    )
    opening_reserve: Reserve = Field(
        description="reserve after provision for claims already incurred, fund currency"
    )
    opening_outstanding: Amount | None = Field(
        default=None,
        description="provision for claims already incurred; default: monthly claims x mean lag",
    )


class Heading(Input):
    """What the file says about itself.

    >>> Heading(title="Add dental cover").schema_version
    1
    """

    schema_version: Literal[1] = Field(default=1, description="version of this file's shape")
    title: Text = Field(default="", description="what is being looked at")
    intended_use: Text = Field(default="", description="what the result is for")
    prepared_by: Text = Field(default="", description="who answers for it")


class Settings(Input):
    """Paths, years, seed and how to run.

    >>> Settings(paths=1000, years=5, seed=1).parameter_risk
    True
    """

    paths: Annotated[Whole, Field(ge=1, le=100_000_000)] = Field(
        default=1000, description="imagined futures"
    )
    years: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=10, description="fund years in each"
    )
    seed: Annotated[Whole, Field(ge=0, le=2**63 - 1)] = Field(
        default=1, description="key of the random numbers"
    )
    parameter_risk: Flag = Field(
        default=True, description="whether each path draws its own uncertain parameters"
    )
    investment_weights: tuple[Share, Share] = Field(
        default=(0.5, 0.5),
        description="part of the year that [money in, money out] earns the return",
    )
    run_off: Flag = Field(
        default=False, description="whether an insolvent fund stops taking contributions"
    )
    memory_mib: Annotated[Whole, Field(ge=1, le=1_048_576)] = Field(
        default=64, description="memory for the members of the paths in flight, MiB"
    )
    keep: tuple[Literal["lines", "cells", "months"], ...] = Field(
        default=("lines",),
        description="amounts kept beside the ledger: by claim line (lines), by month of treatment (months), "
        "by age (cells; a thin age group in year 1 is close to single members: treat the run as "
        "personal data)",
    )


def _at_most_all(shares: dict[str, float]) -> dict[str, float]:
    if sum(shares.values()) > 1.0 + 1e-9:
        raise ValueError("shares that sum to at most 1; the rest has no plan")
    return shares


class Synthetic(Input):
    """A made-up membership with a stated age mix.

    >>> Synthetic(n=10_000, age_mix="O").seed
    1
    """

    n: Annotated[Whole, Field(ge=1, le=50_000_000)] = Field(description="number of members")
    age_mix: Literal["Y", "N", "O"] = Field(default="N", description="young, normal or old age mix")
    seed: Annotated[Whole, Field(ge=0, le=2**63 - 1)] = Field(
        default=1, description="key of the draws"
    )
    plans: (
        Annotated[dict[str, Share], Field(min_length=1), AfterValidator(_at_most_all), Freeze]
        | None
    ) = Field(default=None, description="share of members in each plan")


class Members(Membership):
    """Where the members come from, and how the membership moves.

    `delimiter`, `decimal` and `encoding` say how a .csv file was written; none of them is guessed.

    >>> Members(synthetic={"n": 100}, lapse_per_year=0.03).file is None
    True
    """

    file: Annotated[str, Field(strict=True, min_length=1)] | None = Field(
        default=None, description="members table beside the scenario, .parquet or .csv"
    )
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(
        default=None, description="what separates the columns of a .csv file; default: a comma"
    )
    decimal: Literal[".", ","] | None = Field(
        default=None, description="decimal sign in a .csv file; default: a point"
    )
    encoding: Literal["utf-8", "utf-8-sig", "latin-1", "cp1252"] | None = Field(
        default=None,
        description="how a .csv file is encoded; utf-8-sig has a byte-order mark; default: utf-8",
    )
    synthetic: Synthetic | None = Field(default=None, description="or a made-up membership")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        faults = []
        if self.file is not None and self.synthetic is not None:
            faults.append(Fault("file", "both file and synthetic", "one of them", code="one_of"))
        if self.csv_options and not (self.file or "").endswith(".csv"):
            allowed = "nothing where the members file is not a .csv file"
            faults += [
                Fault(key, repr(stated), allowed, f"Remove {key}.", "not_csv")
                for key, stated in self.csv_options.items()
            ]
        elif self.csv_options.get("delimiter", ",") == self.csv_options.get("decimal", "."):
            got = "a comma, as the decimal sign"
            remedy = 'Such a file is mostly written with delimiter = ";".'
            faults.append(
                Fault("delimiter", got, "another character than decimal", remedy, "choice")
            )
        if faults:
            raise InputError(faults)
        return self

    @property
    def csv_options(self) -> dict[str, str]:
        """How a .csv file was written, as far as stated; the options of `Portfolio.read_csv`."""
        stated = {
            "delimiter": self.delimiter,
            "decimal": self.decimal,
            "encoding": self.encoding,
        }
        return {key: value for key, value in stated.items() if value is not None}

    @property
    def source(self) -> tuple[str | None, dict[str, str], Synthetic | None]:
        """What decides who the members are, as against how they move."""
        return self.file, self.csv_options, self.synthetic
