"""Board limits and conditions as text: ``"ruin > 0.005"``, ``"mean(reserve_close, 3) < 2e6"``.

A hand-written parser over a closed list of quantities: no text is ever evaluated as a program.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, cast

from mutualfund.errors import Fault, InputError
from mutualfund.results import risk, summary
from mutualfund.results.estimates import Estimate
from mutualfund.results.measures import Measure, unknown_measure, year_outside
from mutualfund.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from mutualfund.results.run import FundRun

Comparison = Callable[[FloatArray, float], BoolArray]

OPERATORS: Mapping[str, Comparison] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
)

QUANTITIES = (
    "ruin, ruin_year_N, prob_below_zero, prob_below_floor, prob_call, loss_ratio, mean(MEASURE), "
    "mean(MEASURE, YEAR), var(P), var(P, YEAR), tvar(P), tvar(P, YEAR)"
)

_SENTENCE = re.compile(r"\s*(?P<left>[^<>=]+?)\s*(?P<op><=|>=|<|>)\s*(?P<right>[^<>=]+?)\s*")
_CALL = re.compile(
    r"(?P<name>mean|var|tvar)\s*\(\s*(?P<first>[\w.]+)\s*(?:,\s*(?P<year>\d+)\s*)?\)"
)
_RUIN_YEAR = re.compile(r"ruin_year_(?P<year>\d+)")
_NUMBER = re.compile(r"[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit the board has set; it is breached where the comparison holds.

    >>> limit = Limit.parse("ruin > 0.005")
    >>> limit.quantity, limit.comparison, limit.threshold
    ('ruin', '>', 0.005)
    """

    text: str
    quantity: str
    comparison: str
    threshold: float

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read ``<quantity> <operator> <number>``.

        Raises
        ------
        InputError
            With what may be written instead.
        """
        quantity, comparison, threshold = _split(text)
        if not (quantity in _PLAIN or _RUIN_YEAR.fullmatch(quantity) or _CALL.fullmatch(quantity)):
            _refuse(text, f"a quantity among: {QUANTITIES}")
        return cls(text.strip(), quantity, comparison, threshold)

    def check(self, registry: Mapping[str, Measure], n_years: int, n_paths: int) -> None:
        """Refuse a limit that a run of this size cannot answer, before it is simulated.

        registry: the measures that the run will hold, as `FundFacts.registry` gives them.

        Raises
        ------
        InputError
            For a measure or year that the run will not hold, or a level that is not a fraction.
        NotEnoughPathsError
            For a tail measure that `n_paths` cannot support.

        >>> from mutualfund.results import MEASURES
        >>> Limit.parse("mean(reserve_close, 3) < 2e6").check(MEASURES, n_years=3, n_paths=100)
        """
        kind, argument, year = self._asked()
        if year is not None and not 1 <= year <= n_years:
            raise InputError([year_outside(year, n_years)])
        if kind == "mean" and argument not in registry:
            raise InputError([unknown_measure(argument, registry)])
        if kind in ("var", "tvar"):
            risk.require_support(n_paths, self._level(argument))

    def estimate(self, run: FundRun) -> Estimate:
        """What `run` says of the quantity.

        Raises
        ------
        InputError
            For a measure or year that the run does not hold.
        NotEnoughPathsError
            For a tail measure that its paths cannot support.
        """
        kind, argument, year = self._asked()
        if kind == "ruin":
            return summary.ruin(run, year)
        if kind == "mean":
            return summary.expected(run, argument, year)
        if kind in ("var", "tvar"):
            tail = summary.value_at_risk if kind == "var" else summary.tail_value_at_risk
            return tail(run, self._level(argument), 1 if year is None else year)
        return _PLAIN[kind](run)

    def breached(self, run: FundRun) -> bool:
        """Whether the run's estimate meets the comparison."""
        return bool(compare(self.comparison, self.estimate(run).estimate, self.threshold))

    def decided(self, run: FundRun) -> bool:
        """Whether both ends of the estimate's 95 % interval give the same answer.

        >>> from mutualfund import archetypes, simulate
        >>> few = archetypes.load("mutuelle").replace("settings.paths", 5).replace("settings.years", 1)
        >>> Limit.parse("ruin > 0.005").decided(simulate(few))
        False
        """
        found = self.estimate(run)
        ends = [compare(self.comparison, end, self.threshold) for end in (found.low, found.high)]
        return bool(ends[0] == ends[1])

    def _asked(self) -> tuple[str, str, int | None]:
        """What is asked for, of which measure or at which level, in which year."""
        if match := _RUIN_YEAR.fullmatch(self.quantity):
            return "ruin", "", int(match["year"])
        if match := _CALL.fullmatch(self.quantity):
            return match["name"], match["first"], int(match["year"]) if match["year"] else None
        return self.quantity, "", None

    def _level(self, word: str) -> float:
        if not _NUMBER.fullmatch(word):
            _refuse(self.text, "a level such as 0.99 in var(...) and tvar(...)")
        return float(word)


_PLAIN: Mapping[str, Callable[[FundRun], Estimate]] = MappingProxyType(
    {
        "ruin": summary.ruin,
        "prob_below_zero": summary.prob_below_zero,
        "prob_below_floor": summary.prob_below_floor,
        "prob_call": summary.prob_call,
        "loss_ratio": summary.loss_ratio,
    }
)


def compare(comparison: str, value: float, threshold: float) -> bool:
    """Whether ``value comparison threshold`` holds; never for a value that is not a number.

    >>> compare("<=", 2.0, 2.0)
    True
    """
    return bool(OPERATORS[comparison](cast(FloatArray, value), threshold))


def parse_condition(text: str) -> tuple[str, Comparison, float]:
    """Read ``<measure> <operator> <number>``: measure, comparison over arrays, threshold.

    >>> name, holds, threshold = parse_condition("reserve_close < 1e6")
    >>> name, threshold
    ('reserve_close', 1000000.0)
    """
    name, comparison, threshold = _split(text)
    if not name.isidentifier():
        _refuse(text, "a measure before the operator, such as reserve_close < 1e6")
    return name, OPERATORS[comparison], threshold


def _split(text: str) -> tuple[str, str, float]:
    sentence = _SENTENCE.fullmatch(text)
    if not sentence:
        _refuse(text, "<quantity> <operator> <number> with one of < <= > >=")
    number = sentence["right"]
    if number.endswith("%"):
        _refuse(text, "a fraction, not a percentage", "For 0.5 % write 0.005.")
    if not _NUMBER.fullmatch(number):
        _refuse(text, "a number after the operator, such as 0.005 or 2e6")
    return sentence["left"], sentence["op"], float(number)


def _refuse(text: str, allowed: str, remedy: str = 'Write for example "ruin > 0.005".') -> NoReturn:
    raise InputError([Fault("limit", repr(text), allowed, remedy, code="limit")])
