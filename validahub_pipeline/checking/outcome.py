"""What a check comes to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from validahub_pipeline.rulepacks import Severity


class Verdict(StrEnum):
    """`clean`: nothing found. `tolerable`: warnings and information only. `critical`: not fit to be published."""

    CLEAN = "clean"
    TOLERABLE = "tolerable"
    CRITICAL = "critical"


def verdict_of(severities: Iterable[Severity], *, lost: int) -> Verdict:
    """The verdict on what was found.

    Args:
        lost: records that could not be read as rows, and so cannot be listed anywhere.
    """
    found = set(severities)
    if Severity.CRITICAL in found or lost:
        return Verdict.CRITICAL
    return Verdict.TOLERABLE if found else Verdict.CLEAN
