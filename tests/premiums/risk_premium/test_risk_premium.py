"""Risk premiums in closed form, worked by hand and against loops over members and states.

Source of truth: expectations written out here for members of unequal age, sex and state; the exact year of
`years.ErlangYear`; definitions 6, 7, 11, 13 and 17.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.stats import nbinom

from mutualfund.assumptions import Assumptions, Frailty, HealthStates, Line, UseResponse
from mutualfund.claims import AnnualPlan, Exponential, LossCover, NegativeBinomial, Poisson
from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import ClaimPart, LineCover, RatingPeriod, risk_premiums
from premiums.risk_premium.years import ErlangYear, exponential_year


def people(**columns: list[Any]) -> Portfolio:
    return Portfolio.from_frame(pa.table(columns), start=date(2027, 1, 1))


MEMBERS = people(member_id=["a", "b", "c", "d"], age=[10, 30, 30, 70], sex=["F", "M", "F", "M"])
STATES = HealthStates(
    names=["well", "ill"],
    share=[0.8, 0.2],
    relativity=[0.5, 3.0],
    transition=[[0.9, 0.1], [0.3, 0.7]],
)


def line(**changes: Any) -> Line:
    stated: dict[str, Any] = {
        "name": "care",
        "frequency": {"kind": "poisson", "mean": 2.0},
        "severity": {"kind": "exponential", "mean": 100.0},
        "age_factors": {"0-17": 0.5, "18-59": 1.0, "60+": 2.0},
        "sex_factors": {"F": 1.2, "M": 0.8},
        **changes,
    }
    return Line(**stated)


# c x age x sex of the four members, average 1: 0.6, 0.8, 1.2, 1.6 over their mean 1.05.
FACTORS = np.array([0.6, 0.8, 1.2, 1.6]) / 1.05


def test_full_cover_costs_rate_times_mean_for_each_kind_of_member() -> None:
    found = risk_premiums(Assumptions(lines=[line()]), MEMBERS)
    assert found.cells == (("0-17", "F"), ("18-44", "F"), ("18-44", "M"), ("65+", "M"))
    np.testing.assert_allclose(found.by_cell, 200.0 * FACTORS[[0, 2, 1, 3]], rtol=1e-13)
    assert found.total == pytest.approx(200.0, rel=1e-13)
    np.testing.assert_array_equal(found.cost, found.premiums)
    assert found.total_standard_error == 0.0


def test_cells_are_means_over_their_members() -> None:
    found = risk_premiums(Assumptions(lines=[line()]), MEMBERS, age_bands=("0-59", "60+"))
    assert found.cells == (("0-59", "F"), ("0-59", "M"), ("60+", "M"))
    wanted = 200.0 * np.array([(FACTORS[0] + FACTORS[2]) / 2, FACTORS[1], FACTORS[3]])
    np.testing.assert_allclose(found.by_cell, wanted, rtol=1e-13)
    np.testing.assert_array_equal(found.exposure, [2, 1, 1])


def test_a_cover_of_each_claim_needs_no_distribution_of_the_year() -> None:
    """Exponential above a deductible d: theta exp(-d / theta); at most u: x (1 - exp(-u / theta))."""
    cover = {"care": LineCover(LossCover(deductible=50.0, maximum_payment=300.0))}
    found = risk_premiums(Assumptions(lines=[line()]), MEMBERS, cover)
    paid = 100 * np.exp(-0.5) * (1 - np.exp(-3))
    assert found.total == pytest.approx(2.0 * paid, rel=1e-12)
    assert found.cost.sum() > found.premiums.sum()


PLAN = AnnualPlan(deductible=120.0, coinsurance=0.2, out_of_pocket_maximum=180.0)


def paid_by_loops(mean: float, theta: float = 100.0) -> float:
    """PLAN on a Poisson year of exponential claims, by the exact mixture and a plain sum of its parts."""
    year = ErlangYear(Poisson(mean=mean).pmf(np.arange(80)), theta)
    layer = year.stop_loss(120.0) - year.stop_loss(420.0)
    return 0.8 * layer + year.stop_loss(420.0)


def test_a_yearly_design_is_priced_for_each_state_before_the_mean_is_taken() -> None:
    basis = Assumptions(lines=[line()], health_states=STATES)
    found = risk_premiums(basis, MEMBERS, {"care": LineCover(PLAN)}, yearly_cost=exponential_year)
    for cell, factor in zip(range(4), FACTORS[[0, 2, 1, 3]], strict=True):
        wanted = 0.8 * paid_by_loops(2.0 * factor * 0.5) + 0.2 * paid_by_loops(2.0 * factor * 3.0)
        assert found.premiums[cell, 0] == pytest.approx(wanted, rel=1e-9)
    averaged_first = [paid_by_loops(2.0 * factor) for factor in FACTORS]
    assert found.total > 1.1 * np.mean(averaged_first)
    by_transform = risk_premiums(basis, MEMBERS, {"care": LineCover(PLAN)})
    np.testing.assert_allclose(by_transform.premiums, found.premiums, rtol=1e-7)


def test_cells_that_are_alike_take_one_distribution_and_all_are_counted() -> None:
    """Where a rate depends on neither age nor sex one law serves all cells; kinds of two lines go apart."""
    many = people(
        member_id=[str(n) for n in range(60)],
        age=[20 + n for n in range(60)],
        sex=["F", "M", "M"] * 20,
    )
    unsure = line(age_factors=None, sex_factors=None, uncertainty={"frequency": 0.1})
    basis = Assumptions(lines=[unsure, line(name="drugs")], health_states=STATES)
    by_line = {"care": LineCover(PLAN), "drugs": LineCover(PLAN)}
    for terms, wanted in (
        ({"covers": {"care": LineCover(PLAN)}}, 1 + 2),
        ({"covers": by_line}, 1 + 2 + 4),  # drugs: by sex, before 60 and after; no error to price
        ({"yearly_design": PLAN}, (4 * 2) * 3),
    ):
        told: list[tuple[int, int]] = []
        risk_premiums(
            basis,
            many,
            **terms,
            yearly_cost=exponential_year,
            age_bands=("0-59", "60+"),
            progress=lambda done, total, told=told: told.append((done, total)),
        )
        assert told == [(done, wanted) for done in range(1, wanted + 1)]


def test_health_states_move_on_with_whole_years_to_the_rating_year() -> None:
    basis = Assumptions(lines=[line()], health_states=STATES)
    later = RatingPeriod(start=date(2029, 7, 1), measured=date(2027, 1, 1))
    found = risk_premiums(basis, MEMBERS, period=later)
    ill = 0.2
    for _ in range(2):
        ill = (1 - ill) * 0.1 + ill * 0.7
    assert found.total == pytest.approx(200.0 * (0.5 * (1 - ill) + 3.0 * ill), rel=1e-12)


def test_a_member_s_own_state_counts_where_it_is_known() -> None:
    sick = people(member_id=["a", "b"], age=[30, 30], sex=["F", "M"], health_state=["ill", "well"])
    basis = Assumptions(lines=[line(age_factors=None, sex_factors=None)], health_states=STATES)
    found = risk_premiums(basis, sick)
    np.testing.assert_allclose(found.by_cell, 200.0 * np.array([3.0, 0.5]) / 1.75, rtol=1e-12)


def test_one_design_over_all_lines_prices_their_year_together() -> None:
    other = line(name="drugs", frequency={"kind": "poisson", "mean": 5.0}, sex_factors=None)
    found = risk_premiums(
        Assumptions(lines=[line(), other]),
        MEMBERS,
        yearly_design=PLAN,
    )
    ages = np.array([0.5, 1.0, 1.0, 2.0]) / 1.125
    wanted = [paid_by_loops(2 * a + 5 * b) for a, b in zip(FACTORS, ages, strict=True)]
    assert found.lines == ("all lines",)
    np.testing.assert_allclose(found.by_cell, np.array(wanted)[[0, 2, 1, 3]], rtol=1e-7)
    apart = risk_premiums(
        Assumptions(lines=[line(), other]),
        MEMBERS,
        {"care": LineCover(PLAN), "drugs": LineCover(PLAN)},
        yearly_cost=exponential_year,
    )
    assert apart.total < found.total  # two deductibles are borne, not one


def stop_loss_of_gamma_years(cv: float, deductible: float, mean: float = 2.0) -> float:
    """Poisson(mean) claims, exponential(100), with a gamma frailty: negative binomial, shape 1 / cv^2."""
    shape, most = cv**-2, np.arange(3000)
    return ErlangYear(nbinom.pmf(most, shape, shape / (shape + mean)), 100.0).stop_loss(deductible)


@pytest.mark.parametrize("cv", [0.2, 0.5, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("deductible", [100.0, 500.0, 1000.0, 2000.0])
def test_a_stop_loss_under_a_frailty_has_the_tail_of_the_gamma(
    cv: float, deductible: float
) -> None:
    basis = Assumptions(lines=[line(age_factors=None, sex_factors=None)], frailty=Frailty(cv=cv))
    cover = {"care": LineCover(AnnualPlan(deductible=deductible))}
    found = risk_premiums(basis, MEMBERS, cover, yearly_cost=exponential_year)
    assert found.total == pytest.approx(stop_loss_of_gamma_years(cv, deductible), rel=2e-5)


def test_a_frailty_that_hardly_spreads_changes_nothing() -> None:
    found, wanted = (
        risk_premiums(
            Assumptions(lines=[line()], frailty=frailty),
            MEMBERS,
            {"care": LineCover(PLAN)},
            yearly_cost=exponential_year,
        ).total
        for frailty in (Frailty(cv=1e-8), None)
    )
    assert found == pytest.approx(wanted, rel=1e-12)


def test_lines_that_share_a_frailty_rise_together() -> None:
    """Visits and drugs share it: their claims are one negative binomial. Dental goes its own way."""
    lines = [
        line(name=name, frequency={"kind": "poisson", "mean": mean}, sex_factors=None)
        for name, mean in (("visits", 0.5), ("drugs", 1.5), ("dental", 1.0))
    ]
    basis = Assumptions(lines=lines, frailty=Frailty(cv=0.8, lines=("drugs", "visits")))
    plan = AnnualPlan(deductible=800.0)
    found = risk_premiums(basis, MEMBERS, yearly_design=plan, yearly_cost=exponential_year)
    shape, most, wanted = 0.8**-2, np.arange(400), []
    for age in np.array([0.5, 1.0, 1.0, 2.0]) / 1.125:
        sharing = nbinom.pmf(most, shape, shape / (shape + 2.0 * age))
        year = ErlangYear(np.convolve(sharing, Poisson(mean=age).pmf(most)), 100.0)
        wanted.append(year.stop_loss(800.0))
    assert found.total == pytest.approx(np.mean(wanted), rel=1e-6)


def test_costs_are_trended_by_the_months_between() -> None:
    basis = Assumptions(lines=[line(trend_per_year=0.08)])
    period = RatingPeriod(start=date(2028, 10, 1), measured=date(2027, 1, 1))
    cover = {"care": LineCover(LossCover(deductible=50.0))}
    found = risk_premiums(basis, MEMBERS, cover, period=period)
    theta = 100.0 * 1.08**1.75
    assert found.total == pytest.approx(2.0 * theta * np.exp(-50 / theta), rel=1e-12)


def test_waiting_leaves_out_the_season_that_it_spans() -> None:
    """Rating year from July; new members wait two months, July and August, with weights 3 and 2 of 15."""
    season = [1.0, 1, 1, 1, 1, 1, 3, 2, 1, 1, 1, 1]
    basis = Assumptions(lines=[line(seasonality=season)])
    period = RatingPeriod(start=date(2027, 7, 1), measured=date(2027, 7, 1))
    cover = {"care": LineCover(waiting_months=2)}
    for since, left in ((None, 1.0), (0, 10 / 15), (1, 12 / 15), (2, 1.0), (9, 1.0)):
        found = risk_premiums(basis, MEMBERS, cover, period=period, months_since_joining=since)
        assert found.total == pytest.approx(200.0 * left, rel=1e-12)
    never = {"care": LineCover(waiting_months=12)}
    assert risk_premiums(basis, MEMBERS, never, months_since_joining=0).total == 0.0


JOINED = people(
    member_id=["a", "b", "c", "d"],
    age=[10, 30, 30, 70],
    sex=["F", "M", "F", "M"],
    joined=[date(2026, 11, 10), None, date(2026, 8, 1), date(2027, 1, 1)],
)


def test_each_member_serves_the_wait_that_is_left_of_it() -> None:
    """Six months, of which two, all, five and none are served; January to March have 3 of 18 each."""
    basis = Assumptions(lines=[line(seasonality=[3.0, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1])])
    cover = {"care": LineCover(waiting_months=6)}
    left = np.array([8, 18, 15, 6]) / 18
    by_member = 200.0 * FACTORS * left
    found = risk_premiums(basis, JOINED, cover, age_bands=("0-59", "60+"))
    wanted = [(by_member[0] + by_member[2]) / 2, by_member[1], by_member[3]]
    np.testing.assert_allclose(found.by_cell, wanted, rtol=1e-13)
    assert found.cost.sum() == pytest.approx(found.premiums.sum())

    april = RatingPeriod(
        start=date(2027, 4, 1), measured=date(2027, 1, 1)
    )  # three months further on
    later = risk_premiums(basis, JOINED, cover, period=april)
    np.testing.assert_allclose(
        later.by_cell, (200.0 * FACTORS * [17 / 18, 1, 1, 15 / 18])[[0, 2, 1, 3]], rtol=1e-13
    )
    for since, months in ((0, 6), (2, 8), (120, 18)):
        same = risk_premiums(basis, JOINED, cover, months_since_joining=since)
        assert same.total == pytest.approx(200.0 * months / 18, rel=1e-13)


def test_a_wait_before_a_yearly_design_is_priced_for_each_member() -> None:
    cover = {"care": LineCover(PLAN, waiting_months=6)}
    basis = Assumptions(lines=[line()])
    found = risk_premiums(basis, JOINED, cover, yearly_cost=exponential_year)
    left = np.array([8, 12, 11, 6]) / 12
    wanted = [paid_by_loops(2.0 * rate) for rate in FACTORS * left]
    np.testing.assert_allclose(found.by_cell, np.array(wanted)[[0, 2, 1, 3]], rtol=1e-9)


def test_a_line_that_is_not_covered_costs_nothing() -> None:
    found = risk_premiums(
        Assumptions(lines=[line(), line(name="dental")]),
        MEMBERS,
        {"dental": LineCover(covered=False)},
    )
    np.testing.assert_allclose(found.by_line, [200.0, 0.0])


def test_use_answers_to_the_members_share_of_cost() -> None:
    """Exponential above 100 of mean 100: members bear 1 - exp(-1) of it; use falls from 1 to 0.5 at all."""
    response = UseResponse(share=[0.0, 1.0], use=[1.0, 0.5])
    cover = {"care": LineCover(LossCover(deductible=100.0))}
    found = risk_premiums(Assumptions(lines=[line(use_response=response)]), MEMBERS, cover)
    plain = risk_premiums(Assumptions(lines=[line()]), MEMBERS, cover)
    assert found.total == pytest.approx(plain.total * (1 - 0.5 * (1 - np.exp(-1))), rel=1e-12)


def test_use_answers_to_the_share_of_a_full_year_also_where_members_wait() -> None:
    plain = {"age_factors": None, "sex_factors": None}
    fewer = 2.0 - (
        1.0 - paid_by_loops(2.0) / 200.0
    )  # use falls by half of the share: of 2.0, by the share
    response = UseResponse(share=[0.0, 1.0], use=[1.0, 0.5])
    moved, still = (
        risk_premiums(
            Assumptions(lines=[care]),
            MEMBERS,
            {"care": LineCover(PLAN, waiting_months=6)},
            yearly_cost=exponential_year,
            months_since_joining=0,
        )
        for care in (
            line(use_response=response, **plain),
            line(frequency={"kind": "poisson", "mean": fewer}, **plain),
        )
    )
    assert moved.total == pytest.approx(still.total, rel=1e-9)


def test_parameter_errors_are_the_derivatives_times_the_cvs() -> None:
    """Full cover: the relative error of a product is the root of squares; cells move together."""
    unsure = line(uncertainty={"frequency": 0.08, "severity": 0.06})
    sure = line(name="sure")
    found = risk_premiums(Assumptions(lines=[unsure, sure]), MEMBERS)
    np.testing.assert_allclose(found.standard_errors[:, 0], 0.1 * found.premiums[:, 0], rtol=1e-9)
    assert (found.standard_errors[:, 1] == 0.0).all()
    assert found.total_standard_error == pytest.approx(20.0, rel=1e-9)
    np.testing.assert_allclose(found.by_cell_standard_errors, found.standard_errors[:, 0])


def test_errors_above_a_deductible_are_those_of_the_formula() -> None:
    """d/d theta of lambda theta exp(-d / theta), times 0.06 theta, is P x 0.06 (1 + d / theta)."""
    unsure = line(uncertainty={"severity": 0.06})
    cover = {"care": LineCover(LossCover(deductible=150.0))}
    found = risk_premiums(Assumptions(lines=[unsure]), MEMBERS, cover)
    assert found.total_standard_error == pytest.approx(found.total * 0.06 * 2.5, rel=1e-5)


def test_shapes_add_the_variance_of_the_premium_between_them() -> None:
    """Exponential of mean 90, or of mean 190 with chance 0.1, above a deductible; prices grow by 10 %."""
    dear = {
        "severity": {"kind": "exponential", "mean": 7.0},
        "probability": 0.1,
        "relative_mean": 19 / 9,
    }
    unsure = line(uncertainty={"shapes": [dear], "frequency": 0.05}, trend_per_year=0.1)
    cover = {"care": LineCover(LossCover(deductible=110.0))}
    next_year = RatingPeriod(start=date(2028, 1, 1), measured=date(2027, 1, 1))
    found = risk_premiums(Assumptions(lines=[unsure]), MEMBERS, cover, period=next_year)
    assert found.total == pytest.approx(2 * 110 * np.exp(-1), rel=1e-12)  # at the line's own shape
    paid = np.array([2 * 1.1 * mean * np.exp(-100 / mean) for mean in (90.0, 190.0)])
    between = 0.9 * 0.1 * (paid[1] - paid[0]) ** 2
    error = np.sqrt(between + (0.05 * found.total) ** 2)
    assert found.total_standard_error == pytest.approx(error, rel=1e-9)


def test_a_severity_of_one_s_own_is_priced_by_its_quantiles_where_that_is_enough() -> None:
    class Mine:
        def quantile(self, p: Any) -> Any:
            return 100.0 * p

    own = Assumptions(lines=[line(severity=Mine(), trend_per_year=0.1)])
    period = RatingPeriod(start=date(2028, 1, 1), measured=date(2027, 1, 1))
    assert risk_premiums(own, MEMBERS, period=period).total == pytest.approx(110.0, rel=1e-9)
    with pytest.raises(
        InputError, match=r"lines\.care\.severity: got a severity of your own without"
    ):
        risk_premiums(own, MEMBERS, {"care": LineCover(LossCover(deductible=10.0))})


# ---- properties --------------------------------------------------------------------------------

percent = st.integers(0, 100).map(lambda n: n / 100)
terms = st.tuples(st.floats(0, 400), percent, st.floats(0, 600))


@settings(deadline=None, max_examples=25)
@given(terms, st.floats(0, 200), percent, st.floats(0, 300))
def test_more_generous_yearly_benefits_never_lower_a_premium(
    plan: tuple[float, float, float], deductible: float, share: float, maximum: float
) -> None:
    d, c, above = plan
    tight = AnnualPlan(d, c, d + above)
    lower = max(d - deductible, 0.0)
    generous = AnnualPlan(lower, max(c - share, 0.0), max(d + above - maximum, lower))
    basis = Assumptions(lines=[line()], health_states=STATES)
    less, more = (
        risk_premiums(basis, MEMBERS, {"care": LineCover(x)}, yearly_cost=exponential_year)
        for x in (tight, generous)
    )
    assert (more.premiums >= less.premiums - 1e-9).all()
    assert (more.premiums <= more.cost + 1e-9).all()


@settings(deadline=None, max_examples=25)
@given(
    st.floats(0, 400), st.floats(0, 200), st.floats(1, 900), st.floats(0, 500), st.integers(0, 9)
)
def test_more_generous_cover_of_a_claim_never_lowers_a_premium(
    deductible: float, less: float, most: float, more: float, wait: int
) -> None:
    tight = LineCover(LossCover(deductible, most), waiting_months=wait + 2)
    generous = LineCover(LossCover(max(deductible - less, 0.0), most + more + less), wait)
    basis = Assumptions(lines=[line()])
    low, high = (
        risk_premiums(basis, MEMBERS, {"care": cover}, months_since_joining=1)
        for cover in (tight, generous)
    )
    assert (high.premiums >= low.premiums - 1e-9).all()


# ---- refusals ----------------------------------------------------------------------------------


def test_a_basis_dated_after_its_use_is_refused() -> None:
    with pytest.raises(InputError, match=r"period\.measured.*no later than") as caught:
        RatingPeriod(start=date(2027, 1, 1), measured=date(2027, 2, 1))
    assert caught.value.faults[0].code == "dated_after_use"


def test_a_rating_year_starts_on_the_first_of_a_month() -> None:
    with pytest.raises(InputError, match=r"period\.start"):
        RatingPeriod(start=date(2027, 1, 15), measured=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"covers": {"dentist": LineCover()}}, "covers.dentist"),
        (
            {"covers": {"care": LineCover(LossCover())}, "yearly_design": PLAN},
            "covers.care.design",
        ),
        ({"months_since_joining": -1}, "months_since_joining"),
    ],
)
def test_what_cannot_be_priced_is_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        risk_premiums(Assumptions(lines=[line()]), MEMBERS, **arguments)
    assert caught.value.faults[0].field == field


class OnlyQuantiles:
    """A severity of one's own that can answer no more than a simulation asks."""

    def quantile(self, p: Any) -> Any:
        return 100.0 * np.asarray(p)


def test_a_severity_without_moments_has_no_yearly_cost() -> None:
    basis = Assumptions(lines=[line(severity=OnlyQuantiles())])
    with pytest.raises(InputError, match="OnlyQuantiles without mean"):
        risk_premiums(basis, MEMBERS, {"care": LineCover(PLAN)})


@pytest.mark.parametrize("wrong", [{"waiting_months": -1}, {"design": 3.0}])
def test_a_cover_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        LineCover(**wrong)


def one_part(frequency: Any, factor: float) -> ClaimPart:
    return ClaimPart(frequency, (factor,), (1.0,), Exponential(mean=1.0))


def test_count_weights_sum_to_one_however_many_claims_there_are() -> None:
    """Of a Poisson of mean 200 the sum lacks 3e-13 of one by rounding, which is no claim left out."""
    for factor in (0.01, 1.0, 60.0):
        part = one_part(NegativeBinomial(mean=2.0, dispersion=0.6), factor)
        weights = part.count_weights
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)
        assert weights @ np.arange(weights.size) == pytest.approx(2.0 * factor, rel=1e-9)
    for mean in range(1, 401):
        weights = one_part(Poisson(mean=1.0), float(mean)).count_weights
        assert weights.sum() == pytest.approx(1.0, abs=1e-11)
        assert stats.poisson.sf(weights.size - 1, mean) < 1e-13


def by_erlangs(chances: np.ndarray, plan: AnnualPlan) -> float:
    """What the fund pays of a year of exponential claims of mean 100, by incomplete gammas."""
    year = ErlangYear(chances, 100.0)
    return float(plan.expected(year).expected_plan_pay)


def rare_lognormal(rate: float, mu: float, sigma: float, d: float) -> float:
    """E[(S - d)+] of a Poisson year by quadrature, one claim and two; a third has a chance of rate^3 / 6."""
    law = stats.lognorm(sigma, scale=np.exp(mu))

    def above(level: float) -> float:
        if level <= 0.0:
            return float(law.mean()) - level
        z = (mu - np.log(level)) / sigma
        return float(law.mean() * stats.norm.cdf(z + sigma) - level * stats.norm.cdf(z))

    two = integrate.quad(lambda x: law.pdf(x) * above(d - x), 0.0, d, limit=200)[0]
    two += law.expect(lambda x: x, lb=d) + law.sf(d) * (law.mean() - d)
    return float(np.exp(-rate) * (rate * above(d) + rate**2 / 2 * two))


COUNTS = np.arange(900)
SHARING = AnnualPlan(deductible=150.0, coinsurance=0.25, out_of_pocket_maximum=400.0)
YEARS = {
    "binomial counts of a fixed cost": (
        {"kind": "binomial", "mean": 1.8, "trials": 6},
        {"kind": "fixed", "amount": 100.0},
        SHARING,
        stats.binom.pmf(np.arange(7), 6, 0.3) @ [0, 0, 37.5, 112.5, 187.5, 262.5, 337.5],
        1e-12,
    ),
    "exponential costs, 200 of them a year": (
        {"kind": "poisson", "mean": 200.0},
        {"kind": "exponential", "mean": 100.0},
        AnnualPlan(deductible=15_000.0),
        by_erlangs(stats.poisson.pmf(COUNTS, 200.0), AnnualPlan(deductible=15_000.0)),
        1e-6,
    ),
    "negative binomial counts, coinsurance and a maximum": (
        {"kind": "negative_binomial", "mean": 2.0, "dispersion": 0.6},
        {"kind": "exponential", "mean": 100.0},
        SHARING,
        by_erlangs(stats.nbinom.pmf(COUNTS, 0.6, 0.6 / 2.6), SHARING),
        1e-6,
    ),
    "a rare lognormal": (
        {"kind": "poisson", "mean": 0.001},
        {"kind": "lognormal", "mu": 6.0, "sigma": 1.5},
        AnnualPlan(deductible=500.0),
        rare_lognormal(0.001, 6.0, 1.5, 500.0),
        1e-5,
    ),
}


@pytest.mark.parametrize("year", YEARS)
def test_the_year_by_transform_is_that_of_an_independent_sum(year: str) -> None:
    """The default `law_of_year`, against sums over counts and quadratures by SciPy."""
    frequency, severity, plan, wanted, within = YEARS[year]
    plain = line(frequency=frequency, severity=severity, age_factors=None, sex_factors=None)
    found = risk_premiums(Assumptions(lines=[plain]), MEMBERS, {"care": LineCover(plan)})
    assert found.total == pytest.approx(wanted, rel=within)
