"""Reproducible random draws: the raw output of one bit generator and integer arithmetic, nothing else.

NumPy promises the stream of a bit generator for ever but that of its distributions only within a version (NEP 19),
and a sample must be the same bytes on every Python. `random` would do too, at a tenth of the speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Draws:
    """Draws in bulk, as Python values. The bias of the modulo is below 2**-40 for every bound used here."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def below(self, bound: int, count: int) -> list[int]:
        """`count` integers in [0, bound)."""
        drawn: list[int] = (self._bits.random_raw(count) % np.uint64(bound)).tolist()
        return drawn

    def between(self, low: int, high: int, count: int) -> list[int]:
        """`count` integers in [low, high]."""
        return [low + value for value in self.below(high - low + 1, count)]

    def choices(self, options: Sequence[T], count: int) -> list[T]:
        """`count` of the options, with repetition."""
        return [options[value] for value in self.below(len(options), count)]
