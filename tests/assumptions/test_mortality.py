"""Mortality tables: the shipped one and a user's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mutualfund.assumptions import MortalityTable
from mutualfund.errors import InputError

OWN = "# Village register, 2020-2024\nage,sex,rate\n0,F,0.01\n1,F,0.02\n0,M,0.03\n1,M,0.05\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_table_names_its_source_and_rises_with_age() -> None:
    table = MortalityTable.population()
    assert len(table.source) > 20
    assert bool((table.rates[95] > table.rates[60]).all())
    assert bool((table.rates[60] > table.rates[30]).all())
    assert bool((table.rates > 0).all())
    assert not table.rates.flags.writeable


def test_a_file_of_ones_own_carries_its_last_rate_on_and_gives_x_the_mean(tmp_path: Path) -> None:
    table = MortalityTable.read_csv(written(tmp_path, OWN))
    assert table.source == "Village register, 2020-2024"
    assert table.rates[0].tolist() == pytest.approx([0.01, 0.03, 0.02])
    assert table.rates[[1, 2, 120]] == pytest.approx(np.tile([0.02, 0.05, 0.035], (3, 1)))


def test_x_may_have_rates_of_its_own(tmp_path: Path) -> None:
    table = MortalityTable.read_csv(written(tmp_path, OWN + "0,X,0.5\n"))
    assert table.rates[7, 2] == 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("age,rate\n0,0.1\n", "age,sex,rate"),
        ("", "age,sex,rate"),
        (OWN + "2,F,1.5\n", "a chance from 0 to 1"),
        (OWN + "2,F,nan\n", "a chance from 0 to 1"),
        (OWN + '2,F,"0,1"\n', "decimal point"),
        (OWN + "1,F,0.1\n", "each age and sex once"),
        (OWN + "3,F,0.1\n", "without gaps"),
        (OWN + "2,W,0.1\n", "F, M or X"),
        (OWN + "130,F,0.1\n", "0 to 120"),
        ("age,sex,rate\n0,F,0.1\n", "without gaps"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_row(
    text: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words):
        MortalityTable.read_csv(written(tmp_path, text))


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        MortalityTable.read_csv(written(tmp_path, OWN + "2,F,7\n2,M,8\n"))
    assert [fault.field for fault in error.value.faults] == ["rates.csv row 5", "rates.csv row 6"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="readable"):
        MortalityTable.read_csv(tmp_path / "none.csv")


def test_nobody_dies_without_mortality() -> None:
    assert not MortalityTable.none().rates.any()
