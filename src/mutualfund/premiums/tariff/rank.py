"""Terms that say the same as others have no estimate of their own: they are found, and named, before a climb.

Labels are never named, since they may be members: only the terms they belong to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mutualfund.claims import FitError
from mutualfund.types import FloatArray

SOME_ROWS = 20_000
SAME = 1e-13  # smallest eigenvalue of the sums of products, each column scaled to 1: nought but for rounding
TAKES_PART = 1e-3  # of a term in a sum of terms that is nought


def gram(terms: Any, weight: FloatArray, *, intercept: bool) -> FloatArray:
    """(p, p) weighted sums of products of the columns of a tabmat matrix, the intercept's ones first."""
    inner = terms.sandwich(weight)
    inner = np.asarray(inner.toarray() if hasattr(inner, "toarray") else inner)
    if not intercept:
        return inner
    border = np.asarray(terms.transpose_matvec(weight))[np.newaxis, :]
    return np.block([[np.array([[weight.sum()]]), border], [border.T, inner]])


def require_full_rank(terms: Any, names: Sequence[str], *, intercept: bool) -> None:
    """Refuse columns of a tabmat matrix of which one is a sum of others.

    Most often some of the rows tell all columns apart; only where they do not, all rows are asked.

    Parameters
    ----------
    terms : (n, p less the intercept).
    names : (p,) the term that each column belongs to.

    Raises
    ------
    FitError
        Naming the terms.
    """
    n = terms.shape[0]
    if n > SOME_ROWS:
        some = terms[np.linspace(0, n - 1, SOME_ROWS).astype(np.int64), :]
        if not alike(gram(some, np.ones(SOME_ROWS), intercept=intercept), names, SAME):
            return
    require_independent(gram(terms, np.ones(n), intercept=intercept), names, SAME)


def require_independent(products: FloatArray, names: Sequence[str], least: float) -> None:
    """Refuse sums of products, (p, p), whose columns say the same: see `alike`.

    Raises
    ------
    FitError
        Naming the terms.
    """
    if not np.isfinite(products).all():
        raise FitError("the terms are too large to be estimated from; scale them")
    same = alike(products, names, least)
    if len(same) == 1:
        raise FitError(f"{same[0]} has nothing to be estimated from; leave it out")
    if same:
        raise FitError(
            f"the terms {', '.join(same)} say the same, as far as numbers can tell; leave one of "
            "them out, or centre and scale them"
        )


def alike(products: FloatArray, names: Sequence[str], least: float) -> tuple[str, ...]:
    """The terms whose columns add up to nought with some factors; a term alone where it is nought itself.

    products: (p, p). least: eigenvalue, of columns scaled to 1, that counts as nought.

    >>> alike(np.array([[2.0, 4.0, 0.0], [4.0, 8.0, 0.0], [0.0, 0.0, 1.0]]), ["a", "b", "c"], 1e-12)
    ('a', 'b')
    """
    scale = np.sqrt(np.diag(products))
    if (scale == 0.0).any():
        return (names[int(np.argmin(scale))],)
    if not scale.size:
        return ()
    values, vectors = np.linalg.eigh(products / np.outer(scale, scale))
    if values[0] >= least:
        return ()
    part = np.flatnonzero(np.abs(vectors[:, 0]) > TAKES_PART)
    return tuple(dict.fromkeys(names[place] for place in part.tolist()))
