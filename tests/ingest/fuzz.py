"""`python -m tests.ingest.fuzz [--minutes N] [--seed N]`: whatever bytes come, the intake ends, and keeps its word.

Mutates polluted tables, soups of what CSV is made of, and containers of either.

Each input is normalised in a process with limited memory and time. It must end in a report or an InputError; as many
records must stand in the output, and as many in quarantine, as the report says; and the output must come out of a
second normalising byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import zstandard

from tests.ingest.pollution.pollutions import variants
from tests.ingest.pollution.tables import tables
from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import normalise

_MEMORY = 6 << 30
_SECONDS = 30.0
_SOUP = [
    *(b'"', b'""', b"'", b",", b",", b";", b"\t", b"|", b" ", b"\n", b"\n", b"\r\n", b"\r", b"\\", b'\\"', b", "),
    *(b"||", b"a", b"sku", b"nome", b"1", b"12.50", b"2024-01-01", b"Total", b"NA", b"", b"0012", b"7,89E+12"),
    *(b"#N/A", b"'12", b"\xe7", b"\xc3\xa7", b"\xc3\x83\xc2\xa7", b"\x87", b"\x00", b"\xef\xbb\xbf", b"\x1f"),
    *(b"\xff\xfe", b"\xf0\x9f\x98\x80"),
]


def inputs(seed: int, corpus: list[bytes]) -> bytes:
    """One input, the same for the same seed."""
    chance = random.Random(seed)
    kind = chance.random()
    if kind < 0.25:
        content = b"".join(chance.choices(_SOUP, k=chance.randrange(1, 80)))
    elif kind < 0.5:
        delimiter = chance.choice([b",", b";", b"\t", b"|", b", ", b" ", b"||"])
        width = chance.randrange(1, 7)
        lines = [
            delimiter.join(b"".join(chance.choices(_SOUP, k=chance.randrange(0, 3))) for _ in range(width))
            for _ in range(chance.randrange(1, 30))
        ]
        content = chance.choice([b"\n", b"\r\n", b"\r"]).join(lines)
    else:
        content = _mutated(chance, chance.choice(corpus))
    if chance.random() < 0.1:
        content = content.decode("latin-1").encode(chance.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig"]))
    packed = chance.random()
    if packed < 0.04:
        content = gzip.compress(content)
    elif packed < 0.08:
        content = zstandard.compress(content)
    if packed < 0.04 and chance.random() < 0.5:
        content = _mutated(chance, content)
    return content


def _mutated(chance: random.Random, content: bytes) -> bytes:
    mutable = bytearray(content)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(mutable) + 1)
        match chance.randrange(5):
            case 0:
                mutable[at:at] = chance.choice(_SOUP)
            case 1:
                del mutable[at : at + chance.randrange(1, 40)]
            case 2:
                mutable[at:at] = mutable[max(0, at - chance.randrange(1, 200)) : at]
            case 3:
                mutable[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                mutable = mutable[:at]
    return bytes(mutable)


def check(content: bytes, folder: Path) -> str | None:
    """What is wrong with how an input is read; None where nothing is. `refused` is an answer, too."""
    source, once, twice, aside = (folder / name for name in ("source", "once.csv", "twice.csv", "aside.csv"))
    source.write_bytes(content)
    try:
        report = normalise(source, once, aside)
    except InputError:
        return "refused"
    with once.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with aside.open(encoding="utf-8", newline="") as file:
        quarantined = len(list(csv.reader(file))) - 1
    if len(rows) - 1 != report.records or quarantined != report.quarantined:
        return f"{len(rows) - 1} rows and {quarantined} set aside; reported {report.records} and {report.quarantined}"
    if any(len(row) != len(report.columns) for row in rows):
        return "rows of unequal length"
    again = normalise(once, twice)
    if again.records != report.records or once.read_bytes() != twice.read_bytes():
        return "another outcome the second time"
    return None


def _work(connection: Connection) -> None:
    csv.field_size_limit(1 << 30)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        while True:
            content = connection.recv()
            try:
                connection.send(check(content, Path(folder)))
            except Exception:  # noqa: BLE001 - any is a finding
                connection.send(traceback.format_exc(limit=-3))


def main() -> None:
    """Fuzz for so long and say what came of it; exit 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.ingest.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    corpus = [variant.content for table in tables() for variant in variants(table, step=40)]
    outcomes: Counter[str] = Counter()
    spawn = multiprocessing.get_context("spawn")
    worker = None
    until = time.monotonic() + asked.minutes * 60
    seed = asked.seed
    slowest = 0.0
    while time.monotonic() < until:
        if worker is None:
            ours, theirs = spawn.Pipe()
            worker = spawn.Process(target=_work, args=(theirs,), daemon=True)
            worker.start()
        seed += 1
        started = time.monotonic()
        ours.send(inputs(seed, corpus))
        try:
            failure = ours.recv() if ours.poll(_SECONDS) else f"took more than {_SECONDS} s"
        except EOFError:
            failure = "died"
        slowest = max(slowest, time.monotonic() - started)
        outcomes["refused" if failure == "refused" else "failed" if failure else "read"] += 1
        if failure and failure != "refused":
            print(f"seed {seed}: {failure}", flush=True)
            worker.kill()
            worker = None
    print(
        f"{outcomes.total()} inputs from seed {asked.seed + 1} on: {dict(outcomes)}; the slowest took {slowest:.1f} s"
    )
    sys.exit(1 if outcomes["failed"] else 0)


if __name__ == "__main__":
    main()
