"""The records: 5,638 people in the first year of the RAND Health Insurance Experiment (1974-77).

Every dollar of `meddol` (all medical cost but psychotherapy) is put on one of four lines:

==========  ===========================================  =============================================
line        count                                        dollars
==========  ===========================================  =============================================
visits      physician visits                             outpatient dollars of people with a visit
outpatient  not recorded                                 outpatient dollars of people without a visit,
                                                         and supplies: what `meddol` holds beyond
                                                         the three recorded parts
drugs       not recorded                                 drug dollars
inpatient   admissions that were charged for             inpatient dollars
==========  ===========================================  =============================================

The experiment dealt families to plans by lot, so plans can be compared. A family's payments were
capped by its `mdeoff` (at most 1,000 dollars, less for low incomes); the cap is applied to persons
here, because a benefit rule of this library speaks about one member. That is the largest
simplification of this example: a large family reached its cap sooner.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).resolve().parent
DATA = FOLDER / "rand_hie_year1.csv"

LINES = ("visits", "outpatient", "drugs", "inpatient")
AGE_STARTS = (0, 6, 18, 25, 35, 45, 55)
AGE_LABELS = ("0-5", "6-17", "18-24", "25-34", "35-44", "45-54", "55+")
SEXES = ("F", "M")
PLANS = ("free", "pays-25", "pays-50", "pays-95", "deductible-150")

INDIVIDUAL_DEDUCTIBLE = 150.0  # dollars a person a year, outpatient care only
ROUNDING = 0.02  # meddol and its parts were rounded to cents one by one


@dataclass(frozen=True, eq=False)
class Records:
    """One row a person; all arrays have shape (n_people,)."""

    age: np.ndarray  # years, last birthday
    female: np.ndarray  # bool
    plan: np.ndarray  # index into PLANS
    cap: np.ndarray  # dollars: the family's maximum dollar expenditure
    counts: dict[str, np.ndarray]  # visits and inpatient only
    dollars: dict[str, np.ndarray]  # by line
    total: np.ndarray  # dollars, all lines

    def __len__(self) -> int:
        return self.age.size

    @property
    def age_band(self) -> np.ndarray:
        return np.digitize(self.age, AGE_STARTS[1:])


def read_records(path: Path = DATA) -> Records:
    """Read the year and put every dollar on a line."""
    table = pd.read_csv(path)
    supplies = (table.meddol - table.outpdol - table.drugdol - table.inpdol).round(2)
    supplies = supplies.where(supplies > ROUNDING, 0.0)
    visited = table.mdvis > 0
    dollars = {
        "visits": table.outpdol.where(visited, 0.0),
        "outpatient": table.outpdol.where(~visited, 0.0) + supplies,
        "drugs": table.drugdol,
        "inpatient": table.inpdol,
    }
    charged = table.totadm.where(table.inpdol > 0, 0)  # 7 admissions cost nothing: no claim arises
    return Records(
        age=np.floor(table.xage.to_numpy()).astype(int),
        female=table.female.to_numpy() == 1,
        plan=_plan(table.coins.to_numpy(), table.idp.to_numpy()),
        cap=table.mdeoff.to_numpy(),
        counts={"visits": table.mdvis.to_numpy(), "inpatient": charged.to_numpy()},
        dollars={line: dollars[line].to_numpy(dtype=float) for line in LINES},
        total=sum(dollars[line].to_numpy(dtype=float) for line in LINES),
    )


def _plan(coins: np.ndarray, idp: np.ndarray) -> np.ndarray:
    """Index into PLANS; 100 % plans (the first site's first year) count with the 95 % plans."""
    free_at_use = coins == 0
    return np.select(
        [free_at_use & (idp == 0), free_at_use, coins == 25, coins == 50], [0, 4, 1, 2], default=3
    )


def plan_rules(records: Records) -> dict[str, dict[str, object]]:
    """The plans as benefit rules: members' share by line, yearly maximum in dollars of the day."""
    rules: dict[str, dict[str, object]] = {"free": {}}
    for index, share in ((1, 0.25), (2, 0.50), (3, 0.95)):
        cap = round(float(records.cap[records.plan == index].mean()), -1)
        lines = {line: {"coinsurance": share} for line in LINES}
        rules[PLANS[index]] = {"out_of_pocket_maximum": cap, **lines}
    outpatient_care = {line: {"coinsurance": 0.95} for line in LINES if line != "inpatient"}
    rules[PLANS[4]] = {"out_of_pocket_maximum": INDIVIDUAL_DEDUCTIBLE, **outpatient_care}
    return rules


def effective_shares(
    records: Records, among: np.ndarray | slice = slice(None)
) -> dict[str, np.ndarray]:
    """(n_plans,) by line: what members would pay of the line's recorded dollars under each plan,
    maximum counted.

    Use answers to this share, not to the printed one: a maximum makes a costly year nearly free.
    among: the people whose dollars are taken, by default all.
    """
    dollars = {line: records.dollars[line][among] for line in LINES}
    shares = {line: np.zeros(len(PLANS)) for line in LINES}
    for index, rule in enumerate(plan_rules(records).values()):
        for line, paid in members_part(rule, dollars).items():
            shares[line][index] = paid.sum() / dollars[line].sum()
    return shares


def members_part(rule: dict[str, object], dollars: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """(n_people,) by line: what people pay of their year's `dollars` under a plan's rule."""
    owed = {line: dollars[line] * _coinsurance(rule, line) for line in LINES}
    maximum = float(rule.get("out_of_pocket_maximum", np.inf))  # type: ignore[arg-type]
    kept = np.minimum(1.0, maximum / np.maximum(sum(owed.values()), ROUNDING))
    return {line: owed[line] * kept for line in LINES}


def fund_part(records: Records, dollars: dict[str, np.ndarray], plan: np.ndarray) -> np.ndarray:
    """(n,) what the fund pays of people's year, `dollars` by line, each under their own `plan`."""
    paid = np.sum([dollars[line] for line in LINES], axis=0)
    for index, rule in enumerate(plan_rules(records).values()):
        here = plan == index
        own = members_part(rule, {line: dollars[line][here] for line in LINES})
        paid[here] -= np.sum(list(own.values()), axis=0)
    return paid


def _coinsurance(rule: dict[str, object], line: str) -> float:
    terms = rule.get(line, {})
    return float(terms.get("coinsurance", 0.0)) if isinstance(terms, dict) else 0.0
