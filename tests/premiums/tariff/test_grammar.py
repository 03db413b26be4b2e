"""The small arithmetic: what it reads, against NumPy; what it refuses, whatever is written.

Source of truth: the same operations by NumPy, built beside the text.
"""

from __future__ import annotations

import contextlib
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums.tariff.formula import Factor, Formula
from mutualfund.premiums.tariff.grammar import Expression

COLUMNS = {"age": np.array([1.5, 40.0, 77.0]), "coins": np.array([0.0, 25.0, 95.0])}
LEAVES = st.sampled_from(
    [("age", COLUMNS["age"]), ("coins", COLUMNS["coins"]), ("2.5", 2.5), ("1e-3", 1e-3)]
)


def larger(parts: st.SearchStrategy) -> st.SearchStrategy:
    def joined(two: tuple, sign: str) -> tuple:
        (left, a), (right, b) = two
        value = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "<": np.less}
        with np.errstate(all="ignore"):
            return f"({left} {sign} {right})", value[sign](a, b).astype(float)

    def applied(one: tuple, name: str) -> tuple:
        with np.errstate(all="ignore"):
            return f"{name}({one[0]})", getattr(np, name)(one[1])

    two = st.tuples(parts, parts)
    return st.builds(joined, two, st.sampled_from("+-*/<")) | st.builds(
        applied, parts, st.sampled_from(["log", "exp", "sqrt", "abs", "log1p"])
    )


@settings(deadline=None, max_examples=60)
@given(st.recursive(LEAVES, larger, max_leaves=8))
def test_any_expression_equals_numpys(case: tuple[str, object]) -> None:
    text, want = case
    found = np.broadcast_to(Expression.parse(text).of(COLUMNS), (3,))
    np.testing.assert_array_equal(found, np.broadcast_to(want, (3,)))


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ax1.e+-*/()<>=~ ,'_[]:\n", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for reader in (Expression.parse, Formula.parse):
        with contextlib.suppress(InputError):  # any other error fails
            assert reader(text).text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("-2 ** 2", -4.0),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512.0),
        ("8 / 4 / 2", 1.0),
        ("7 - 2 - 1", 4.0),
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3 == 9", 1.0),
        ("1 != 1", 0.0),
        ("log == 3", 1.0),
    ],
)
def test_signs_bind_as_on_paper(text: str, want: float) -> None:
    assert Expression.parse(text).of({"log": np.array([3.0])}) == want


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age +",
        "age age",
        "__import__('os').system('true')",
        "age.__class__",
        "lambda: 0",
        "age[0]",
        "eval(age)",
        "1 < age < 2",
        "f'{age}'",
        "age; 1",
    ],
)
def test_what_is_no_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="formula: got"):
        Expression.parse(text)


def test_a_text_may_be_neither_endless_nor_bottomless() -> None:
    with pytest.raises(InputError, match="at most 1,000"):
        Expression.parse("1 + " * 300 + "1")
    with pytest.raises(InputError, match="stops making sense"):
        Expression.parse("(" * 60 + "1" + ")" * 60)
    with pytest.raises(InputError, match="stops making sense"):
        Expression.parse("-" * 60 + "1")


def test_an_expression_crosses_a_process_as_its_text() -> None:
    expression = Expression.parse("log(age) * 2")
    again = pickle.loads(pickle.dumps(expression))  # noqa: S301 - our own
    assert again == expression
    np.testing.assert_array_equal(again.of(COLUMNS), expression.of(COLUMNS))


def test_a_formula_is_cut_at_its_own_plus_signs_only() -> None:
    formula = Formula.parse("cost / 2 ~ factor(sex, band) + log(age + 1) + 1e+2 * coins + 0")
    assert [getattr(term, "text", None) for term in formula.terms] == [
        None,
        "log(age + 1)",
        "1e+2 * coins",
    ]
    assert formula.terms[0] == Factor(("sex", "band"))
    assert not formula.intercept
    assert Formula.parse(formula.text) == formula


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("cost", "one tilde"),
        ("~ age", "one tilde"),
        ("a ~ b ~ c", "one tilde"),
        ("a ~ b + b", "b twice"),
        ("a ~ factor(b) + factor( b )", "twice"),
        ("a ~ 0", "no term and no intercept"),
        ("a ~ factor(log(b))", "stops making sense"),
    ],
)
def test_a_formula_that_says_nothing_is_refused(text: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        Formula.parse(text)


@pytest.mark.parametrize("terms", ["x - 1", "log(x) - 1", "factor(g) - 1", "x + w -1.5"])
def test_leaving_the_intercept_out_as_elsewhere_is_refused_with_the_way_out(terms: str) -> None:
    with pytest.raises(InputError, match=r"0 \+ before the terms to leave the intercept out"):
        Formula.parse(f"y ~ {terms}")


@pytest.mark.parametrize("terms", ["(x - 1)", "(age - 75) / 10", "x * 1e-1", "x ** -1", "x - w"])
def test_arithmetic_that_is_meant_stays(terms: str) -> None:
    assert [
        term.text for term in Formula.parse(f"y ~ {terms}").terms if not isinstance(term, Factor)
    ] == [terms]


def test_labels_crossed_by_a_colon_are_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"allowed: factor\(g, s\)"):
        Formula.parse("y ~ factor(g):factor(s)")
