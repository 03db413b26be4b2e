# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From claims to assumptions
#
# You have a members file, a cover file and a claims file. You want assumptions for a simulation, with an
# honest word on how sure they are. This notebook walks that road on real data: the first year of the RAND
# Health Insurance Experiment (United States, 1974-77), 5,638 people whose use and cost of care were all
# recorded. The data are in the public domain and lie in `examples/rand_hie`.
#
# The road has five stages: **study** what happened, **fit** how often and how dear, look at the **tail**,
# write the **assumptions** down with their errors, and **simulate** to see whether the records come back.

# %%
import sys
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

import mutualfund as mf
from mutualfund import claims
from mutualfund.assumptions import Line
from mutualfund.claims.experience import ExperienceStudy
from mutualfund.errors import InputError
from mutualfund.fund import synthetic_records
from mutualfund.plot_style import BLUE, GREY, ORANGE, STYLE, VERMILLION

plt.rcParams.update(STYLE)
pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}"
pd.options.display.max_colwidth = 90
EXAMPLES = Path("examples", "rand_hie")
this = Path(globals().get("__file__", "notebook")).resolve()  # else in the folder Jupyter runs in
here = next((up / EXAMPLES for up in this.parents if (up / EXAMPLES).is_dir()), None)
if here is None:
    raise FileNotFoundError(f"{EXAMPLES}: run this notebook within a checkout of the repository")
sys.path.insert(0, str(here))

from records import AGE_STARTS, DATA, LINES, PLANS, read_records


def side_by_side(*draws):
    figure, axes = plt.subplots(1, len(draws), figsize=(5.6 * len(draws), 3.9))
    for draw, ax in zip(draws, np.atleast_1d(axes), strict=True):
        draw(ax=ax)
    figure.tight_layout()
    plt.show()


# %% [markdown]
# ## The three tables
#
# The experiment's file has one row a person and year; a fund's files have one row a claim. So the year is
# laid out as claim lines here, and you should know what is real in them:
#
# * **Real:** who the people are, the dollars of each person on each of four service lines, the number of
#   visits and of admissions.
# * **Not real:** the days. The file has none, so claims are spread over 1976 and paid on the day. No trend,
#   season or payment delay can be learnt from them.
# * **In between:** a person's visits, or admissions, share that person's dollars equally, and a year's drugs
#   (or other outpatient care) are one claim, because single purchases were not recorded.
#
# With files of your own this section is three calls of `pd.read_parquet`, or none: paths will do.

# %%
records = read_records()
people = len(records)
member_id = np.array([f"p{place:04d}" for place in range(1, people + 1)])
first, last = date(1976, 1, 1), date(1976, 12, 31)
days_old = np.ceil(pd.read_csv(DATA)["xage"].to_numpy() * 365.25).astype("timedelta64[D]")

members = pd.DataFrame(
    {
        "member_id": member_id,
        "birth_date": np.datetime64(first) - days_old,
        "sex": np.where(records.female, "F", "M"),
        "plan": np.array(PLANS)[records.plan],
    }
)
cover = pd.DataFrame({"member_id": member_id, "cover_start": first, "cover_end": last})


def claim_lines(line):
    """A row for each claim: its person's dollars over that person's claims, spread over the year."""
    dollars = records.dollars[line]
    count = np.where(dollars > 0, records.counts.get(line, np.ones(people, int)), 0)
    who = np.repeat(np.arange(people), count)
    place = np.arange(who.size) - np.repeat(np.cumsum(count) - count, count)
    day = np.datetime64(first) + ((place + 0.5) / count[who] * 366).astype(int)
    return pd.DataFrame(
        {
            "claim_id": [f"{line}-{number}" for number in range(who.size)],
            "member_id": member_id[who],
            "line": line,
            "incurred": day,
            "paid": day,
            "amount": dollars[who] / count[who],
        }
    )


lines = pd.concat([claim_lines(line) for line in LINES], ignore_index=True)
lines.groupby("line")["amount"].agg(["size", "sum"])

# %% [markdown]
# ## Study what happened
#
# One call reads the three tables, checks them against each other (a claim outside cover, a member without a
# row, an unknown sex would all be refused here, together) and counts exposure to the day.

# %%
study = ExperienceStudy.from_tables(
    members,
    cover,
    lines,
    period=(first, last),
    checks=claims.ClaimChecks(as_of=last, currency="USD"),
    age_bands=AGE_STARTS,
)
display(study)

# %% [markdown]
# Cost per member and month by line. Errors take *members* as the independent units, not claims: one ill
# person's visits come together. Stays in hospital are more than half of all money, and what one costs is
# known with a standard error of 8 % only, although the file holds over five thousand people.

# %%
display(study.pmpm("line").to_pandas())
display(study.cost_per_claim("line").to_pandas())

# %% [markdown]
# By plan. People were dealt to plans by lot, so that these differences are the answer to cost sharing, but
# for chance: look at the interval of `pays-50`, on which few people were and some fell very ill.

# %%
study.pmpm("plan").to_pandas()

# %% [markdown]
# Cells of few people tell something about them. `suppressed` hides such cells, and as many others as it
# takes so that they cannot be had back from the totals.

# %%
stays_by_age = study.per_thousand(("line", "plan", "age_band")).suppressed().to_pandas()
stays_by_age.query("line == 'inpatient' and plan in ['free', 'pays-25']").iloc[:, :8]

# %% [markdown]
# Who costs what: the dearest hundredth of the people bear more than a quarter of the cost. A fund's year
# hangs on few people. Below, the same said with a point: what lies above 5,000 dollars a person and year
# belongs to eleven of them, and its cost per member is known to half of itself.

# %%
side_by_side(study.plot.concentration)
display(study.concentration().to_pandas())
display(study.pooled(at=5_000.0).to_pandas())

# %% [markdown]
# Actual against expected: what the men and women of each plan cost, over what they would cost if only age
# mattered. An interval that holds 1 says nothing; those that do not are worth a thought.

# %%
by_age = study.pmpm("age_band")
expected = dict(zip(by_age.labels["age_band"], by_age["pmpm"], strict=True))
study.actual_to_expected(expected, expected_by="age_band", by=("plan", "sex")).to_pandas()

# %% [markdown]
# What one year cannot tell is refused instead of guessed: how many of this year's dear members are dear
# next year.

# %%
try:
    study.persistence()
except InputError as refusal:
    print(refusal)

# %% [markdown]
# ## Fit how often
#
# Physician visits, person by person. A Poisson supposes that everybody has the same rate, and is nowhere
# near. The negative binomial lets people differ; the zero-modified one lets some people stay away
# altogether.

# %%
visits = records.counts["visits"]
counted = claims.compare_counts(visits)
display(counted.to_pandas())

# %%
largest = 20
seen = np.bincount(np.minimum(visits, largest), minlength=largest + 1)[:largest]
figure, ax = plt.subplots(figsize=(9, 3.6))
ax.bar(np.arange(largest), seen, color="#cccccc", label="people seen")
for kind, colour in (("poisson", VERMILLION), ("negative_binomial", BLUE)):
    fitted = people * counted.fits[kind].distribution.pmf(np.arange(largest))
    ax.plot(np.arange(largest), fitted, "o-", color=colour, label=kind.replace("_", " "))
ax.set(xlabel="visits in the year", ylabel="people", xticks=np.arange(0, largest, 2))
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# The zero-modified law is the better one by 26 points of AIC: 1,729 people had no visit, and the plain
# negative binomial expects 1,792. We stay with the negative binomial: its mean can be moved by age, sex
# and plan, and it is what the draft takes. Its dispersion, 0.7, is that of the *whole* membership. A
# simulation draws each member given age and sex, so that part of the spread must come off; the draft
# below does it.

# %% [markdown]
# ## Fit how dear
#
# A stay in hospital. Only people with a single admission show what one stay cost, so the fit is on theirs.

# %%
single = (records.counts["inpatient"] == 1) & (records.dollars["inpatient"] > 0)
stays = claims.Observed(records.dollars["inpatient"][single])
print(stays)
laws = claims.compare_severities(stays)
display(laws.to_pandas())

# %% [markdown]
# Seven families, one row each, the best by AIC first. The usual lognormal is far better than those below it
# and still not right: in the Q-Q plot the two dearest stays cost four times what it says, and both tests
# refuse it. Burr's law, with a parameter more, comes nearer and still misses the top. A criterion over all
# claims looks at where the claims are, which is the middle; the money at risk is at the top.

# %%
lognormal = laws.fits["lognormal"]
side_by_side(lognormal.plot.quantiles, laws.best.plot.quantiles)
display(pd.DataFrame(lognormal.goodness_of_fit().tests).set_index("name"))

# %% [markdown]
# ## Look at the tail
#
# Two pictures say where the tail begins and how heavy it is. Left: by how much stays exceed a point, on
# average. It rises with the point, so the tail is heavier than exponential. Right: the shape xi of a
# generalised Pareto above each point. It should become level where the tail begins. With 422 stays one
# cannot say that it does: it goes on rising, but from 400 dollars on every interval holds 0.5, and a
# shape of 0.5 or more means that **no variance exists**.

# %%
points = np.array([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_600, 2_000, 2_500])
side_by_side(
    lambda ax: stays.plot.mean_excess(points[:10], ax=ax),
    lambda ax: stays.plot.threshold_stability(points[:10], ax=ax),
)
claims.threshold_stability(stays, points[points < 1_700])

# %% [markdown]
# So a generalised Pareto takes over above 650 dollars, where 156 stays are left to fit it to; higher up its
# shape would rest on a few dozen and not be known at all. With the top taken care of, which body is best?

# %%
bodies = {
    body: claims.fit_spliced(body, stays, above=650.0) for body in ("lognormal", "gamma", "weibull")
}
display(
    pd.DataFrame(
        {
            f"{body} + tail": {
                "AIC": fit.aic,
                "mean": fit.mean,
                "error of the mean": fit.mean_error,
            }
            for body, fit in bodies.items()
        }
    ).T
)

# %%
spliced = bodies["weibull"]
display(spliced.to_pandas())
side_by_side(spliced.plot.quantiles, spliced.plot.survival)

# %% [markdown]
# The Weibull, last of the seven on its own, is the best body. The kink between 1,200 and 2,500 dollars
# stays: no smooth law has it.
#
# Asked for a standard deviation, this law fails loudly. The sample has one, as every sample does, but it
# estimates nothing: it would go on growing with every further year of data.

# %%
print(f"standard deviation of the {stays.n:g} stays seen: {stays.low.std(ddof=1):,.0f}")
try:
    print(spliced.sd)
except claims.FitError as refusal:
    print(refusal)

# %% [markdown]
# What can be done with such a law: its quantiles exist, and with a limit on what the fund pays for a stay
# everything exists. That is one reason for a limit, or for a reinsurer.

# %%
law = spliced.distribution
limit = 30_000.0
below = float(law.limited_mean(limit))
pd.Series(
    {
        "mean, dollars": law.mean,
        "its standard error": spliced.mean_error,
        "1 stay in 100 exceeds": float(law.quantile(0.99)),
        "1 stay in 1,000 exceeds": float(law.quantile(0.999)),
        "mean up to 30,000": below,
        "sd up to 30,000": (float(law.second_limited_moment(limit)) - below**2) ** 0.5,
    }
).to_frame("a stay")

# %% [markdown]
# ## Write the assumptions down
#
# `Assumptions.from_experience` drafts every line at once: mean count, dispersion given age and sex, factors
# drawn towards 1 as far as their errors ask, the family of cost that fits best among four plain ones.
# Each number comes with its standard error, what it rests on and how it was made.

# %%
draft = mf.Assumptions.from_experience(study)
provenance = draft.to_pandas().set_index("field")
display(provenance.filter(regex="inpatient|frequency|severity", axis=0))

# %% [markdown]
# A draft is for you to judge. Three of its numbers we know better:
#
# * The cost of a **stay** is given no tail by the draft. It gets the spliced fit. Its mean lies below the one
#   recorded, by less than a standard error: two stays dearer than the law expects are in the records.
# * The spread of the cost of a **visit** was taken over people's average visits, which vary less than visits
#   do. It gets the fit to people with a single visit, at the mean of all visits.
# * The **payment lag** of nought is not a finding: our days are made up. It is stated for what it is, an
#   assumption; so are trend and season, which are left out.
#
# A `Fit` goes into a `Line` as it is, and brings what the records leave open as the line's uncertainty. For
# a stay that is more than its mean: 156 stays above the point do not say how heavy the tail is. The line gets
# ten other **shapes** with chances, which together with the fitted one have the covariance of the fit.

# %%
one_visit = records.dollars["visits"][records.counts["visits"] == 1]
visit = claims.fit_severity("lognormal", one_visit)


def with_severity(line, law, **error):
    kept = draft.assumptions.line(line).model_dump(exclude_unset=True)
    unsure = {"frequency": kept.pop("uncertainty")["frequency"], **error}
    return Line(**{**kept, "severity": law, "uncertainty": unsure})


drafted = {line.name: line for line in draft.assumptions.lines}
mean_visit, unsure = drafted["visits"].severity.mean, drafted["visits"].uncertainty
dear_visits = {"kind": "lognormal", "mean": mean_visit, "cv": visit.distribution.cv}
chosen = drafted | {
    "visits": with_severity("visits", dear_visits, severity=unsure.mean_cv),
    "inpatient": with_severity("inpatient", spliced),
}
assumptions = mf.Assumptions(lines=list(chosen.values()))
summary = pd.DataFrame(
    {
        name: {
            "claims a year": line.frequency.mean,
            "error of it, %": 100 * line.uncertainty.frequency,
            "cost of a claim": line.severity.mean,
            "error of it, % ": 100 * line.uncertainty.mean_cv,
            "law of cost": line.severity.kind + (" + tail" if line.severity.tail else ""),
        }
        for name, line in chosen.items()
    }
)
display(summary.T)
unsure = chosen["inpatient"].uncertainty
stay = [spliced.distribution, *(shape.severity for shape in unsure.shapes)]
pd.DataFrame(
    {
        "chance": unsure.shape_chances,
        "mean stay, dollars": unsure.shape_means * spliced.mean,
        "xi of the tail": [severity.tail.xi for severity in stay],
        "1 stay in 1,000 exceeds": [float(severity.quantile(0.999)) for severity in stay],
    }
).sort_values("xi of the tail")

# %% [markdown]
# ## Simulate
#
# The same 5,638 people, one year, two thousand futures; every future draws its own frequency, cost level and
# shape of a stay's cost within the errors above (`parameter_risk`). The fund pays at most 30,000 dollars for
# a member's year in hospital, more than anybody cost; without such a limit the spread of its year would not
# exist. The contribution is a round number: here we look at claims alone.

# %%
tables = {
    "fund": {
        "name": "The first year again",
        "currency": "USD",
        "start": first,
        "opening_reserve": 0.0,
    },
    "settings": {"paths": 2_000, "years": 1, "seed": 1976, "parameter_risk": True},
    "members": {"mortality": "none"},
    "assumptions": assumptions.model_dump(exclude_unset=True),
    "rules": {
        "contributions": {"kind": "flat", "monthly": 13.0},
        "benefits": {"inpatient": {"annual_limit": limit}},
    },
}
portfolio = mf.Portfolio.from_frame(members, start=first)
scenario = mf.Scenario.from_dict(tables, portfolio=portfolio)
run = mf.simulate(scenario)
known = scenario.replace("settings.parameter_risk", False)
sure = mf.simulate(known)

# %%
actual = records.total.sum()
figure, ax = plt.subplots(figsize=(9, 3.6))
bins = np.linspace(0.6e6, 1.2e6, 61)
for label, result, colour in (
    ("assumptions known", sure, BLUE),
    ("assumptions uncertain", run, ORANGE),
):
    ax.hist(result.measure("claims_incurred")[:, 0], bins, color=colour, alpha=0.6, label=label)
ax.axvline(actual, color=GREY, linestyle="--", label="the year recorded")
ax.set(xlabel="dollars in the year, all members", ylabel="futures of 2,000")
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.legend(frameon=False)
plt.show()

# %%
cost = {
    name: result.measure("claims_incurred")[:, 0] / people
    for name, result in (("assumptions known", sure), ("assumptions uncertain", run))
}
names = [str(name) for name in run.marginal("line").labels]
display(
    pd.DataFrame(
        {
            name: {
                "mean": each.mean(),
                "standard deviation": each.std(ddof=1),
                "1 year in 20 below": np.quantile(each, 0.05),
                "1 year in 20 above": np.quantile(each, 0.95),
            }
            for name, each in cost.items()
        }
    )
)
display(
    pd.DataFrame(
        {
            "recorded": {line: records.dollars[line].mean() for line in names},
            "simulated": dict(
                zip(names, run.lines["claims_incurred"][:, 0].mean(axis=0) / people, strict=True)
            ),
        }
    )
)

# %% [markdown]
# The 154 dollars a head of the records lie well inside the range, and above its middle, because stays
# have the fitted mean. More than half of the variance is *not* chance among 5,638 members: it is that we
# do not know means and tail better. That part does not shrink in a larger fund, and whoever looks at the left
# column alone thinks the fund safer than it is. The mean is a dollar lower where the tail is uncertain: the
# mean stay is the same, but of a heavier tail more lies beyond the limit.
#
# ## Does a simulated member look like a real one?
#
# The same study, on the records of one simulated future at the fitted numbers. Total cost was fitted; who
# bears it was not.

# %%
made = synthetic_records(known, path=0)
again = ExperienceStudy.from_tables(
    made.everything.members,
    made.everything.cover,
    made.everything.claims,
    period=(first, last),
    checks=claims.ClaimChecks(as_of=last, currency="USD"),
    age_bands=AGE_STARTS,
    measure="allowed",
)
curves = {
    name: each.concentration().to_pandas().set_index("members")
    for name, each in (("recorded", study), ("simulated", again))
}
table = pd.DataFrame({name: curve["cost_share"] for name, curve in curves.items()})
without = {
    name: 1.0 - each.pmpm().to_pandas()["claimants"].iloc[0] / people
    for name, each in (("recorded", study), ("simulated", again))
}
table.loc["people without any cost"] = without
display(table)

# %% [markdown]
# The very dear bear a little less than they did. People without any cost are too few: real people who
# see no physician buy no drugs either, while our lines are drawn independently of each other, given age
# and sex. Health states tie the lines together; `notebooks/rand_hie.py` fits three of them to these
# records, and the answer to cost sharing as well.
#
# What you take along: the provenance table, the two means with their errors, and a list of what the
# records could not tell (trend, season, delays, persistence), each of which is an assumption and should
# be named so.
