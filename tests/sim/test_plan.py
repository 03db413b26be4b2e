"""What lowering promises: addresses that nothing else moves, classes that average to one, exact thinning."""

import hashlib
from datetime import date

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import ALLOWED, BILLED, CLAIMS, FUND, MEMBER
from mutualfund.sim.paths import PILOT_PATH
from mutualfund.sim.plan import lower

DENTAL = {
    "name": "dental",
    "frequency": {"kind": "poisson", "mean": 0.7},
    "severity": {"kind": "gamma", "mean": 140, "cv": 0.6},
}
HOSPITAL = {
    "name": "hospital",
    "frequency": {"kind": "negative_binomial", "mean": 0.2, "dispersion": 1.6},
    "severity": {"kind": "lognormal", "mean": 2900, "cv": 1.8},
    "age_factors": {"0-17": 0.4, "18-64": 0.9, "65+": 2.8},
    "sex_factors": {"F": 1.3, "M": 0.9},
}
STATES = {
    "names": ["well", "chronic", "complex"],
    "share": [0.80, 0.17, 0.03],
    "relativity": [0.45, 2.2, 8.9],
    "transition": [[0.9665, 0.0235, 0.01], [0.14, 0.81, 0.05], [0.10, 0.45, 0.45]],
}


def fund(
    lines=(DENTAL, HOSPITAL), n=200, years=3, paths=20, members=None, rules=None, **assumptions
):
    return Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 0.0},
        settings={"paths": paths, "years": years, "seed": 3},
        members=members or {"mortality": "none"},
        assumptions={"lines": list(lines), **assumptions},
        rules={"contributions": {"kind": "flat", "monthly": 10.0}, **(rules or {})},
        portfolio=Portfolio.synthetic(n, age_mix="O", seed=2, plans={"a": 0.5, "b": 0.3}),
    )


def years_of(scenario, **options):
    """All member years of a scenario's paths."""
    plan, paths = lower(scenario), scenario.settings.paths
    drivers, state = plan.drivers(0, paths, **options), plan.initial_state(paths)
    return plan, [plan.member_year(drivers, state, y + 1) for y in range(scenario.settings.years)]


def line(plan, years, name):
    """(n_paths, n_years, 7) sums of one line."""
    return np.stack([year.lines[:, plan.line_names.index(name)] for year in years], axis=1)


def test_adding_or_reordering_lines_leaves_every_other_claim_untouched():
    alone = line(*years_of(fund([HOSPITAL])), "hospital")
    assert (line(*years_of(fund([DENTAL, HOSPITAL])), "hospital") == alone).all()
    assert (line(*years_of(fund([HOSPITAL, DENTAL])), "hospital") == alone).all()


def test_raising_a_rate_only_adds_claims_and_leaves_other_lines_alone():
    dearer = {**HOSPITAL, "frequency": {**HOSPITAL["frequency"], "mean": 0.23}}
    plan, base = years_of(fund())
    _, more = years_of(fund([DENTAL, dearer]))
    gain = line(plan, more, "hospital") - line(plan, base, "hospital")
    assert (gain[:, :, [CLAIMS, BILLED]] >= 0).all()
    assert gain[:, :, CLAIMS].sum() > 0
    assert (line(plan, more, "dental") == line(plan, base, "dental")).all()


def test_a_shock_only_adds_claims_in_its_months_and_years():
    """One draw a path-year: the winter of year 0 reaches January of year 1."""
    winter = {
        "name": "w",
        "probability_per_year": 0.5,
        "months": [12, 1],
        "frequency_factor": {"hospital": 1.6},
    }
    scenario = fund(shocks=[winter], paths=400)
    plan, shocked = years_of(scenario)
    _, calm = years_of(scenario, shocks=False)
    gain = line(plan, shocked, "hospital") - line(plan, calm, "hospital")
    assert (gain[:, :, [CLAIMS, BILLED]] >= 0).all()
    by_month = sum(year.triangle.sum(axis=(0, 2)) for year in shocked) - sum(
        year.triangle.sum(axis=(0, 2)) for year in calm
    )
    assert (by_month[1:11] == 0).all()
    assert (by_month[[0, 11]] > 0).all()
    expected = line(plan, calm, "hospital")[:, :, CLAIMS].mean() * (2 / 12 * 0.5 * 0.6)
    error = gain[:, :, CLAIMS].mean(axis=1).std() / np.sqrt(400)
    assert abs(gain[:, :, CLAIMS].mean() - expected) < 5 * error < expected


def test_factors_average_to_one_on_the_opening_portfolio():
    plan, years = years_of(fund(health_states=STATES, paths=400))
    per_member = line(plan, years, "hospital")[:, 0, CLAIMS] / 200
    assert abs(per_member.mean() - 0.2) < 5 * per_member.std() / np.sqrt(400) < 0.2 * 0.1


def test_given_health_states_are_taken_and_used_in_the_normalisation():
    frame = {
        "member_id": [f"m{k}" for k in range(50)],
        "age": [40] * 50,
        "sex": ["F"] * 50,
        "health_state": ["complex"] * 50,
    }
    import pyarrow as pa

    portfolio = Portfolio.from_frame(pa.table(frame), start=date(2027, 1, 1))
    base = fund([DENTAL], health_states=STATES)
    scenario = Scenario(
        portfolio=portfolio,
        **{
            name: getattr(base, name)
            for name in ("fund", "settings", "members", "assumptions", "rules")
        },
    )
    plan, years = years_of(scenario)
    assert plan.rates[0].normalisation == pytest.approx(1 / 8.9)
    count = line(plan, years, "dental")[:, 0, CLAIMS]
    assert abs(count.mean() / 50 - 0.7) < 5 * count.std() / np.sqrt(20) / 50


def test_health_states_persist_as_the_chain_says():
    plan = lower(fund([DENTAL], n=2000, health_states=STATES, paths=5))
    drivers, state = plan.drivers(0, 5), plan.initial_state(5)
    plan.member_year(drivers, state, 1)
    before = state.health.copy()
    plan.member_year(drivers, state, 2)
    for k, row in enumerate(STATES["transition"]):
        there = before == k
        seen = np.bincount(state.health[there], minlength=3) / there.sum()
        assert (np.abs(seen - row) < 5 * np.sqrt(0.25 / there.sum())).all()


def test_parameter_error_has_mean_one_and_its_stated_spread():
    unsure = {**DENTAL, "uncertainty": {"frequency": 0.2, "severity": 0.1}}
    scenario = fund([unsure], n=400, years=1, paths=4000)
    plan, years = years_of(scenario)
    _, central = years_of(scenario, central=True)
    rate = line(plan, years, "dental")[:, 0, CLAIMS] / 400
    known = line(plan, central, "dental")[:, 0, CLAIMS] / 400
    assert abs(rate.mean() - 0.7) < 5 * rate.std() / np.sqrt(4000)
    assert rate.var() == pytest.approx(known.var() + (0.2 * 0.7) ** 2, rel=0.12)
    cost = line(plan, years, "dental")[:, 0, [CLAIMS, BILLED]].astype(float)
    mean_claim = cost[:, 1] / cost[:, 0] / 100
    assert mean_claim.mean() == pytest.approx(140, rel=0.01)
    assert mean_claim.std() == pytest.approx(14, rel=0.12)


def test_parameter_error_can_be_switched_off():
    unsure = {**DENTAL, "uncertainty": {"frequency": 0.2, "severity": 0.1}}
    plan, off = years_of(fund([unsure]).replace("settings.parameter_risk", False))
    _, never = years_of(fund([DENTAL]))
    assert (line(plan, off, "dental") == line(plan, never, "dental")).all()


def test_use_answers_to_each_plans_effective_share():
    """Half the cost is borne by the members of plan b, and their use falls by a quarter."""
    answering = {**DENTAL, "use_response": {"share": [0, 1], "use": [1.0, 0.5]}}
    plans = {"plans": {"b": {"dental": {"coinsurance": 0.5}}}}
    plan = lower(fund([answering], n=3000, rules=plans))
    row = plan.scenario.portfolio.plan_names.index("b") + 1
    distinct = [1.0, 0.75]
    rate = [1.0 - plan.tables.count_cdf[k, 0] / 2.0**32 for k in range(2)]
    which = plan.years[0].use[0]
    assert sorted(np.unique(which)) == [0, 1]
    expected = 1 - np.exp(-0.7 * np.array(sorted(distinct)))
    assert rate == pytest.approx(expected, rel=2e-3)
    assert which[row] == 0
    assert which[0] == 1


def use_of(scenario):
    """Chance of any dental claim by year of members without a plan, over that without a response."""
    plan = lower(scenario)
    rows = [tables.use[0, 0] for tables in plan.years]
    first = plan.tables.rate_row[0, 0]
    chance = [1.0 - plan.tables.count_cdf[first + row, 0] / 2.0**32 for row in rows]
    return -np.log1p(-np.array(chance)) / 0.7


ANSWERING = {**DENTAL, "use_response": {"share": [0, 1], "use": [1.0, 0.5]}}


def test_use_answers_from_the_year_an_amendment_takes_effect():
    vote = {"effective": date(2028, 1, 1), "rule": "benefits.dental.coinsurance", "value": 0.8}
    scenario = fund([ANSWERING], rules={"amendments": [vote], "benefits": {"dental": {}}})
    assert use_of(scenario) == pytest.approx([1.0, 0.6, 0.6], rel=1e-3)


def test_members_bear_all_of_a_line_that_is_not_covered_or_not_open():
    never = fund([ANSWERING], rules={"benefits": {"dental": {"covered": False}}})
    assert use_of(never) == pytest.approx([0.5] * 3, rel=1e-6)
    later = fund([ANSWERING], rules={"benefits": {"dental": {"starts": date(2029, 1, 1)}}})
    assert use_of(later) == pytest.approx([0.5, 0.5, 1.0], rel=1e-6)


def test_a_plans_tables_cannot_be_written_to():
    plan = lower(fund())
    arrays = [*plan.tables, *(x for x in plan.years[0] if isinstance(x, np.ndarray))]
    assert not any(array.flags.writeable for array in arrays)
    assert all(array.flags.c_contiguous for array in arrays)


def test_a_plan_of_ones_own_decides_the_terms_and_nobody_elses():
    rules = {"plans": {"b": {"dental": {"coinsurance": 1.0}}}}
    _, years = years_of(fund([DENTAL], rules=rules))
    _, plain = years_of(fund([DENTAL]))
    shared, full = (sum(y.lines[:, 0] for y in all_years) for all_years in (years, plain))
    assert (shared[:, ALLOWED] == full[:, ALLOWED]).all()
    assert 0.15 < shared[:, MEMBER].sum() / shared[:, ALLOWED].sum() < 0.45
    assert (shared[:, FUND] < full[:, FUND]).all()


def test_a_benefit_change_in_mid_year_counts_from_its_month():
    change = {"effective": date(2027, 7, 1), "rule": "benefits.dental.coinsurance", "value": 1.0}
    plan, years = years_of(fund([DENTAL], rules={"amendments": [change]}, paths=30))
    _, plain = years_of(fund([DENTAL], paths=30))
    assert (years[0].triangle[:, :6] == plain[0].triangle[:, :6]).all()
    assert (years[0].triangle[:, 6:] == 0).all()
    assert (plan.years[0].segment == [0] * 6 + [1] * 6).all()


def test_joiners_copy_opening_members_and_are_as_many_as_stated():
    plan, years = years_of(fund(members={"joins_per_year": 0.104, "mortality": "none"}))
    assert [year.persons[0, 1] for year in years] == [21, 21, 21]
    assert plan.n_slots == 200 + 63
    ages = plan.tables.age[200:] + np.maximum(plan.tables.join_year[200:] - 1, 0)
    assert (ages == plan.scenario.portfolio.age[plan.slots.source[200:]]).all()


def test_order_of_the_members_file_does_not_matter():
    import pyarrow as pa

    rng = np.random.default_rng(0)
    frame = pa.table(
        {
            "member_id": [f"m{k}" for k in range(80)],
            "age": rng.integers(0, 90, 80),
            "sex": rng.choice(["F", "M", "X"], 80),
        }
    )
    base = fund(health_states=STATES, members={"joins_per_year": 0.1, "lapse_per_year": 0.05})
    parts = {
        name: getattr(base, name)
        for name in ("fund", "settings", "members", "assumptions", "rules")
    }
    results = []
    for rows in (np.arange(80), rng.permutation(80)):
        portfolio = Portfolio.from_frame(frame.take(rows), start=date(2027, 1, 1))
        results.append(years_of(Scenario(portfolio=portfolio, **parts))[1])
    for one, other in zip(*results, strict=True):
        assert all((a == b).all() for a, b in zip(one, other, strict=True))


def test_paths_do_not_depend_on_their_block():
    scenario = fund(health_states=STATES, members={"joins_per_year": 0.1, "lapse_per_year": 0.05})
    plan, whole = years_of(scenario)
    drivers, state = plan.drivers(7, 3), plan.initial_state(3)
    for y, year in enumerate(whole):
        part = plan.member_year(drivers, state, y + 1)
        assert all((a == b[7:10]).all() for a, b in zip(part, year, strict=True))


def test_full_exposure_covers_the_opening_members_all_year_and_nobody_else():
    scenario = fund(members={"joins_per_year": 0.1, "lapse_per_year": 0.5})
    plan = lower(scenario)
    year = plan.member_year(
        plan.drivers(0, 2), plan.initial_state(2), 1, full_exposure=True, waits_served=True
    )
    assert year.months.tolist() == [12 * 200] * 2


def test_members_who_leave_at_renewal_are_not_counted_for_the_years_reinsurance():
    plan = lower(fund(paths=3))
    extra = np.array([[1.0], [0.0], [0.5]])
    year = plan.member_year(plan.drivers(0, 3), plan.initial_state(3), 1, extra)
    there = year.start_by_age.sum(axis=1)
    assert there[:2].tolist() == [0, 200]
    assert there[2] == 200 - year.persons[2, 2]


def test_members_who_left_at_renewal_stay_away_although_nobody_else_may_move():
    plan = lower(fund(paths=2))
    drivers, state = plan.drivers(0, 2), plan.initial_state(2)
    gone = plan.member_year(drivers, state, 1, np.array([[0.4], [0.0]])).persons[:, 2]
    later = plan.member_year(drivers, state, 2)
    assert gone[0] > 0
    assert later.persons[:, 0].tolist() == (200 - gone).tolist()
    assert later.months.tolist() == (12 * (200 - gone)).tolist()


def test_joiners_have_no_health_state_from_the_file():
    """Their model member's state is that of the opening; theirs is drawn from the shares of joiners."""
    import pyarrow as pa

    rows = {
        "member_id": [f"m{k}" for k in range(50)],
        "age": [40] * 50,
        "sex": ["F"] * 50,
        "health_state": ["complex"] * 50,
    }
    states = {**STATES, "join_share": [1.0, 0.0, 0.0]}
    base = fund(
        [DENTAL], health_states=states, members={"joins_per_year": 0.2, "mortality": "none"}
    )
    parts = ("fund", "settings", "members", "assumptions", "rules")
    portfolio = Portfolio.from_frame(pa.table(rows), start=date(2027, 1, 1))
    scenario = Scenario(portfolio=portfolio, **{name: getattr(base, name) for name in parts})
    plan = lower(scenario)
    state = plan.initial_state(3)
    plan.member_year(plan.drivers(0, 3), state, 1)
    assert (state.health[:, :50] == 2).all()
    assert (state.health[:, 50:60] == 0).all()


@pytest.mark.parametrize(
    ("benefits", "ordered"),
    [
        ({}, 0),
        ({"dental": {"copay": 5.0, "coinsurance": 0.2, "external_share": 0.1}}, 0),
        ({"dental": {"waiting_months": 6}}, 0),
        ({"deductible": 100.0}, 1),
        ({"out_of_pocket_maximum": 500.0}, 1),
        ({"annual_limit": 900.0}, 1),
        ({"dental": {"annual_limit": 300.0}}, 1),
    ],
    ids=str,
)
def test_claims_are_put_in_order_where_something_is_used_up_and_only_there(benefits, ordered):
    plan = lower(fund(rules={"benefits": benefits}))
    assert [tables.ordered for tables in plan.years] == [ordered] * 3


def test_the_pilot_has_its_rung_whatever_the_paths_need():
    """One path that believes in far too high a rate, and the pilot, which knows the central one."""
    unsure = {**DENTAL, "uncertainty": {"frequency": 0.9}}
    for seed in range(8):
        plan = lower(fund([unsure], paths=1).replace("settings.seed", seed))
        for drivers in (plan.drivers(0, 1), plan.drivers(PILOT_PATH, 3, central=True)):
            assert (drivers.rung >= 0).all()
            assert (drivers.rung < plan.tables.rate_row.shape[1]).all()


def test_claims_that_would_outgrow_the_kernel_are_refused():
    grows = {**DENTAL, "trend_per_year": 0.5}
    scenario = fund([grows], years=12)
    with pytest.raises(InputError, match="trend_per_year"):
        lower(scenario)


def test_a_large_claim_of_a_weak_currency_is_refused_and_not_cut_off():
    large = {**DENTAL, "severity": {"kind": "fixed", "amount": 80_000_000.0}, "trend_per_year": 0.1}
    lower(fund([large], years=1))
    with pytest.raises(InputError, match="larger unit"):
        lower(fund([large], years=3))


def test_a_gap_that_only_a_year_in_the_middle_is_too_wide_for_is_refused():
    """In the last year both amounts are at the largest claim, and the gap is gone."""

    class TwoPrices:
        def quantile(self, p):
            return np.where(p < 0.5, 14_000_000.0, 28_000_000.0)

    prices = {**DENTAL, "severity": TwoPrices(), "trend_per_year": 0.3}
    lower(fund([prices], years=2))
    with pytest.raises(InputError, match=r"dental\.severity.*apart"):
        lower(fund([prices], years=4))


def test_more_claims_than_a_word_of_sums_can_count_are_refused():
    many = [
        {**DENTAL, "name": f"line {k}", "frequency": {"kind": "poisson", "mean": 600.0}}
        for k in range(13)
    ]
    with pytest.raises(InputError, match="all lines together"):
        lower(fund(many, n=20, years=1))


def test_a_rate_that_a_law_cannot_have_is_refused_by_the_name_of_its_line():
    rare = {**HOSPITAL, "frequency": {"kind": "binomial", "mean": 0.5, "trials": 1}}
    with pytest.raises(InputError, match=r"assumptions\.lines\.hospital\.frequency"):
        lower(fund([rare]))


def test_one_small_run_gives_the_numbers_it_always_gave():
    """The golden digest: if it changes, every published number has; say so under "Numbers changed"."""
    scenario = fund(health_states=STATES, members={"joins_per_year": 0.1, "lapse_per_year": 0.05})
    _, years = years_of(scenario)
    digest = hashlib.sha256(
        b"".join(array.tobytes() for year in years for array in year)
    ).hexdigest()
    assert digest[:16] == "aedca97f6c2d15bd"
