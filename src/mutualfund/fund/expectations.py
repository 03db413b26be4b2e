"""What the fund expects before a year begins: fixed numbers, the same for every path of every run.

They come from the pilot run (`fund.pilot`) at central parameters. Tariff rules, reinsurance prices and prior
loss ratios rest on them and never on what a path alone knows (definitions 19 and 20).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mutualfund.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Expectations:
    """Expected values, in currency.

    `line_claims`, `contributions` and `loss_ratio` are those of definition 31: year 1, central parameters, no
    shock, full year, waits served. Where no treaty rests on expected values they are not worked out: zero by
    age, not a number for each treaty.
    """

    paths: int  # of the pilot run
    line_claims: FloatArray  # (n_lines + n_fund_lines,) fund claims of a full year
    contributions: float  # dues of a full year
    loss_ratio: float  # NaN where no contribution is due
    loss_ratio_error: float  # standard error
    claim_trend: float  # yearly rise of cost per claim, weighted by `line_claims`
    payment_pattern: FloatArray  # (n_delays,) share of a month's claims paid by then
    opening_due: FloatArray  # (YEARS_TO_PAY,) opening outstanding claims by year of payment
    months_per_member: FloatArray  # (n_years, 10) covered months per member at the start
    other_months: FloatArray  # (n_years, 10) covered months of ages that no member has at the start
    claims_per_month: FloatArray  # (n_years, 10) fund claims per covered member-month
    fund_lines: FloatArray  # (n_years,) claims of fund-level lines
    layer_share: tuple[FloatArray, ...]  # by year, (n_layers,) recovery per unit of members' claims
    layer_error: tuple[FloatArray, ...]  # by year, standard error of it
    stop_loss_ratio: tuple[FloatArray, ...]  # by year, (n_stop_losses,) recovery over net claims
    stop_loss_error: tuple[FloatArray, ...]  # by year, standard error of it

    def member_claims(self, start_by_age: IntArray, year: int) -> FloatArray:
        """Expected claims of a year, fund-level lines aside, for the members at its start.

        start_by_age: (n_paths, 10) members at the start. Returns (n_paths,) currency.
        """
        expected = np.zeros(start_by_age.shape[0])
        for cell in range(start_by_age.shape[1]):
            months = start_by_age[:, cell] * self.months_per_member[year - 1, cell]
            months = months + self.other_months[year - 1, cell]
            expected = expected + months * self.claims_per_month[year - 1, cell]
        return expected

    @property
    def believed_loss_ratio(self) -> float:
        """The prior loss ratio of booking; 0 where no contribution is due."""
        return 0.0 if np.isnan(self.loss_ratio) else self.loss_ratio

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, for the manifest; what is not a number is None."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    return None if value != value else value
