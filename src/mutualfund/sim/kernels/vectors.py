"""Table look-ups, eight at a time, and the random words of a whole row of members.

A loop that stores what it reads from a table at computed places cannot be vectorised by LLVM: it cannot show
that the store does not change the table. `gather8` says so outright. Processors without a gather get eight
plain loads from the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic

from mutualfund._jit import inline, stage, widest_vectors
from mutualfund._philox import HALF, LOW, U, Word, philox
from mutualfund.types import IntArray, UIntArray

Whole: TypeAlias = int | np.int64 | np.uint64
GATHERED = 8
WORD32, WORD64 = ir.IntType(32), ir.IntType(64)
LANES8 = ir.VectorType(WORD64, GATHERED)


@stage
def draw_blocks(
    member: UIntArray,
    begin: Whole,
    n: Whole,
    path: Word,
    tag: Word,
    key: UIntArray,
    row: Whole,
    first: UIntArray,
    second: UIntArray,
) -> None:
    """The blocks of members `begin` to `begin + n` at one address otherwise.

    member: (n_slots,) keys. key: (k, 2) key words of streams, `row` says whose. Writes first, second: (n,).
    """
    widest_vectors()
    k0, k1 = key[row, 0], key[row, 1]
    for i in range(n):
        id_ = member[U(begin) + U(i)]
        first[i], second[i] = philox(id_, id_ >> HALF, path, tag, k0, k1)


def _gather8(
    _context: Any, table: Any, plus: Any, place: Any, at: Any, out: Any, to: Any
) -> tuple[Any, Any]:
    """out[to + k] = table[place[at + k] + plus] for k in 0..7, of 64-bit words."""
    signature = types.void(table, plus, place, at, out, to)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first = builder.gep(data_of(context, builder, signature, args, 0), [args[1]])
        index = builder.load(
            eight_at(builder, data_of(context, builder, signature, args, 2), args[3]), align=8
        )
        offset = builder.shl(index, ir.Constant(LANES8, [3] * GATHERED))
        address = builder.add(spread(builder, builder.ptrtoint(first, WORD64)), offset)
        pointers = builder.inttoptr(address, ir.VectorType(ir.IntType(8).as_pointer(), GATHERED))
        masks = ir.VectorType(ir.IntType(1), GATHERED)
        kind = ir.FunctionType(LANES8, [pointers.type, WORD32, masks, LANES8])
        name = f"llvm.masked.gather.v{GATHERED}i64.v{GATHERED}p0"
        read = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        everywhere = ir.Constant(masks, [1] * GATHERED)
        found = builder.call(
            read, [pointers, WORD32(8), everywhere, ir.Constant(LANES8, ir.Undefined)]
        )
        out = eight_at(builder, data_of(context, builder, signature, args, 4), args[5])
        builder.store(found, out, align=8)
        return context.get_dummy_value()

    return signature, generate


def _exchange8(_context: Any, word: Any, one: Any, other: Any) -> tuple[Any, Any]:
    """word[one + k], word[other + k] = the smaller, the larger of the two, k = 0..7, as signed numbers."""
    signature = types.void(word, one, other)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = data_of(context, builder, signature, args, 0)
        here, there = eight_at(builder, data, args[1]), eight_at(builder, data, args[2])
        a, b = builder.load(here, align=8), builder.load(there, align=8)
        ordered = builder.icmp_signed("<", a, b)
        builder.store(builder.select(ordered, a, b), here, align=8)
        builder.store(builder.select(ordered, b, a), there, align=8)
        return context.get_dummy_value()

    return signature, generate


def data_of(context: Any, builder: Any, signature: Any, args: Any, k: int) -> Any:
    """Where the data of the k-th argument, an array, begin."""
    return context.make_array(signature.args[k])(context, builder, args[k]).data


def eight_at(builder: Any, data: Any, index: Any) -> Any:
    """The address of eight neighbouring words."""
    return builder.bitcast(builder.gep(data, [index]), LANES8.as_pointer())


def spread(builder: Any, value: Any) -> Any:
    """Eight times the same word."""
    nothing, order = ir.Constant(LANES8, ir.Undefined), ir.VectorType(WORD32, GATHERED)
    one = builder.insert_element(nothing, value, WORD32(0))
    return builder.shuffle_vector(one, nothing, ir.Constant(order, [0] * GATHERED))


gather8 = cast("Callable[..., None]", intrinsic(_gather8))
exchange8 = cast("Callable[[IntArray, Word, Word], None]", intrinsic(_exchange8))


# Where every index is to be checked, all are looked up one by one.
EIGHTS: Final = 0 if getattr(config, "BOUNDSCHECK", False) else GATHERED


@stage
def take(
    table: Any, plus: Whole, place: IntArray | UIntArray, at: Whole, out: Any, to: Whole, n: Whole
) -> None:
    """out[to + k] = table[place[at + k] + plus] for k below n; places beyond are not looked at."""
    whole = n // GATHERED * EIGHTS
    for k in range(0, whole, GATHERED):
        gather8(table, plus, place, at + k, out, to + k)
    for k in range(whole, n):
        out[to + k] = table[np.int64(place[at + k]) + plus]


@inline
def product(one: Whole, other: Whole) -> Word:
    """The product of two numbers below 2^32. Cut to that here, it is one instruction in vectors; LLVM takes
    three to eight for 64 bits by 64."""
    return (U(one) & LOW) * (U(other) & LOW)


@inline
def share_of(amount: Whole, share: Whole) -> Whole:
    """amount x share, half up; `share` on a 2^30 scale."""
    return (amount * share + (1 << 29)) >> 30


@stage
def fill(values: IntArray, n: Whole, value: Whole) -> None:
    """values[:n] = value."""
    for k in range(n):
        values[k] = value
