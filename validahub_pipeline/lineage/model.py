"""What a stage says of its work, in our own words: datasets read and written, and the rules they were held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class How(StrEnum):
    """How a column came from another: as it was, through corrections, or only judged by it."""

    IDENTITY = "identity"
    CORRECTED = "corrected"
    JUDGED = "judged"


@dataclass(frozen=True)
class Origin:
    """One column that a column of an output came from.

    Attributes:
        source: key of the input that holds it.
        column: its name there.
        how: what was done to its cells.
        codes: where they were corrected, how many cells each correction changed.
    """

    source: str
    column: str
    how: How = How.IDENTITY
    codes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Metrics:
    """What the cells of one column are like; None where nobody looked. Extremes are of the cells that are numbers."""

    missing: int
    present: int
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Dataset:
    """One object or table of the lake, as a stage read or wrote it.

    Attributes:
        key: its key in the lake.
        columns: name and type of each column, in order; empty where it has none (a report).
        rows: number of rows read or written; None if it does not count rows.
        size: bytes; None if unknown.
        sha256: digest of the content, its version; None if it has none.
        metrics: of columns, as far as they were measured.
        origins: of an output, where the cells of its columns came from.
        kept: whether it lies in the lake; what a stage hands to the next one without keeping it does not.
    """

    key: str
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None
    size: int | None = None
    sha256: str | None = None
    metrics: Mapping[str, Metrics] = field(default_factory=dict)
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    kept: bool = True


@dataclass(frozen=True)
class Assertion:
    """One rule held against the rows a stage read: its code, severity, column (or the field it misses), and how many
    rows broke it."""

    code: str
    severity: str
    column: str
    violations: int


class State(StrEnum):
    """How a run ended, as OpenLineage spells it: done, refused by the gate, or failed."""

    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Work:
    """One run of one job, over and done with.

    Attributes:
        inputs: what it read; `assertions` were held against the first of them.
        outputs: what it wrote.
        message: why it was refused or failed.
    """

    job: str
    state: State
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    message: str | None = None
