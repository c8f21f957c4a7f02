"""Runs whose process is gone: each run carries the name of the process at work on it, and whoever finds that process
gone closes the run.

Dagster's own monitoring cannot do this for its default launcher, which has no health check: a run whose worker was
killed with its code server (a crash, a power cut) would stay `started`, and block its partition, for hours.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.events import JobFailureData, RunFailureReason

from validahub_pipeline.partitions import hidden

TAG_PROCESS: Final = hidden("validahub/process")

_AT_WORK: Final = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def at_work_on(run_id: str) -> dict[str, str]:
    """The tag for a run in this process: host, process id, and its start. It names the run too, since a retry inherits
    the tags of the run it retries."""
    return {TAG_PROCESS: f"{run_id}@{socket.gethostname()}:{os.getpid()}:{_start_of(os.getpid())}"}


def close_lost_runs(instance: dg.DagsterInstance, tags: Mapping[str, str] | None = None) -> list[dg.DagsterRun]:
    """Report failed every unfinished run (with these tags) whose process ran on this machine and is gone.

    A run without the tag has not reached our code yet; Dagster's start timeout looks after it. Those of other machines
    are for those machines to close.
    """
    lost = [run for run in instance.get_runs(dg.RunsFilter(tags=dict(tags or {}), statuses=_AT_WORK)) if _is_lost(run)]
    for run in lost:
        # The reason makes it a crash, which Dagster retries where the run allows it.
        instance.report_run_failed(
            run,
            f"The process that worked on it ({run.tags[TAG_PROCESS].partition('@')[2]}) is gone.",
            JobFailureData(error=None, failure_reason=RunFailureReason.UNEXPECTED_TERMINATION),
        )
    return lost


def _is_lost(run: dg.DagsterRun) -> bool:
    of_run, _, process = run.tags.get(TAG_PROCESS, "").partition("@")
    if of_run != run.run_id:
        return False
    host, pid, start = process.rsplit(":", 2)
    return host == socket.gethostname() and _start_of(int(pid)) != start


def _start_of(pid: int) -> str:
    """Start of a process in clock ticks since boot, which tells it from a later one of the same id; empty where there
    is none, or only a zombie. Fields 3 and 22 of /proc/<pid>/stat, see proc(5)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
