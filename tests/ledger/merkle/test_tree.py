"""Roots and proofs against RFC 6962's own recursive definition, written out here."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.ledger.merkle import tiles
from validahub_pipeline.ledger.merkle.hashing import leaf_hash, leaf_hashes
from validahub_pipeline.ledger.merkle.tiles import TILE, Tile
from validahub_pipeline.ledger.merkle.tree import Tree, extends, includes, rows_of

ENTRIES = [f"event {number}".encode() for number in range(1_100)]
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 255, 256, 257, 511, 512, 513, 768, 1_100]


def defined(entries):
    """MTH of RFC 6962 section 2.1."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + defined(entries[:split]) + defined(entries[split:])).digest()


@pytest.fixture(scope="module")
def tree():
    rows = [leaf_hashes(ENTRIES)]
    while len(rows[-1]) >= TILE * 32:
        rows.append(tiles.row_above(rows[-1]))
    return Tree(rows_of(rows))


@pytest.mark.parametrize("size", [0, *SIZES])
def test_the_root_is_the_one_that_the_rfc_defines(tree, size):
    assert tree.root(size) == defined(ENTRIES[:size])


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof_proves_its_leaf_and_nothing_else(tree, size):
    root = tree.root(size)
    for index in {0, size - 1, *random.Random(size).sample(range(size), min(size, 20))}:
        proof, leaf = tree.inclusion(index, size), leaf_hash(ENTRIES[index])
        assert includes(leaf, index, size, proof, root)
        assert not includes(leaf_hash(b"another"), index, size, proof, root)
        assert not includes(leaf, index + 1, size, proof, root)
        assert not includes(leaf, index, size, [*proof, proof[-1] if proof else root], root)
        if proof:
            assert not includes(leaf, index, size, proof[:-1], root)


@pytest.mark.parametrize("size", SIZES)
def test_every_consistency_proof_proves_its_beginning_and_no_other(tree, size):
    root = tree.root(size)
    for old in {0, size, *random.Random(size).sample(range(size), min(size, 20))}:
        proof = tree.consistency(old, size)
        assert extends(old, tree.root(old), size, root, proof)
        if old:
            assert not extends(old, defined([b"another", *ENTRIES[1:old]]), size, root, proof)
        if 0 < old < size:
            assert not extends(old, tree.root(old), size, root, proof[:-1])
            assert not extends(old, tree.root(old), size, tree.root(size - 1) if size - 1 != old else root[::-1], proof)


def test_a_leaf_is_no_node():
    assert leaf_hash(b"") == bytes.fromhex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")


@given(st.integers(0, 2**40), st.integers(0, 62), st.integers(1, TILE))
def test_a_tile_is_found_again_by_its_path(index, level, width):
    tile = Tile(level, index, width)
    assert tiles.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1",
        "tile/00/001",
        "tile/0/0001",
        "tile/0/x000/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
    ],
)
def test_a_path_spelled_otherwise_is_no_tile(path):
    assert tiles.parse(path) is None


def test_the_example_of_the_specification():
    found = list(tiles.of_size(70_000))
    assert Tile(0, 1234067, TILE).path == "tile/0/x001/x234/067"
    assert [tile for tile in found if tile.width < TILE] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert len([tile for tile in found if tile.level == 0 and tile.width == TILE]) == 273
    assert list(tiles.of_size(256)) == [Tile(0, 0, TILE), Tile(1, 0, 1)]
