"""Every public name has an example, which pytest runs: CONTRIBUTING.md, "How code reads here"."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import pytest

import mutualfund
from mutualfund import Portfolio, Scenario

ROOMS = (
    "assumptions",
    "claims",
    "fund",
    "portfolio",
    "premiums",
    "report",
    "results",
    "rules",
    "scenario",
)
MODULES = ("claims.reserving", "scenario.archetypes")
SHOWN_BY = {  # nobody makes one by hand: the example of what gives or reads it shows it
    "mutualfund.claims.Comparison": "mutualfund.claims.compare_severities",
    "mutualfund.claims.GoodnessOfFit": "mutualfund.claims.goodness_of_fit",
    "mutualfund.claims.GoodnessTest": "mutualfund.claims.goodness_of_fit",
    "mutualfund.claims.reserving.BackTest": "mutualfund.claims.reserving.back_test",
    "mutualfund.claims.reserving.BootstrapReserve": "mutualfund.claims.reserving.Bootstrap",
    "mutualfund.claims.reserving.Emergence": "mutualfund.claims.reserving.actual_against_expected",
    "mutualfund.claims.reserving.NextPayments": "mutualfund.claims.reserving.ExpectedPayments",
    "mutualfund.claims.reserving.ReservingMethod": "mutualfund.claims.reserving.ChainLadder",
    "mutualfund.claims.reserving.Tail": "mutualfund.claims.reserving.ConstantTail",
    "mutualfund.fund.CheckReport": "mutualfund.fund.check",
    "mutualfund.fund.SyntheticRecords": "mutualfund.fund.synthetic_records",
    "mutualfund.premiums.ArrearsAccount": "mutualfund.premiums.Arrears",
    "mutualfund.premiums.Balanced": "mutualfund.premiums.balance",
    "mutualfund.premiums.Contribution": "mutualfund.premiums.FlatContribution",
    "mutualfund.premiums.CrossSubsidies": "mutualfund.premiums.cross_subsidies",
    "mutualfund.premiums.who_pays": "mutualfund.premiums.WhoPays",
    "mutualfund.rules.Booking": "mutualfund.rules.ShareOfContributions",
    "mutualfund.rules.ExpectedBearers": "mutualfund.rules.expected_sharing",
    "mutualfund.rules.SampledBearers": "mutualfund.rules.sampled_sharing",
    "mutualfund.rules.Distribution": "mutualfund.rules.Surplus",
    "mutualfund.rules.YearView": "mutualfund.rules.CashFlowRule",
}


def public() -> Iterator[tuple[str, object]]:
    """Classes and functions that the package and its rooms offer, by name."""
    for place in (None, *ROOMS, *MODULES):
        module = importlib.import_module("mutualfund" if place is None else f"mutualfund.{place}")
        names = getattr(module, "__all__", [name for name in vars(module) if name[0] != "_"])
        for name in names:
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                yield f"{module.__name__}.{name}", value


def methods(kind: type) -> Iterator[tuple[str, str]]:
    """Names and docstrings of a class's own public methods and properties; pydantic's hooks left out."""
    for name, value in list(vars(kind).items()):
        function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if inspect.isfunction(function) and name[0] != "_" and name != "model_post_init":
            yield name, inspect.getdoc(function) or ""


def test_every_public_class_and_function_has_an_example() -> None:
    found = dict(public())
    assert len(found) > 60
    missing = [
        name for name in found if ">>>" not in (found[SHOWN_BY.get(name, name)].__doc__ or "")
    ]
    assert missing == []


@pytest.mark.parametrize("kind", [Portfolio, Scenario])
def test_every_method_of_the_inputs_is_shown_at_work(kind: type) -> None:
    """In its own example or in that of its class."""
    shown = "".join(re.findall(r"^ *(?:>>>|\.\.\.)(.*)", kind.__doc__ or "", re.MULTILINE))
    missing = [
        name for name, text in methods(kind) if ">>>" not in text and f".{name}" not in shown
    ]
    assert missing == []


def test_no_room_is_left_out() -> None:
    rooms = {module.name for module in pkgutil.iter_modules(mutualfund.__path__) if module.ispkg}
    assert rooms - set(ROOMS) == {"_cache", "cli", "inputs", "sim"}  # a command, and rooms within
