"""Pollock's score of what a reader made of a polluted file, from 0 to 10."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from tests.ingest.pollution.pollutions import Expected


@dataclass(frozen=True)
class Loaded:
    """What a reader made of a file, or that it `failed`."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    failed: bool = False


def score(expected: Expected, loaded: Loaded) -> float:
    """Success, and precision, recall and F1 of header cells, records and cells: their sum."""
    if loaded.failed:
        return 0.0
    if not expected.header and not expected.rows:
        return 10.0
    measured = 1.0
    measured += _measures(expected.header, loaded.header)
    measured += _measures(map(tuple, expected.rows), map(tuple, loaded.rows))
    cells = (cell for row in expected.rows for cell in row)
    return measured + _measures(cells, (cell for row in loaded.rows for cell in row))


def _measures(expected: Iterable[Hashable], loaded: Iterable[Hashable]) -> float:
    source, found = Counter(expected), Counter(loaded)
    if not source:
        return 3.0
    common = (source & found).total()
    if not common:
        return 0.0
    precision, recall = common / source.total(), common / found.total()
    return precision + recall + 2 * precision * recall / (precision + recall)
