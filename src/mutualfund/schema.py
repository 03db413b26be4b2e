"""Every column of the tables a user hands in, named once: type, unit, allowed range and meaning.

The members table says who belongs to the fund, the claim lines say what was paid for them, the cover
spells say when they were covered. Readers, error messages and the documentation all look here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mutualfund.errors import Fault, InputError

Kind = Literal["text", "label", "integer", "number", "date", "flag"]

SEXES = ("F", "M", "X")  # a sex's code is its place here
MAX_AGE = 120  # the mortality tables end here
MAX_BYTES = 2 * 1024**3  # of one file, and of its columns in memory
MAX_AMOUNT = 1e12  # currency units; in minor units it still fits the integers of the simulation


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an input table.

    `kind` is ``text`` (an identifier, never read as a number), ``label`` (a text shared by many rows),
    ``integer``, ``number``, ``date`` (a calendar day, YYYY-MM-DD in text files) or ``flag`` (true, false).
    `minimum` and `maximum` bound numbers, both ends allowed. `choices` are the only texts allowed.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may stand in the column, in words.

        >>> column("members", "age").allowed
        '0 to 120 (whole years)'
        >>> column("members", "sex").allowed
        'F, M or X'
        """
        if self.choices:
            return " or ".join([", ".join(self.choices[:-1]), self.choices[-1]])
        if self.kind == "date":
            return "a calendar day, YYYY-MM-DD"
        if self.kind == "flag":
            return "true or false"
        if self.minimum is None or self.maximum is None:
            return "text that is not empty"
        return f"{self.minimum:g} to {self.maximum:g} ({self.unit})"


MEMBERS = (
    Column(
        "member_id", "text", "", "Stable identifier of the person; kept as text.", required=True
    ),
    Column("birth_date", "date", "day", "Day of birth; give this or `age`."),
    Column(
        "age",
        "integer",
        "whole years",
        "Age last birthday at fund start.",
        minimum=0,
        maximum=MAX_AGE,
    ),
    Column("sex", "label", "", "F, M or X.", required=True, choices=("F", "M", "X")),
    Column("joined", "date", "day", "Day of joining; without it the member is long-standing."),
    Column("household", "label", "", "Household, for family caps and tariffs."),
    Column("plan", "label", "", "Plan of benefits; empty means the fund's common benefits."),
    Column(
        "income",
        "number",
        "currency a year",
        "Income on which contributions are levied.",
        minimum=0,
        maximum=MAX_AMOUNT,
    ),
    Column("region", "label", "", "Region, for reports and rating factors."),
    Column(
        "health_state", "label", "", "Health state in year 1; empty means drawn from the shares."
    ),
    Column("group", "label", "", "Employer or section, for reports and contributions."),
    Column("consent", "flag", "", "Whether the member agreed to the use of these data."),
)

CLAIMS = (
    Column("claim_id", "text", "", "Identifier of the claim line; kept as text.", required=True),
    Column("member_id", "text", "", "The member treated, as in the members table.", required=True),
    Column("line", "label", "", "Service line, as named in the assumptions.", required=True),
    Column("incurred", "date", "day", "Day of treatment.", required=True),
    Column("paid", "date", "day", "Day the fund paid.", required=True),
    Column(
        "amount",
        "number",
        "currency",
        "Paid by the fund; negative only in a reversal.",
        required=True,
        minimum=-MAX_AMOUNT,
        maximum=MAX_AMOUNT,
    ),
    Column("reported", "date", "day", "Day the fund heard of the claim."),
    Column(
        "allowed",
        "number",
        "currency",
        "The recognised charge.",
        minimum=-MAX_AMOUNT,
        maximum=MAX_AMOUNT,
    ),
    Column(
        "member_paid",
        "number",
        "currency",
        "The member's own share of the recognised charge.",
        minimum=-MAX_AMOUNT,
        maximum=MAX_AMOUNT,
    ),
    Column(
        "kind", "label", "", "payment (the default) or reversal.", choices=("payment", "reversal")
    ),
    Column("provider", "label", "", "Who treated the member."),
    Column("currency", "label", "", "Three capital letters, the same in every row."),
)

COVER = (
    Column("member_id", "text", "", "The member covered, as in the members table.", required=True),
    Column("cover_start", "date", "day", "First day covered.", required=True),
    Column("cover_end", "date", "day", "Last day covered.", required=True),
)

COLUMNS = MappingProxyType({"members": MEMBERS, "claims": CLAIMS, "cover": COVER})


def column(table: str, name: str) -> Column:
    """The registered column `name` of `table` (``"members"``, ``"claims"`` or ``"cover"``).

    Raises
    ------
    KeyError
        Where there is no such table or column.

    >>> column("claims", "amount").unit
    'currency'
    """
    for candidate in COLUMNS[table]:
        if candidate.name == name:
            return candidate
    raise KeyError(f"{table}.{name}")


CURRENCY = "[A-Z]{3}"
"""How a code of ISO 4217 is written."""


def require_currency(field: str, currency: object) -> None:
    """Refuse what is not written as a code of ISO 4217: three capital letters.

    Raises
    ------
    InputError
        Naming the field.

    >>> require_currency("fund.currency", "EUR")
    """
    if not is_currency(currency):
        fault = Fault(field, repr(currency), "three capital letters", "Write EUR.", "currency")
        raise InputError([fault])


def is_currency(currency: object) -> bool:
    """Whether it is written as a code of ISO 4217.

    >>> is_currency("EUR"), is_currency("euro")
    (True, False)
    """
    return isinstance(currency, str) and re.fullmatch(CURRENCY, currency) is not None


# ISO 4217 (2024), list one: the currencies whose minor unit is not one hundredth.
_NO_MINOR_UNIT = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


def minor_units(currency: str) -> int:
    """Minor units in one unit of `currency`: 100 cents in a euro, 1 yen in a yen.

    Source: ISO 4217 (2024), list one.

    >>> minor_units("EUR"), minor_units("JPY"), minor_units("KWD")
    (100, 1, 1000)
    """
    if currency in _NO_MINOR_UNIT:
        return 1
    return 1000 if currency in _THOUSANDTHS else 100


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_safe(text: str) -> str:
    """`text` as it may stand in a CSV file that a spreadsheet will open.

    A spreadsheet runs a cell that begins with ``= + - @``, a tab or a carriage return as a formula; a
    leading apostrophe makes it plain text. Give this function names and labels only: numbers are written as
    they are. Source: OWASP, CSV Injection (2024).

    >>> csv_safe("=1+1"), csv_safe("Dental")
    ("'=1+1", 'Dental')
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
