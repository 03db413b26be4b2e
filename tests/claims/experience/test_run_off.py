"""What is on file of young months: by hand, as the chain ladder has it, and without bias where it is cut."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from claims.experience.village import study_of
from mutualfund.claims import ClaimChecks
from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.ledger import Delays, Ledger, RowsInMemory, Sizes
from mutualfund.claims.experience.monthly import Monthly
from mutualfund.claims.experience.run_off import Known, RunOff, run_offs
from mutualfund.claims.experience.trend import fit_trend
from mutualfund.claims.reserving import CompletionFactors, Triangle

# (month of treatment, months until payment): amounts
PAID = {
    (1, 0): [10.0, 20.0],
    (1, 1): [40.0],
    (1, 2): [30.0],
    (2, 0): [10.0, 10.0, 20.0],
    (2, 1): [50.0, 60.0, 40.0],
    (3, 0): [10.0] * 5,
}
FIRST = (date(2024, 1, 1), date(2024, 3, 31))


def spring(as_of, more=()):
    claims = [
        ("a", "drugs", f"2024-0{month}-01", amount, f"2024-0{month + lag}-20")
        for (month, lag), amounts in PAID.items()
        for amount in amounts
    ]
    checks = ClaimChecks(as_of=as_of, currency="EUR")
    spells = [("a", "2024-01-01", "2024-12-31")]
    return study_of(spells, [*claims, *more], period=FIRST, checks=checks)


def test_completion_by_hand_and_as_the_chain_ladder_has_it():
    """Of January's and February's nine claims up to lag 1, four came at it; of January's four, one at lag 2:
    F(1) = 3/4 and F(0) = 3/4 x 5/9. Errors by Greenwood: 1/4 / (4 x 3/4) and 4/9 / (9 x 5/9)."""
    table = spring(date(2024, 3, 31)).completion("drugs")
    assert table["claims_known"].tolist() == pytest.approx([1.0, 3 / 4, 5 / 12])
    errors = [0.0, 3 / 4 * np.sqrt(1 / 12), 5 / 12 * np.sqrt(1 / 12 + 4 / 45)]
    assert table["claims_error"].tolist() == pytest.approx(errors)
    sums = [[sum(PAID.get((month, lag), [0.0])) for lag in range(3)] for month in (1, 2, 3)]
    cumulative = np.where(np.add.outer(range(3), range(3)) < 3, np.cumsum(sums, axis=1), np.nan)
    grains = {"origin_grain": "month", "development_grain": "month"}
    triangle = Triangle.from_array(cumulative, first_origin=FIRST[0], **grains)
    ultimate = CompletionFactors().fit(triangle).ultimate
    np.testing.assert_allclose(triangle.latest / table["cost_known"], ultimate)
    every = np.array([amount for amounts in PAID.values() for amount in amounts])
    growth = 30 / 100  # of January's cost, at lag 2
    phi = (every**2).sum() / every.sum()
    expected = 0.7 * np.sqrt(phi * growth / (100 * (1 - growth)))
    assert table["cost_error"][1] == pytest.approx(expected)


def test_a_month_that_is_half_over_shows_half_of_what_it_will():
    """15 April: a claim more of February's, at lag 2, is on file and no basis of the pattern yet."""
    more = [("a", "drugs", "2024-02-01", 5.0, "2024-04-10")]
    study = spring(date(2024, 4, 15), more)
    assert study.run_out_months == 0
    known = study.completion("drugs")["claims_known"]
    assert known.tolist() == pytest.approx([1.0, (3 / 4 + 1) / 2, (5 / 12 + 3 / 4) / 2])


def test_geometric_delays_say_what_is_still_beyond_them():
    paid = 1.0 - 0.8 ** np.arange(1, 11)
    found = RunOff(paid / paid[-1], np.zeros(10), np.zeros(1))
    assert found.beyond == pytest.approx(0.8**10)
    assert RunOff(np.ones(1), np.zeros(1), np.zeros(1)).beyond == 1.0
    assert RunOff(np.array([0.1, 0.2, 0.5, 1.0]), np.zeros(4), np.zeros(1)).beyond == 1.0


N_MONTHS, MEAN_LAG = 24, 3.0
PERIOD = StudyPeriod(date(2022, 1, 1), date(2023, 12, 31))


def cut_ledger(rng, as_of_month=N_MONTHS):
    """About 100 claims a month, no growth; late claims are three times as dear; cut at the period's end."""
    month = np.repeat(np.arange(N_MONTHS), rng.poisson(100.0, N_MONTHS))
    lag = rng.geometric(1.0 / (1.0 + MEAN_LAG), month.size) - 1
    cents = np.rint(rng.gamma(2.0, 5000.0, month.size) * np.where(lag > 2, 3.0, 1.0)).astype(int)
    there = month + lag < as_of_month
    month, lag, cents = month[there], lag[there], cents[there]
    nought, one = np.zeros_like(month), np.ones_like(month)
    delays = Delays(nought, month, lag, one, cents)
    sizes = (Sizes(cents / 100, month),)
    ledger = Ledger(("a",), "EUR", 100, RowsInMemory(None), delays, sizes, ())
    claims, amount = (np.bincount(month, w, N_MONTHS)[:, None] for w in (one, cents / 100))
    return ledger, Monthly(claims, amount, np.full(N_MONTHS, 1000.0))


@pytest.mark.parametrize("rate", ["frequency", "pmpm", "cost_per_claim"])
def test_a_trend_through_young_months_is_not_too_low(rate):
    """Truth: none. 100 samples: mean within five errors of it, and the stated errors are those seen, within a
    quarter (3.5 standard errors of a spread over 100). As they are, the months give 15 to 35 % too little."""
    rng = np.random.default_rng(17)
    options = {"seasonal": False}
    found, errors, plain = [], [], []
    for _ in range(100):
        ledger, monthly = cut_ledger(rng)
        known = run_offs(ledger, PERIOD, PERIOD.last, 0).of(rate)
        fit = fit_trend(rate, monthly, PERIOD, known=known, **options)
        found.append(np.log1p(fit.per_year))
        errors.append(fit.standard_error / (1 + fit.per_year))
        plain.append(fit_trend(rate, monthly, PERIOD, **options).per_year)
    spread = np.std(found)
    assert abs(np.mean(found)) < 5 * spread / np.sqrt(100)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(spread, rel=0.25)
    assert np.mean(plain) < -0.1


def test_the_error_of_the_shares_is_what_refitting_with_others_does():
    """Brute force: the shares moved by a thousandth of each of their errors, one after the other."""
    ledger, monthly = cut_ledger(np.random.default_rng(5))
    known = run_offs(ledger, PERIOD, PERIOD.last, 0).of("frequency")

    def fitted(share, errors):
        found = fit_trend("frequency", monthly, PERIOD, known=Known(share, errors), seasonal=False)
        return np.log1p(found.per_year), found.standard_error / (1 + found.per_year)

    sure = np.zeros_like(known.errors)
    (growth, unsure), (_, error) = fitted(*known), fitted(known.share, sure)
    moved = [
        1000 * (fitted(known.share * np.exp(column / 1000), sure)[0] - growth)
        for column in known.errors.T
    ]
    assert unsure**2 - error**2 == pytest.approx(np.square(moved).sum(), rel=1e-2)


def test_the_mean_delay_is_seen_past_the_cut():
    """Complete: the sample's mean and its error. Cut: 3 within five errors, below 1.5; plain, it is 2.5."""
    rng = np.random.default_rng(3)
    whole, _ = cut_ledger(rng, 10_000)
    lag = np.repeat(whole.delays.lag, whole.delays.claims)
    mean, error = run_offs(whole, PERIOD, date(2040, 12, 31), 0).claims.mean_lag
    assert mean == pytest.approx(lag.mean())
    assert error == pytest.approx(lag.std() / np.sqrt(lag.size))
    cut, _ = cut_ledger(rng)
    mean, error = run_offs(cut, PERIOD, PERIOD.last, 0).claims.mean_lag
    assert abs(mean - MEAN_LAG) < 5 * error < 1.5
    assert cut.delays.lag.mean() < 2.6
