"""Compiled code comes back from the disk, and only the code that would be compiled now.

Real processes, real compilations, real faults: the toy of `conftest.py` is the library but for its kernel.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMPILED, LOADED, Told, Toy, told

posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such owners or modes"
)


def test_a_second_process_loads_what_the_first_compiled(toy: Toy) -> None:
    assert toy.run() == COMPILED
    assert toy.run() == LOADED


def test_a_leaf_is_kept_as_part_of_its_kernel_alone(toy: Toy) -> None:
    toy.run()
    assert [path.name.split("-")[0] for path in toy.kept()] == ["total"]


def test_an_edit_in_a_function_that_a_kept_one_calls_gives_the_new_result(toy: Toy) -> None:
    assert toy.run() == COMPILED
    toy.edit("x + 1", "x + 2")
    assert toy.run() == Told(14, 1)
    toy.edit("x + 2", "x + 1")
    assert toy.run() == LOADED


def test_an_edit_of_the_compiler_s_options_compiles_anew(toy: Toy) -> None:
    assert toy.run() == COMPILED
    toy.edit('"fastmath": False', '"fastmath": {"nsz"}', "../_jit.py")
    assert toy.run() == COMPILED


def test_an_edit_while_a_process_runs_does_not_mix_old_code_with_the_new_name(toy: Toy) -> None:
    leaf = str(toy.folder / "mutualfund" / "sim" / "parts" / "leaf.py")
    edit = (
        f"from pathlib import Path; leaf = Path({leaf!r})\n"
        "_ = leaf.write_text(leaf.read_text().replace('x + 1', 'x + 2'))"
    )
    assert toy.run(between=edit) == COMPILED  # what it had loaded
    assert toy.kept() == []
    assert toy.run() == Told(14, 1)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("NUMBA_BOUNDSCHECK", "1", COMPILED),
        ("NUMBA_OPT", "1", COMPILED),
        ("NUMBA_CPU_NAME", "generic", COMPILED),
        ("NUMBA_SOMETHING_NEW", "1", COMPILED),
        ("NUMBA_NUM_THREADS", "1", LOADED),
    ],
)
def test_a_setting_that_may_change_the_code_has_code_of_its_own(
    variable: str, value: str, expected: Told, toy: Toy
) -> None:
    toy.run()
    assert toy.run(**{variable: value}) == expected
    assert toy.run() == LOADED


def test_functions_of_one_factory_are_told_apart_by_what_they_close_over(toy: Toy) -> None:
    factory = (
        "from mutualfund._jit import kernel\n"
        "def factory(step):\n"
        "    def total(values):\n"
        "        return values.sum() + {used}\n"
        "    return kernel(total)\n"
        "total = factory({step})\n"
    )
    entry = toy.folder / "mutualfund" / "sim" / "entry.py"
    with_step = "from mutualfund.sim.entry import factory; total = factory({step})"
    entry.write_text(factory.format(used="step", step=1))
    assert toy.run(between=with_step.format(step=4)) == COMPILED
    assert toy.run(between=with_step.format(step=4)) == LOADED
    assert toy.run(between=with_step.format(step=5)) == Told(11, 1)


def test_a_function_that_closes_over_what_has_no_lasting_name_is_compiled_each_time(
    toy: Toy,
) -> None:
    entry = toy.folder / "mutualfund" / "sim" / "entry.py"
    entry.write_text(
        "from mutualfund._jit import kernel\n"
        "def factory(steps):\n"
        "    def total(values):\n"
        "        return values.sum() + steps[0]\n"
        "    return kernel(total)\n"
        "total = factory((4, 1.0))\n"
    )
    assert [toy.run(), toy.run()] == [COMPILED, COMPILED]
    assert toy.kept() == []


def test_loading_needs_neither_the_compiler_s_library_nor_scipy(toy: Toy) -> None:
    toy.run()
    without = "import sys; sys.modules |= {'numba.np.arraymath': None, 'scipy.linalg': None}"
    assert toy.run(between=without) == LOADED


def test_code_that_calls_what_numba_adds_later_is_loaded_with_it(toy: Toy) -> None:
    entry = toy.folder / "mutualfund" / "sim" / "entry.py"
    entry.write_text(
        "from mutualfund import _jit\n"
        "_jit._OPTIONS['_nrt'] = True\n"
        "@_jit.kernel\n"
        "def total(values):\n"
        "    return values.copy().sum() + 4\n"
    )
    assert [toy.run(), toy.run()] == [COMPILED, LOADED]


# ---- damage --------------------------------------------------------------------------------------


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut_within_its_head(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def cut_in_half(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def without_its_last_byte(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def with_one_bit_flipped(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


def of_random_bytes(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def a_pickle_that_raises(path: Path) -> None:
    path.write_bytes(b"cnumpy\nno_such_name\n.")


@pytest.mark.parametrize(
    "damage",
    [
        emptied,
        cut_within_its_head,
        cut_in_half,
        without_its_last_byte,
        with_one_bit_flipped,
        of_random_bytes,
        a_pickle_that_raises,
    ],
)
def test_a_damaged_file_costs_a_compilation_and_is_mended(
    damage: Callable[[Path], None], toy: Toy
) -> None:
    toy.run()
    (file,) = toy.kept()
    damage(file)
    assert toy.run() == COMPILED
    assert toy.run() == LOADED


def test_the_code_of_another_state_of_the_sources_is_not_taken_under_this_one_s_name(
    toy: Toy,
) -> None:
    toy.run()
    (first,) = toy.kept()
    toy.edit("x + 1", "x + 2")
    toy.run()
    (second,) = set(toy.kept()) - {first}
    second.write_bytes(first.read_bytes())
    assert toy.run() == Told(14, 1)


def test_a_folder_in_the_file_s_place_costs_compilations(toy: Toy) -> None:
    toy.run()
    (file,) = toy.kept()
    file.unlink()
    file.mkdir()
    assert [toy.run(), toy.run()] == [COMPILED, COMPILED]
    assert toy.kept() == []  # nothing half-written is left beside it


@posix_only
def test_a_disk_that_takes_no_more_costs_a_compilation_and_leaves_nothing(toy: Toy) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    assert toy.run(between=full) == COMPILED
    assert toy.kept() == []


# ---- places that are of no use -------------------------------------------------------------------


def a_file(where: Path) -> Path:
    where.write_text("mine")
    return where


def beneath_a_file(where: Path) -> Path:
    return a_file(where) / "cache"


def a_name_too_long(where: Path) -> Path:
    return where / ("x" * 300)


def a_folder_that_cannot_be_written(where: Path) -> Path:
    if os.geteuid() == 0:
        return Path("/proc/self")  # modes do not stop root; the kernel's own files do
    where.mkdir(mode=0o500)
    return where


@posix_only
@pytest.mark.parametrize(
    "place", [a_file, beneath_a_file, a_name_too_long, a_folder_that_cannot_be_written]
)
def test_a_place_that_cannot_be_used_costs_compilations(
    place: Callable[[Path], Path], toy: Toy, tmp_path: Path
) -> None:
    where = str(place(tmp_path / "place"))
    runs = [toy.run(MUTUALFUND_CACHE_DIR=where) for _ in range(2)]
    assert runs == [COMPILED, COMPILED]


@posix_only
@pytest.mark.parametrize("which", ["the whole cache", "the folder of this digest"])
def test_a_folder_that_others_can_write_is_not_used(which: str, toy: Toy) -> None:
    toy.run()
    (file,) = toy.kept()
    folder = toy.cache if which == "the whole cache" else file.parent
    before = file.stat().st_mtime_ns
    folder.chmod(0o777)
    assert toy.run() == COMPILED
    assert (toy.kept(), file.stat().st_mtime_ns) == ([file], before)
    folder.chmod(0o700)
    assert toy.run() == LOADED


@posix_only
def test_a_file_that_others_can_write_is_not_used_and_written_anew(toy: Toy) -> None:
    toy.run()
    (file,) = toy.kept()
    file.chmod(0o666)
    assert toy.run() == COMPILED
    assert toy.run() == LOADED


@posix_only
def test_a_link_in_the_place_of_the_folder_is_not_followed(toy: Toy) -> None:
    toy.run()
    (file,) = toy.kept()
    elsewhere = toy.cache.parent / "elsewhere"
    file.parent.rename(elsewhere)
    file.parent.symlink_to(elsewhere)
    assert toy.run() == COMPILED


def test_off_keeps_nothing_and_makes_nothing(toy: Toy) -> None:
    assert [toy.run(MUTUALFUND_CACHE_DIR="off") for _ in range(2)] == [COMPILED, COMPILED]
    assert not toy.cache.exists()
    assert not (toy.folder / "off").exists()


# ---- many at once --------------------------------------------------------------------------------


def test_four_processes_at_once_on_an_empty_folder_give_the_same_answer(toy: Toy) -> None:
    processes = [toy.start() for _ in range(4)]
    assert {told(process).answer for process in processes} == {10}
    assert [path.suffix for path in toy.kept()] == [".compiled"]
    assert toy.run() == LOADED


def test_what_is_compiled_and_kept_is_logged(toy: Toy) -> None:
    listen = (
        "import logging, sys; heard = logging.StreamHandler(sys.stdout)\n"
        "logging.getLogger('mutualfund').addHandler(heard)\n"
        "logging.getLogger('mutualfund').setLevel('DEBUG')"
    )
    out, err = toy.start(between=listen).communicate(timeout=300)
    lines = out.splitlines()
    assert lines[0] == "compiling total: nothing is kept for it"
    assert lines[1].startswith("compiled total in ") and lines[1].endswith(
        toy.kept()[0].parent.name
    )
    assert (len(lines), err) == (3, "")
