"""docs/contributions.md: every block loads, says the same in both languages, and no rule or key is left out.

Source of truth: the page itself, whose sums were worked out by hand for its five members.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from mutualfund import Scenario, premiums
from mutualfund.premiums import Arrears, ContributionSpec, FlatContribution, Joining, Subsidy
from mutualfund.premiums.contributions import AdjustmentSpec
from mutualfund.rules import Rulebook

PAGE = (Path(__file__).parents[2] / "docs" / "contributions.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(csv|toml|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAT = "[rules.contributions]"
INTRODUCTION, *SECTIONS = re.split(r"^(?=##+ (?!The fund))", PAGE, flags=re.MULTILINE)
BASE = dict(BLOCK.findall(INTRODUCTION))
RULES = {text.splitlines()[0].strip("# "): text for text in SECTIONS if "```" in text}


@pytest.mark.parametrize("title", RULES, ids=lambda title: title.split(":")[0].strip("`"))
def test_the_file_and_python_say_the_same_and_the_sums_are_right(
    title: str, tmp_path: Path
) -> None:
    blocks = dict(BLOCK.findall(RULES[title]))
    assert list(blocks) == ["toml", "python"]
    whole, table = BASE["toml"], blocks["toml"]
    above = whole[: whole.index(FLAT)] if table.startswith(FLAT) else whole
    (tmp_path / "members.csv").write_text(BASE["csv"], encoding="utf-8")
    (tmp_path / "scenario.toml").write_text(above + table, encoding="utf-8")
    scenario = Scenario.load(tmp_path / "scenario.toml")

    assert scenario.rules == Rulebook(**in_python(blocks["python"], tmp_path / "rule.py"))
    oldest_first = np.argsort(-scenario.portfolio.age)
    for sums in re.findall(r"^The five owe (.*) a month\.$", RULES[title], re.MULTILINE):
        owed = scenario.rules.contributions.monthly_dues(scenario.portfolio)
        assert ", ".join(f"{amount:.2f}" for amount in owed[oldest_first]) == sums


def in_python(block: str, file: Path) -> dict[str, Any]:
    """The fields of a rulebook that the block builds; where it says nothing of the table, the first one."""
    file.write_text(BASE["python"] + block, encoding="utf-8")
    names = runpy.run_path(str(file))
    built = {name: names[name] for name in Rulebook.model_fields if name in names}
    terms = {"adjustments": names["adjustments"]} if "adjustments" in names else {}
    return {"contributions": FlatContribution(monthly=40.0, **terms)} | built


def listed(spec: Any) -> list[type]:
    return list(get_args(get_args(spec)[0]))


def test_every_kind_has_its_section_and_every_key_its_word() -> None:
    kinds = [*listed(ContributionSpec), *listed(AdjustmentSpec)]
    named = {kind.model_fields["kind"].default for kind in kinds}
    assert named == set(re.findall(r"^### `(\w+)`:", PAGE, re.MULTILINE))
    assert {"Subsidies", "Arrears", "Joining"} < set(RULES)
    keys = {key for kind in (*kinds, Subsidy, Arrears, Joining) for key in kind.model_fields}
    words = set(re.findall(r"^(\w+) = |`(\w+)`", PAGE, re.MULTILINE))
    assert keys - {word for pair in words for word in pair} == set()
    assert all(hasattr(premiums, name) for name in re.findall(r"\bpremiums\.(\w+)", PAGE))
