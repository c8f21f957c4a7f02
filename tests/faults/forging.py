"""Ways of forging what vouches for the events, the tiles, the checkpoint and the public key, without the signing key.

They use nothing of the project but its key and tile formats.
"""

from __future__ import annotations

import base64
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq

from tests.faults.altering import edit_event, files_of
from validahub_pipeline.ledger.merkle import tiles
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.hashing import leaf_hashes
from validahub_pipeline.ledger.merkle.note import Signer
from validahub_pipeline.ledger.merkle.tree import Tree, rows_of


def replace_tile(lake: Path, chance: random.Random) -> str:
    """A tile with other hashes, cut short, lengthened, or that of another place."""
    found = sorted(path for path in (lake / "ledger/tile").rglob("*") if path.is_file())
    tile = chance.choice(found)
    data = bytearray(tile.read_bytes())
    how = chance.choice(["flip", "cut", "longer", "foreign"])
    if how == "flip":
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "cut":
        data = data[:-32]
    elif how == "longer":
        data += chance.randbytes(32)
    else:
        data = bytearray(chance.randbytes(len(data)))
    tile.write_bytes(data)
    return f"{how} {tile.relative_to(lake)}"


def replace_checkpoint(lake: Path, chance: random.Random) -> str:
    """A checkpoint of another root, size, key or origin; or none at all."""
    path = lake / "ledger/checkpoint"
    good = Checkpoint.parse(path.read_text(encoding="utf-8"))
    how = chance.choice(["root", "size", "signature", "thief", "origin", "garbage", "gone"])
    thief = Signer.generate(good.origin)
    root = base64.b64encode(good.root).decode()
    lines = {
        "root": good.note.replace(root, base64.b64encode(chance.randbytes(32)).decode()),
        "size": good.note.replace(f"\n{good.size}\n", f"\n{chance.randrange(1, good.size)}\n"),
        "signature": good.note[:-30] + ("A" if good.note[-30] != "A" else "B") + good.note[-29:],
        "thief": Checkpoint.signed(good.origin, good.size, good.root, [thief]).note,
        "origin": Checkpoint.signed("another.log", good.size, good.root, [Signer.generate("another.log")]).note,
        "garbage": "garbage",
    }
    if how == "gone":
        path.unlink()
    else:
        path.write_text(lines[how], encoding="utf-8")
    return how


def rewrite_and_sign(lake: Path, chance: random.Random) -> str:
    """A whole other history: an event changed, tiles and root made anew, signed with a key of one's own; sometimes the
    lake's public key is exchanged as well."""
    edit_event(lake, chance)
    path = lake / "ledger/checkpoint"
    good = Checkpoint.parse(path.read_text(encoding="utf-8"))
    rows = sorted(
        (row for file in files_of(lake, "audit_events") for row in pq.read_table(file, partitioning=None).to_pylist()),
        key=lambda row: row["seq"],
    )
    packed = [leaf_hashes(row["event"].encode() for row in rows)]
    while len(packed[-1]) >= tiles.TILE * 32:
        packed.append(tiles.row_above(packed[-1]))
    shutil.rmtree(lake / "ledger/tile")
    for tile in tiles.of_size(good.size):
        target = lake / "ledger" / tile.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(packed[tile.level][tile.start * 32 : (tile.start + tile.width) * 32])
    thief = Signer.generate(good.origin)
    root = Tree(rows_of(packed)).root(good.size)
    path.write_text(Checkpoint.signed(good.origin, good.size, root, [thief]).note, encoding="utf-8")
    if chance.random() < 0.5:
        (lake / "ledger/key").write_text(f"{thief.verifier.text}\n", encoding="utf-8")
        return "rewritten, signed, key exchanged"
    return "rewritten and signed"


def replace_key(lake: Path, chance: random.Random) -> str:
    """Another public key, or none, where the lake tells its own."""
    path = lake / "ledger/key"
    if chance.random() < 0.3:
        path.unlink()
        return "gone"
    path.write_text(Signer.generate(f"log{chance.random()}").verifier.text, encoding="utf-8")
    return "exchanged"
