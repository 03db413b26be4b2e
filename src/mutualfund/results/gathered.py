"""Blocks of paths put together as they come, in any order, in the arrays that the run will hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mutualfund.results.blocks import Block
from mutualfund.results.marginals import Labels, Marginal
from mutualfund.types import FloatArray


@dataclass(slots=True)
class Gathered:
    """The results of `n_paths` paths, as far as their blocks have come in.

    >>> whole = Gathered(3)
    >>> whole.place(Block(2, {"result": np.array([[3.0]])}, {}))
    >>> whole.place(Block(0, {"result": np.array([[1.0], [2.0]])}, {}))
    >>> whole.frozen()[0]["result"].tolist()
    [[1.0], [2.0], [3.0]]
    """

    n_paths: int
    ledger: dict[str, FloatArray] = field(default_factory=dict)
    sides: dict[str, dict[str, FloatArray]] = field(default_factory=dict)
    labels: dict[str, Labels] = field(default_factory=dict)

    def place(self, block: Block) -> None:
        """Copy a block to its paths."""
        rows = slice(block.first_path, block.first_path + block.n_paths)
        self._copy(block.ledger, self.ledger, rows)
        for name, side in block.marginals.items():
            self.labels[name] = side.labels
            self._copy(side.measures, self.sides.setdefault(name, {}), rows)

    def _copy(
        self, part: Mapping[str, FloatArray], whole: dict[str, FloatArray], rows: slice
    ) -> None:
        if not whole:  # the first block says what there is to hold
            whole.update({name: np.empty((self.n_paths, *x.shape[1:])) for name, x in part.items()})
        for name, values in part.items():
            whole[name][rows] = values

    def frozen(self) -> tuple[Mapping[str, FloatArray], Mapping[str, Marginal]]:
        """The ledger and the sides, read-only from now on, for the run to hold without a copy.

        Call it when every path has its block.
        """
        for arrays in (self.ledger, *self.sides.values()):
            for values in arrays.values():
                values.flags.writeable = False
        sides = {name: Marginal(self.labels[name], held) for name, held in self.sides.items()}
        return self.ledger, sides
