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

TAG_PROCESS: Final = "validahub/process"

_AT_WORK: Final = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def this_process() -> str:
    """Value of the tag for runs in this process: host, process id, and its start."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_of(os.getpid())}"


def close_lost_runs(instance: dg.DagsterInstance, tags: Mapping[str, str] | None = None) -> list[dg.DagsterRun]:
    """Report failed every unfinished run (with these tags) whose process ran on this machine and is gone.

    A run without the tag has not reached our code yet; Dagster's start timeout looks after it. Those of other machines
    are for those machines to close.
    """
    lost = [
        run
        for run in instance.get_runs(dg.RunsFilter(tags=dict(tags or {}), statuses=_AT_WORK))
        if TAG_PROCESS in run.tags and _is_lost(run.tags[TAG_PROCESS])
    ]
    for run in lost:
        # The reason makes it a crash, which Dagster retries where the run allows it.
        instance.report_run_failed(
            run,
            f"The process that worked on it ({run.tags[TAG_PROCESS]}) is gone.",
            JobFailureData(error=None, failure_reason=RunFailureReason.UNEXPECTED_TERMINATION),
        )
    return lost


def _is_lost(process: str) -> bool:
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
