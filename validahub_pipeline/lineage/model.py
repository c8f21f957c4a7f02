"""What a stage says of its work, in our own words: datasets read and written, and the rules they were held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Dataset:
    """One object or table of the lake, as a stage read or wrote it.

    Attributes:
        key: its key in the lake.
        columns: name and type of each column, in order; empty where it has none (a report) or they are unknown yet (an
            upload before it was read).
        rows: number of rows read or written; None if it does not count rows.
        size: bytes; None if unknown.
        sha256: digest of the content, its version; None if it has none.
        nulls: number of empty cells per column, as far as known.
    """

    key: str
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None
    size: int | None = None
    sha256: str | None = None
    nulls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Assertion:
    """One rule held against the rows a stage read: its code, severity, column, and how many rows broke it."""

    code: str
    severity: str
    column: str
    violations: int
