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
# # What is still to come
#
# Four published triangles, run off by every method of `mutualfund.claims.reserving`. Each estimate comes with
# its error, and each error is held against the numbers that its authors printed. The data are in
# `examples/triangles`, with their sources.

# %%
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

from mutualfund.claims import reserving
from mutualfund.plot_style import STYLE

plt.rcParams.update(STYLE)
pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
EXAMPLES = Path("examples", "triangles")
this = Path(globals().get("__file__", "notebook")).resolve()  # else in the folder Jupyter runs in
here = next((up / EXAMPLES for up in this.parents if (up / EXAMPLES).is_dir()), None)
if here is None:
    raise FileNotFoundError(f"{EXAMPLES}: run this notebook within a checkout of the repository")


def table(name):
    return pd.read_csv(here / f"{name}.csv", index_col=0)


def yearly(name, exposure=None):
    amounts = table(name)
    return reserving.Triangle.from_array(
        amounts.to_numpy(), first_origin=date(int(amounts.index[0]), 1, 1), exposure=exposure
    )


def side_by_side(*draws):
    figure, axes = plt.subplots(1, len(draws), figsize=(5.6 * len(draws), 3.9))
    for draw, ax in zip(draws, np.atleast_1d(axes), strict=True):
        draw(ax=ax)
    figure.tight_layout()
    plt.show()


# %% [markdown]
# ## Ten years of claims: Taylor and Ashe (1983)
#
# The triangle on which half the literature has been tried.

# %%
taylor_ashe = yearly("taylor_ashe")
mack = reserving.Mack().fit(taylor_ashe)
side_by_side(taylor_ashe.plot.development, mack.plot.completion)
display(mack.summary())

# %% [markdown]
# Mack (ASTIN Bulletin 23, 1993) printed a reserve of 18,681 thousand with a standard error of 13 %, which is
# 2,447 thousand. Where the last age has only one link its variance is a guess; his rule and a straight line
# through the logarithms differ by little here.

# %%
by_line = reserving.Mack(last_sigma="log_linear").fit(taylor_ashe)
print(
    f"{mack.total_standard_error:,.0f} by Mack's rule, {by_line.total_standard_error:,.0f} by the line"
)

# %% [markdown]
# The same estimate belongs to another model: over-dispersed Poisson payments (England and Verrall, BAJ 8,
# 2002, who give 2,946 thousand, 16 %). Its error is larger, above all for the youngest origin, and it splits
# into what we do not know of the pattern and what chance will do.

# %%
poisson = reserving.OverDispersedPoisson().fit(taylor_ashe)
side_by_side(mack.plot.ibnr, poisson.plot.ibnr)
pd.DataFrame(
    {
        reserve.method: {
            "reserve": reserve.total_ibnr,
            "process error": reserve.total_process_error,
            "parameter error": reserve.total_parameter_error,
            "standard error": reserve.total_standard_error,
        }
        for reserve in (mack, poisson)
    }
)

# %% [markdown]
# ## The whole distribution
#
# Ten thousand triangles that might have been, each refitted and run off. Payments are drawn for each
# coming cell, so the run-off has a timetable too. The mean of the replicates lies a little above the
# estimate: that is the bootstrap's bias, not news.

# %%
bootstrap = reserving.Bootstrap(replicates=10_000, seed=2026).fit(taylor_ashe)
side_by_side(bootstrap.plot.distribution, bootstrap.plot.payments)
pd.Series(
    {
        "estimate": bootstrap.total_ibnr,
        "mean of replicates": bootstrap.mean,
        "standard deviation": bootstrap.totals.std(),
        "19 in 20 below": bootstrap.quantile(0.95),
        "199 in 200 below": bootstrap.quantile(0.995),
    }
).to_frame("total")

# %% [markdown]
# ## The next year alone
#
# A solvency rule asks what next year's accounts may say, not what the last payment will be. Merz and
# Wüthrich (2008) answer that; within one year nearly three quarters of the error shows.

# %%
next_year = reserving.MerzWuethrich().fit(taylor_ashe)
print(
    f"standard error over the next year {next_year.total_standard_error:,.0f}, "
    f"to the end {mack.total_standard_error:,.0f}"
)

# %% [markdown]
# ## A triangle with a temper: RAA (1991)
#
# Few large claims, and an amount that falls. The youngest origin carries an error larger than its reserve: in
# 1982 the first year's 106 thousand grew fortyfold. Averages lie far apart, and without that one link the
# error is a quarter smaller. A medial average leaves the link out of the ratio but not out of the error: what
# was the highest once may come again. What is really missing is a prior.

# %%
raa = yearly("raa")
print(raa.notes)
choices = {
    "volume": reserving.LinkRatios(),
    "simple": reserving.LinkRatios(average="simple"),
    "medial": reserving.LinkRatios(average="medial"),
    "latest five": reserving.LinkRatios(latest=5),
    "without 1982, age 1": reserving.LinkRatios(exclude=(("1982", 1),)),
}
rows = {}
for name, choice in choices.items():
    found = reserving.Mack(choice).fit(raa)
    rows[name] = {"reserve": found.total_ibnr, "standard error": found.total_standard_error}
display(pd.DataFrame(rows).T)
side_by_side(raa.plot.development, reserving.Mack().fit(raa).plot.ibnr)

# %% [markdown]
# ## With a prior: US industry auto (Friedland)
#
# Premium of each year, and an expected loss ratio of 65 %. Bornhuetter-Ferguson takes the prior for what is
# not paid yet, Benktander goes some of the way back to the chain ladder, Cape Cod finds the ratio in the
# triangle. What the prior leaves out of its error is itself: unsure by 10 %, it is most of the error.

# %%
premium = table("us_industry_auto_premium")["premium"].to_numpy(float)
auto = yearly("us_industry_auto_paid", exposure=premium)
methods = {
    "chain ladder": reserving.ChainLadder(),
    "Cape Cod": reserving.CapeCod(),
    "Benktander": reserving.Benktander(expected_ratio=0.65),
    "Bornhuetter-Ferguson": reserving.BornhuetterFerguson(expected_ratio=0.65),
    "the same, prior unsure by 10 %": reserving.BornhuetterFerguson(0.65, ratio_cv=0.10),
}
reserves = {name: method.fit(auto) for name, method in methods.items()}
rows = {
    name: {"reserve": found.total_ibnr, "standard error": found.total_standard_error}
    for name, found in reserves.items()
}
display(pd.DataFrame(rows).T)

# %%
print(f"Cape Cod's own loss ratio: {reserving.CapeCod().expected_ratios(auto)[0]:.1%}")
side_by_side(reserves["Cape Cod"].plot.ultimate, reserves["chain ladder"].plot.ultimate)

# %% [markdown]
# ## Which method would have done best?
#
# The last one to four years are hidden, every method predicts them, and what came is held against it, in
# standard errors of those years' payments under the method's own model. Root mean squares near 1 mean that
# the model tells the truth; far above 1, that it promises too much: a loss ratio that is taken for certain,
# or for the same in every year, was neither. Four looks at one triangle are not four triangles.

# %%
test = reserving.back_test(auto, methods, hide=4)
test.plot.errors()
plt.show()
display(test.summary())

# %% [markdown]
# And the last year in detail, for the best of them.

# %%
best = methods[test.summary().index[0]]
since = reserving.actual_against_expected(best.fit(auto.earlier(1)), auto)
since.plot.difference()
plt.show()
display(since.summary())

# %% [markdown]
# ## Health: monthly completion factors
#
# Twenty-four months of treatment and twelve lags. Of the newest month a fifth is paid, and dividing by a
# fifth multiplies whatever noise it has; the trailing twelve months' cost per member-month steadies it.

# %%
health = table("health_lags_noisy")
months = reserving.Triangle.from_array(
    health.filter(like="dev").to_numpy(),
    first_origin=date(2024, 1, 1),
    origin_grain="month",
    development_grain="month",
    exposure=health["member_months"].to_numpy(float),
)
plain = reserving.CompletionFactors(window=12).fit(months)
steadied = reserving.CompletionFactors(window=12, prior_months=2).fit(months)
stated = reserving.CompletionFactors(
    window=12, prior_months=2, prior_pmpm=400.0, prior_cv=0.03
).fit(months)
side_by_side(plain.plot.completion, steadied.plot.ibnr)
rows = {}
for name, found in (("factors alone", plain), ("own prior", steadied), ("400 stated", stated)):
    low, high = found.interval(0.95)
    rows[name] = {
        "IBNR": found.total_ibnr,
        "standard error": found.total_standard_error,
        "95 %: from": low,
        "to": high,
    }
display(pd.DataFrame(rows).T)

# %% [markdown]
# ## From dated rows
#
# Records come as rows with dates. `from_frame` puts them into months, quarters or years on either axis; a
# known cell without a payment is a real zero, and what does not fit is refused by its place.

# %%
rng = np.random.default_rng(1)
days = np.datetime64("2023-01-01") + rng.integers(0, 730, 4000)
rows = pd.DataFrame(
    {
        "treated": days,
        "paid": days + rng.geometric(1 / 60, 4000),
        "amount": rng.gamma(2.0, 60.0, 4000).round(2),
    }
)
quarters = reserving.Triangle.from_frame(
    rows,
    origin="treated",
    valuation="paid",
    amount="amount",
    cumulative=False,
    origin_grain="quarter",
    development_grain="quarter",
    as_of=date(2024, 12, 31),
)
display(quarters.to_pandas())
later = rows[(rows.paid > "2024-12-31") & (rows.treated <= "2024-12-31")].amount.sum()
found = reserving.ChainLadder().fit(quarters)
print(f"{found!r}; paid later in truth: {later:,.0f}")
