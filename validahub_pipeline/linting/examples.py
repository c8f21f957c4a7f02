"""Rules run on the values they were written with: what passes must pass, what fails must fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from validahub_pipeline.engine import validate
from validahub_pipeline.linting.findings import Level, Remark
from validahub_pipeline.rulepacks import ResolvedPack, Rule, match_columns
from validahub_pipeline.rulepacks.document import Examples
from validahub_pipeline.rulepacks.layering import Chain
from validahub_pipeline.rulepacks.resolving import examples_of, occasions, resolved

Row = Mapping[str, str | None]

_REPEATED: Final = frozenset({"repeat", "times"})
_SHOWN: Final = 80


def rows_of(example: Any, column: str) -> list[Row]:
    """The rows an example stands for, by field: a value of the rule's column, a row, or a list of these; any of them
    may be a text or row repeated.

    Raises:
        ValueError: it is none of them.
    """
    if isinstance(example, list):
        return [row for part in example for row in rows_of(part, column)]
    if _repeats(example) and isinstance(example["repeat"], dict):
        return rows_of(example["repeat"], column) * int(example["times"])
    row = example if isinstance(example, dict) and not _repeats(example) else {column: example}
    return [{field: _cell(value) for field, value in row.items()}]


def _repeats(example: Any) -> bool:
    return isinstance(example, dict) and set(example) == _REPEATED


def _cell(value: Any) -> str | None:
    if _repeats(value):
        return str(value["repeat"]) * int(value["times"])
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{value!r}: a cell is text; put it in quotes")
    return value


def misjudged(chain: Chain) -> Iterator[Remark]:
    """The rules of a pack whose examples do not do what they are there for, whatever the category and the day."""
    seen: set[str] = set()
    with TemporaryDirectory(prefix="validahub-") as folder:
        for category, day in occasions(chain):
            pack, given = resolved(chain, category, day), examples_of(chain, category, day)
            for rule in pack.rules:
                # Most rules are the same on every occasion.
                asked = repr((rule, given[rule.code]))
                if asked not in seen:
                    seen.add(asked)
                    yield from _misjudged(pack, rule, given[rule.code], Path(folder))


def violations_of(pack: ResolvedPack, rule: Rule, rows: Sequence[Row], folder: Path) -> int:
    """How often some rows, as a file of their own, violate one rule of a pack.

    Raises:
        PackError: the engine cannot run the rule.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    cells = [pa.array([row.get(name) for row in rows], pa.string()) for name in columns]
    path = folder / "rows.parquet"
    pq.write_table(pa.Table.from_arrays([numbers, numbers, *cells], names=["__row", "__line", *columns]), path)
    alone = replace(pack, rules=(rule,), corrections=())
    match = match_columns(alone, columns)
    result = validate(path, alone, match, violations=folder / "violations.parquet", validated=None)
    return sum(count.count for count in result.counts if count.code == rule.code)


def _misjudged(pack: ResolvedPack, rule: Rule, given: Examples, folder: Path) -> Iterator[Remark]:
    column = str(rule.kwargs.get("column", ""))
    for example, fails in ((given.passing, False), (given.failing, True)):
        code = "example_holds" if fails else "example_violates"
        values = {"code": rule.code, "category": pack.category, "example": _shown(example)}
        try:
            found = violations_of(pack, rule, rows_of(example, column), folder)
        except (ValueError, TypeError) as error:
            code, values = "example_unreadable", values | {"cause": str(error)}
            found = 0 if fails else 1
        if bool(found) is not fails:
            yield Remark(Level.ERROR, code, f"rules/{rule.code}", "examples", values)


def _shown(example: Any) -> str:
    text = repr(example) if isinstance(example, (list, dict)) else str(example)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
