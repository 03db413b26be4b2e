"""Kernels count what they compile, and stay plain functions where nothing is to be compiled."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from mutualfund._jit import compilations, inline, kernel


def test_a_kernel_compiles_once_for_each_set_of_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", "off")
    before, total = compilations(), kernel(lambda values: values.sum())
    assert [total(np.arange(4)) for _ in range(2)] == [6, 6]
    assert compilations() == before + 1
    assert total(np.arange(4.0)) == 6.0
    assert compilations() == before + 2


def test_a_kernel_that_is_compiled_again_is_not_loaded_from_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", f"{tmp_path}/cache")
    before, total = compilations(), kernel(lambda values: values.sum())
    total(np.arange(4))
    total.recompile()
    assert total(np.arange(4)) == 6
    assert compilations() == before + 2


@pytest.mark.parametrize("kernel_first", [True, False])
def test_a_leaf_can_be_called_from_python_whether_or_not_a_kernel_has_merged_it(
    kernel_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", "off")
    leaf = inline(lambda value: value + 1)
    whole = kernel(lambda value: leaf(value) * 2)
    calls = [(whole, 8), (leaf, 4)] if kernel_first else [(leaf, 4), (whole, 8)]
    for _ in range(2):
        assert [function(3) for function, _ in calls] == [expected for _, expected in calls]
    assert leaf(0.5) == 1.5


def test_without_the_compiler_kernels_are_plain_functions() -> None:
    code = (
        "from mutualfund._jit import compilations, inline, kernel\n"
        "def leaf(): return 5\n"
        "assert kernel(leaf) is inline(leaf) is leaf\n"
        "assert compilations() == 0\n"
    )
    env = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    subprocess.run([sys.executable, "-W", "error", "-c", code], env=env, check=True)
