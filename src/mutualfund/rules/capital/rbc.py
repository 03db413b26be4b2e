"""The outline of health risk-based capital as United States regulators compute it, with its action levels.

NAIC, Health Risk-Based Capital: five charges, the last four of them added as if independent, plus operational
risk (Society of Actuaries, Health Watch, December 2021). The underwriting factors are the user's own. Action
levels and the trend test: NAIC Risk-Based Capital for Health Organizations Model Act (no. 315), sections 3 to
6, as enacted for example in Rhode Island, General Laws 27-4.7-4.

It is an outline. One tier table stands for all lines of business; a managed-care credit, a least charge,
and charges on assets, recoveries and contributions stand for the worksheets of the instructions. Excessive
growth, premium stabilisation reserves and adjustments of the capital held are not in it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Amount, Input, Number, Share
from mutualfund.errors import Fault, InputError, numbers, one_number, require
from mutualfund.rules.capital.books import Books, require_books
from mutualfund.types import FloatArray

OPERATIONAL = 0.03
CONTROL_SHARE = 0.5
"""Authorised control level, share of the risk-based capital."""

ACTION_LEVELS: tuple[tuple[float, str], ...] = (
    (0.7, "mandatory control"),
    (1.0, "authorised control"),
    (1.5, "regulatory action"),
    (2.0, "company action"),
)
"""Below which capital over authorised control level each of them begins, the gravest first."""

TREND_TEST_BELOW = 3.0
"""Capital over authorised control level below which the trend test too calls for company action."""


def risk_based_capital(
    affiliates: npt.ArrayLike = 0.0,
    assets: npt.ArrayLike = 0.0,
    underwriting: npt.ArrayLike = 0.0,
    credit: npt.ArrayLike = 0.0,
    business: npt.ArrayLike = 0.0,
    *,
    operational: float = OPERATIONAL,
) -> FloatArray:
    """(1 + operational) x (H0 + sqrt(H1^2 + H2^2 + H3^2 + H4^2)), fund currency.

    Parameters
    ----------
    affiliates, assets, underwriting, credit, business : H0 to H4, (n_paths,) or numbers, not negative.
    operational : add-on, a share.

    >>> float(risk_based_capital(10.0, 2.0, 4.0, 5.0, 6.0, operational=0.0))
    19.0
    """
    charges = {
        "affiliates": affiliates,
        "assets": assets,
        "underwriting": underwriting,
        "credit": credit,
        "business": business,
    }
    amounts = {name: numbers(name, charge) for name, charge in charges.items()}
    for name, amount in amounts.items():
        require(name, amount, minimum=0.0, maximum=1e15, unit="fund currency")
    one_number("operational", operational, minimum=0.0, maximum=1.0, unit="share")
    h0, *rest = amounts.values()
    return np.asarray((1.0 + operational) * (h0 + np.sqrt(sum(charge**2 for charge in rest))))


def action_level(capital: float, rbc: float, *, trend_test: bool = False) -> str:
    """What a fund's capital over its authorised control level, half of the RBC, calls for.

    Parameters
    ----------
    capital, rbc : total adjusted capital and risk-based capital, fund currency.
    trend_test : whether the fund triggers the trend test of the instructions (their measure is the combined
        ratio): capital of less than three times the control level then calls for company action too.

    Raises
    ------
    InputError
        Where the risk-based capital is not above zero, or one of the two is no number.

    >>> [action_level(capital, 100.0) for capital in (120.0, 90.0, 60.0, 40.0, 20.0)]
    ['none', 'company action', 'regulatory action', 'authorised control', 'mandatory control']
    >>> action_level(120.0, 100.0, trend_test=True)
    'company action'
    """
    unit = "fund currency"
    one_number("rbc", rbc, minimum=5e-324, maximum=1e15, unit=unit)
    one_number("capital", capital, minimum=-1e15, maximum=1e15, unit=unit)
    over = capital / (CONTROL_SHARE * rbc)
    edge, mildest = ACTION_LEVELS[-1]
    levels = (*ACTION_LEVELS[:-1], (TREND_TEST_BELOW if trend_test else edge, mildest))
    return next((level for edge, level in levels if over < edge), "none")


class UnderwritingTier(Input):
    """A factor on the part of the contributions up to `up_to`; the last tier has no end.

    >>> UnderwritingTier(up_to=25e6, factor=0.15).factor
    0.15
    """

    up_to: Annotated[Amount, Field(gt=0.0)] | None = Field(
        default=None, description="contributions at which the tier ends, fund currency"
    )
    factor: Share = Field(description="charge, share of the contributions within the tier")


class HealthRbc(Input):
    """Risk-based capital from the fund's books, at a multiple of the authorised control level.

    Underwriting risk = tiered contributions x net claims ratio x (1 - managed-care credit), nothing where no
    contributions are due. There are no affiliates, so H0 is nothing.

    >>> rule = HealthRbc(tiers=[{"up_to": 500.0, "factor": 0.15}, {"factor": 0.09}])
    >>> rule.required(Books(contributions=[1000.0], claims=[800.0])).round(6).tolist()
    [98.88]
    """

    kind: Literal["naic_health_rbc"] = "naic_health_rbc"
    tiers: Annotated[tuple[UnderwritingTier, ...], Field(min_length=1, max_length=10)] = Field(
        description="underwriting factors by tier of contributions, the lowest first"
    )
    managed_care_credit: Share = Field(
        default=0.0, description="part of the underwriting charge that provider contracts take away"
    )
    minimum_underwriting: Amount = Field(
        default=0.0, description="least underwriting charge, such as two of the largest risks"
    )
    assets_charge: Share = Field(default=0.0, description="asset risk, share of the assets held")
    credit_charge: Share = Field(
        default=0.0, description="credit risk, share of the year's reinsurance recoveries"
    )
    business_charge: Share = Field(
        default=0.0, description="business risk, share of contributions due"
    )
    operational: Share = Field(default=OPERATIONAL, description="add-on on the whole")
    level: Annotated[Number, Field(gt=0.0, le=20.0)] = Field(
        default=2.0, description="multiple of the authorised control level; 2 is company action"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ends = [np.inf if tier.up_to is None else tier.up_to for tier in self.tiers]
        faults = [
            Fault(
                f"tiers[{place}].up_to",
                f"{ends[place]:g}",
                f"more than the tier before it, {ends[place - 1]:g}",
                code="order",
            )
            for place in range(1, len(ends))
            if not ends[place] > ends[place - 1]
        ]
        if np.isfinite(ends[-1]):
            at = f"tiers[{len(ends) - 1}].up_to"
            allowed, remedy = "no end for the last tier", "Leave up_to out."
            faults.append(Fault(at, f"{ends[-1]:g}", allowed, remedy, "gap"))
        if faults:
            raise InputError(faults)
        return self

    def underwriting(self, books: Books) -> FloatArray:
        """(n_paths,) H2, fund currency."""
        require_books(books)
        contributions = books.contributions
        charge, begin = np.zeros_like(contributions), 0.0
        for tier in self.tiers:
            end = np.inf if tier.up_to is None else tier.up_to
            charge = charge + tier.factor * np.clip(contributions - begin, 0.0, end - begin)
            begin = end
        paid = contributions > 0.0
        factor = np.where(paid, charge / np.where(paid, contributions, 1.0), 0.0)
        kept = factor * books.net_claims * (1.0 - self.managed_care_credit)
        return np.maximum(self.minimum_underwriting, kept)

    def required(self, books: Books) -> FloatArray:
        """(n_paths,) reserve required, fund currency."""
        require_books(books)
        rbc = risk_based_capital(
            assets=self.assets_charge * np.maximum(0.0, books.assets),
            underwriting=self.underwriting(books),
            credit=self.credit_charge * books.reinsurance_recovery,
            business=self.business_charge * books.contributions,
            operational=self.operational,
        )
        return self.level * CONTROL_SHARE * rbc
