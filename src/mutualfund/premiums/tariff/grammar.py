"""A small arithmetic over columns, as text: ``log(coins + 1)``, ``(age - 75) / 10``, ``cost > 0``.

Numbers, column names, ``+ - * / **``, comparisons and five functions, read by a hand-written parser: no text
is ever evaluated as a program. A comparison gives 1 where it holds and 0 elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn

import numpy as np

from mutualfund.errors import Fault, InputError, require_kind
from mutualfund.types import FloatArray

Columns = Mapping[str, FloatArray]
Evaluation = Callable[[Columns], FloatArray]

LONGEST, DEEPEST = 1_000, 50
FUNCTIONS: Mapping[str, Callable[[FloatArray], FloatArray]] = MappingProxyType(
    {"log": np.log, "log1p": np.log1p, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs}
)
COMPARISONS: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = MappingProxyType(
    {
        "<=": np.less_equal,
        ">=": np.greater_equal,
        "==": np.equal,
        "!=": np.not_equal,
        "<": np.less,
        ">": np.greater,
    }
)
SUMS = MappingProxyType({"+": np.add, "-": np.subtract})
PRODUCTS = MappingProxyType({"*": np.multiply, "/": np.divide})
ALLOWED = (
    f"numbers, column names, + - * / **, parentheses, < <= > >= == !=, and {', '.join(FUNCTIONS)}"
)

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/<>()]))"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """Arithmetic over named columns.

    text: as written. names: the columns it reads, in order of appearance.

    >>> expression = Expression.parse("log(coins + 1) / 2")
    >>> expression.names
    ('coins',)
    >>> expression.of({"coins": np.array([0.0, 99.0])}).round(3).tolist()
    [0.0, 2.303]
    """

    text: str
    names: tuple[str, ...]
    _evaluate: Evaluation = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read an expression.

        Raises
        ------
        InputError
            With the place where reading stopped, and what may be written.

        >>> try:
        ...     Expression.parse("age + system('ls')")
        ... except InputError as error:
        ...     print(error.faults[0].got)
        "age + system('ls')", which stops making sense at "('ls')"
        """
        require_kind("formula", text, str, ALLOWED)
        reader = _Reader(text)
        evaluate = reader.whole()
        return cls(text.strip(), tuple(dict.fromkeys(reader.names)), evaluate)

    def of(self, columns: Columns) -> FloatArray:
        """(n,) values for columns of (n,) numbers; not a number where arithmetic has no answer."""
        with np.errstate(all="ignore"):
            return np.asarray(self._evaluate(columns), dtype=np.float64)

    def __reduce__(self) -> tuple[Callable[[str], Expression], tuple[str]]:
        return Expression.parse, (self.text,)


def _number(value: float) -> Evaluation:
    return lambda _: np.float64(value)  # type: ignore[return-value]  # broadcasts like a column


def _column(name: str) -> Evaluation:
    return lambda columns: columns[name]


def _as_number(values: FloatArray) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _applied(function: Callable[[FloatArray], FloatArray], inner: Evaluation) -> Evaluation:
    return lambda columns: function(inner(columns))


def _joined(
    function: Callable[[FloatArray, FloatArray], FloatArray], left: Evaluation, right: Evaluation
) -> Evaluation:
    return lambda columns: function(left(columns), right(columns))


class _Reader:
    """Recursive descent, loosest first: comparison, sum, product, sign, power, atom."""

    def __init__(self, text: str) -> None:
        self.text, self.place, self.depth = text, 0, 0
        self.names: list[str] = []
        if len(text) > LONGEST:
            fault = Fault(
                "formula", f"{len(text):,} characters", f"at most {LONGEST:,}", code="formula"
            )
            raise InputError([fault])

    def whole(self) -> Evaluation:
        found = self.comparison()
        if self.text[self.place :].strip():
            self.refuse()
        return found

    def comparison(self) -> Evaluation:
        left = self.chain(self.product, SUMS)
        sign = self.sign(COMPARISONS)
        if sign is None:
            return left
        holds = _joined(COMPARISONS[sign], left, self.chain(self.product, SUMS))
        return _applied(
            _as_number, holds
        )  # NumPy would take the logarithm of a truth in half precision

    def product(self) -> Evaluation:
        return self.chain(self.signed, PRODUCTS)

    def chain(
        self,
        part: Callable[[], Evaluation],
        signs: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]],
    ) -> Evaluation:
        found = part()
        while (sign := self.sign(signs)) is not None:
            found = _joined(signs[sign], found, part())
        return found

    def signed(self) -> Evaluation:
        if self.sign("-") is not None:
            return _applied(np.negative, self.deeper(self.signed))
        return self.power()

    def power(self) -> Evaluation:
        base = self.atom()
        if self.sign(("**",)) is None:
            return base
        return _joined(np.power, base, self.deeper(self.signed))

    def atom(self) -> Evaluation:
        token = self.next()
        if token is None:
            self.refuse()
        if token["number"]:
            self.place = token.end()
            return _number(float(token["number"]))
        if token["name"]:
            self.place = token.end()
            if token["name"] in FUNCTIONS and self.sign("(") is not None:
                return _applied(FUNCTIONS[token["name"]], self.inside())
            self.names.append(token["name"])
            return _column(token["name"])
        if self.sign("(") is None:
            self.refuse()
        return self.inside()

    def inside(self) -> Evaluation:
        found = self.deeper(self.comparison)
        if self.sign(")") is None:
            self.refuse()
        return found

    def deeper(self, part: Callable[[], Evaluation]) -> Evaluation:
        """`part`, one level further in: Python's own stack must not decide how deep a text may be."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse()
        found = part()
        self.depth -= 1
        return found

    def next(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.place)

    def sign(self, signs: Mapping[str, object] | Sequence[str]) -> str | None:
        """The next token, taken, where it is one of `signs`."""
        token = self.next()
        if token is None or token["sign"] is None or token["sign"] not in signs:
            return None
        self.place = token.end()
        return token["sign"]

    def refuse(self) -> NoReturn:
        rest = self.text[self.place :].strip()
        where = f'at "{rest}"' if rest else "at its end"
        got = f'"{self.text.strip()}", which stops making sense {where}'
        raise InputError([Fault("formula", got, ALLOWED, code="formula")])
