"""Many writers at one ledger: the numbers have no gap, and nothing is lost or doubled.

    python -m tests.faults.crowds [--writers 8] [--appends 200]

In a local folder and on a real S3 server. What was acknowledged to whom is held against what anybody with access to
storage reads.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from deltalake import DeltaTable

from tests.conftest import running_s3
from tests.persons import keeping

WRITER = Path(__file__).parents[1] / "ledger" / "writer.py"


def crowd(tables: str, options: Mapping[str, str] | None, *, writers: int, appends: int) -> list[str]:
    """Let processes append at once, each under keys of its own. Returns what is wrong afterwards."""
    place = json.dumps({"tables": tables, "options": options})
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", str(WRITER), place, "events", f"w{number}", str(appends)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for number in range(writers)
    ]
    acknowledged: dict[str, int] = {}
    problems = []
    for process in processes:
        said, _ = process.communicate()
        if process.returncode:
            problems.append(f"a writer ended with {process.returncode}")
        acknowledged |= {name: int(seq) for name, seq in (line.split() for line in said.splitlines()[1:])}
    table = DeltaTable(f"{tables}/audit_events", storage_options=dict(options) if options else None)
    rows = table.to_pyarrow_table(columns=["seq", "aggregate_id"]).to_pylist()
    wanted = {f"w{number}-{append}" for number in range(writers) for append in range(appends)}
    if sorted(row["seq"] for row in rows) != list(range(1, writers * appends + 1)):
        problems.append(f"the numbers of {len(rows)} events are not 1 to {writers * appends}")
    stored = Counter(row["aggregate_id"] for row in rows)
    lost, doubled = wanted - set(stored), [name for name, count in stored.items() if count > 1]
    if lost or doubled:
        problems.append(f"{len(lost)} lost, {len(doubled)} doubled: {sorted([*lost, *doubled])[:5]}")
    if acknowledged != {row["aggregate_id"]: row["seq"] for row in rows}:
        problems.append("what was acknowledged is not what is stored")
    return problems


def main() -> int:
    """Command line."""
    # Told to end, the servers that were started end as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--appends", type=int, default=200)
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="crowd-") as folder, keeping(), running_s3() as server:
        server.client().create_bucket(Bucket="crowd")
        s3 = {
            "aws_region": "us-east-1",
            "aws_endpoint_url": server.endpoint_url,
            "aws_virtual_hosted_style_request": "false",
            "aws_allow_http": "true",
            "aws_access_key_id": server.access_key_id,
            "aws_secret_access_key": server.secret_access_key,
        }
        for name, tables, options in (("folder", f"{folder}/tables", None), ("S3", "s3://crowd/tables", s3)):
            started = time.monotonic()
            problems = crowd(tables, options, writers=arguments.writers, appends=arguments.appends)
            wrong += len(problems)
            for problem in problems:
                print(f"{name}: {problem}")
            count = arguments.writers * arguments.appends
            print(f"{name}: {count} appends by {arguments.writers} writers, {len(problems)} problems, "
                  f"{time.monotonic() - started:.0f} s", flush=True)  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
