"""What a trial lets happen in a process of its own: one append, or one whole validation, on a lake anywhere.

python worker.py JOB, where JOB is the JSON of a `Job`. Ends with one line: `done`, or what went wrong.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tests.faults.faulty_s3 import PATIENCE
from validahub_pipeline.errors import ValidaHubError
from validahub_pipeline.ledger import Action, Ledger, NewEvent, Resource, delta, tables
from validahub_pipeline.ledger.sealing import Sealer
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.storage import Lake

DONE = "done"


@dataclass(frozen=True)
class Job:
    """What to do on which installation: appends under some keys, or the validation of a file."""

    settings: Mapping[str, Any]
    file: str = ""
    keys: Sequence[str] = ()
    checkpoint_interval: int = 3

    def command(self) -> list[str]:
        """The process that does it."""
        return [sys.executable, "-W", "error", "-m", "tests.faults.worker", json.dumps(asdict(self))]


def perform(job: Job, told: Any) -> None:
    """Do it, and send how it ended."""
    try:
        append(job) if job.keys else process(job)
    except ValidaHubError as error:
        told.send(f"{type(error).__name__} {error.code} retryable={error.retryable}")
    except BaseException:  # noqa: BLE001  (a panic in Rust is one)
        told.send(traceback.format_exc())
    else:
        told.send(DONE)


def append(job: Job) -> None:
    """Two events under each key."""
    ledger = opened(job).ledger
    for key in job.keys:
        acts = [
            NewEvent(action, key, "seller-7", Resource("upload", key, "x.csv"), {"n": 1})
            for action in (Action.FILE_UPLOADED, Action.VALIDATION_STARTED)
        ]
        ledger.append(acts, idempotency=key)


def process(job: Job) -> None:
    """One file, from the inbox to the published file."""
    services = opened(job)
    drop = deposit(services, Path(job.file), user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    correct(services, drop.validation_id)
    publish(services, drop.validation_id)


def opened(job: Job) -> Services:
    """Services as the product opens them, but with less patience, and with Delta's checkpoints every few commits: what
    happens once in a hundred appends happens in every trial."""
    for module in (tables, delta):
        module.CHECKPOINT_INTERVAL = job.checkpoint_interval  # type: ignore[misc]
    services = open_services(Settings(**job.settings))
    ledger = Ledger(services.lake.uri("tables"), _impatient(services.lake), subjects=services.subjects)
    return replace(services, ledger=ledger, sealer=Sealer(ledger, services.sealer.published, services.sealer.keys))


def _impatient(lake: Lake) -> dict[str, str] | None:
    options = lake.storage_options()
    if options is None:
        return None
    lake._fs.config_kwargs |= {"connect_timeout": PATIENCE, "read_timeout": PATIENCE}  # type: ignore[attr-defined]
    return options | {"timeout": f"{PATIENCE:g}s"}


class _Printed:
    def send(self, line: str) -> None:
        print(line, flush=True)


if __name__ == "__main__":
    perform(Job(**json.loads(sys.argv[1])), _Printed())
    # Threads of s3fs may not hold up the end.
    os._exit(0)
