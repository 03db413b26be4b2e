"""The addressed random numbers: published answers, and the contract of the address."""

import numpy as np
import pytest

from mutualfund import rng
from mutualfund._philox import philox as compiled_philox
from mutualfund.rng import Purpose
from reference.member_year import philox as twin_philox

# Random123's kat_vectors file for philox4x32-10 (Salmon et al., SC 2011): counter, key, answer.
KNOWN_ANSWERS = [
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_all_three_generators_give_the_published_answers(counter, key, answer):
    assert twin_philox(*counter, *key) == answer
    arrays = [np.array([word], np.uint64) for word in counter]
    assert tuple(rng.philox(*arrays, *key)[0].tolist()) == answer
    low, high = compiled_philox(*(np.uint64(word) for word in (*counter, *key)))
    assert (low & 0xFFFFFFFF, low >> 32, high & 0xFFFFFFFF, high >> 32) == answer


def test_a_draw_depends_on_its_address_alone():
    key = rng.stream_key(7, "line:hospital")
    all_at_once = rng.blocks(
        key, path=np.arange(10, dtype=np.uint64), year=3, purpose=Purpose.SHOCK
    )
    alone = rng.blocks(key, path=4, year=3, purpose=Purpose.SHOCK)
    assert all_at_once[4].tolist() == alone.tolist()


def test_every_part_of_the_address_matters():
    key = rng.stream_key(7, "returns")
    base = {"member": 5, "path": 6, "year": 7, "purpose": Purpose.RETURN, "index": 8}
    blocks = {tuple(rng.blocks(key, **base).tolist())}
    for change in (
        {"member": 5 + (1 << 32)},
        {"path": 7},
        {"year": 8},
        {"purpose": Purpose.PLAN},
        {"index": 9},
    ):
        blocks.add(tuple(rng.blocks(key, **{**base, **change}).tolist()))
    blocks.add(tuple(rng.blocks(rng.stream_key(8, "returns"), **base).tolist()))
    assert len(blocks) == 7


def test_uniforms_are_uniform():
    """Kolmogorov-Smirnov on 200,000 draws sees a distribution wrong by 0.0045 at one in a thousand."""
    from scipy.stats import kstest

    path = np.arange(200_000, dtype=np.uint64)
    draws = rng.uniforms(
        rng.blocks(rng.stream_key(1, "returns"), path=path, purpose=Purpose.RETURN)
    )
    assert kstest(draws, "uniform").pvalue > 1e-3
    assert draws.min() > 0.0
    assert draws.max() < 1.0
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 5 / np.sqrt(draws.size)


def test_the_stream_contract_is_what_it_was():
    """A change here changes every published number: raise STREAM_VERSION and say so in the changelog."""
    assert rng.STREAM_VERSION == 3
    assert rng.stream_key(2026, "line:hospital") == (rng.stream_key(2026, "line:hospital"))
    assert [p.value for p in Purpose] == list(range(1, 15))
