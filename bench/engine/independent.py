"""The twenty-eight rules once more, in plain Python and nothing else, and every violation of a file held against it.

Imports nothing of the engine, nor polars: what both get wrong alike, they would have to get wrong independently.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path

import pyarrow.parquet as pq

from bench.engine.rules import RULES, Rule

Violation = tuple[int, str, str, str]
"""Row, column, code, value."""


def compare(source: Path, violations: Path) -> Counter[str]:
    """Every violation that a file of them holds is one that is found here, in that order, and the other way round;
    their number by code.

    Raises:
        AssertionError: they differ; the first difference is named.
    """
    counts: Counter[str] = Counter()
    for place, (told, found) in enumerate(zip_longest(written(violations), broken(source))):
        if told != found:
            raise AssertionError(f"violation {place}: {told} was written, {found} was found")
        counts[told[2]] += 1
    return counts


def broken(source: Path) -> Iterator[Violation]:
    """The violations of a Parquet of texts, ordered by row, then code."""
    repeated = {
        rule.column: {cell for cell, count in Counter(_cells(source, rule.column)).items() if count > 1 and cell}
        for rule in RULES
        if rule.kind == "unique"
    }
    tests = [(rule, _test(rule, repeated.get(rule.column, set()))) for rule in RULES]
    row = 0
    for batch in pq.ParquetFile(source).iter_batches(20_000):
        columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        for at in range(batch.num_rows):
            row += 1
            for rule, holds in tests:
                cell = columns[rule.column][at]
                if not holds(cell if cell and cell.strip() else None):
                    yield row, rule.column, rule.code, cell or ""


def written(violations: Path) -> Iterator[Violation]:
    """What a violations file holds."""
    for batch in pq.ParquetFile(violations).iter_batches(20_000, columns=["row", "column", "code", "value"]):
        yield from zip(*(batch.column(name).to_pylist() for name in ("row", "column", "code", "value")), strict=True)


def _cells(source: Path, column: str) -> Iterator[str | None]:
    for batch in pq.ParquetFile(source).iter_batches(20_000, columns=[column]):
        yield from batch.column(0).to_pylist()


def _test(rule: Rule, repeated: set[str]) -> Callable[[str | None], bool]:
    pattern = re.compile(rule.pattern)
    tests: dict[str, Callable[[str], bool]] = {
        "unique": lambda cell: cell not in repeated,
        "longest": lambda cell: len(cell) <= rule.limit,
        "shortest": lambda cell: len(cell) >= rule.limit,
        "matches": lambda cell: pattern.search(cell) is not None,
        "without": lambda cell: pattern.search(cell) is None,
        "one_of": lambda cell: cell in rule.values,
        "none_of": lambda cell: cell not in rule.values,
        "least": lambda cell: _unless_number(cell, lambda number: number >= rule.limit),
        "most": lambda cell: _unless_number(cell, lambda number: number <= rule.limit),
    }
    if rule.kind == "filled":
        return lambda cell: cell is not None
    holds = tests[rule.kind]
    return lambda cell: cell is None or holds(cell)


def _unless_number(cell: str, holds: Callable[[float], bool]) -> bool:
    try:
        return holds(float(cell))
    except ValueError:
        return True


def rows_of(parquet: Path) -> int:
    """How many rows a file has."""
    return int(pq.read_metadata(parquet).num_rows)
