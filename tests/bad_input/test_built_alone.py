"""An input built alone in Python is refused in the words of a scenario file, whatever room it is of.

Source of truth: the list of all classes, and for severities and counts cases written out by hand.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from mutualfund import assumptions, claims, premiums, rules, scenario
from mutualfund.errors import InputError
from mutualfund.premiums import equalisation
from mutualfund.rules import capital

ROOMS = (assumptions, claims, premiums, equalisation, rules, capital, scenario)
INPUTS = {
    f"{room.__name__}.{name}": value
    for room in ROOMS
    for name, value in ((name, getattr(room, name)) for name in dir(room))
    if inspect.isclass(value) and issubclass(value, BaseModel) and not inspect.isabstract(value)
}


@pytest.mark.parametrize("model", INPUTS.values(), ids=INPUTS)
def test_every_input_names_the_key_that_it_does_not_know(model: type[BaseModel]) -> None:
    with pytest.raises(InputError) as refused:
        model(no_such_key=math.nan)
    unknown = [fault for fault in refused.value.faults if fault.code == "unknown_key"]
    assert [fault.field for fault in unknown] == ["no_such_key"]
    assert all(fault.field for fault in refused.value.faults)


def test_the_list_has_inputs_of_every_room() -> None:
    assert {name.rsplit(".", 1)[0] for name in INPUTS} == {room.__name__ for room in ROOMS}
    assert len(INPUTS) > 60


REFUSED: dict[str, tuple[str, Callable[[], Any]]] = {
    "text": ("^mu: got 'x'; allowed: a number", lambda: claims.Lognormal(mu="x", sigma=1.0)),
    "range": ("^mean: got -1; allowed: 0 or more", lambda: claims.Poisson(mean=-1.0)),
    "a key of a file": ("^lambda: got -1; allowed: more than 0", lambda: claims.InverseGaussian(
        **{"mu": 1.0, "lambda": -1.0})),
    "spelling": ("^Lognormal: got mean; allowed: mu and sigma, or mean and cv", lambda:
        claims.Lognormal(mean=5.0)),
    "mean": ("^Pareto: got an infinite mean; allowed: a finite one", lambda: claims.Pareto(
        alpha=0.9, above=5.0)),
    "tail": (r"^tail\.above: got -10; allowed: more than 0", lambda: claims.Gamma(
        mean=5.0, cv=1.0, tail={"kind": "pareto", "above": -10, "alpha": 2.0})),
    "kind of tail": (r"^tail\.kind: got 'parto'; .*Did you mean 'pareto'\?", lambda: claims.Gamma(
        mean=5.0, cv=1.0, tail={"kind": "parto"})),
    "trials": ("^Binomial: got mean 4.0 with 3 trials; allowed: a binomial", lambda: claims.Binomial(
        mean=4.0, trials=3)),
    "every fault": ("^2 faults:\n  trials: got 2.5; .*\n  x: got an unknown key", lambda: claims.Binomial(
        mean=1.0, trials=2.5, x=1)),
    "grown": ("^Lognormal: got", lambda: claims.Lognormal(mean=1e300, cv=1.0).scaled(1e100)),
}  # fmt: skip


@pytest.mark.parametrize(("said", "call"), REFUSED.values(), ids=REFUSED)
def test_a_severity_or_count_is_refused_with_the_key(said: str, call: Callable[[], Any]) -> None:
    with pytest.raises(InputError, match=said):
        call()
