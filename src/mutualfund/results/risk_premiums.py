"""Risk premiums as a run found them: the fund's payments over member-years, with their Monte Carlo error."""

from __future__ import annotations

import numpy as np

from mutualfund.errors import Fault, InputError, require_choice
from mutualfund.results.estimates import Summary, ratio_of_means
from mutualfund.results.marginals import Side, dimension_of
from mutualfund.results.run import FundRun

MONTHS = 12


def simulated_risk_premiums(run: FundRun, by: Side = "age", year: int = 1) -> Summary:
    """Fund payment a member-year in one fund year, by age or by line.

    What `premiums.risk_premiums` gives in closed form, this gives by simulation: with shocks, joiners,
    leavers and waiting as they came. Fund-level lines have no age; by line they are spread over all
    member-years. A run knows no sex and no line within an age: premiums by the closed form's own cells and
    lines are `fund.simulated_premiums_by_cell`.

    Parameters
    ----------
    run : simulated with ``settings.keep`` holding "cells", and "lines" for the premiums by line.
    by : ``"age"`` or ``"line"``.
    year : fund year, from 1.

    Returns
    -------
    Summary, one row for each age cell or line with anybody in it, currency a member-year.

    Raises
    ------
    InputError
        Where the run did not keep what is asked, or there is no such year.

    >>> from dataclasses import replace
    >>> from mutualfund.results import Marginal, example_run
    >>> run = example_run(200)  # 1,000 members; let 750 of them be 34 and have half of the claims
    >>> months = np.full((200, 2, 2), 12.0) * [750.0, 250.0]
    >>> claims = 0.5 * run.measure("claims_incurred")[:, :, None] * [1.0, 1.0]
    >>> ages = Marginal((34, 67), {"member_months": months, "claims_incurred": claims})
    >>> run = replace(run, marginals={**run.marginals, "age": ages})
    >>> for premium in simulated_risk_premiums(run):  # 450,000 over 750 and over 250 member-years
    ...     print(premium)
    risk premium, age 34: 600 (589 to 611)
    risk premium, age 67: 1,800 (1,768 to 1,832)
    """
    require_choice("by", by, ("age", "line"), code="unknown_dimension")
    sides: tuple[Side, ...] = ("age",) if by == "age" else ("age", by)
    if not all(side in run.marginals for side in sides):
        keep = ", ".join(f'"{dimension_of(side).kept_by}"' for side in sides)
        kept = ", ".join(run.marginals) or "none"
        allowed = f"a run that kept the sides {' and '.join(sides)}; it kept {kept}"
        remedy = f"Simulate with settings.keep = [{keep}]."
        raise InputError([Fault("by", repr(by), allowed, remedy, "not_kept")])
    place = run.year_index(year)
    months = run.marginal("age").measures["member_months"][:, place]
    exposure = months if by == "age" else months.sum(axis=1, keepdims=True)
    side = run.marginal(by)
    claims = side.measures["claims_incurred"][:, place]
    years = np.broadcast_to(exposure / MONTHS, claims.shape)
    return Summary(
        tuple(
            ratio_of_means(
                claims[:, column],
                years[:, column],
                f"risk_premium_{label}",
                year,
                run.facts.currency,
                f"risk premium, {by} {label}",
            )
            for column, label in enumerate(side.labels)
            if years[:, column].any()
        )
    )
