"""What a stage hands back to whoever called it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class StageResult:
    """The outcome of one stage of one upload.

    Attributes:
        changes: the payload of the stage's main event.
        manifest: `metadata.json` after the stage.
        refused_because: why the gate refused publication, in the seller's language; None where it did not.
        repeated: the stage had been done before; nothing was done again.
    """

    stage: str
    validation_id: str
    changes: Mapping[str, Any]
    manifest: Mapping[str, Any]
    refused_because: str | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Stopwatch:
    """Whole milliseconds since it was made: events hold no floats. `at` is that moment, for people and lineage."""

    started: float = field(default_factory=time.perf_counter)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def milliseconds(self) -> int:
        """Elapsed time, at least 1, so that a stage that ran never reads as one that did not."""
        return max(1, round((time.perf_counter() - self.started) * 1000))
