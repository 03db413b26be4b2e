"""`new`: a scenario file to start from."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

import typer

from mutualfund.errors import Fault, InputError

DEFAULT_FILE = Path("scenario.toml")

STARTER = Template("""\
# A scenario to start from. Money is in the fund's currency, rates and shares are fractions.
# Members, claims and costs below are placeholders: replace them by your own, then run
#   mutualfund check $file
#   mutualfund run $file
schema_version = 1
title = "First look"

[fund]
name = $name
currency = "$currency"
start = 2027-01-01
opening_reserve = $reserve                # after provision for claims already incurred

[settings]
paths = 1_000                             # imagined futures
years = $years
seed = 1

[members]
synthetic = { n = $members, age_mix = "N", seed = 1 }   # or: file = "members.csv", beside this file
joins_per_year = 0.04
lapse_per_year = 0.03

[[assumptions.lines]]
name = "hospital"
frequency = { kind = "negative_binomial", mean = 0.09, dispersion = 1.5 }   # stays a year
severity = { kind = "lognormal", mean = $hospital, cv = 1.6 }
age_factors = { "0-17" = 0.4, "18-44" = 0.6, "45-64" = 1.1, "65+" = 2.8 }
trend_per_year = 0.05                     # of cost per claim, inflation included
lag_months = 1.5

[[assumptions.lines]]
name = "visits"
frequency = { kind = "poisson", mean = 3.5 }
severity = { kind = "gamma", mean = $visit, cv = 0.6 }
trend_per_year = 0.05
lag_months = 0.5

[assumptions.economy]
investment_return = { mean = 0.02, sd = 0.03 }
inflation = 0.02

[rules.contributions]
# Loadings and discounts, subsidies, arrears, entry fees, members' shares: docs/contributions.md, which comes
# with the source, has the lines for each.
kind = "flat"                             # flat | age_band | community | income | tier
monthly = $monthly
increase_per_year = 0.04                  # from the second year

[rules.benefits.hospital]
coinsurance = 0.10                        # the member's share

[rules.expenses]
share_of_contributions = 0.08

[rules.reserve]
floor = 0.10                              # the safety line, a share of annual contributions
target = 0.25

[rules.surplus]
refund = 0.25                             # of what is above the target

[rules.calls]
maximum = 0.10                            # extra payment below the safety line
collection_rate = 0.90
""")

# What the placeholder claims cost, as a share of a year's contribution: half hospital (of which the fund pays
# 90 %), half visits. With them the fund pays out about 85 % of what it takes in.
HOSPITAL_SHARE, VISITS_SHARE = 0.45, 0.445


def copy_archetype(name: str, out: Path | None) -> Path:
    """Copy the file of a shipped fund to `out`, by default a file of its own name."""
    from mutualfund.scenario import archetypes

    text = archetypes.path(name).read_text(encoding="utf-8")
    return write_new(Path(f"{name}.toml") if out is None else out, text)


def write_starter(out: Path | None, *, ask: bool) -> Path:
    """Write a small commented scenario, from answers or from defaults."""
    target = DEFAULT_FILE if out is None else out
    require_free(target)
    return write_new(target, starter(target.name, answers(ask=ask)))


def answers(*, ask: bool) -> dict[str, object]:
    """The few things that every fund must say; the defaults where nobody is asked."""

    def answer(question: str, default: object, kind: type) -> object:
        return typer.prompt(question, default=default, type=kind, err=True) if ask else default

    given: dict[str, object] = {
        "name": answer("Name of the fund", "Our fund", str),
        "currency": answer("Currency, three letters", "EUR", str),
        "members": answer("Number of members", 5_000, int),
        "monthly": answer("What a member pays a month", 60.0, float),
    }
    year = 12.0 * float(str(given["monthly"])) * int(str(given["members"]))
    given["reserve"] = answer("Reserve on the first day", round(0.25 * year), float)
    given["years"] = answer("Years to look ahead", 10, int)
    return given


def starter(file: str, given: dict[str, object]) -> str:
    """The text of the starting scenario."""
    yearly = 12.0 * float(str(given["monthly"]))
    figures = {
        "hospital": round(HOSPITAL_SHARE * yearly / 0.09, 2),
        "visit": round(VISITS_SHARE * yearly / 3.5, 2),
    }
    # A JSON string is a TOML string: quotes and control characters are escaped in the same way.
    name = {"name": json.dumps(str(given["name"]), ensure_ascii=False)}
    return STARTER.substitute(given | figures | name | {"file": file})


def require_free(path: Path) -> None:
    """Refuse to write over a file."""
    if path.exists():
        fault = Fault(
            "--out",
            f"'{path}', which exists",
            "a new file",
            "Name another with --out.",
            "file_exists",
        )
        raise InputError([fault])


def write_new(path: Path, text: str) -> Path:
    """Write a file that is not there yet."""
    require_free(path)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        got = f"'{path}': {error.strerror}"
        raise InputError([Fault("--out", got, "a file that can be written", code="file")]) from None
    return path
