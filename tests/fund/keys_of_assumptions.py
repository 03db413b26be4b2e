"""Keys of the example file that say who the members are and what may happen to them, and what each moves."""

from __future__ import annotations

from datetime import date

from fund.keys import (
    CLAIMS,
    DENTAL,
    EVERYTHING,
    HOSPITAL,
    PAYMENTS,
    PERSONS,
    Key,
    believed,
    counts_stay,
    line_stays,
    mean,
    of_line,
    sd,
    text_of,
)

TAIL = {"kind": "pareto", "above": 29_000, "alpha": 2.2}
SEVERITY = {"kind": "lognormal", "mean": 2_900, "cv": 1.8, "tail": TAIL}
STAY = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
BILLED = of_line("billed", HOSPITAL)
COUNT = of_line("claim_count", HOSPITAL)
DUE = "contributions_due"
WARD = "assumptions.lines.hospital"

HEADING = [
    Key("title", "Another title", text_of, "other", same=EVERYTHING),
    Key("intended_use", "A test", text_of, "other", same=EVERYTHING),
    Key("fund.name", "Another fund", text_of, "other", same=EVERYTHING),
    Key("fund.currency", "JPY", mean("billed"), "other", same=PERSONS),
    Key(
        "fund.start",
        date(2027, 7, 1),
        of_line("claims_incurred", DENTAL, year=1),
        "up",  # dental cover starts with the fund instead of half a year into it
        same=PERSONS,
        same_lines=(("billed", DENTAL),),
    ),
    Key("fund.opening_reserve", 30_000, mean("reserve_close"), "up", same=PAYMENTS),
    Key("settings.paths", 30, lambda run: run.n_paths, "down"),
    Key("settings.years", 2, lambda run: run.n_years, "down"),
    Key("settings.seed", 2027, mean("billed"), "other"),
]
MEMBERS = [
    Key("members.joins_per_year", 0.2, mean("joined"), "up", same_first=("members_start",)),
    Key("members.lapse_per_year", 0.3, mean("lapsed"), "up", same=("joined",)),
    Key("members.mortality", "none", mean("died"), "down", same=("joined",)),
    Key("members.price_response", 3.0, mean("lapsed"), "up", same=("joined",), keen=True),
]
LINES = [
    Key(f"{WARD}.name", "ward", mean("billed"), "other", same=PERSONS),
    Key(
        f"{WARD}.frequency.kind",
        {"kind": "poisson", "mean": 0.11},
        COUNT,
        "other",
        at=f"{WARD}.frequency",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        f"{WARD}.frequency.mean",
        0.2,
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        f"{WARD}.frequency.dispersion",
        0.2,
        of_line("claim_count", HOSPITAL, spread=True),
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        f"{WARD}.severity.kind",
        SEVERITY | {"kind": "gamma"},
        BILLED,
        "other",
        at=f"{WARD}.severity",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(f"{WARD}.severity.mean", 3_500, BILLED, "up", same=PERSONS, same_lines=counts_stay()),
    Key(
        f"{WARD}.severity.cv",
        1.0,
        of_line("billed", HOSPITAL, spread=True),
        "down",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(
        f"{WARD}.severity.tail.kind",
        {"kind": "generalised_pareto", "above": 29_000, "xi": 0.2, "beta": 9_000},
        BILLED,
        "other",
        at=f"{WARD}.severity.tail",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(
        f"{WARD}.severity.tail.above",
        60_000,
        BILLED,
        "other",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(
        f"{WARD}.severity.tail.alpha",
        1.5,
        of_line("billed", HOSPITAL, spread=True),
        "up",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    *(
        Key(
            f"{WARD}.age_factors.{band}",
            9.0,
            believed(cell),
            "up",
            same=PERSONS,
            same_lines=line_stays(DENTAL),
        )
        for band, cell in (("0-17", 0), ("18-44", 3), ("45-64", 5), ("65+", 7))
    ),
    Key(f"{WARD}.trend_per_year", 0.12, BILLED, "up", same=PERSONS, same_first=("billed",)),
    Key(f"{WARD}.lag_months", 5.0, mean("outstanding_true"), "up", same=CLAIMS),
    Key("assumptions.lines.dental.name", "teeth", mean("billed"), "other", same=PERSONS),
    Key(
        "assumptions.lines.dental.frequency.kind",
        {"kind": "negative_binomial", "mean": 0.7, "dispersion": 0.5},
        of_line("claim_count", DENTAL),
        "other",
        at="assumptions.lines.dental.frequency",
        same=PERSONS,
    ),
    Key(
        "assumptions.lines.dental.frequency.mean",
        1.0,
        of_line("claim_count", DENTAL),
        "up",
        same=PERSONS,
    ),
    Key(
        "assumptions.lines.dental.severity.kind",
        "lognormal",
        of_line("billed", DENTAL),
        "other",
        same=PERSONS,
        same_lines=(("claim_count", DENTAL), ("billed", HOSPITAL)),
    ),
    Key(
        "assumptions.lines.dental.severity.mean", 200, of_line("billed", DENTAL), "up", same=PERSONS
    ),
    Key(
        "assumptions.lines.dental.severity.cv",
        3.0,
        of_line("billed", DENTAL, spread=True),
        "up",
        same=PERSONS,
        same_lines=(("claim_count", DENTAL),),
    ),
    Key(
        "assumptions.lines.dental.trend_per_year",
        0.1,
        of_line("billed", DENTAL),
        "up",
        same_first=("billed",),
    ),
    Key("assumptions.lines.dental.lag_months", 4.0, mean("outstanding_true"), "up", same=CLAIMS),
]
STATES = "assumptions.health_states"
HAZARDS = [
    # Names of states are for the members file; here nobody's state is given.
    Key(f"{STATES}.names", ["fit", "chronic", "complex"], text_of, "other", same=EVERYTHING),
    Key(f"{STATES}.share", [0.5, 0.3, 0.2], COUNT, "other", same=PERSONS),
    Key(
        f"{STATES}.relativity",
        [1.0, 1.0, 1.0],
        of_line("claim_count", HOSPITAL, spread=True),
        "down",
        same=PERSONS,
    ),
    Key(
        f"{STATES}.transition", STAY, mean("billed"), "other", same=PERSONS, same_first=("billed",)
    ),
    Key(
        "assumptions.shocks.bad winter.name",
        "cold",
        COUNT,
        "other",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.shocks.bad winter.probability_per_year",
        0.9,
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.shocks.bad winter.months",
        [12, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.shocks.bad winter.frequency_factor.hospital",
        8.0,
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.economy.investment_return.mean",
        0.06,
        mean("investment_income"),
        "up",
        same=PAYMENTS,
    ),
    Key(
        "assumptions.economy.investment_return.sd",
        0.2,
        sd("investment_income"),
        "up",
        same=PAYMENTS,
    ),
    Key(
        "assumptions.economy.inflation",
        0.10,
        mean("expenses"),
        "up",
        same=PAYMENTS,
        same_first=("expenses",),
    ),
]
