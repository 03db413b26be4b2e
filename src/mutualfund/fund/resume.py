"""A run goes on only as what it was started as: whatever differs is refused, each difference by its name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mutualfund.errors import Fault, InputError, RunError
from mutualfund.results.facts import NOT_A_FILE
from mutualfund.results.storage import held_in
from mutualfund.results.unfinished import UnfinishedRun

REMEDY = "Change it back, or start anew in another folder."
_NOWHERE = object()


def unfinished(folder: Path) -> UnfinishedRun | None:
    """The unfinished run in a folder; None where there is nothing yet to go on with.

    Raises
    ------
    RunError
        Where the folder holds a finished run or something else, or a file of the run was altered.
    """
    held = held_in(folder)
    if held == "nothing":
        return None
    if held == "unfinished":
        return UnfinishedRun.find(folder)
    what = "holds a finished run; load it" if held == "run" else "is in use; name another"
    raise RunError(f"{folder.name} {what}")


def require_same_run(begun: UnfinishedRun, text: str, now: Mapping[str, Any]) -> None:
    """Refuse to go on with a run that was started as another.

    text, now: the scenario's text, and what a record of the run would hold if it were started now, as far as
    it is known.

    Raises
    ------
    InputError
        With one fault for each difference.
    """
    started = begun.record
    faults = [*_scenario_faults(begun.scenario_text(), text)]
    if now["inputs"]["members"] != started["inputs"]["members"]:
        got, allowed = "other members", "the members that the run was started with"
        faults.append(Fault("members", got, allowed, REMEDY, "resume"))
    for name, version in now["versions"].items():
        faults += _fault(f"the version of {name}", version, started["versions"].get(name))
    faults += _fault("the processor", now["cpu"], started["cpu"])
    faults += _fault("stream_version", now["stream_version"], started["stream_version"])
    faults += _fault("block_paths", now["block_paths"], started["block_paths"])
    if not faults and now["plan"] != started["plan"]:
        got, allowed = "other tables for the kernel", "those that the run was started with"
        faults.append(Fault("a severity or the library's code", got, allowed, REMEDY, "resume"))
    if faults:
        raise InputError(faults)


def require_same_expectations(begun: UnfinishedRun, expected: Mapping[str, Any]) -> None:
    """Refuse to go on where the pilot run, computed again, gives other expected values.

    Raises
    ------
    InputError
        Naming the values that differ.
    """
    started = begun.record["expected"]
    names = [name for name in expected if expected[name] != started.get(name)]
    if names:
        got = f"other values of {', '.join(names)}"
        allowed = "the expected values that the run was started with"
        raise InputError([Fault("the pilot run", got, allowed, REMEDY, "resume")])


def _fault(field: str, now: object, started: object) -> Iterator[Fault]:
    if now != started:
        allowed = f"{started}, with which the run was started"
        yield Fault(field, str(now), allowed, REMEDY, "resume")


def _scenario_faults(started: str, now: str) -> Iterator[Fault]:
    """The keys at which two scenario files differ."""
    if started == now:
        return
    if NOT_A_FILE in started or NOT_A_FILE in now:
        got = "another scenario" if NOT_A_FILE in now else "a scenario that a file states"
        allowed = "the one that the run was started with"
        remedy = "Rules and severities of your own cannot be rebuilt: pass the same scenario from Python."
        yield Fault("scenario", got, allowed, remedy if NOT_A_FILE in started else REMEDY, "resume")
        return
    old, new = dict(_leaves(tomllib.loads(started))), dict(_leaves(tomllib.loads(now)))
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key, _NOWHERE), new.get(key, _NOWHERE)
        if before != after:
            yield from _fault(key, _shown(after), _shown(before))


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _leaves(item, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            name = item.get("name", index) if isinstance(item, dict) else index
            yield from _leaves(item, f"{place}.{name}")
    else:
        yield place, value


def _shown(value: object) -> str:
    return "nothing" if value is _NOWHERE else repr(value)
