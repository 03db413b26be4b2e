"""The catastrophe risk of health insurance under Solvency II: mass accident, concentration, pandemic.

Commission Delegated Regulation (EU) 2015/35, articles 160 (the sum), 161 (mass accident), 162 (accident
concentration) and 163 (pandemic); equal text in the PRA Rulebook, Solvency Capital Requirement - Standard
Formula 3C17 to 3C20. The ratios of Annex XVI, by country and kind of event, are the user's own. All charges
are gross: what reinsurers bear of them the user takes off.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, one_number
from mutualfund.rules.capital.figures import MOST, checked

DISABLED_BY_PANDEMIC = 0.000075
"""Part of the sums insured of income protection that a pandemic makes payable: article 163."""

ILL_IN_PANDEMIC = 0.4
"""Part of the insured persons with symptoms in a pandemic: article 163."""


def accident_risk(
    affected: npt.ArrayLike, event_ratio: npt.ArrayLike, benefits: npt.ArrayLike
) -> float:
    """What one accident costs in each country, the countries added as if independent; fund currency.

    sqrt(sum over countries of (affected x sum over events of event ratio x benefits)^2). Of mass accident,
    `affected` is the part of a country's inhabitants that it concerns and `benefits` the sum insured of all
    insured persons there; of accident concentration, the largest number of insured persons in one building
    and the average sum insured of one of them.

    Parameters
    ----------
    affected : (n_countries,) share of persons or number of persons, not negative.
    event_ratio : (n_events,) part of the persons concerned who receive benefits for an event, 0 to 1.
    benefits : (n_countries, n_events) fund currency, not negative.

    Raises
    ------
    InputError
        For a value out of range, naming its place, or tables that do not fit together.

    Source: Delegated Regulation 2015/35, articles 161 and 162.

    >>> round(accident_risk([0.001, 0.002], [0.1, 0.3], [[9e6, 2e6], [0.0, 1e6]]), 6)
    1615.549442
    """
    persons = np.atleast_1d(checked("affected", affected, 1e12, "share or number of persons"))
    ratio = np.atleast_1d(checked("event_ratio", event_ratio, 1.0, "part of the persons"))
    payable = checked("benefits", benefits, MOST, "fund currency")
    if payable.shape != (persons.size, ratio.size):
        allowed = f"({persons.size}, {ratio.size}): a row per country, a column per event"
        raise InputError([Fault("benefits", f"shape {payable.shape}", allowed, code="length")])
    by_country = persons * (payable * ratio).sum(axis=1)
    return float(np.sqrt((by_country**2).sum()))


def pandemic_risk(
    insured: npt.ArrayLike, cost: npt.ArrayLike, *, income_protection: float = 0.0
) -> float:
    """What a pandemic costs: medical expenses of those who fall ill, and those it disables; fund currency.

    0.000075 x income protection + 0.4 x sum over countries of insured persons x cost.

    Parameters
    ----------
    insured : (n_countries,) persons with medical expense cover, or a number.
    cost : (n_countries,) what the fund is expected to pay for a person who falls ill, fund currency: over
        hospital stay, consultation and no care at all, the part of the ill that use it x its cost.
    income_protection : sums insured of income protection that a pandemic may make payable, fund currency;
        where benefits recur, the value of all of them.

    Raises
    ------
    InputError
        For a value out of range, naming its place, or columns of different lengths.

    Source: Delegated Regulation 2015/35, article 163.

    >>> pandemic_risk(2_000, 0.01 * 6_000 + 0.2 * 80)
    60800.0
    """
    persons = np.atleast_1d(checked("insured", insured, 1e12, "persons"))
    amount = np.atleast_1d(checked("cost", cost, MOST, "fund currency"))
    if persons.shape != amount.shape:
        got = f"{amount.size} amounts"
        raise InputError([Fault("cost", got, f"{persons.size}, one per country", code="length")])
    unit = "fund currency"
    one_number("income_protection", income_protection, minimum=0.0, maximum=MOST, unit=unit)
    ill = ILL_IN_PANDEMIC * float((persons * amount).sum())
    return DISABLED_BY_PANDEMIC * income_protection + ill


def health_catastrophe(
    mass_accident: float = 0.0, concentration: float = 0.0, pandemic: float = 0.0
) -> float:
    """The three charges together, uncorrelated: the `cat` of `health_capital`; fund currency.

    Source: Delegated Regulation 2015/35, article 160.

    >>> health_catastrophe(2.0, 3.0, 6.0)
    7.0
    """
    charges = {
        "mass_accident": mass_accident,
        "concentration": concentration,
        "pandemic": pandemic,
    }
    for name, charge in charges.items():
        one_number(name, charge, minimum=0.0, maximum=MOST, unit="fund currency")
    return float(np.sqrt(sum(charge**2 for charge in charges.values())))
