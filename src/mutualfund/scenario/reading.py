"""From files and tables to the parts of a scenario, collecting faults instead of stopping at the first."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from mutualfund.assumptions import MortalityTable
from mutualfund.errors import Fault, InputError
from mutualfund.inputs.faults import did_you_mean, faults_of, listing, prefixed
from mutualfund.portfolio import Portfolio
from mutualfund.scenario.settings import Fund, Heading, Members


def tables(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises
    ------
    InputError
        Where the file cannot be read, is not UTF-8 or not TOML; the place in the file is named.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise _unusable(path, error.strerror or "unreadable", "a readable file") from None
    except UnicodeDecodeError:
        raise _unusable(path, "text that is not UTF-8", "UTF-8", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise _unusable(path, str(error), "TOML") from None


def _unusable(path: Path, got: str, allowed: str, remedy: str = "") -> InputError:
    return InputError([Fault(path.name, got, allowed, remedy, "file")])


def sections(
    data: Mapping[str, Any], scenario: type[BaseModel]
) -> tuple[dict[str, Any], list[Fault]]:
    """Each top-level part checked by itself: the valid parts, and every fault of the others."""
    known = scenario.model_fields
    faults = [
        Fault(key, "an unknown key", listing(known), did_you_mean(key, known), "unknown_key")
        for key in data
        if key not in known
    ]
    parts: dict[str, Any] = {}
    heading = {key: data[key] for key in Heading.model_fields if key in data}
    checked = _checked(heading, Heading, faults, "")
    if checked is not None:
        parts |= {key: getattr(checked, key) for key in heading}
    for name, info in known.items():
        if name in Heading.model_fields:
            continue
        if name not in data:
            if info.is_required():
                allowed = f"a table [{name}] with {listing(_required(info.annotation))}"
                faults.append(Fault(name, "nothing", allowed, f"Add [{name}].", "missing"))
            continue
        part = _checked(data[name], info.annotation, faults, name)
        if part is not None:
            parts[name] = part
    return parts, faults


def _required(model: Any) -> list[str]:
    return [name for name, info in model.model_fields.items() if info.is_required()]


def _checked(value: Any, model: Any, faults: list[Fault], at: str) -> Any:
    if isinstance(value, model):
        return value
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults += prefixed(faults_of(error, value, model), at)
        return None


def members_model(value: object) -> Members | None:
    """The members section, from a table or as it is; None where it is not valid."""
    return _checked(value, Members, [], "members")  # type: ignore[no-any-return]


@dataclass(slots=True)
class Source:
    """Who the members are and how they die, with what was wrong on the way."""

    portfolio: Portfolio | None = None
    mortality: MortalityTable = field(default_factory=MortalityTable.none)
    faults: list[Fault] = field(default_factory=list)


def members_of(
    parts: Mapping[str, Any],
    portfolio: Portfolio | None,
    folder: Path | None,
    *,
    read_members: bool,
) -> Source:
    """The portfolio and mortality table that the members section names.

    A portfolio given in Python is taken as it is.
    """
    found = Source(portfolio)
    members = parts.get("members", Members())
    fund = parts.get("fund")
    try:
        if portfolio is None and read_members and fund is not None:
            found.portfolio = _portfolio(members, fund, folder)
    except InputError as error:
        found.faults += error.faults
    try:
        found.mortality = _mortality(members.mortality, folder, read_files=read_members)
    except InputError as error:
        found.faults += error.faults
    return found


def _portfolio(members: Members, fund: Fund, folder: Path | None) -> Portfolio:
    if members.synthetic is not None:
        made = members.synthetic
        plans = None if made.plans is None else dict(made.plans)
        return Portfolio.synthetic(made.n, age_mix=made.age_mix, seed=made.seed, plans=plans)
    if members.file is None:
        remedy = "In Python, pass portfolio= instead."
        raise InputError(
            [
                Fault(
                    "members.file",
                    "nothing",
                    "a members file, or members.synthetic",
                    remedy,
                    "missing",
                )
            ]
        )
    path = inside(members.file, folder, "members.file")
    return _read_members(path, fund.start, members)


def _read_members(path: Path, start: date, members: Members) -> Portfolio:
    if path.suffix == ".parquet":
        return Portfolio.read_parquet(path, start=start)
    if path.suffix == ".csv":
        return Portfolio.read_csv(
            path,
            start=start,
            delimiter=members.delimiter or ",",
            decimal=members.decimal or ".",
            encoding=members.encoding or "utf-8",
        )
    raise InputError(
        [Fault("members.file", f"'{path.name}'", "a .parquet or .csv file", code="file")]
    )


def _mortality(name: str, folder: Path | None, *, read_files: bool) -> MortalityTable:
    if name == "population":
        return MortalityTable.population()
    if name == "none" or not read_files:
        return MortalityTable.none()
    return MortalityTable.read_csv(inside(name, folder, "members.mortality"))


def inside(name: str, folder: Path | None, at: str) -> Path:
    """The file `name` beside the scenario, which it may not leave, links followed.

    Raises
    ------
    InputError
        Where there is no folder, no such file, or the file lies elsewhere.
    """
    if folder is None:
        remedy = "Load the scenario from a file, or pass folder=."
        raise InputError(
            [Fault(at, f"'{name}'", "a file beside the scenario file", remedy, "file")]
        )
    home = folder.resolve()
    path = (home / name).resolve()
    if not path.is_relative_to(home):
        allowed = "a file in the scenario's own folder"
        raise InputError(
            [Fault(at, f"'{name}'", allowed, "Copy the file there.", "outside_folder")]
        )
    if not path.is_file():
        near = did_you_mean(name, [item.name for item in home.iterdir() if item.is_file()])
        raise InputError(
            [Fault(at, f"'{name}', which is not there", "a file that exists", near, "file")]
        )
    return path


def plain(model: BaseModel) -> dict[str, Any]:
    """Nested tables of what was stated.

    Raises
    ------
    InputError
        Where a rule or severity of one's own stands in it: a file cannot hold that.
    """
    return _plain_table(model, "", _refused)


def statable(model: BaseModel) -> dict[str, Any]:
    """Nested tables of what was stated, with the class of a rule or severity of one's own in its place."""
    return _plain_table(model, "", lambda _at, called: called)


def _refused(at: str, called: str) -> Any:
    raise InputError(
        [Fault(at, called, "one of the listed kinds, in a file", code="not_a_file_value")]
    )


def _plain_table(model: BaseModel, at: str, own: Callable[[str, str], Any]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        stated = name in model.model_fields_set or name in ("kind", "schema_version")
        if not stated or value is None or (name == "extra" and not value):
            continue
        key = info.alias or name
        inner = _plain(value, f"{at}.{key}" if at else key, own)
        if name == "lines" and isinstance(inner, dict):
            table |= inner
        else:
            table[key] = inner
    return table


def _plain(value: Any, at: str, own: Callable[[str, str], Any]) -> Any:
    if isinstance(value, BaseModel):
        return _plain_table(value, at, own)
    if isinstance(value, Mapping):
        return {key: _plain(item, f"{at}.{key}", own) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, at, own) for item in value]
    if isinstance(value, str | int | float | bool | date):
        return value
    return own(at, f"a {type(value).__name__} of your own")
