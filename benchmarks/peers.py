"""What two actuarial libraries can do of the workload: fund-level claims by line, less a copay a claim.

Neither follows a member through a year, so deductible, out-of-pocket maximum, yearly limits, order, treatment
months, payment delays and members' excess are left out; `mutualfund` is run on copays alone beside them. The
fund's count by line has the mean and variance of the members' counts together, as a negative binomial.

`pip install --group peers` installs both; nothing else here needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from baseline import FloatArray, Work
from problems import DISPERSION


class FundLevel(NamedTuple):
    """What a peer gives: the fund's cost by line, and how many claims it drew for it."""

    cost: dict[str, FloatArray]  # line -> (n_paths,) after copays, currency
    claims: float


def fund_count(work: Work, column: int) -> tuple[float, float]:
    """n and p of the negative binomial with the mean and variance of all members' counts of year 1."""
    rate = work.rates[work.cell(1), column]
    mean, extra = float(rate.sum()), float((rate**2).sum()) / DISPERSION
    n = mean**2 / extra
    return n, n / (n + mean)


def with_gemact(work: Work, paths: int, seed: int = 7) -> FundLevel:
    """gemact's collective risk model by Monte Carlo, line by line."""
    import gemact
    import twiggy

    twiggy.quick_setup(min_level=twiggy.levels.WARNING)  # gemact's log, a line or two a model
    cost, claims = {}, 0.0
    for column, line in enumerate(work.lines):
        n, p = fund_count(work, column)
        model = gemact.LossModel(
            frequency=gemact.Frequency("nbinom", {"n": n, "p": p}),
            severity=gemact.Severity(*_gemact_severity(line.severity)),
            policystructure=gemact.PolicyStructure(
                layers=gemact.Layer(deductible=line.copay, cover=float("inf"))
            ),
            aggr_loss_dist_method="mc",
            n_sim=paths,
            random_state=seed + column,
        )
        law = model.dist[0]
        chances = np.diff(np.concatenate(([0.0], law.cumprobs)))
        cost[line.name] = np.repeat(law.nodes, np.rint(chances * paths).astype(np.int64))
        claims += n * (1.0 - p) / p * paths  # it does not tell how many it drew
    return FundLevel(cost, claims)


def _gemact_severity(law: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    if law["kind"] == "gamma":
        return "gamma", {"a": law["alpha"], "scale": law["theta"]}
    if law["kind"] == "pareto":
        above, alpha = law["above"], law["alpha"]
        return "genpareto", {"c": 1.0 / alpha, "scale": above / alpha, "loc": above}
    return "lognormal", {"shape": law["sigma"], "scale": float(np.exp(law["mu"]))}


def with_proteus(work: Work, paths: int, seed: int = 7) -> FundLevel:
    """proteus (`pal`): ragged event arrays, line by line."""
    import pal
    from pal import FrequencySeverityModel, distributions

    def severity(law: Mapping[str, Any]) -> Any:
        if law["kind"] == "gamma":
            return distributions.Gamma(law["alpha"], law["theta"])
        if law["kind"] == "pareto":
            return distributions.Pareto(law["alpha"], law["above"])
        return distributions.LogNormal(law["mu"], law["sigma"])

    pal.set_random_seed(seed)
    cost, claims = {}, 0
    for column, line in enumerate(work.lines):
        count = distributions.NegBinomial(*fund_count(work, column))
        events = FrequencySeverityModel(count, severity(line.severity)).generate(paths)
        claims += len(events.values)
        cost[line.name] = np.array(np.maximum(events - line.copay, 0.0).aggregate().values)
    return FundLevel(cost, claims)


Peer = Callable[[Work, int], FundLevel]
_ALL: dict[str, tuple[str, Peer]] = {
    "gemact": ("gemact", with_gemact),
    "proteus": ("pal", with_proteus),
}
NAMES = tuple(_ALL)


def installed() -> dict[str, Peer]:
    """The peers that this environment has, by name."""
    return {name: peer for name, (module, peer) in _ALL.items() if find_spec(module)}
