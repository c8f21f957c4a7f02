"""Examples for a rule that came without any: values that pass it and fail it, found by trying.

What is tried comes from the rule's own kwargs, then from what cells usually hold; the engine decides.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from validahub_pipeline.expectations import known_expectations
from validahub_pipeline.linting.examples import Row, violations_of
from validahub_pipeline.rulepacks import ResolvedPack, Rule

Cell = str | None

_USUAL: Final = (
    "abc", "Abc", "ABC", "a", "1", "0", "-1", "10", "2.5", "1000000", "abc 123", "2026-11-26", "2026-11-26 10:30:00",
    "26/11/2026", "26/11/26", "11/26/2026", "true", "no", "ana@example.com", "https://example.com/a.jpg", "{}", "[1]",
    '{"a": 1}', "{", "7891000315507", "01310-100", "(11) 98765-4321", "A-1", "ABC-1234", "12345678", "BR", "BRL",
    "550e8400-e29b-41d4-a716-446655440000", "x" * 300, "%", "_",
)  # fmt: skip
_PAIRED: Final = 24
_TRIED: Final = 4_000


def found_examples(pack: ResolvedPack, rule: Rule, folder: Path) -> dict[str, Any] | None:
    """What passes a rule and what fails it; None where nothing that was tried did one of the two."""
    known = known_expectations()[rule.type]
    fields = _fields(rule)
    if not fields or not known.maps or known.across or rule.mostly is not None:
        return _of_files(pack, rule, fields or list(pack.fields)[:1], folder)
    cells = [dict(zip(fields, values, strict=True)) for values in _cells(rule, len(fields))]
    beside = _beside(rule, fields)
    rows = [{**others, **row} for others, row in itertools.islice(itertools.product(beside, cells), _TRIED)]
    violations_of(pack, rule, rows, folder)
    broken = set(pl.read_parquet(folder / "violations.parquet").get_column("row").to_list())
    passing = [row for number, row in enumerate(rows, 1) if number not in broken]
    failing = [row for number, row in enumerate(rows, 1) if number in broken]
    if not passing or not failing:
        return None
    # Best of all a row that passes by its own value, not for being empty or because nobody asks about it.
    others = {name: value for name, value in failing[0].items() if name not in fields}
    asked = [row for row in passing if None not in row.values() and others.items() <= row.items()]
    found = (*(asked or passing)[:1], failing[0])
    alone = not others and fields == [rule.kwargs.get("column")]
    shown = [next(iter(row.values())) if alone else row for row in found]
    return {"pass": shown[0], "fail": shown[1]}


def _of_files(pack: ResolvedPack, rule: Rule, fields: Sequence[str], folder: Path) -> dict[str, Any] | None:
    """For rules that look at several rows together."""
    verdicts: dict[bool, list[Row]] = {}
    for rows in itertools.islice(_files(rule, fields), _TRIED // 20):
        verdicts.setdefault(violations_of(pack, rule, rows, folder) > 0, rows)
        if len(verdicts) == 2:
            return {"pass": list(verdicts[False]), "fail": list(verdicts[True])}
    return None


def _files(rule: Rule, fields: Sequence[str]) -> Iterator[list[Row]]:
    values = [value for value in _values(rule) if value is not None]
    columns: list[Sequence[Cell]] = [
        ["1", "2", "3"],
        ["3", "2", "1"],
        ["1", "1"],
        ["1", *["2"] * 20, "1000000"],
        ["abc", "abc"],
        ["abc", "xyz"],
        [None, "1"],
    ]
    columns += [list(pair) for pair in itertools.pairwise(values)]
    columns += [[value] * count for value in values for count in (1, 3)]
    columns += [[str(number) for number in range(count)] for count in (1, 5, 50, 500)]
    columns.append(values)
    for column in columns:
        yield [dict.fromkeys(fields, cell) for cell in column]


def _beside(rule: Rule, fields: Sequence[str]) -> list[Row]:
    """What may stand in the other columns that the rule's condition speaks of."""
    if not rule.row_condition:
        return [{}]
    others = [name for name in dict.fromkeys(pl.sql_expr(rule.row_condition).meta.root_names()) if name not in fields]
    texts = [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", rule.row_condition)]
    numbers = [float(number) for number in re.findall(r"(?<![\w'])-?\d+(?:\.\d+)?", rule.row_condition)]
    own = [*texts, *(_number(number + step) for number in numbers for step in (0, 1, -1)), "abc", None]
    combined = itertools.islice(itertools.product(own, repeat=len(others)), _PAIRED)
    return [dict(zip(others, values, strict=True)) for values in combined]


def _cells(rule: Rule, width: int) -> list[tuple[Cell, ...]]:
    values = list(_values(rule))
    if width == 1:
        return [(value,) for value in values]
    own = [*values[:_PAIRED], None]
    return list(itertools.islice(itertools.product(own, repeat=width), _TRIED))


def _values(rule: Rule) -> Iterator[Cell]:
    yield from dict.fromkeys([*_suggested(rule.kwargs), *_USUAL, None])


def _suggested(value: Any) -> Iterator[str]:
    """Cells that the kwargs speak of: their values, numbers beside their numbers, texts as long."""
    match value:
        case dict():
            for name, one in value.items():
                if not name.startswith("column"):
                    yield from _suggested(one)
        case list():
            for one in value:
                yield from _suggested(one)
        case bool():
            return
        case int() | float():
            yield from (_number(value + step) for step in (0, 1, -1, 0.5, 0.01, -0.01))
            if 0 <= value <= 5_000 and value == int(value):
                yield from ("x" * max(0, int(value) + step) for step in (0, 1, -1) if value + step > 0)
        case str():
            yield value
            yield re.sub(r"[\^$\\()?+*\[\]{}|]", "", value)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(round(value, 6))


def _fields(rule: Rule) -> list[str]:
    named = [str(rule.kwargs[name]) for name in ("column", "column_A", "column_B") if name in rule.kwargs]
    return [*named, *map(str, rule.kwargs.get("column_list", ()))]
