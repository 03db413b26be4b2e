"""A run goes on only as what it was started as: whatever differs is refused, each difference by its name."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mutualfund.errors import Fault, InputError, RunError
from mutualfund.fund.stated import leaves
from mutualfund.results.facts import is_not_a_file
from mutualfund.results.manifest import without_folders
from mutualfund.results.run import FundRun
from mutualfund.results.storage import held_in, load_run
from mutualfund.results.unfinished import PARTS, UnfinishedRun

NOT_IN_THE_RESULTS = {"settings.memory_mib"}
"""Keys that may differ: a run that ran out of memory has to be able to go on with less."""

REMEDY = "Change it back, or start anew in another folder."


def begun_in(folder: Path) -> UnfinishedRun | FundRun | None:
    """The run in a folder, finished or not; None where there is nothing yet to go on with.

    Raises
    ------
    RunError
        Where the folder holds something else, or a file of the run was altered.
    """
    held = held_in(folder)
    if held == "nothing":
        return None
    if held == "unfinished":
        return UnfinishedRun.find(folder)
    if held == "other":
        raise RunError(f"{folder.name} is in use; name another")
    run = load_run(folder)
    if not all(isinstance(run.manifest.get(part), kind) for part, kind in PARTS.items()):
        what = "holds a finished run that does not say how it was started; load it"
        raise RunError(f"{folder.name} {what}")
    return run


def require_same_run(
    started: Mapping[str, Any], started_text: str, text: str, now: Mapping[str, Any]
) -> None:
    """Refuse to go on with a run that was started as another.

    started, started_text: the record of the run and the text of its scenario.
    text, now: the same as they would be if it were started now, as far as that is known.

    Raises
    ------
    InputError
        With one fault for each difference.
    """
    faults = [*_scenario_faults(started, started_text, text, now)]
    if now["inputs"]["members"] != started["inputs"]["members"]:
        got, allowed = "other members", "the members that the run was started with"
        faults.append(Fault("members", got, allowed, REMEDY, "resume"))
    faults += _fact_faults(started, now) if not faults else []
    for name, version in now["versions"].items():
        faults += _fault(f"the version of {name}", version, started["versions"].get(name))
    faults += _fault("the processor", now["cpu"], started["cpu"])
    faults += _fault("stream_version", now["stream_version"], started["stream_version"])
    if not faults and now["plan"] != started["plan"]:
        got, allowed = "other tables for the kernel", "those that the run was started with"
        faults.append(Fault("a severity or the library's code", got, allowed, REMEDY, "resume"))
    if faults:
        raise InputError(faults)


def require_same_expectations(begun: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Refuse to go on where the pilot run, computed again, gives other expected values.

    Raises
    ------
    InputError
        Naming the values that differ.
    """
    started = begun["expected"]
    names = [name for name in expected if expected[name] != started.get(name)]
    if names:
        got = f"other values of {', '.join(names)}"
        allowed = "the expected values that the run was started with"
        raise InputError([Fault("the pilot run", got, allowed, REMEDY, "resume")])


def _fault(field: str, now: object, started: object) -> Iterator[Fault]:
    if now != started:
        allowed = f"{started}, with which the run was started"
        yield Fault(field, str(now), allowed, REMEDY, "resume")


def _scenario_faults(
    started: Mapping[str, Any], started_text: str, text: str, now: Mapping[str, Any]
) -> Iterator[Fault]:
    """The keys at which two scenarios differ."""
    own = is_not_a_file(started_text), is_not_a_file(text)
    if any(own) and not all(own):
        got = "another scenario" if own[1] else "a scenario that a file states"
        allowed = "the one that the run was started with"
        remedy = "Rules and severities of your own cannot be rebuilt: pass the same scenario from Python."
        yield Fault("scenario", got, allowed, remedy if own[0] else REMEDY, "resume")
        return
    old = _stated(started) if all(own) else _of_file(started_text)
    new = _stated(now) if all(own) else _of_file(text)
    for key in sorted((old.keys() | new.keys()) - NOT_IN_THE_RESULTS):
        yield from _fault(key, new.get(key, "nothing"), old.get(key, "nothing"))


def _of_file(text: str) -> Mapping[str, str]:
    return {key: repr(value) for key, value in leaves(tomllib.loads(text))}


def _stated(record: Mapping[str, Any]) -> Mapping[str, str]:
    """What a scenario that is no file states beside its own rules and severities."""
    found: Mapping[str, str] = record["inputs"]["scenario"].get("stated", {})
    return found


def _fact_faults(started: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Fault]:
    """What no key of a scenario says and the results are read by: the flows of rules of one's own."""
    for key in ("seed", "paths", "years"):
        yield from _fault(f"settings.{key}", now[key], started.get(key))
    facts = json.loads(json.dumps(without_folders(now["facts"])))  # as a record holds them
    for key, value in facts.items():
        yield from _fault(f"facts.{key}", value, started.get("facts", {}).get(key))
