"""A draft finds what was put into the records, says how sure it is, and invents nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from statsmodels.discrete.discrete_model import NegativeBinomial
from statsmodels.stats.meta_analysis import combine_effects

from claims.experience.village import study_of
from mutualfund.assumptions import Assumptions, Line
from mutualfund.assumptions.drafting import frequency_of, shrunk, size_of
from mutualfund.assumptions.uncertainty import Uncertainty
from mutualfund.claims import ClaimChecks, FitError, fit_severity
from mutualfund.claims.experience import ExperienceStudy, example_study
from mutualfund.errors import InputError, MutualFundWarning

PERIOD = (date(2022, 1, 1), date(2024, 12, 31))
AGE_RATE = {"0-17": 0.6, "18-44": 0.8, "45-64": 1.2, "65+": 1.6}
SEX_RATE = {"F": 1.2, "M": 0.8}
TREND, DISPERSION, CV, LAG = 0.06, 2.0, 0.9, 1.5
FIRST = int(np.datetime64("2022-01-01").astype(np.int64))


def days(values):
    return pa.array(np.asarray(values).astype("datetime64[D]"))


def village(n=6000, seed=4, *, flat=False, as_of=date(2026, 12, 31)):
    """The study of `n` members whose rates, costs, delays and season are known, of what was paid by `as_of`.

    Counts are negative binomial given age and sex, fresh each year; costs gamma, growing by calendar month.
    """
    rng = np.random.default_rng(seed)
    names = [f"m{place}" for place in range(n)]
    age = rng.integers(1, 90, n)
    band = np.searchsorted([18, 45, 65], age, side="right")
    sex = rng.integers(0, 2, n)
    relative = np.ones(n)
    if not flat:
        relative = np.array(list(AGE_RATE.values()))[band] * np.array([1.2, 0.8])[sex]
    born = FIRST - (age * 365.25).astype(int) - 100
    season = np.ones(12) if flat else 1 + 0.3 * np.cos(np.arange(12) * np.pi / 6)
    claims = {name: [] for name in ("member", "month", "line")}
    for line, mean in (("drugs", 3.0), ("hospital", 0.15)):
        for year in range(3):
            # Bands follow age: at the opening of each later year some have moved up.
            now = np.searchsorted([18, 45, 65], age + year, side="right")
            rate = (
                relative
                if flat
                else np.array(list(AGE_RATE.values()))[now] * np.array([1.2, 0.8])[sex]
            )
            count = rng.poisson(mean * rate * rng.gamma(DISPERSION, 1 / DISPERSION, n))
            who = np.repeat(np.arange(n), count)
            claims["member"].append(who)
            claims["month"].append(12 * year + rng.choice(12, who.size, p=season / season.sum()))
            claims["line"].append(np.full(who.size, line))
    who, month, line = (np.concatenate(values) for values in claims.values())
    opens = (np.datetime64("2022-01") + month).astype("datetime64[D]").astype(np.int64)
    level = np.where(line == "drugs", 40.0, 2500.0) * (1.0 if flat else (1 + TREND) ** (month / 12))
    amount = np.round(rng.gamma(1 / CV**2, CV**2 * level), 2).clip(min=0.01)
    lag = rng.geometric(1 / (1 + LAG), who.size) - 1
    paid = (np.datetime64("2022-01") + month + lag).astype("datetime64[D]").astype(np.int64)
    cover = {
        "member_id": names,
        "cover_start": days(np.full(n, FIRST)),
        "cover_end": days(np.full(n, FIRST + 1095)),
    }
    lines = {
        "claim_id": [f"c{place}" for place in range(who.size)],
        "member_id": np.array(names)[who],
        "line": line,
        "incurred": days(opens),
        "paid": days(paid),
        "amount": amount,
    }
    members = {"member_id": names, "birth_date": days(born), "sex": np.array(["F", "M"])[sex]}
    on_file = pa.table(lines).filter(pa.array(paid <= FIRST + (as_of - date(2022, 1, 1)).days))
    checks = ClaimChecks(as_of=as_of, currency="EUR")
    tables = pa.table(members), pa.table(cover), on_file
    return ExperienceStudy.from_tables(*tables, period=PERIOD, checks=checks)


@pytest.fixture(scope="module")
def draft():
    return Assumptions.from_experience(village())


def found(draft, field):
    (row,) = [row for row in draft.provenance if row.field == field]
    return row


@pytest.mark.parametrize(
    ("field", "truth"),
    [
        ("lines.drugs.frequency.dispersion", DISPERSION),
        ("lines.hospital.frequency.dispersion", DISPERSION),
        ("lines.drugs.severity.cv", CV),
        ("lines.hospital.severity.cv", CV),
        ("lines.drugs.trend_per_year", TREND),
        ("lines.hospital.trend_per_year", TREND),
        ("lines.drugs.lag_months", LAG),
        # The middle of the last study year is 29.5 months on.
        ("lines.drugs.severity.mean", 40.0 * (1 + TREND) ** (29.5 / 12)),
        ("lines.hospital.severity.mean", 2500.0 * (1 + TREND) ** (29.5 / 12)),
    ],
)
def test_what_was_put_in_comes_out(draft, field, truth):
    """Within four standard errors; each is small enough that a number wrong by a fifth would be seen."""
    row = found(draft, field)
    assert abs(row.value - truth) < 4 * row.standard_error
    assert 4 * row.standard_error < 0.2 * truth or "hospital" in field or "trend" in field


def test_factors_by_age_and_sex_come_out_side_by_side(draft):
    line = draft.assumptions.line("drugs")
    ages = np.array(list(line.age_factors.values())) / line.age_factors["18-44"] * 0.8
    np.testing.assert_allclose(ages, list(AGE_RATE.values()), rtol=0.06)
    assert line.sex_factors["F"] / line.sex_factors["M"] == pytest.approx(1.5, rel=0.05)
    assert set(line.sex_factors) == {"F", "M"}


def test_season_comes_out(draft):
    truth = 1 + 0.3 * np.cos(np.arange(12) * np.pi / 6)
    length = np.array([31, 28.33, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert length.sum() == pytest.approx(365.33)
    np.testing.assert_allclose(draft.assumptions.line("drugs").seasonality, truth, atol=0.06)


def test_the_errors_of_the_means_are_what_parameter_risk_draws_from(draft):
    """The shapes of the fit move the mean too; the factor on all claims is what they leave of its error."""
    for line in draft.assumptions.lines:
        for side, field in (("frequency", "frequency.mean"), ("mean_cv", "severity.mean")):
            row = found(draft, f"lines.{line.name}.{field}")
            relative = row.standard_error / row.value
            assert getattr(line.uncertainty, side) == pytest.approx(relative)


def test_what_else_the_shape_of_a_claim_may_be_is_in_a_draft_as_in_a_line_of_the_fit():
    """300 lognormal claims, mean known to 20 %: the shapes are the fit's, the drawn mean is so unsure.
    Were it known to 1 %, what the shapes do to it stays, and the factor is the fit's."""
    amounts = np.random.default_rng(2).lognormal(4.0, 1.0, 300)
    fit, mean = fit_severity("lognormal", amounts), float(amounts.mean())
    fitted = Line(name="x", frequency={"kind": "poisson", "mean": 1}, severity=fit).uncertainty
    wide, narrow = (size_of(amounts, mean, error * mean) for error in (0.2, 0.01))
    drawn = Uncertainty(**wide.uncertainty)
    assert wide.spelling["kind"] == "lognormal"
    assert drawn.shapes == fitted.shapes
    assert len(drawn.shapes) == 4
    assert drawn.mean_cv == pytest.approx(0.2)
    assert wide.errors["mean"] == pytest.approx(0.2 * mean)
    assert "the fit's" not in wide.method
    assert Uncertainty(**narrow.uncertainty) == fitted
    assert narrow.errors["mean"] == pytest.approx(fitted.mean_cv * mean)
    assert narrow.method.endswith("the error of the mean is the fit's, greater than the records'")


def test_the_mean_cost_at_the_last_year_s_level_is_less_sure_than_the_mean_of_all_years():
    """50 persons a month with a claim each, cv 0.5, no growth. A straight line through 36 months has the
    relative error cv / sqrt(1800) x sqrt(1 + (29.5 - 17.5)^2 x 12 / (36^2 - 1)) at its place 29.5; the
    mean of all claims would have two thirds of that. Chance moves the estimate of it by 7 %.
    """
    amounts = np.random.default_rng(8).gamma(4.0, 25.0, (36, 50)).round(2)
    days = [f"{2022 + month // 12}-{month % 12 + 1:02d}-10" for month in range(36)]
    claims = [
        (f"{month}-{place}", "drugs", days[month], amount)
        for month, row in enumerate(amounts)
        for place, amount in enumerate(row)
    ]
    cover = [(who, "2022-01-01", "2024-12-31") for who, *_ in claims]
    draft = Assumptions.from_experience(study_of(cover, claims, period=PERIOD))
    row = found(draft, "lines.drugs.severity.mean")
    expected = 0.5 / np.sqrt(1800) * np.sqrt(1 + 12**2 * 12 / (36**2 - 1))
    assert row.standard_error / row.value == pytest.approx(expected, rel=0.2)
    assert draft.assumptions.line("drugs").uncertainty.mean_cv == pytest.approx(
        row.standard_error / row.value
    )


def test_every_number_of_a_line_has_its_place_of_origin(draft):
    """Walk over the drafted lines and look each number up among the notes."""
    fields = {row.field for row in draft.provenance}

    def walk(value, path):
        if isinstance(value, bool | str) or value is None or ".uncertainty" in path:
            return
        if isinstance(value, int | float):
            assert path in fields, path
        elif isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}")
        else:
            for place, inner in enumerate(value):
                walk(inner, f"{path}[{place}]")

    for line in draft.assumptions.lines:
        walk(line.model_dump(exclude_unset=True), f"lines.{line.name}")
    assert all(row.n > 0 and row.source and row.method for row in draft.provenance)


def test_the_draft_reproduces_the_cost_of_the_last_year():
    """Frequency x severity over 12 against the last year's cost a member-month: no trend, no season in it."""
    study = village(2000, flat=True)
    draft = Assumptions.from_experience(study)
    cost = sum(line.frequency.mean * line.severity.mean for line in draft.assumptions.lines) / 12
    table = study.pmpm()
    assert abs(cost - table["pmpm"][0]) < 3 * table["standard_error"][0]
    assert_the_same_where_it_is_cut_short(draft)


def assert_the_same_where_it_is_cut_short(draft):
    """Of 36 months' claims 1.5 months' are paid later. What is on file gives the same draft, where plain
    rates are 4 % too low and trends of use 3 points; 750 claims are missing: chance moves it by 0.15 %."""
    study = village(2000, flat=True, as_of=PERIOD[1])
    cut = Assumptions.from_experience(study)
    assert study.trend("frequency", line="drugs", seasonal=False).per_year > -0.02
    for field, most in (("frequency.mean", 0.007), ("severity.mean", 0.02), ("lag_months", 0.05)):
        now, then = (found(one, f"lines.drugs.{field}").value for one in (cut, draft))
        assert abs(now / then - 1.0) < most, field
    row = found(cut, "lines.drugs.frequency.mean")
    plain = study.per_thousand("line")["per_thousand"][study.lines.index("drugs")] / 1000
    assert plain < 0.97 * row.value
    assert "95.8 % on file after 0 months of run-out" in row.method
    assert cut.cautions == ()


def test_where_nothing_differs_factors_stay_near_one():
    """No age, sex or season in the records: credibility leaves little of what chance shows."""
    draft = Assumptions.from_experience(village(2000, seed=9, flat=True))
    for line in draft.assumptions.lines:
        for factors in (line.age_factors, line.sex_factors):
            assert all(abs(value - 1) < 0.1 for value in (factors or {}).values())
        assert all(abs(value - 1) < 0.1 for value in line.seasonality or ())
        assert abs(line.trend_per_year) < 0.05


def test_a_draft_is_kept_by_writing_it_and_reading_it_again(draft):
    assert Assumptions(**draft.assumptions.model_dump()) == draft.assumptions


def test_a_few_claims_are_drafted_too_and_say_so():
    with pytest.warns(MutualFundWarning, match="fewer than 30 members had a claim"):
        draft = Assumptions.from_experience(example_study())
    assert found(draft, "lines.drugs.severity.cv").method.startswith("moments")
    assert draft.assumptions.line("dental").trend_per_year == 0.0
    assert draft.assumptions.line("dental").seasonality is None
    table = draft.to_pandas()
    assert len(table) == len(draft.provenance)


def test_a_study_without_a_claim_gives_no_draft():
    study = example_study()
    empty = pa.table(
        {
            name: pa.array([], pa.string())
            for name in ("claim_id", "member_id", "line", "incurred", "paid")
        }
        | {"amount": pa.array([], pa.float64())}
    )
    cover = pa.table(
        {"member_id": ["a"], "cover_start": ["2024-01-01"], "cover_end": ["2024-12-31"]}
    )
    members = pa.table({"member_id": ["a"], "age": [40], "sex": ["F"]})
    checks = ClaimChecks(as_of=study.as_of, currency="EUR")
    nothing = ExperienceStudy.from_tables(members, cover, empty, period=study.period, checks=checks)
    with pytest.raises(InputError, match="no claim"):
        Assumptions.from_experience(nothing)


def test_credibility_by_hand():
    """Values 1 and 3 with errors 1: the variance between is 2 - 1 = 1, so each keeps a half; the centre, a
    mean of two values of variance 2, has variance 1, of which a quarter is in each."""
    held = shrunk(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    np.testing.assert_allclose(held.value, [1.5, 2.5])
    np.testing.assert_allclose(held.weight, 0.5)
    np.testing.assert_allclose(held.error, np.sqrt(0.5 + 0.25))


def test_the_centre_is_that_of_a_random_effects_analysis():
    """As statsmodels has it (DerSimonian and Laird): the one exact value is not the centre of all."""
    value, error = np.array([0.0, 0.10, 0.12, 0.09]), np.array([0.001, 0.02, 0.02, 0.03])
    theirs = combine_effects(value, error**2, method_re="chi2")
    held = shrunk(np.append(value, 7.0), np.append(error, np.inf))
    assert held.value[-1] == pytest.approx(theirs.mean_effect_re)
    assert held.value[-1] > 0.05 > 20 * theirs.mean_effect_fe
    unseen = np.sqrt(theirs.tau2 + theirs.var_eff_w_re)
    assert held.error[-1] == pytest.approx(unseen)


def test_what_was_not_seen_goes_to_the_centre():
    held = shrunk(np.array([1.0, 9.0, 5.0]), np.array([0.1, 0.1, np.inf]))
    assert held.value[2] == pytest.approx(5.0)
    assert held.weight[2] == 0.0
    none = shrunk(np.array([1.0, 2.0]), np.array([np.inf, np.inf]), 1.0)
    assert none.value.tolist() == [1.0, 1.0]


def test_the_error_of_a_dispersion_is_by_members_who_keep_their_rate_for_years():
    """As statsmodels clusters a negative binomial (cov_type="cluster"; its alpha is 1 / dispersion). With 300
    members of a lasting gamma effect three years each say hardly more than one."""
    rng = np.random.default_rng(6)
    expected = rng.uniform(0.5, 1.5, (300, 3))
    counts = rng.poisson(3.0 * expected * rng.gamma(1.0, 1.0, (300, 1)))
    _, error, law = frequency_of(counts.astype(float), expected, 3.0)
    model = NegativeBinomial(counts.ravel(), np.ones(900), exposure=expected.ravel())
    groups = {"groups": np.repeat(np.arange(300), 3), "use_correction": False}
    theirs = model.fit(disp=0, cov_type="cluster", cov_kwds=groups)
    alpha, of_alpha = theirs.params[1], theirs.bse[1]
    clustered = of_alpha / alpha**2 * np.sqrt(300 / 299)
    assert error == pytest.approx(clustered, rel=0.002)
    assert error > 1.3 * model.fit(disp=0).bse[1] / alpha**2
    assert "error over members" in law


def test_claims_that_are_all_equal_are_a_fixed_amount():
    size = size_of(np.full(50, 25.0), 25.0, 0.1)
    assert size.spelling == {"kind": "fixed", "amount": 25.0}


def test_factors_of_two_keys_that_go_together_are_told_apart():
    """Claims are 2 x for the old and 3 x for men, and most of the old are men: by hand, one key at a time
    would give the old far more. Exposure 4:1 and 1:4 members of one year; claims exactly in proportion."""
    members, cover, claims = {}, [], []
    for old, sex, n in ((0, "F", 40), (0, "M", 10), (1, "F", 10), (1, "M", 40)):
        for place in range(n):
            who = f"{sex}{old}-{place}"
            members[who] = ("1950-03-01" if old else "1990-03-01", sex)
            cover.append((who, "2024-01-01", "2024-12-31"))
            count = (1 + old) * (3 if sex == "M" else 1)
            claims += [(who, "drugs", f"2024-{1 + k:02d}-05", 10 + k) for k in range(count)]
    line = Assumptions.from_experience(study_of(cover, claims, members)).assumptions.line("drugs")
    assert line.age_factors["65+"] / line.age_factors["18-44"] == pytest.approx(2.0, rel=0.15)
    assert line.sex_factors["M"] / line.sex_factors["F"] == pytest.approx(3.0, rel=0.15)


EVERYBODY = [(f"m{place}", "2022-01-01", "2024-12-31") for place in range(40)]


def day(month, of=5):
    return f"{2022 + month // 12}-{month % 12 + 1:02d}-{of:02d}"


def test_members_who_claimed_alike_make_a_frequency_no_surer_than_a_poissons():
    claims = [
        (who, "drugs", day(month), 10.0 + month) for who, *_ in EVERYBODY for month in (1, 17, 30)
    ]
    row = found(
        Assumptions.from_experience(study_of(EVERYBODY, claims, period=PERIOD)),
        "lines.drugs.frequency.mean",
    )
    assert row.value == pytest.approx(1.0)
    assert row.standard_error == pytest.approx(1 / np.sqrt(120))
    assert "Poisson: the counts vary no more than a Poisson's" in row.method


@pytest.mark.parametrize(
    ("others", "cv"), [([], 1.0), ([30.0] * 50, 1.0), ([50.0, 150.0] * 30, np.sqrt(60 / 59) / 2)]
)
@pytest.mark.parametrize("second", [100.0, 101.0])
def test_two_claims_alike_are_not_sure_of_size_or_delay(second, others, cv):
    """By hand: cv / sqrt(2), with the cv of the study's large lines, or 1 where they have none; a delay of 1
    month, and Jeffreys' half a month, give m = 1.25 and the variance m (1 + m) / 2."""
    claims = [("m1", "stays", day(2), 100.0), ("m2", "stays", day(10), second)]
    claims += [(f"m{k % 40}", "drugs", day(k % 12), amount) for k, amount in enumerate(others)]
    with pytest.warns(MutualFundWarning, match=r"^lines\.stays: fewer than 30 members"):
        draft = Assumptions.from_experience(study_of(EVERYBODY, claims, period=PERIOD))
    assert len(draft.cautions) == 1
    size = draft.assumptions.line("stays").severity
    row = found(draft, f"lines.stays.severity.{'amount' if size.kind == 'fixed' else 'mean'}")
    assert row.standard_error / row.value == pytest.approx(cv / np.sqrt(2))
    assert draft.assumptions.line("stays").uncertainty.severity == pytest.approx(cv / np.sqrt(2))
    lag = found(draft, "lines.stays.lag_months")
    assert lag.value == 1.0
    assert lag.standard_error == pytest.approx(np.sqrt(1.25 * 2.25 / 2))
    for note in (row, lag):
        assert note.method.endswith("of few members: the error is at least that of claims at large")


def test_what_a_draft_cannot_hold_is_said():
    """Claims a month rise from 36 to 81, and four of nine are paid 20 months later, which few months show."""
    claims = [
        (f"m{place % 40}", "drugs", day(month), 10.0 + month, day(month + 20 * (place % 9 < 4)))
        for month in range(36)
        for place in range(9 * (4 + month // 6))
    ]
    checks = ClaimChecks(as_of=PERIOD[1], currency="EUR")
    claims = [claim for claim in claims if claim[4] <= "2024-12-31"]
    study = study_of(EVERYBODY, claims, period=PERIOD, checks=checks)
    with pytest.warns(MutualFundWarning) as caught:
        draft = Assumptions.from_experience(study)
    assert [str(one.message) for one in caught] == list(draft.cautions)
    later, use = draft.cautions
    # lags 18 to 35 hold 4/9 of all: 4/5 of what the first half holds, and its square comes later still
    assert "within the 36 months" in later
    assert "about 64 % of the cost" in later
    growth = np.expm1(12 * np.polyfit(np.arange(36), np.log(4 + np.arange(36) // 6), 1)[0])
    moved = float(use.partition("moved by ")[2].partition("%")[0])
    assert moved == pytest.approx(100 * growth, rel=0.1)
    assert repr(draft).endswith("2 cautions")


def test_a_delay_beyond_what_a_scenario_takes_says_what_it_was():
    claims = [(who, "drugs", day(0), 10.0, day(40)) for who, *_ in EVERYBODY]
    with pytest.warns(MutualFundWarning, match="an unknown part"):
        draft = Assumptions.from_experience(study_of(EVERYBODY, claims, period=PERIOD))
    row = found(draft, "lines.drugs.lag_months")
    assert row.value == draft.assumptions.line("drugs").lag_months == 36.0
    assert row.method.endswith("40.0, of which a scenario takes 36 at most")


def test_a_cost_that_steps_up_each_year_may_be_drafted_so():
    """Two claims a month, 50 and 150, 10 % more each study year: a straight line shows 8/9 of the step."""
    claims = [
        (f"m{month}", "drugs", day(month), share * 100 * 1.1 ** (month // 12))
        for month in range(36)
        for share in (0.5, 1.5)
    ]
    study = study_of(EVERYBODY, claims, period=PERIOD)
    for growth, trend in (("yearly", 0.1), ("steady", 1.1 ** (8 / 9) - 1)):
        draft = Assumptions.from_experience(study, growth=growth)
        row = found(draft, "lines.drugs.trend_per_year")
        assert row.value == pytest.approx(trend, rel=1e-6 if growth == "yearly" else 0.01)
        assert growth in row.source
        if growth == "yearly":
            assert found(draft, "lines.drugs.severity.mean").value == pytest.approx(121.0)
    with pytest.raises(InputError, match="growth"):
        Assumptions.from_experience(study, growth="monthly")


def test_growth_that_no_scenario_would_take_on_is_brought_within_bounds_and_said():
    """Costs four times as much each year, or a quarter: +300 % and -75 % are drafted as +100 % and -50 %."""
    for step, found_then, kept in ((4.0, "+3.00", 1.0), (0.25, "-0.75", -0.5)):
        claims = [
            (f"m{month}", "drugs", day(month), share * 1000 * step ** (month // 12))
            for month in range(36)
            for share in (0.5, 1.5)
        ]
        study = study_of(EVERYBODY, claims, period=PERIOD)
        row = found(
            Assumptions.from_experience(study, growth="yearly"), "lines.drugs.trend_per_year"
        )
        assert row.value == kept
        assert row.method.endswith(f"{found_then} found, and brought within -0.50 to +1.00")


def test_what_is_no_study_is_refused():
    with pytest.raises(InputError, match="ExperienceStudy"):
        Assumptions.from_experience(3)


def test_claims_in_no_month_of_cover_give_no_draft():
    """Whole months: the 2nd to the 20th is none, and claims over nothing are no rate."""
    cover, claims = [("a", "2022-05-02", "2022-05-20")], [("a", "drugs", "2022-05-05", 7.0)]
    study = study_of(cover, claims, period=PERIOD, exposure="months")
    with pytest.raises(InputError, match="no member-month"):
        Assumptions.from_experience(study)


def test_sizes_that_no_family_fits_keep_their_moments(monkeypatch):
    def refuse(*_):
        raise FitError("no")

    monkeypatch.setattr("mutualfund.assumptions.drafting.fit_severity", refuse)
    size = size_of(np.arange(1.0, 41.0), 20.5, 1.0)
    assert size.spelling["cv"] == pytest.approx(np.std(np.arange(40), ddof=1) / 20.5)
    assert size.method == "moments: no family could be fitted"
