"""A command in a process of its own: its wall and CPU seconds, and its anonymous memory at its highest."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

_INTERVAL: Final = 0.02
_TOOLS: Final = (
    *("polars", "pyarrow", "pandas", "great-expectations", "pandera", "dataframely", "pointblank", "frictionless"),
)


@dataclass(frozen=True)
class Measured:
    """One run. `memory`: the highest RssAnon of the process in MB, which cannot be given back as pages of files can."""

    wall: float
    cpu: float
    memory: float
    output: str


def measured(command: Sequence[str], *, accepted: Collection[int] = (0,)) -> Measured:
    """Run a command.

    Raises:
        RuntimeError: it ended with another code than those accepted.
    """
    # Files rather than pipes, which fill up while nobody reads them.
    with TemporaryFile("w+", encoding="utf-8") as output, TemporaryFile("w+", encoding="utf-8") as problems:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=problems)
        peak = 0
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, _anonymous(process.pid))
            time.sleep(_INTERVAL)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        problems.seek(0)
        told, complaints = output.read(), problems.read()
    if process.returncode not in accepted:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{complaints[-4000:]}")
    return Measured(wall, used.ru_utime + used.ru_stime, peak / 1024, told)


def _anonymous(pid: int) -> int:
    """In kB; 0 where the process is just beginning or ending."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    _, found, rest = status.partition("RssAnon:")
    return int(rest.split()[0]) if found else 0


def surroundings() -> str:
    """What it ran on, in a line or two."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    tools = ", ".join(f"{tool} {version(tool)}" for tool in _TOOLS)
    load = " ".join(f"{average:.1f}" for average in os.getloadavg())
    cores = len(os.sched_getaffinity(0))
    return f"{processor}, {cores} cores, load {load}; Python {platform.python_version()}, {tools}"
