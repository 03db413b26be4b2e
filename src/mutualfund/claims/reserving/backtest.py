"""Back-test: hide what is known of the last periods, let methods predict it, and score them by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.claims.reserving.checks import require_triangle
from mutualfund.claims.reserving.emergence import Emergence, actual_against_expected
from mutualfund.claims.reserving.reserve import ReservingMethod
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, require_whole

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.claims.reserving.plots import BackTestPlots


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BackTest:
    """Each method's predictions of each hidden stretch beside what came.

    tests: (method, hidden periods) -> what came against what was expected. refused: the same key -> why the
    method refused the shorter triangle, in words.
    """

    tests: Mapping[tuple[str, int], Emergence]
    refused: Mapping[tuple[str, int], str]

    def details(self) -> pd.DataFrame:
        """One row a method and number of hidden periods: predicted, actual, error, and how far out it was."""
        import pandas as pd

        rows = {key: _row(found) for key, found in self.tests.items()}
        rows |= {key: {"refused": why} for key, why in self.refused.items()}
        table = pd.DataFrame.from_dict(rows, orient="index").sort_index(kind="stable")
        table.index = pd.MultiIndex.from_tuples(table.index, names=("method", "hidden"))
        return table

    def summary(self) -> pd.DataFrame:
        """One row a method, best first: the errors of all its tests together.

        error: predicted less actual, as a share of what came, summed over tests. absolute error: the sum of
        absolute errors by origin, as a share of what came. root mean square: of the totals' errors in
        standard errors of the payments between the two valuations (`actual_against_expected`), near 1 where
        the method's model says the truth; NaN where it states none. Tests of one triangle share its origins:
        a few of them are one look, not many. refused: tests that the method could not take.
        """
        import pandas as pd

        rows = {}
        for name in dict.fromkeys(key[0] for key in (*self.tests, *self.refused)):
            found = [test for key, test in self.tests.items() if key[0] == name]
            actual = sum(test.total_actual for test in found)
            scores = np.array([test.score for test in found])
            rows[name] = {
                "tests": len(found),
                "error": _over(-sum(test.total_difference for test in found), actual),
                "absolute error": _over(
                    sum(float(np.abs(test.difference).sum()) for test in found), actual
                ),
                "root mean square": float(np.sqrt(np.mean(scores**2))) if found else np.nan,
                "refused": sum(key[0] == name for key in self.refused),
            }
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index.name = "method"
        return table.sort_values("absolute error", kind="stable")

    @property
    def plot(self) -> BackTestPlots:
        """Pictures of the errors."""
        from mutualfund.claims.reserving.plots import BackTestPlots

        return BackTestPlots(self)

    def __repr__(self) -> str:
        methods = {key[0] for key in (*self.tests, *self.refused)}
        return f"BackTest: {len(methods)} methods, {len(self.tests)} tests, {len(self.refused)} refused"


def _over(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _row(found: Emergence) -> dict[str, object]:
    return {
        "predicted": found.total_expected,
        "actual": found.total_actual,
        "error": _over(-found.total_difference, found.total_actual),
        "absolute error": _over(float(np.abs(found.difference).sum()), found.total_actual),
        "in standard errors": -found.score,
        "refused": "",
    }


def back_test(
    triangle: Triangle, methods: Mapping[str, ReservingMethod], *, hide: int = 1
) -> BackTest:
    """Fit every method to the triangle as it was 1, 2, ... `hide` periods ago, and hold what came against it.

    triangle: any. methods: by the name to show. hide: development periods to hide at most. Exposure goes with
    the origins, so methods with a prior see that of the years they may know.

    Raises
    ------
    InputError
        Where there is no method, what is named is none, or fewer than two origins would be left.

    >>> from datetime import date
    >>> from mutualfund.claims.reserving import ChainLadder, Mack
    >>> rows = [[10.0, 20.0, 22.0, 22.0], [10.0, 30.0, 31.0, None], [12.0, 20.0, None, None]]
    >>> rows.append([9.0, None, None, None])
    >>> triangle = Triangle.from_array(rows, first_origin=date(2022, 1, 1))
    >>> back_test(triangle, {"chain ladder": ChainLadder(), "Mack": Mack()}, hide=2)
    BackTest: 2 methods, 2 tests, 2 refused
    """
    require_triangle("triangle", triangle)
    _require_methods(methods)
    most = int(triangle.ages[0] if triangle.n_origins else 0)
    while most > 0 and triangle.earlier(most).n_origins < 2:
        most -= 1
    unit = "periods, so that two origins are left"
    require_whole("hide", hide, minimum=1, maximum=most, unit=unit)
    tests, refused = {}, {}
    for hidden in range(1, hide + 1):
        then = triangle.earlier(hidden)
        for name, method in methods.items():
            try:
                tests[name, hidden] = actual_against_expected(method.fit(then), triangle)
            except InputError as error:
                refused[name, hidden] = str(error)
    return BackTest(tests, refused)


def _require_methods(methods: object) -> None:
    allowed = 'reserving methods by name, as {"chain ladder": ChainLadder()}'
    if not isinstance(methods, Mapping):
        fault = Fault("methods", f"a {type(methods).__name__}", allowed, code="type")
        raise InputError([fault])
    if not methods:
        raise InputError([Fault("methods", "none", "at least one", code="empty")])
    faults = [
        Fault(f"methods[{name!r}]", f"a {type(method).__name__}", allowed, code="type")
        for name, method in methods.items()
        if isinstance(method, type) or not isinstance(method, ReservingMethod)
    ]
    if faults:
        raise InputError(faults)
