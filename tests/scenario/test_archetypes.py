"""The shipped funds: what each one's file says it is.

Source of truth: expected loss ratios 0.90, 0.67 and 0.86 (claims over contributions, year 1, gross of
reinsurance) of three funds drawn up on public figures of Sygeforsikringen "danmark", Senegalese
mutuelles and Group Health, Seattle; each file names its sources.
"""

from __future__ import annotations

import pytest

from mutualfund import FundRun, Scenario, archetypes, simulate
from mutualfund.fund.check import check

LOSS_RATIO = {"danmark_mutual": 0.90, "group_health_staff": 0.86, "mutuelle": 0.67}
SAMPLE = 10_000  # members: the pilot then takes two million member-years in year 1
MEMBERS = {"danmark_mutual": 100_000, "group_health_staff": 800_000, "mutuelle": 2_200}


def stated(name: str) -> Scenario:
    """The fund as its file states it; its members are not made."""
    return Scenario.load(archetypes.path(name), read_members=False)


def sampled(name: str) -> Scenario:
    """The fund with fewer members."""
    tables = stated(name).to_dict()
    tables["members"]["synthetic"]["n"] = SAMPLE
    return Scenario.from_dict(tables)


def fees_over_contributions(scenario: Scenario) -> float:
    """Providers' fixed pay of a member-year over a contribution; 0 where no provider has any."""
    fees = sum(contract.per_member for contract in scenario.rules.providers.values())
    return float(fees / (12.0 * scenario.rules.contributions.prices()[0]))


def stated_loss_ratio(scenario: Scenario) -> float:
    """Claims and fixed pay over contributions, worked out from the file by hand.

    Every line's cost is shared by coinsurance alone, and a plan without cover uses care as others do.
    """
    plans = scenario.members.synthetic.plans or {None: 1.0}
    cost = dues = 0.0
    prices = dict(
        zip(
            scenario.rules.contributions.cell_labels(),
            scenario.rules.contributions.prices(),
            strict=True,
        )
    )
    for plan, share in plans.items():
        benefits = scenario.rules.benefits_of(plan)
        for line in scenario.assumptions.lines:
            terms = benefits.line(line.name)
            paid = (1.0 - terms.coinsurance) if terms.covered else 0.0
            cost += share * line.frequency.mean * line.severity.mean * paid
        dues += share * 12.0 * prices["all" if plan is None else plan]
    return cost / dues


def test_the_three_funds_are_there() -> None:
    assert archetypes.names() == tuple(sorted(LOSS_RATIO))


@pytest.mark.parametrize("name", LOSS_RATIO)
def test_each_has_the_size_it_is_described_with(name: str) -> None:
    assert stated(name).members.synthetic.n == MEMBERS[name]


@pytest.mark.parametrize("name", LOSS_RATIO)
def test_expected_loss_ratio_follows_from_the_file(name: str) -> None:
    assert stated_loss_ratio(stated(name)) == pytest.approx(LOSS_RATIO[name], abs=0.01)


@pytest.mark.parametrize("name", LOSS_RATIO)
def test_expected_loss_ratio_by_simulation(name: str) -> None:
    """The standard error is below 0.004, so a bug of 2 % (0.013 or more) would be seen."""
    scenario = sampled(name)
    found = check(scenario)
    assert found.loss_ratio_error < 0.004
    with_fees = found.loss_ratio + fees_over_contributions(scenario)
    assert with_fees == pytest.approx(LOSS_RATIO[name], abs=0.013)


def test_salaries_cost_what_they_replace() -> None:
    """The fixed fee of a line is the provider's share of its expected cost to the fund."""
    scenario = stated("group_health_staff")
    lines = {line.name: line for line in scenario.assumptions.lines}
    for name, contract in scenario.rules.providers.items():
        line = lines[name]
        cost = line.frequency.mean * line.severity.mean * 0.95
        assert contract.per_member == pytest.approx(contract.share * cost, abs=0.01)


def loss_ratio(run: FundRun, year: int) -> float:
    """Claims and fixed pay over contributions, over all paths.

    Salaries and fees count: what a provider bears against a fixed fee is not among the claims.
    """
    year_by_year = {
        name: run.measure(name)[:, year - 1].mean()
        for name in ("claims_incurred", "provider_fixed", "contributions_due")
    }
    paid = year_by_year["claims_incurred"] + year_by_year["provider_fixed"]
    return float(paid / year_by_year["contributions_due"])


@pytest.mark.slow
def test_the_staff_model_runs_with_all_its_members() -> None:
    """Two paths of one year, 1.6 million member-years: the ratio is the file's (0.86), provider pay counted.

    Deaths and lapses take both claims and dues with them, so the ratio stays; its standard error is
    below 0.002.
    """
    tables = stated("group_health_staff").to_dict()
    tables["settings"] |= {"paths": 2, "years": 1, "parameter_risk": False}
    run = simulate(Scenario.from_dict(tables))
    assert run.measure("members_start")[:, 0].tolist() == [800_000.0, 800_000.0]
    assert loss_ratio(run, 1) == pytest.approx(0.86, abs=0.013)
    claims = run.measure("claims_incurred")[:, 0].mean()
    assert claims / run.measure("contributions_due")[:, 0].mean() < 0.60


@pytest.mark.slow
def test_the_village_scheme_runs_whole_and_mostly_runs_dry() -> None:
    """All of its 1,000 paths and ten years; its file says that four of five futures run out of money."""
    run = simulate(Scenario.load(archetypes.path("mutuelle")))
    assert (run.n_paths, run.n_years) == (1000, 10)
    assert 0.77 < (run.measure("insolvent") > 0).any(axis=1).mean() < 0.85


@pytest.mark.slow
def test_the_complementary_mutual_runs_with_all_its_members() -> None:
    """Twenty of its 1,000 paths and two of its ten years: all of them take ten minutes."""
    tables = stated("danmark_mutual").to_dict()
    tables["settings"] |= {"paths": 20, "years": 2, "parameter_risk": False}
    run = simulate(Scenario.from_dict(tables))
    assert run.measure("members_start")[:, 0].tolist() == [100_000.0] * 20
    assert loss_ratio(run, 1) == pytest.approx(0.90, abs=0.018)


@pytest.mark.parametrize("name", LOSS_RATIO)
def test_each_file_says_what_is_sourced_assumed_and_left_out(name: str) -> None:
    text = archetypes.path(name).read_text(encoding="utf-8")
    assert all(word in text for word in ("# Sourced", "# Assumed", "# Left out"))
