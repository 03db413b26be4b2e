"""A model as one line of text: ``visits ~ factor(band) + factor(sex) + log(coins + 1)``.

Left of the tilde stands what is explained, right of it terms joined by ``+``: arithmetic over columns
(`grammar`), or ``factor(column)`` for a column of labels, or ``factor(a, b)`` for the labels of two columns
crossed. A ``0`` among the terms leaves the intercept out. Columns may hold numbers or text; a factor takes
either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mutualfund.errors import Fault, InputError, kind_of
from mutualfund.premiums.tariff.grammar import Expression

_FACTOR = re.compile(r"\s*factor\s*\(\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*\)\s*")
_LESS_A_NUMBER = re.compile(r"[\w)]\s*(?<![\d.][eE])-\s*[\d.]+\s*$")
_EXAMPLE = "Write for example visits ~ factor(band) + log(coins + 1)."


@dataclass(frozen=True, slots=True)
class Factor:
    """One coefficient for each label of a column, or of several columns crossed, but for the base.

    >>> Factor(("sex", "band")).name
    'sex:band'
    """

    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The columns, joined by a colon."""
        return ":".join(self.names)


Term = Expression | Factor


@dataclass(frozen=True, slots=True)
class Formula:
    """What is explained by what.

    >>> formula = Formula.parse("visits ~ factor(band) + log(coins + 1)")
    >>> formula.response.text, [type(term).__name__ for term in formula.terms], formula.intercept
    ('visits', ['Factor', 'Expression'], True)
    """

    response: Expression
    terms: tuple[Term, ...]
    intercept: bool = True

    def __post_init__(self) -> None:
        names = [_said(term) for term in self.terms]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _refusal(f"{twice[0]} twice", "each term once")
        if not self.terms and not self.intercept:
            raise _refusal("no term and no intercept", "at least one of them")

    @classmethod
    def read(cls, given: Any) -> Formula:
        """A formula as it is, or read from its text.

        Raises
        ------
        InputError
            For anything else, and as `parse`.
        """
        if isinstance(given, Formula):
            return given
        return cls.parse(given)

    @classmethod
    def parse(cls, text: str) -> Formula:
        """Read ``response ~ term + term``.

        Raises
        ------
        InputError
            Where it is no text, a part cannot be read, or a term stands twice.
        """
        if not isinstance(text, str):
            raise _refusal(kind_of(text), "text")
        left, tilde, right = text.partition("~")
        if not tilde or "~" in right or not left.strip():
            raise _refusal(f'"{text.strip()}"', "what is explained, one tilde, and terms")
        parts = [part.strip() for part in _top_level_parts(right)]
        terms = tuple(_term(part) for part in parts if part not in ("0", "1"))
        return cls(Expression.parse(left), terms, intercept="0" not in parts)

    @property
    def text(self) -> str:
        """The formula as text; it reads back as itself."""
        parts = ([] if self.intercept else ["0"]) + [_said(term) for term in self.terms]
        return f"{self.response.text} ~ {' + '.join(parts) or '1'}"


def _term(text: str) -> Term:
    factor = _FACTOR.fullmatch(text)
    if factor:
        return Factor(tuple(name.strip() for name in factor[1].split(",")))
    if re.fullmatch(r"[^:]*factor[^:]*:[^:]*", text):
        raise _refusal(f'"{text}"', "factor(g, s) for the labels of two columns crossed")
    if _LESS_A_NUMBER.search(text):
        # Elsewhere that leaves the intercept out; here it would be a column of other numbers.
        allowed = (
            "0 + before the terms to leave the intercept out; in parentheses, (x - 1) is a number"
        )
        raise _refusal(f'"{text}"', allowed)
    return Expression.parse(text)


def _said(term: Term) -> str:
    return term.text if isinstance(term, Expression) else f"factor({', '.join(term.names)})"


def _top_level_parts(text: str) -> Iterator[str]:
    """`text` cut at every ``+`` that stands in no parentheses and is no sign of an exponent (1e+5)."""
    depth, begin = 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        exponent = re.search(r"(?<![\w.])\d[\d.]*[eE]$", text[begin:place]) is not None
        if sign == "+" and depth == 0 and not exponent:
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]


def _refusal(got: str, allowed: str) -> InputError:
    return InputError([Fault("formula", got, allowed, _EXAMPLE, code="formula")])
