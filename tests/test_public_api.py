"""The public names, pinned: adding or losing one is a visible act. Importing the package stays light."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import pkgutil
import subprocess
import sys

import pytest

import mutualfund

PUBLIC = {
    "Assumptions",
    "FundRun",
    "MutualFundError",
    "Portfolio",
    "Rulebook",
    "Scenario",
    "Settings",
    "archetypes",
    "claims",
    "load_run",
    "premiums",
    "report",
    "results",
    "rules",
    "simulate",
}
HEAVY = ("pandas", "scipy.stats", "numba", "matplotlib", "polars", "jinja2")


def test_the_public_names_are_these() -> None:
    assert set(mutualfund.__all__) == PUBLIC
    assert mutualfund.__all__ == sorted(mutualfund.__all__)
    assert set(dir(mutualfund)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(mutualfund, name)
    assert inspect.getdoc(value)
    assert getattr(mutualfund, name) is value


def test_simulate_is_the_verb_and_not_its_module() -> None:
    assert callable(mutualfund.simulate)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        _ = mutualfund.simulat


def modules_after(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded after `code`."""
    program = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "code",
    [
        "import mutualfund",
        "import mutualfund; mutualfund.Scenario, mutualfund.Portfolio, mutualfund.Rulebook",
        "import mutualfund; mutualfund.claims, mutualfund.archetypes, mutualfund.results",
    ],
)
def test_heavy_libraries_are_loaded_only_when_used(code: str) -> None:
    assert modules_after(code).isdisjoint(HEAVY)


def test_importing_the_package_alone_loads_none_of_its_rooms() -> None:
    loaded = {name for name in modules_after("import mutualfund") if name.startswith("mutualfund")}
    assert loaded == {"mutualfund", "mutualfund._exports"}


ROOMS = [
    name
    for _, name, is_package in pkgutil.walk_packages(mutualfund.__path__, "mutualfund.")
    if is_package and hasattr(importlib.import_module(name), "_homes")
]


def test_the_rooms_list_their_names() -> None:
    assert {"mutualfund.claims", "mutualfund.premiums", "mutualfund.rules"} < set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_that_a_room_lists_is_there(room: str) -> None:
    package = importlib.import_module(room)
    assert set(package.__all__) <= set(dir(package))
    for name in package.__all__:
        assert getattr(package, name) is getattr(package, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing_like_it'"):
        _ = package.nothing_like_it


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("import mutualfund.claims.aggregate.amounts", "claims.aggregate"),
        ("import mutualfund.premiums.who_pays", "premiums.who_pays"),
        ("import mutualfund.fund.simulate", "fund.simulate"),
    ],
)
def test_a_function_is_not_hidden_by_its_module_of_the_same_name(before: str, name: str) -> None:
    room = name.partition(".")[0]
    tried = f"import mutualfund.{room}; {before}; assert callable(mutualfund.{name})"
    modules_after(tried)


def test_a_module_that_no_room_lists_is_found_too() -> None:
    modules_after("import mutualfund; assert mutualfund.rules.capital.rbc")


def test_a_simulation_does_not_wait_for_fits_studies_and_reports() -> None:
    run = (
        "import mutualfund as mf; "
        "mf.simulate(mf.archetypes.load('mutuelle').replace('settings.paths', 1))"
    )
    unused = (
        "mutualfund.claims.fitting.comparison",
        "mutualfund.claims.experience",
        "mutualfund.claims.aggregate",
        "mutualfund.premiums.tariff.glm",
        "mutualfund.premiums.risk_premium",
        "mutualfund.report",
    )
    assert modules_after(run).isdisjoint(unused)


def test_the_library_has_a_logger_that_says_nothing_by_itself() -> None:
    handlers = logging.getLogger("mutualfund").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)


def test_the_library_s_errors_share_one_root() -> None:
    from mutualfund import errors

    raised = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value)
        and issubclass(value, Exception)
        and not issubclass(value, Warning)
    ]
    assert len(raised) >= 4
    assert all(issubclass(value, mutualfund.MutualFundError) for value in raised)
