"""A batch of rows against a plan: its violations in order, and the tally over all batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.batches import Batch
from validahub_pipeline.engine.evaluating import Evaluated
from validahub_pipeline.engine.plan import CompiledRule, FileViolation, Plan
from validahub_pipeline.engine.results import CodeCount, ValidationResult, ViolationExample
from validahub_pipeline.engine.stored import LINE, ROW
from validahub_pipeline.engine.summary import Summary
from validahub_pipeline.rulepacks.model import Severity

OK: Final = "ok"
_LEVELS: Final = (OK, Severity.INFO.value, Severity.WARNING.value, Severity.CRITICAL.value)
_CRITICAL: Final = len(_LEVELS) - 1
_EXAMPLES: Final = 5
_BETWEEN_VALUES: Final = " | "
_BETWEEN_CODES: Final = "|"
_WORD: Final = 62


@dataclass(frozen=True)
class Judged:
    """The violations of one batch, ordered by row, then rule.

    Attributes:
        at: the violating row's place in the batch.
        rule: index of the violated rule in the plan.
        values: the offending cell.
        worst: per row of the batch, 0 for none, else 1 (info) to 3 (critical).
        summaries: by place, what the matched columns hold (and perhaps others).
    """

    batch: Batch
    at: npt.NDArray[np.uint32]
    rule: npt.NDArray[np.uint16]
    values: pl.Series
    worst: npt.NDArray[np.uint8]
    summaries: Mapping[int, Summary]


class Judge:
    """Makes violations of what a plan's rules say of batches, and keeps count.

    Args:
        failed: by index of a measure in the plan that failed, what was observed.
    """

    def __init__(self, plan: Plan, failed: Mapping[int, str]) -> None:
        self._plan = plan
        measured = [
            FileViolation(one.code, one.field, one.severity, failed[place])
            for place, one in enumerate(plan.measures)
            if place in failed
        ]
        self._of_file = sorted([*plan.file_violations, *measured], key=lambda found: (found.code, found.field))
        self._counts = np.zeros(len(plan.rules), dtype=np.int64)
        self._violating = 0
        self._critical = 0
        self._records = 0
        self._examples: dict[str, list[ViolationExample]] = {}
        self._statistics = {place: Summary() for place in plan.places.values()}
        self._codes = _named([rule.code for rule in plan.rules], (found.code for found in self._of_file))
        self._columns = _named(
            [plan.columns[rule.places[0]] for rule in plan.rules], (found.field for found in self._of_file)
        )
        self._severities = _named([rule.severity.value for rule in plan.rules], _LEVELS)
        levels = [_LEVELS.index(rule.severity.value) for rule in plan.rules]
        self._levels = np.array(levels, dtype=np.uint8)
        self._distinct_codes = list(dict.fromkeys(rule.code for rule in plan.rules))
        ids = {code: place for place, code in enumerate(self._distinct_codes)}
        self._code_ids = np.array([ids[rule.code] for rule in plan.rules], dtype=np.int64)

    def judge(self, batch: Batch, evaluated: Evaluated) -> Judged:
        """The violations of a batch; keeps nothing, so that batches may be judged in any order and at once."""
        worst = np.zeros(batch.height, dtype=np.uint8)
        found = list(evaluated.broken.items())
        if not found:
            nothing = np.zeros(0, dtype=np.uint32)
            values = pl.Series([], dtype=pl.String)
            return Judged(batch, nothing, nothing.astype(np.uint16), values, worst, evaluated.summaries)
        for place, rows in found:
            worst[rows] = np.maximum(worst[rows], self._levels[place])
        at = np.concatenate([rows for _, rows in found])
        rule = np.repeat(np.array([place for place, _ in found], dtype=np.uint16), [len(rows) for _, rows in found])
        # Rules come in order, so a stable sort by row keeps them so.
        order = np.argsort(at, kind="stable")
        # In one piece, out of which polars takes cells many times faster.
        values = pl.concat([self._cells(batch, self._plan.rules[place], rows) for place, rows in found], rechunk=True)
        return Judged(batch, at[order], rule[order], values.gather(order).fill_null(""), worst, evaluated.summaries)

    @staticmethod
    def _cells(batch: Batch, rule: CompiledRule, rows: npt.NDArray[np.uint32]) -> pl.Series:
        if len(rule.places) == 1:
            return batch.frame.get_column(str(rule.places[0])).gather(rows).alias("")
        cells = batch.frame.select(map(str, rule.places))[rows]
        return cells.select(pl.concat_str(pl.all().fill_null(""), separator=_BETWEEN_VALUES).alias("")).to_series()

    def count(self, judged: Judged) -> None:
        """Add a batch to the tally; batches come in file order."""
        for place in self._statistics:
            self._statistics[place] += judged.summaries[place]
        self._records += judged.batch.height
        self._violating += int(np.count_nonzero(judged.worst))
        self._critical += int(np.count_nonzero(judged.worst == _CRITICAL))
        self._counts += np.bincount(judged.rule, minlength=len(self._plan.rules))
        wanting = [code for code in self._distinct_codes if len(self._examples.get(code, ())) < _EXAMPLES]
        for code in wanting:
            rules = [place for place, rule in enumerate(self._plan.rules) if rule.code == code]
            hits = np.flatnonzero(np.isin(judged.rule, rules))[: _EXAMPLES - len(self._examples.get(code, ()))]
            for hit in hits.tolist():
                self._examples.setdefault(code, []).append(self._example(judged, hit))

    def _example(self, judged: Judged, hit: int) -> ViolationExample:
        at = int(judged.at[hit])
        return ViolationExample(
            row=judged.batch.frame.item(at, ROW),
            line=judged.batch.frame.item(at, LINE),
            column=self._plan.columns[self._plan.rules[int(judged.rule[hit])].places[0]],
            value=judged.values[hit],
        )

    def table(self, judged: Judged) -> pl.DataFrame:
        """The violations of a batch as the violations file has them, with what repeats as `Enum`."""
        return pl.DataFrame(
            [
                judged.batch.frame.get_column(ROW).gather(judged.at).alias("row"),
                judged.batch.frame.get_column(LINE).gather(judged.at).alias("line"),
                self._columns.gather(judged.rule).alias("column"),
                self._codes.gather(judged.rule).alias("code"),
                self._severities.gather(judged.rule).alias("severity"),
                judged.values.alias("value"),
            ]
        )

    def file_table(self) -> pl.DataFrame:
        """The violations of the file as a whole, as the violations file has them."""
        return pl.DataFrame(
            [(0, 0, found.field, found.code, found.severity.value, found.value) for found in self._of_file],
            schema={
                "row": pl.Int64,
                "line": pl.Int64,
                "column": self._columns.dtype,
                "code": self._codes.dtype,
                "severity": self._severities.dtype,
                "value": pl.String,
            },
            orient="row",
        )

    def verdicts(self, judged: Judged) -> pl.DataFrame:
        """Per row of a batch its worst severity (`ok` for none) and its codes, joined by `|` (null for none)."""
        status = pl.Series(_LEVELS).gather(judged.worst)
        if not len(judged.at):
            return pl.DataFrame({"status": status, "errors": pl.repeat(None, len(status), dtype=pl.String, eager=True)})
        # Few sets of codes occur, however many rows: number the sets, and spell each out once.
        starts = np.flatnonzero(np.diff(judged.at, prepend=np.uint32(2**32 - 1)))
        code = self._code_ids[judged.rule]
        sets = np.zeros(len(starts), dtype=np.int64)
        spelt: list[tuple[str, ...]] = [()]
        for word in range(0, len(self._distinct_codes), _WORD):
            codes = self._distinct_codes[word : word + _WORD]
            inside = (code >= word) & (code < word + len(codes))
            bits = np.bitwise_or.reduceat(np.where(inside, np.int64(1) << np.clip(code - word, 0, _WORD), 0), starts)
            known_bits, numbered_bits = np.unique(bits, return_inverse=True)
            known, sets = np.unique(sets * len(known_bits) + numbered_bits, return_inverse=True)
            pairs = (divmod(pair, len(known_bits)) for pair in known.tolist())
            spelt = [spelt[old] + _spelt(int(known_bits[new]), codes) for old, new in pairs]
        numbers = np.full(len(status), len(spelt), dtype=np.uint32)
        numbers[judged.at[starts]] = sets
        errors = pl.Series([*map(_BETWEEN_CODES.join, spelt), None], dtype=pl.String).gather(numbers)
        return pl.DataFrame({"status": status, "errors": errors})

    def result(self) -> ValidationResult:
        """The tally over all batches."""
        counts = [CodeCount(found.code, found.field, found.severity, 1) for found in self._of_file]
        examples = {
            found.code: [
                ViolationExample(0, 0, other.field, other.value) for other in self._of_file if other.code == found.code
            ]
            for found in self._of_file
        } | self._examples
        merged: dict[tuple[str, str, Severity], int] = {}
        for rule, count in zip(self._plan.rules, self._counts.tolist(), strict=True):
            key = (rule.code, self._plan.columns[rule.places[0]], rule.severity)
            merged[key] = merged.get(key, 0) + count
        counts += [CodeCount(*key, count) for key, count in merged.items() if count]
        return ValidationResult(
            records=self._records,
            rows_with_violations=self._violating,
            critical_rows=self._critical,
            counts=tuple(counts),
            examples={code: tuple(found[:_EXAMPLES]) for code, found in sorted(examples.items())},
            fields=tuple(
                self._statistics[place].statistics(
                    field, self._plan.columns[place], numeric=place in self._plan.numbers
                )
                for field, place in self._plan.places.items()
            ),
        )


def _named(of_rules: Sequence[str], others: Iterable[str]) -> pl.Series:
    """A name for each rule, out of as many as there may be."""
    return pl.Series(of_rules, dtype=pl.Enum(list(dict.fromkeys([*of_rules, *others]))))


def _spelt(bits: int, codes: Sequence[str]) -> tuple[str, ...]:
    spelt = []
    while bits:
        lowest = bits & -bits
        spelt.append(codes[lowest.bit_length() - 1])
        bits ^= lowest
    return tuple(spelt)
