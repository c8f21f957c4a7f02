"""Roots and proofs from the rows of a tree, and their verification, which shares nothing with their making.

https://www.rfc-editor.org/rfc/rfc6962#section-2.1 and, for the verification, RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validahub_pipeline.ledger.merkle.hashing import EMPTY_ROOT, HASH_SIZE, fold, node_hash

Rows = Callable[[int, int, int], bytes]
"""`rows(level, start, end)`: packed entries of the row of a level (see `tiles`)."""


class Tree:
    """A tree whose rows are read as they are needed."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling upwards."""
        if not 0 <= index < size:
            raise ValueError(f"leaf {index} of {size}")
        path, low, high = [], 0, size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that the first `old` leaves of the tree of `size` leaves are a tree by themselves."""
        if not 0 <= old <= size:
            raise ValueError(f"from {old} to {size}")
        if old in {0, size}:
            return []
        proof, low, high, whole = [], 0, size, True
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                proof.append(self._range(middle, high))
                high = middle
            else:
                proof.append(self._range(low, middle))
                low, whole = middle, False
        if not whole:
            proof.append(self._range(low, high))
        return proof[::-1]

    def _range(self, low: int, high: int) -> bytes:
        """The hash of the leaves from low to high, a subtree of the whole: of perfect ones, combined from the right."""
        peaks = []
        while low < high:
            height = (high - low).bit_length() - 1
            level, within = divmod(height, 8)
            start = low >> (8 * level)
            peaks.append(fold(self._rows(level, start, start + (1 << within))))
            low += 1 << height
        root = peaks.pop()
        while peaks:
            root = node_hash(peaks.pop(), root)
        return root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def rows_of(packed: Sequence[bytes]) -> Rows:
    """The rows of a tree that lie in memory, by level."""
    return lambda level, start, end: packed[level][start * HASH_SIZE : end * HASH_SIZE]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf hash stands at `index` under the root of `size` leaves."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node % 2 or node == last:
            current = node_hash(sibling, current)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == root


def extends(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of `size` leaves begins with the tree of `old` leaves."""
    if old in {0, size}:
        return not proof and old_root == (root if old == size else EMPTY_ROOT)
    if not 0 < old < size or not proof:
        return False
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    node, last = old - 1, size - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == root
