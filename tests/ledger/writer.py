"""A process that writes to a ledger until it is done or killed, and says what was acknowledged.

python writer.py PLACE events PREFIX COUNT      one append per key PREFIX-0, PREFIX-1, ...
python writer.py PLACE same KEY COUNT           COUNT appends under one key
python writer.py PLACE detail PARQUET PREFIX COUNT   violations of the validations PREFIX-0, PREFIX-1, ...
python writer.py PLACE memory PARQUET           corrections of one validation; prints the peak of memory in MiB
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from validahub_pipeline.ledger import Action, Detail, Ledger, NewEvent, Resource
from validahub_pipeline.subjects import SubjectKeeper


def main(place: str, task: str, *arguments: str) -> None:
    described = json.loads(place)
    ledger = Ledger(
        described["tables"], described["options"], subjects=SubjectKeeper(os.environ["VALIDAHUB_SUBJECTS_URL"])
    )
    print("ready", flush=True)
    if task in {"events", "same"}:
        key, count = arguments
        for number in range(int(count)):
            name = f"{key}-{number}" if task == "events" else key
            act = NewEvent(Action.FILE_UPLOADED, name, "seller-7", Resource("upload", name, "x.csv"), {"n": number})
            events = ledger.append([act], idempotency=name)
            print(name, events[0].seq, flush=True)
    elif task == "detail":
        parquet, prefix, count = arguments
        for number in range(int(count)):
            name = f"{prefix}-{number}"
            constants = {"validation_id": name, "month": "2026-11"}
            digest = ledger.record_detail(Detail.VIOLATIONS, Path(parquet), constants=constants, idempotency=name)
            print(name, digest.rows, flush=True)
    elif task == "memory":
        ledger.record_detail(
            Detail.VIOLATIONS,
            Path(arguments[0]),
            constants={"validation_id": "v", "month": "2026-11"},
            idempotency="v",
        )
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
