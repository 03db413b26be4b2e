"""Health insurance not similar to life (NSLT) under Solvency II: premium and reserve risk, lapse, the sum.

Commission Delegated Regulation (EU) 2015/35, as amended by 2019/981: article 144 (the health module), 145
(the NSLT sub-module), 146 to 148 and Annex XIV (premium and reserve risk; 147 its volume measure, 148 its
standard deviation), 150 (lapse). Equal text in the PRA Rulebook, Solvency Capital Requirement - Standard
Formula 3C2 to 3C7. Under a system of health risk equalisation (article 149) other standard deviations hold:
state them.

The catastrophe risk of the health module is a charge beside these, worked out from sums insured and persons
that a fund's books do not show: see `health_catastrophe`. Market, counterparty default and operational risk
are no part of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from mutualfund.assumptions.model import Amount, Change, Input, Number, Ratio, Share
from mutualfund.errors import Fault, InputError, one_number
from mutualfund.rules.capital.books import Books, require_books
from mutualfund.rules.capital.figures import MOST, checked
from mutualfund.types import FloatArray, frozen

Segment = Literal[
    "medical_expense", "income_protection", "workers_compensation", "non_proportional"
]

STANDARD_DEVIATIONS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "medical_expense": (0.050, 0.057),
        "income_protection": (0.085, 0.140),
        "workers_compensation": (0.096, 0.110),
        "non_proportional": (0.170, 0.170),
    }
)
"""Of premium and of reserve risk, by segment: Annex XIV as amended by 2019/981."""

SEGMENT_CORRELATION = 0.5
MASS_LAPSE = 0.40
"""Part of the policies that leave at once, in the lapse stress: article 150."""
_SIGMAS = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class PremiumReserveRisk:
    """Premium and reserve risk; the last axis of `sigma_by_segment` is the segment.

    Parameters
    ----------
    sigma_by_segment : (..., n_segments) standard deviation of each segment, share of its volume.
    volume : (...,) volume of all segments, fund currency.
    sigma : (...,) standard deviation over all segments, share of the volume.
    capital : (...,) 3 x sigma x volume, fund currency.

    >>> risk = premium_and_reserve_risk([100.0], [15.0], premium_sd=[0.05], reserve_sd=[0.057])
    >>> round(float(risk.capital), 2)
    16.43
    """

    sigma_by_segment: FloatArray
    volume: FloatArray
    sigma: FloatArray
    capital: FloatArray


def premium_and_reserve_risk(
    premium_volume: npt.ArrayLike,
    reserve_volume: npt.ArrayLike,
    *,
    premium_sd: npt.ArrayLike,
    reserve_sd: npt.ArrayLike,
    diversification: npt.ArrayLike = 1.0,
    correlation: float = SEGMENT_CORRELATION,
) -> PremiumReserveRisk:
    """The standard formula for any number of segments.

    Of each segment sigma = sqrt((sp Vp)^2 + sp sr Vp Vr + (sr Vr)^2) / (Vp + Vr), and its volume is (Vp + Vr)
    x (0.75 + 0.25 D), D its geographical diversification. Segments are aggregated with one correlation.

    Parameters
    ----------
    premium_volume, reserve_volume : (..., n_segments) fund currency, not negative.
    premium_sd, reserve_sd : (n_segments,) standard deviations, 0 to 1.
    diversification : (n_segments,) index, 0 to 1; 1 for a single region.
    correlation : between segments, 0 to 1.

    Raises
    ------
    InputError
        For a value out of range, naming its place, or columns of different lengths.

    Source: Delegated Regulation 2015/35, articles 146 (capital), 147 (volume) and 148 (standard deviation).

    >>> risk = premium_and_reserve_risk([60.0, 25.0], [9.0, 30.0],
    ...     premium_sd=[0.05, 0.085], reserve_sd=[0.057, 0.14])
    >>> risk.sigma_by_segment.round(4).tolist(), round(float(risk.capital), 3)
    ([0.0476, 0.1014], 23.278)
    """
    vp = checked("premium_volume", premium_volume, MOST, "fund currency")
    vr = checked("reserve_volume", reserve_volume, MOST, "fund currency")
    sp = checked("premium_sd", premium_sd, 1.0, "standard deviation, share of volume")
    sr = checked("reserve_sd", reserve_sd, 1.0, "standard deviation, share of volume")
    spread = checked("diversification", diversification, 1.0, "index")
    one_number("correlation", correlation, minimum=0.0, maximum=1.0, unit="correlation")
    vp, vr, sp, sr, spread = _together(vp, vr, sp, sr, spread)
    size = vp + vr
    deviation = np.sqrt((sp * vp) ** 2 + sp * sr * vp * vr + (sr * vr) ** 2)
    sigma_s = _over(deviation, size)
    volume_s = size * (0.75 + 0.25 * spread)
    volume, alone, both = _sums(volume_s, sigma_s * volume_s)
    # Correlation 1 on the diagonal and r off it: r x (sum)^2 + (1 - r) x sum of squares.
    amount = np.sqrt(correlation * both**2 + (1.0 - correlation) * alone)
    return PremiumReserveRisk(
        *(frozen(x) for x in (sigma_s, volume, _over(amount, volume), _SIGMAS * amount))
    )


def nslt_capital(premium_reserve: npt.ArrayLike, lapse: npt.ArrayLike) -> FloatArray:
    """Premium and reserve risk together with lapse risk, uncorrelated: article 145.

    >>> float(nslt_capital(3.0, 4.0))
    5.0
    """
    risk = checked("premium_reserve", premium_reserve, MOST, "fund currency")
    leaving = checked("lapse", lapse, MOST, "fund currency")
    return np.asarray(np.sqrt(risk**2 + leaving**2))


def health_capital(slt: npt.ArrayLike, nslt: npt.ArrayLike, cat: npt.ArrayLike) -> FloatArray:
    """The health module: business similar to life, not similar to it, and catastrophe risk.

    Correlations: 0.5 between the first two, 0.25 of each with catastrophe. Article 144 (1).

    >>> health_capital(0.0, 10.0, 0.0).tolist(), health_capital(4.0, 4.0, 4.0).round(6).tolist()
    (10.0, 8.944272)
    """
    s = checked("slt", slt, MOST, "fund currency")
    n = checked("nslt", nslt, MOST, "fund currency")
    c = checked("cat", cat, MOST, "fund currency")
    crossed = 0.5 * s * n + 0.25 * (s * c + n * c)
    return np.asarray(np.sqrt(s**2 + n**2 + c**2 + 2.0 * crossed))


class SolvencyNslt(Input):
    """The Solvency II requirement of a fund with one segment, from its books.

    Premium volume is the greater of this year's contributions and next year's, which grow by `growth`, both
    net of reinsurance, plus `future_premiums` of contracts that run longer; reserve volume is the booked
    outstanding amount less what is recoverable of it from reinsurers (article 147). Lapse risk is what a mass
    lapse of 40 % of the policies would cost: that part of `profit_in_reserves`, the future profit already
    counted in the reserve. `catastrophe` is a stated amount (`health_catastrophe`), added with the
    correlation of article 144. Risks outside the health module are left out; `ratio` or `minimum` may stand
    for them.

    >>> rule = SolvencyNslt()
    >>> rule.required(Books(contributions=[100.0], claims=[80.0], outstanding=[15.0])).round(2).tolist()
    [16.43]
    """

    kind: Literal["solvency_ii_nslt"] = "solvency_ii_nslt"
    segment: Segment = Field(
        default="medical_expense", description="whose standard deviations apply, unless stated"
    )
    premium_sd: Share | None = Field(
        default=None, description="standard deviation of premium risk; default: of the segment"
    )
    reserve_sd: Share | None = Field(
        default=None, description="standard deviation of reserve risk; default: of the segment"
    )
    diversification: Share = Field(default=1.0, description="geographical diversification index")
    growth: Change = Field(default=0.0, description="next year's contributions over this year's")
    future_premiums: Ratio = Field(
        default=0.0, description="premiums after next year of contracts in force, share of a year's"
    )
    profit_in_reserves: Ratio = Field(
        default=0.0, description="future profit counted in the reserve, share of contributions"
    )
    catastrophe: Amount = Field(
        default=0.0,
        description="charge for mass accident, accident concentration and pandemic, fund currency",
    )
    ratio: Annotated[Number, Field(gt=0.0, le=10.0)] = Field(
        default=1.0, description="solvency ratio aimed at: 1.5 for half more than is required"
    )
    minimum: Amount = Field(
        default=0.0, description="absolute floor of the requirement, fund currency"
    )

    def required(self, books: Books) -> FloatArray:
        """(n_paths,) reserve required, fund currency."""
        require_books(books)
        premium_sd, reserve_sd = STANDARD_DEVIATIONS[self.segment]
        year = books.net_contributions
        volume = np.maximum(year, (1.0 + self.growth) * year) + self.future_premiums * year
        risk = premium_and_reserve_risk(
            volume[..., np.newaxis],
            books.net_outstanding[..., np.newaxis],
            premium_sd=[premium_sd if self.premium_sd is None else self.premium_sd],
            reserve_sd=[reserve_sd if self.reserve_sd is None else self.reserve_sd],
            diversification=[self.diversification],
        )
        lapse = MASS_LAPSE * self.profit_in_reserves * books.contributions
        whole = health_capital(0.0, nslt_capital(risk.capital, lapse), self.catastrophe)
        return self.ratio * np.maximum(self.minimum, whole)


def _together(*columns: FloatArray) -> tuple[FloatArray, ...]:
    """The columns in one shape, with segments as the last axis."""
    try:
        shaped = np.broadcast_arrays(*(np.atleast_1d(column) for column in columns))
    except ValueError:
        shapes = ", ".join(str(column.shape) for column in columns)
        allowed = "one number per segment, or one for all"
        raise InputError([Fault("segments", f"shapes {shapes}", allowed, code="length")]) from None
    return tuple(np.asarray(column, dtype=np.float64) for column in shaped)


def _sums(volume: FloatArray, amount: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Over segments, one after the other: of volumes, of squared amounts, of amounts."""
    total, squares, whole = (np.zeros(volume.shape[:-1]) for _ in range(3))
    for segment in range(volume.shape[-1]):
        total = total + volume[..., segment]
        squares = squares + amount[..., segment] ** 2
        whole = whole + amount[..., segment]
    return total, squares, whole


def _over(amount: FloatArray, size: FloatArray) -> FloatArray:
    """A quotient, zero where there is no volume."""
    return np.asarray(np.where(size > 0.0, amount / np.where(size > 0.0, size, 1.0), 0.0))
