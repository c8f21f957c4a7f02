"""Runs the gate over an analysis in a process of its own, and says how it ended. Imports nothing the gate uses."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.errors import ValidaHubError

_VERDICTS: Final = (0, 3)
_MODULE: Final = "validahub_pipeline.analytics.gate"


@dataclass(frozen=True)
class FailedExpectation:
    """An expectation that does not hold: its Great Expectations type, its columns, how many values are unexpected
    (None where it could not be evaluated, say for want of the column), and a few of them."""

    expectation: str
    columns: tuple[str, ...]
    unexpected: int | None
    examples: tuple[str, ...]


@dataclass(frozen=True)
class GateVerdict:
    """What the gate says of an analysis. `docs` is the first page of its Data Docs."""

    passed: bool
    rows: int
    evaluated: int
    failed: tuple[FailedExpectation, ...]
    docs: Path


def check(parquet: Path, out: Path, *, timeout: float = 300) -> GateVerdict:
    """Hold the Parquet file of an analysis against its expectations; Data Docs are left in `out`/data_docs.

    Takes some ten seconds, nearly all of them Great Expectations' import.

    Args:
        parquet: a local file as `error_trends` gives it.
        out: a local folder, created if need be; what an earlier check left there is replaced.
        timeout: seconds.

    Raises:
        ValidaHubError: `quality_gate_broken`: the gate came to no verdict.
    """
    command = [sys.executable, "-m", _MODULE, str(parquet), "--out", str(out)]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ValidaHubError("quality_gate_broken", retryable=True, file=parquet, cause=f"{timeout:g} s") from error
    if ended.returncode not in _VERDICTS:
        lines = ended.stderr.strip().splitlines() or [f"exit {ended.returncode}"]
        raise ValidaHubError("quality_gate_broken", file=parquet, cause=lines[-1])
    return _verdict(json.loads(ended.stdout.strip().splitlines()[-1]))


def _verdict(told: dict[str, Any]) -> GateVerdict:
    return GateVerdict(
        passed=told["passed"],
        rows=told["rows"],
        evaluated=told["evaluated"],
        failed=tuple(
            FailedExpectation(
                expectation=failed["expectation"],
                columns=tuple(failed["columns"]),
                unexpected=failed["unexpected"],
                examples=tuple(failed["examples"]),
            )
            for failed in told["failed"]
        ),
        docs=Path(told["docs"]),
    )
