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
# # From real records to a fund
#
# The RAND Health Insurance Experiment (1974-82) dealt families in six American places to insurance
# plans by lot and recorded all their care. This notebook takes the first year's 5,638 people, fits
# what care they use and what it costs, holds the fit against the data, builds a fund of 20,000 such
# members with the experiment's own plans, and looks ten years ahead.
#
# The code is in `examples/rand_hie`; each step here is one call.

# %%
import sys
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

import mutualfund as mf

EXAMPLES = Path("examples", "rand_hie")
this = Path(globals().get("__file__", "notebook")).resolve()  # else in the folder Jupyter runs in
here = next((up / EXAMPLES for up in this.parents if (up / EXAMPLES).is_dir()), None)
if here is None:
    raise FileNotFoundError(f"{EXAMPLES}: run this notebook within a checkout of the repository")
sys.path.insert(0, str(here))

from build import build_tables, make_members
from describe import by_group, describe
from factors import fit_factors, use_of
from fit import fit
from records import AGE_LABELS, LINES, PLANS, effective_shares, read_records
from states import STATE_NAMES
from two_years import COPIES, KNOWN, persistence_of, simulate_years

pd.options.display.float_format = "{:,.3f}".format

# %% [markdown]
# ## The records
#
# Every dollar of medical cost is put on one of four lines. People on the free plan use more care;
# those who pay 95 % of it, up to a yearly maximum, use about a third less.

# %%
records = read_records()
by_plan = pd.DataFrame(
    {
        "people": np.bincount(records.plan),
        **{
            line: [use_of(records, line)[records.plan == plan].mean() for plan in range(len(PLANS))]
            for line in LINES
        },
        "all dollars": [records.total[records.plan == plan].mean() for plan in range(len(PLANS))],
        "no cost": [
            (records.total == 0)[records.plan == plan].mean() for plan in range(len(PLANS))
        ],
    },
    index=PLANS,
)
display(by_plan)

# %% [markdown]
# What members of a plan really pay is less than the printed share, because of the yearly maximum.
# Use answers to this effective share.

# %%
shares = pd.DataFrame(effective_shares(records), index=PLANS)
display(shares)

# %% [markdown]
# ## Age, sex and the response to cost sharing
#
# Two small regressions a line. The response is fitted on use. The dots are the plans, compared with the
# free plan at equal ages and sexes; the curve is the fit. Age and sex are fitted on cost, since a line has
# one cost per claim for all ages: a child's admission cost 334 dollars, the mean one 803.

# %%
factors = fit_factors(records)
pd.DataFrame({line: factors[line].by_age | factors[line].by_sex for line in LINES})

# %%
figure, axes = plt.subplots(1, len(LINES), figsize=(12, 3), sharey=True)
at = np.linspace(0.0, 1.0, 101)
for line, ax in zip(LINES, axes, strict=True):
    curve = factors[line]
    use, share = use_of(records, line), shares[line].to_numpy()[records.plan]
    expected_if_free = curve.expected_use / np.exp(curve.response * np.sqrt(share))
    seen = [
        use[records.plan == p].sum() / expected_if_free[records.plan == p].sum()
        for p in range(len(PLANS))
    ]
    ax.plot(at, np.exp(curve.response * np.sqrt(at)))
    ax.plot(shares[line], seen, "o")
    ax.set(title=line, xlabel="share of cost borne", ylim=(0, 1.3))
axes[0].set_ylabel("use, free plan = 1")
figure.tight_layout()

# %% [markdown]
# ## Lines and health states
#
# Three latent classes of people explain why the same persons use many visits, drugs and admissions.

# %%
fitted = fit(records)
pd.DataFrame(
    {
        name: {
            "claims a year": line.count.mean(),
            "k within a state": line.dispersion,
            "cost per claim": line.severity.mean,
            **dict(zip(STATE_NAMES, fitted.states.relativity[name], strict=True)),
        }
        for name, line in fitted.lines.items()
    }
)

# %%
pd.DataFrame(
    fitted.states.transition,
    index=[
        f"{name} ({share:.0%})"
        for name, share in zip(STATE_NAMES, fitted.states.share, strict=True)
    ],
    columns=STATE_NAMES,
)

# %% [markdown]
# ## Fit against data, side by side
#
# Two years of 113 thousand simulated people, twenty of each recorded one, in plain NumPy. Zero share
# and spread of most lines were fitted; quantiles, concentration and everything about the total
# except its zero share were not. What fits least is other outpatient care (6 % of cost): much of it is
# a pair of glasses at about 30 dollars.

# %%
years = simulate_years(fitted)
rows = {}
for name in LINES:
    rows[name, "data"] = describe(records.dollars[name])
    rows[name, "fit"] = describe(years[0][name])
rows["all lines", "data"] = describe(records.total)
rows["all lines", "fit"] = describe(years[0]["total"])
display(pd.DataFrame(rows).T)

# %%
figure, axes = plt.subplots(1, 5, figsize=(14, 3), sharey=True)
for ax, name in zip(axes, (*LINES, "total"), strict=True):
    for label, amounts in (
        ("data", records.total if name == "total" else records.dollars[name]),
        ("fit", years[0][name]),
    ):
        ordered = np.sort(amounts)[::-1]
        rank = np.arange(1, ordered.size + 1) / ordered.size
        ax.loglog(ordered[ordered > 1], rank[ordered > 1], label=label)
    ax.set(title=name, xlabel="dollars a year", ylim=(1e-4, 1))
axes[0].set_ylabel("share of people with more")
axes[0].legend()
figure.tight_layout()

# %% [markdown]
# Cost by age is the recorded one, because the factors were fitted on it. What gives way is the count:
# young children have too few admissions and visits, each too dear.

# %%
band = np.tile(records.age_band, COPIES)
cost_by_age = pd.DataFrame(
    {
        ("mean cost", "data"): by_group(records.total, records.age_band),
        ("mean cost", "fit"): by_group((years[0]["total"] + years[1]["total"]) / 2, band),
        **{
            (line, label): by_group(counts, records.age_band)
            for line in ("visits", "inpatient")
            for label, counts in (
                ("data", records.counts[line]),
                ("fit", fitted.lines[line].count),
            )
        },
    },
    index=AGE_LABELS,
)
display(cost_by_age)

# %% [markdown]
# People without any cost, by plan: the fit moves too few. Cost sharing scales everybody's rate of use,
# and cannot tell some people to stay away altogether.

# %%
plan = np.tile(records.plan, COPIES)
pd.DataFrame(
    {
        "data": by_group(records.total == 0, records.plan),
        "fit": by_group(years[0]["total"] == 0, plan),
    },
    index=PLANS,
)

# %% [markdown]
# ## Persistence
#
# One year of records cannot show how far the same people are ill again. These are figures of the
# full experiment (three to five years a person), which only set how long a state lasts.

# %%
found = persistence_of(years)
pd.DataFrame(
    {"simulated": found, "experiment": {name: f"{lo} to {hi}" for name, (lo, hi) in KNOWN.items()}}
)

# %% [markdown]
# ## The fund
#
# 20,000 members drawn from the records, dealt to the experiment's plans in its proportions. A few
# paths do for a notebook; `examples/rand_hie/run.py` runs 2,000.

# %%
scenario = mf.Scenario.from_dict(
    build_tables(records, fitted, paths=60, years=5),
    portfolio=mf.Portfolio.from_frame(make_members(records), start=date(1976, 1, 1)),
)
display(scenario)

# %%
run = mf.simulate(scenario)
display(run)

# %%
run.summary()

# %% [markdown]
# The first year's cost by line against the records: the compiled simulation meets the data that it
# was fitted to. (It differs by what the fund year adds: a few members join and leave.)

# %%
member_years = run.measure("members_start")[:, 0].mean()
billed = run.lines["billed"][:, 0, :].mean(axis=0) / member_years
pd.DataFrame(
    {
        "data": [records.dollars[line].mean() for line in LINES],
        "fund, year 1": billed,
    },
    index=LINES,
)

# %%
run.plot.reserve()

# %%
run.plot.cashflow()
