"""Jewell's hierarchical credibility: groups within sectors, sectors within the whole, to any depth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, listed
from mutualfund.premiums.credibility.buhlmann import (
    few_note,
    negative_note,
    require_choice,
    within_variance,
)
from mutualfund.premiums.credibility.experience import read_experience
from mutualfund.premiums.credibility.levels import Level, SectorEstimator, level_of
from mutualfund.premiums.credibility.result import CredibilityFit
from mutualfund.types import FloatArray, IntArray


def hierarchical(
    observations: npt.ArrayLike,
    weights: npt.ArrayLike,
    sectors: Iterable[Any],
    *,
    labels: Iterable[str] | None = None,
    estimator: SectorEstimator = "ohlsson",
) -> CredibilityFit:
    """Credibility of groups within sectors: what a group's own experience leaves open, its sector fills.

    Parameters
    ----------
    observations, weights : (n_groups, n_periods), as for `buhlmann_straub`.
    sectors : (n_groups,) the sector of each group; or several such lists, the finest first, each nested in
        the next.
    labels : names of the groups.
    estimator : of the between-variances: ``"ohlsson"``, pooled over the sectors of a level, unbiased, and
        then cut at zero once; ``"buhlmann_gisler"``, the estimate of each sector with two nodes or more, cut
        at zero and then averaged, which is too large on average, by much where sectors have few nodes;
        or ``"iterative"``.

    Returns
    -------
    CredibilityFit of the groups; its `upper` holds the fit of the sectors, whose exposure is the sum of
    their groups' factors. ``structure`` names the between-variance of every level.

    Raises
    ------
    InputError
        As for `buhlmann_straub`; where a sector lies in two, or no sector of a level has two nodes.

    Source: W. Jewell, *The use of collateral data in credibility theory: a hierarchical model*, Giornale
    dell'Istituto Italiano degli Attuari 38 (1975); Buhlmann and Gisler (2005), chapter 6; E. Ohlsson,
    *Simplified estimation of structure parameters in hierarchical credibility*, ASTIN Colloquium (2005).

    >>> fit = hierarchical(
    ...     [[9.0, 11.0], [14.0, 12.0], [25.0, 21.0], [29.0, 33.0]],
    ...     [[5, 5], [4, 6], [5, 5], [2, 8]],
    ...     ["town", "town", "country", "country"],
    ... )
    >>> fit.premiums.round(2).tolist(), fit.upper.labels
    ([10.19, 12.74, 23.36, 31.71], ('country', 'town'))
    """
    require_choice("estimator", estimator, ("ohlsson", "buhlmann_gisler", "iterative"))
    experience = read_experience(observations, weights, labels)
    names, parents = _tree(sectors, len(experience.labels))
    node_weights, means = experience.exposure, experience.means
    within, levels = within_variance(experience), []
    for place, parent in enumerate(parents):
        n_parents = len(names[place])
        _require_spread(parent, place, len(parents))
        level = level_of(node_weights, means, within, parent, n_parents, estimator)
        levels.append(level)
        node_weights, means, within = level.parent_weights, level.parent_means, level.parent_within
    return _descend((experience.labels, *names[:-1]), levels)


def _several(entry: Any) -> bool:
    """Whether an entry is a list of sectors, and not the name of one."""
    return np.iterable(entry) and not isinstance(entry, str)


def _tree(sectors: Iterable[Any], n_groups: int) -> tuple[list[tuple[str, ...]], list[IntArray]]:
    """Names of every level's parents, and the parent of every node; the last parent is the whole."""
    given = list(listed("sectors", sectors, "the sectors, one for each group"))
    levels = given if all(_several(entry) for entry in given) else [given]
    for place, column in enumerate(levels):
        for group, name in enumerate(column):
            if name is None or name != name:
                field, remedy = f"sectors[{place}][{group}]", "Name it, such as 'other'."
                raise InputError([Fault(field, "nothing", "a sector", remedy, "missing")])
    columns = [np.asarray([str(name) for name in column]) for column in levels]
    for place, column in enumerate(columns):
        if column.size != n_groups:
            got, allowed = f"{column.size} names", f"{n_groups}, one for each group"
            raise InputError([Fault(f"sectors[{place}]", got, allowed, code="length")])
    names: list[tuple[str, ...]] = []
    parents: list[IntArray] = []
    node_of_group = np.arange(n_groups)
    for place, column in enumerate([*columns, np.full(n_groups, "all")]):
        known, code = np.unique(column, return_inverse=True)
        parents.append(_parent_of(node_of_group, code, place))
        names.append(tuple(str(name) for name in known))
        node_of_group = code
    return names, parents


def _parent_of(node: IntArray, code: IntArray, place: int) -> IntArray:
    """(n_nodes,) the parent of each node, refused where its groups name two."""
    parent = np.full(int(node.max()) + 1, -1, dtype=np.int64)
    parent[node] = code
    if not np.array_equal(parent[node], code):
        allowed = "each sector of the level below in one sector only"
        raise InputError([Fault(f"sectors[{place}]", "a sector in two", allowed, code="nesting")])
    return parent


def _require_spread(parent: IntArray, place: int, n_levels: int) -> None:
    """A level of which no parent has two nodes says nothing about how nodes differ."""
    if (np.bincount(parent) >= 2).any():
        return
    top = place == n_levels - 1
    got = "one sector" if top else "one node in every sector"
    field = "sectors" if top else f"sectors[{place}]"
    remedy = "Leave this level out."
    raise InputError([Fault(field, got, "two nodes or more in one", remedy, "too_few")])


def _descend(names: Sequence[tuple[str, ...]], levels: Sequence[Level]) -> CredibilityFit:
    """Premiums from the top of the tree to the groups.

    The mean squared error of a node is (1 - z) (between + (1 - z) x that of its parent), Buhlmann and Gisler
    (2005), theorem 6.5.
    """
    top = levels[-1]
    collective, fit = float(top.parent_means[0]), None
    above = np.array([collective])
    error = np.array([top.parent_within / float(top.parent_weights[0])])
    structure = _structure(levels, collective)
    notes = few_note(top.weights.size, "sectors" if len(levels) > 1 else "groups")
    for depth in reversed(range(len(levels))):
        level, rest = levels[depth], 1.0 - levels[depth].factors
        complement = above[level.parent]
        above = level.factors * level.means + rest * complement
        error = rest * (level.between + rest * error[level.parent])
        notes = (*notes, *negative_note(level, "groups" if depth == 0 else "sectors"))
        fit = _fit(names[depth], level, complement, above, error, structure, notes, fit)
    assert fit is not None
    return fit


def _structure(levels: Sequence[Level], collective: float) -> dict[str, float]:
    """Variances by name: of the groups, then of each level of sectors from the finest."""
    names = ["between_groups", *(f"between_sectors_{k}" for k in range(1, len(levels)))]
    if len(levels) == 2:
        names[1] = "between_sectors"
    structure = {"within_variance": levels[0].within}
    for name, level in zip(names, levels, strict=True):
        structure[f"{name}_variance"] = level.between
        structure[f"{name}_variance_raw"] = level.raw
    return {**structure, "collective_premium": collective}


def _fit(
    labels: tuple[str, ...],
    level: Level,
    complement: FloatArray,
    premiums: FloatArray,
    error: FloatArray,
    structure: dict[str, float],
    notes: tuple[str, ...],
    upper: CredibilityFit | None,
) -> CredibilityFit:
    return CredibilityFit(
        method="hierarchical (Jewell)",
        labels=labels,
        exposure=level.weights,
        own=level.means,
        factors=level.factors,
        complement=complement,
        premiums=premiums,
        standard_errors=np.sqrt(np.maximum(error, 0.0)),
        structure=structure,
        notes=notes,
        upper=upper,
    )
