"""RFC 6962 hashes, and runs of them packed end to end, 32 bytes each. https://www.rfc-editor.org/rfc/rfc6962#section-2.1"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry as a leaf."""
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(_NODE + left + right).digest()


def leaf_hashes(entries: Iterable[bytes]) -> bytes:
    """The leaf hashes of entries, packed."""
    sha256 = hashlib.sha256
    return b"".join([sha256(b"\x00" + entry).digest() for entry in entries])


def fold(packed: bytes | memoryview) -> bytes:
    """The hash of the tree over packed hashes of subtrees of one height, at least one.

    Pairing from the left and handing an odd last one up unchanged gives RFC 6962's tree, which splits at the largest
    power of two below its size.
    """
    sha256 = hashlib.sha256
    level = bytes(packed)
    while len(level) > HASH_SIZE:
        paired = len(level) - len(level) % (2 * HASH_SIZE)
        above = [sha256(b"\x01" + level[at : at + 2 * HASH_SIZE]).digest() for at in range(0, paired, 2 * HASH_SIZE)]
        level = b"".join(above) + level[paired:]
    return level
