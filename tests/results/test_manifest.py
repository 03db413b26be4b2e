"""The manifest: complete, private, sealed."""

from __future__ import annotations

import getpass
import json
import platform

import pytest

from mutualfund.errors import RunError
from mutualfund.results import manifest as manifests


def test_the_environment_names_everything_that_can_move_a_number() -> None:
    environment = manifests.environment()
    libraries = {"mutualfund", "python", "numpy", "numba", "llvmlite", "scipy", "pyarrow"}
    assert set(environment["versions"]) == libraries
    assert environment["versions"]["python"] == platform.python_version()
    assert environment["cpu"]


def test_the_environment_names_neither_user_nor_host() -> None:
    text = json.dumps(manifests.environment())
    for private in (getpass.getuser(), platform.node()):
        # A user called "root" or a host called "x" may be part of a word by chance.
        assert f'"{private}"' not in text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/home/anna/members.parquet: 3 rows", "members.parquet: 3 rows"),
        (r"C:\Users\anna\members.csv", "members.csv"),
        ("share and/or amount, 12/2026", "share and/or amount, 12/2026"),
        ("members.parquet", "members.parquet"),
        ("see https://example.org/page", "see https://example.org/page"),
    ],
)
def test_absolute_paths_keep_only_their_last_name(text: str, kept: str) -> None:
    assert manifests.without_folders({"warnings": [text]}) == {"warnings": [kept]}


def test_a_manifest_reads_back_as_written() -> None:
    manifest = {"run_version": 1, "seed": 7, "b": [1, None, 0.1]}
    manifest |= {"files": {}, "digest": "", "facts": {}}
    read = manifests.parse(manifests.render(manifest))
    assert {key: read[key] for key in manifest} == manifest


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"manifest_sha256": "x"}'])
def test_what_is_not_a_manifest_is_refused(text: str) -> None:
    with pytest.raises(RunError, match=r"manifest\.json"):
        manifests.parse(text)


@pytest.mark.parametrize("lost", ["files", "digest", "facts"])
@pytest.mark.parametrize("instead", [None, 3, ["a"]])
def test_a_sealed_manifest_that_lacks_a_part_is_refused(lost: str, instead: object) -> None:
    whole = {"run_version": 1, "files": {}, "digest": "", "facts": {}}
    with pytest.raises(RunError, match=f"no usable '{lost}'"):
        manifests.parse(manifests.render(whole | {lost: instead}))
    del whole[lost]
    with pytest.raises(RunError, match=f"no usable '{lost}'"):
        manifests.parse(manifests.render(whole))


def test_any_altered_character_is_seen() -> None:
    text = manifests.render({"run_version": 1, "seed": 7})
    with pytest.raises(RunError, match="altered"):
        manifests.parse(text.replace("7", "8", 1))
    with pytest.raises(RunError, match="altered"):
        manifests.parse(text + " ")
