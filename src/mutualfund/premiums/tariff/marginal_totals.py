"""Factors that multiply, found so that every label is charged what is expected of its members.

The method of marginal totals (R. Bailey, *Insurance rates with minimum bias*, Proceedings of the Casualty
Actuarial Society 50 (1963); J. Jung, *On automobile insurance ratemaking*, ASTIN Bulletin 5 (1968)). Where
the expected costs are themselves products, these are their factors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mutualfund.errors import Fault, InputError, MutualFundError
from mutualfund.premiums.tariff.rank import alike
from mutualfund.types import FloatArray, IntArray

_ROUNDS = 20_000  # where labels of two factors all but coincide; a round is over cells, not members
_TOLERANCE = 1e-12
_SAME = 1e-10  # smallest eigenvalue of what cells say, nought but for rounding


def marginal_totals(
    expected: FloatArray, exposure: FloatArray, codes: Mapping[str, IntArray]
) -> list[FloatArray]:
    """One array of factors for each way of sorting the rows; a row's rate is the product of its own.

    Parameters
    ----------
    expected : (n,) expected cost of each row, for its exposure, not negative.
    exposure : (n,) member-years; every label has some.
    codes : for each way of sorting, by name, (n,) places of the rows' labels from 0 on.

    Returns
    -------
    Factors by label: the first way's hold the level, of the others the label of most exposure has 1.

    Raises
    ------
    InputError
        Where the labels of some ways say the same, so that nothing tells whose factor a cost is.

    >>> import numpy as np
    >>> age, sex = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> cost, years = np.array([100.0, 80.0, 300.0, 240.0]), np.array([3.0, 2.0, 2.0, 1.0])
    >>> [part.round(9).tolist() for part in marginal_totals(cost * years, years, {"age": age, "sex": sex})]
    [[100.0, 300.0], [1.0, 0.8]]
    """
    cells, total, years = _added_up(expected, exposure, list(codes.values()))
    _require_told_apart(tuple(codes), cells)
    wanted = [_sums(code, total) for code in cells]
    factors = [np.where(sums > 0.0, 1.0, 0.0) for sums in wanted]
    for _ in range(_ROUNDS):
        furthest = 0.0
        for place, (code, sums) in enumerate(zip(cells, wanted, strict=True)):
            charged = _sums(code, years * _product(factors, cells))
            step = np.divide(sums, charged, out=np.ones_like(sums), where=charged > 0.0)
            factors[place] = factors[place] * step
            furthest = max(furthest, float(np.abs(step - 1.0).max()))
        if furthest <= _TOLERANCE:
            return _with_bases(factors, [_sums(code, years) for code in cells])
    raise MutualFundError("the factors did not settle: leave a factor out, or join its labels")


def _added_up(
    expected: FloatArray, exposure: FloatArray, codes: Sequence[IntArray]
) -> tuple[list[IntArray], FloatArray, FloatArray]:
    """Codes of the cells that occur, and their expected cost and exposure."""
    key = np.zeros(expected.size, np.int64)
    for code in codes:
        key = key * (int(code.max()) + 1) + code
    _, first, cell = np.unique(key, return_index=True, return_inverse=True)
    return [code[first] for code in codes], _sums(cell, expected), _sums(cell, exposure)


def _require_told_apart(names: Sequence[str], cells: Sequence[IntArray]) -> None:
    """Refuse ways whose labels add up to another's in the cells that occur: their indicators, centred, do."""
    sizes = [int(code.max()) + 1 for code in cells]
    together = np.block(
        [
            [
                np.bincount(one * wide + other, minlength=high * wide).reshape(high, wide)
                for other, wide in zip(cells, sizes, strict=True)
            ]
            for one, high in zip(cells, sizes, strict=True)
        ]
    ).astype(np.float64)
    known = np.diag(together)
    centred = together - np.outer(known, known) / cells[0].size
    own = np.ones(sum(sizes), np.bool_)
    own[np.cumsum([0, *sizes[:-1]])] = False
    of = [name for name, size in zip(names, sizes, strict=True) for _ in range(size - 1)]
    same = alike(centred[np.ix_(own, own)], of, _SAME)
    if same:
        got, allowed = (
            f"{', '.join(same)}, whose labels say the same",
            "columns that rows tell apart",
        )
        remedy = "Leave one of them out, or join it with the other in one column."
        raise InputError([Fault("factors", got, allowed, remedy, "alike")])


def _sums(code: IntArray, amounts: FloatArray) -> FloatArray:
    return np.asarray(np.bincount(code, weights=amounts), np.float64)


def _product(factors: Sequence[FloatArray], cells: Sequence[IntArray]) -> FloatArray:
    rate = np.ones(cells[0].size)
    for factor, code in zip(factors, cells, strict=True):
        rate = rate * factor[code]
    return rate


def _with_bases(factors: list[FloatArray], years: Sequence[FloatArray]) -> list[FloatArray]:
    """The same products with 1 for the label of most exposure, of those with a factor above 0."""
    level, *rest = factors
    scaled = []
    for factor, exposed in zip(rest, years[1:], strict=True):
        base = factor[np.argmax(np.where(factor > 0.0, exposed, -1.0))]
        level = level * base
        scaled.append(factor / base if base > 0.0 else factor)
    return [level, *scaled]
