"""The ledger under load: appends at 1,000 and at 100,000 commits, and the verification of a million events.

    python -m bench.ledger [--commits 100000] [--events 1000000]

Appends to both logs take turns, so that whatever else the machine does falls on both alike. The history of the long log
is made up: its commits are written as delta-rs writes them, in hundredths of the time, compacted and archived as the
writers do it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from bench.persons import persons
from validahub_pipeline.ledger import Action, Ledger, NewEvent, Resource
from validahub_pipeline.ledger.archive import archive_commits
from validahub_pipeline.ledger.canonical import encode, event_id
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services
from validahub_pipeline.subjects import SubjectKeeper

_BATCH = 5_000
_APPENDS = 100
_MEASURED = """
import resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
seconds = time.perf_counter() - started
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
busy = spent.ru_utime + spent.ru_stime
peak = spent.ru_maxrss / 1024
print(f"verified with code {code} in {seconds:.1f} s, of which processor {busy:.1f} s, peak {peak:.0f} MB")
"""


def act(number: int) -> NewEvent:
    """An event of about 900 bytes, as those of uploads are on average."""
    name = f"upload-{number}"
    counts = {f"title_too_long_{code}": number % (code + 7) for code in range(22)}
    return NewEvent(
        Action.VALIDATION_COMPLETED, name, "seller-7", Resource("upload", name, "catálogo.csv"), {"violations": counts}
    )


def history(lake: Path, commits: int, subjects: SubjectKeeper) -> Ledger:
    """A log of so many commits of one event each."""
    tables = lake / "tables"
    ledger = Ledger(str(tables), subjects=subjects)
    ledger.append([act(0)], idempotency="0")
    table = tables / "audit_events"
    lines = (table / "_delta_log" / f"{1:020}.json").read_text(encoding="utf-8").splitlines()
    actions: dict[str, Any] = {}
    for line in lines:
        actions |= json.loads(line)
    for first in range(2, commits + 1, _BATCH):
        _write(table, actions, first, min(first + _BATCH, commits + 1))
        DeltaTable(table).create_checkpoint()
        archive_commits(table)
    return Ledger(str(tables), subjects=subjects)


def _write(table: Path, actions: dict[str, Any], first: int, end: int) -> None:
    now = datetime.now(UTC)
    month, milliseconds = f"{now:%Y-%m}", int(now.timestamp() * 1000)
    rows = [
        {
            "seq": seq,
            "event": encode(act(seq), seq=seq, event_id=event_id(str(seq), 0), timestamp=now),
            "timestamp": now,
            "action": "validation_completed",
            "aggregate_id": f"upload-{seq}",
            "user_id": "seller-7",
        }
        for seq in range(first, end)
    ]
    name = f"month={month}/compacted-{first}.parquet"
    schema = pq.read_schema(next(table.glob("month=*/*.parquet")))
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), table / name, compression="zstd", row_group_size=16_384)
    for seq in range(first, end):
        commit: list[dict[str, Any]] = [
            {"commitInfo": actions["commitInfo"]},
            {"txn": {"appId": "validahub/seq", "version": seq}},
            {"txn": {"appId": event_id(str(seq), 0), "version": seq, "lastUpdated": milliseconds}},
        ]
        if seq == end - 1:
            bounds = [
                {"seq": row["seq"], "timestamp": row["timestamp"].isoformat(), "action": row["action"]} for row in rows
            ]
            stats = {"numRecords": len(rows), "minValues": bounds[0], "maxValues": bounds[-1], "nullCount": {}}
            size = (table / name).stat().st_size
            commit.append({"add": actions["add"] | {"path": name, "size": size, "stats": json.dumps(stats)}})
        text = "".join(json.dumps(line) + "\n" for line in commit)
        (table / "_delta_log" / f"{seq:020}.json").write_text(text, encoding="utf-8")


def appends(folder: Path, commits: int, subjects: SubjectKeeper) -> None:
    """p50 of one append, by the clock and of the processor, at 1,000 and at `commits` commits."""
    sizes = (1_000, commits)
    ledgers = {size: history(folder / str(size), size, subjects) for size in sizes}
    wall: dict[int, list[float]] = {size: [] for size in sizes}
    used: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(_APPENDS):
        for size, ledger in ledgers.items():
            started, busy = time.perf_counter(), time.process_time()
            ledger.append([act(number)], idempotency=f"measured {number}")
            wall[size].append(time.perf_counter() - started)
            used[size].append(time.process_time() - busy)
    for size in sizes:
        clock, busy = (1000 * statistics.median(taken[size]) for taken in (wall, used))
        print(f"append at {size:>7} commits: p50 {clock:6.1f} ms, of which processor {busy:5.1f} ms")
    ratios = [statistics.median(taken[commits]) / statistics.median(taken[1_000]) for taken in (wall, used)]
    print(f"ratio: {ratios[0]:.2f} by the clock, {ratios[1]:.2f} of the processor")


def verification(folder: Path, events: int) -> None:
    """Seconds and memory of `validahub audit verify` over so many sealed events."""
    home = folder / "home"
    services = open_services(Settings(home=home))
    for first in range(0, events, _BATCH):
        acts = [act(number) for number in range(first, min(first + _BATCH, events))]
        services.ledger.append(acts, idempotency=str(first))
    started = time.perf_counter()
    size = services.seal().size
    print(f"sealed {size} events for the first time in {time.perf_counter() - started:.1f} s")
    command = [Path(sys.executable).with_name("validahub"), "audit", "verify", "--key", services.sealer.key().text]
    # Through a small process: the peak of a child begins at that of whoever starts it.
    environment = os.environ | {"VALIDAHUB_HOME": str(home)}
    subprocess.run([sys.executable, "-c", _MEASURED, *map(str, command)], env=environment, check=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="validahub-bench-") as folder,
        persons(Path(folder) / "postgres") as url,
    ):
        if arguments.commits:
            appends(Path(folder), arguments.commits, SubjectKeeper(url))
        if arguments.events:
            verification(Path(folder), arguments.events)


if __name__ == "__main__":
    main()
