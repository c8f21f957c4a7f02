"""A batch of rows against a plan: its violations in order, and the tally over all batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.batches import LINE, ROW, Batch
from validahub_pipeline.engine.plan import CompiledRule, Plan, number, text
from validahub_pipeline.engine.results import CodeCount, FieldStatistics, ValidationResult, ViolationExample
from validahub_pipeline.engine.survey import Survey
from validahub_pipeline.engine.working import working_frame
from validahub_pipeline.rulepacks.model import Severity

OK: Final = "ok"
_LEVELS: Final = (OK, Severity.INFO.value, Severity.WARNING.value, Severity.CRITICAL.value)
_CRITICAL: Final = len(_LEVELS) - 1
_EXAMPLES: Final = 5
_BETWEEN_VALUES: Final = " | "
_BETWEEN_CODES: Final = "|"
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True)
class Judged:
    """The violations of one batch, ordered by row, then rule.

    Attributes:
        at: the violating row's place in the batch.
        rule: index of the violated rule in the plan.
        values: the offending cell.
        worst: per row of the batch, 0 for none, else 1 (info) to 3 (critical).
    """

    batch: Batch
    at: npt.NDArray[np.uint32]
    rule: npt.NDArray[np.uint16]
    values: pl.Series
    worst: npt.NDArray[np.uint8]


class Judge:
    """Holds batches against a plan and keeps count."""

    def __init__(self, plan: Plan, survey: Survey) -> None:
        self._plan = plan
        self._survey = survey
        self._counts = np.zeros(len(plan.rules), dtype=np.int64)
        self._violating = 0
        self._critical = 0
        self._records = 0
        self._examples: dict[str, list[ViolationExample]] = {}
        self._statistics = {place: _Statistics() for place in plan.places.values()}
        self._codes = pl.Series([rule.code for rule in plan.rules], dtype=pl.String)
        self._columns = pl.Series([plan.columns[rule.places[0]] for rule in plan.rules], dtype=pl.String)
        self._severities = pl.Series([rule.severity.value for rule in plan.rules], dtype=pl.String)
        levels = [_LEVELS.index(rule.severity.value) for rule in plan.rules]
        self._levels = np.array(levels, dtype=np.uint8)
        # Rules of one code stand together, so that a row names each code once.
        self._code_ids = np.array([self._codes.index_of(rule.code) for rule in plan.rules], dtype=np.int64)

    def judge(self, batch: Batch) -> Judged:
        """The violations of the next batch; batches come in file order."""
        frame = working_frame(batch.frame, self._plan.texts, self._plan.numbers, self._survey.comma_decimals)
        judged = self._violations(batch, self._violated(frame, batch))
        self._count(judged)
        for place, statistics in self._statistics.items():
            statistics.add(frame, place)
        return judged

    def _violated(self, frame: pl.DataFrame, batch: Batch) -> list[tuple[int, npt.NDArray[np.uint32]]]:
        """Per rule (by index) with violations in the batch, the rows."""
        asked = [place for place in range(len(self._plan.rules)) if place not in self._survey.met]
        row_wise = [place for place in asked if not self._plan.rules[place].cross_row]
        masks = frame.select(
            self._plan.rules[place].expression.not_().fill_null(value=False).alias(str(place)) for place in row_wise
        )
        selected: dict[str, pl.Series] = {}
        found = []
        for place in asked:
            rule = self._plan.rules[place]
            if rule.cross_row:
                mask = pl.Series(self._survey.repeated[place][batch.start : batch.start + batch.height])
            else:
                mask = masks.get_column(str(place))
                if rule.condition is not None and mask.any():
                    sql = rule.condition.sql
                    if sql not in selected:
                        selected[sql] = rule.condition.rows(frame)
                    mask = mask & selected[sql]
            rows = mask.arg_true()
            if rows.len():
                found.append((place, rows.to_numpy()))
        return found

    def _violations(self, batch: Batch, found: list[tuple[int, npt.NDArray[np.uint32]]]) -> Judged:
        worst = np.zeros(batch.height, dtype=np.uint8)
        if not found:
            nothing = np.zeros(0, dtype=np.uint32)
            return Judged(batch, nothing, nothing.astype(np.uint16), pl.Series([], dtype=pl.String), worst)
        for place, rows in found:
            worst[rows] = np.maximum(worst[rows], self._levels[place])
        at = np.concatenate([rows for _, rows in found])
        rule = np.repeat(np.array([place for place, _ in found], dtype=np.uint16), [len(rows) for _, rows in found])
        # Rules come in order, so a stable sort by row keeps them so.
        order = np.argsort(at, kind="stable")
        values = pl.concat([self._cells(batch, self._plan.rules[place]).gather(rows) for place, rows in found])
        return Judged(batch, at[order], rule[order], values.gather(order), worst)

    @staticmethod
    def _cells(batch: Batch, rule: CompiledRule) -> pl.Series:
        cells = [pl.col(str(place)).fill_null("") for place in rule.places]
        return batch.frame.select(
            cells[0] if len(cells) == 1 else pl.concat_str(cells, separator=_BETWEEN_VALUES)
        ).to_series()

    def _count(self, judged: Judged) -> None:
        self._records += judged.batch.height
        self._violating += int(np.count_nonzero(judged.worst))
        self._critical += int(np.count_nonzero(judged.worst == _CRITICAL))
        self._counts += np.bincount(judged.rule, minlength=len(self._plan.rules))
        wanting = [
            code for code in self._codes.unique(maintain_order=True) if len(self._examples.get(code, ())) < _EXAMPLES
        ]
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
            column=self._columns[int(judged.rule[hit])],
            value=judged.values[hit],
        )

    def table(self, judged: Judged) -> pl.DataFrame:
        """The violations of a batch as the violations file has them."""
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
            [
                (0, 0, found.field, found.code, found.severity.value, found.candidates)
                for found in self._plan.file_violations
            ],
            schema={
                "row": pl.Int64,
                "line": pl.Int64,
                "column": pl.String,
                "code": pl.String,
                "severity": pl.String,
                "value": pl.String,
            },
            orient="row",
        )

    def verdicts(self, judged: Judged) -> pl.DataFrame:
        """Per row of a batch its worst severity (`ok` for none) and its codes, joined by `|` (null for none)."""
        status = pl.Series(_LEVELS).gather(judged.worst)
        code = self._code_ids[judged.rule]
        first = np.ones(len(code), dtype=np.bool_)
        first[1:] = (code[1:] != code[:-1]) | (judged.at[1:] != judged.at[:-1])
        codes = (
            pl.DataFrame({"at": judged.at[first], "code": self._codes.gather(code[first])})
            .group_by("at", maintain_order=True)
            .agg(pl.col("code").str.join(_BETWEEN_CODES))
        )
        where = np.full(judged.batch.height, codes.height, dtype=np.uint32)
        where[codes.get_column("at").to_numpy()] = np.arange(codes.height, dtype=np.uint32)
        errors = pl.concat([codes.get_column("code"), pl.Series([None], dtype=pl.String)]).gather(where)
        return pl.DataFrame({"status": status, "errors": errors})

    def result(self) -> ValidationResult:
        """The tally over all batches."""
        counts = [CodeCount(found.code, found.field, found.severity, 1) for found in self._plan.file_violations]
        examples = {
            found.code: [
                ViolationExample(0, 0, other.field, other.candidates)
                for other in self._plan.file_violations
                if other.code == found.code
            ]
            for found in self._plan.file_violations
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
                self._statistics[place].result(field, self._plan.columns[place], place in self._plan.numbers)
                for field, place in self._plan.places.items()
            ),
        )


@dataclass
class _Statistics:
    """What is known of one column so far."""

    missing: int = 0
    numbers: int = 0
    shortest: int | None = None
    longest: int | None = None
    minimum: float | None = None
    maximum: float | None = None

    def add(self, frame: pl.DataFrame, place: int) -> None:
        cells = frame.get_column(text(place))
        self.missing += cells.null_count()
        lengths = cells.str.len_chars()
        self.shortest, self.longest = _extremes(self.shortest, self.longest, lengths)
        if number(place) in frame.columns:
            values = frame.get_column(number(place))
            self.numbers += values.len() - values.null_count()
            self.minimum, self.maximum = _extremes(self.minimum, self.maximum, values)

    def result(self, field: str, column: str, numeric: bool) -> FieldStatistics:
        return FieldStatistics(
            field=field,
            column=column,
            missing=self.missing,
            shortest=self.shortest,
            longest=self.longest,
            numbers=self.numbers if numeric else None,
            minimum=self.minimum,
            maximum=self.maximum,
        )


def _extremes(least: _Number | None, greatest: _Number | None, values: pl.Series) -> tuple[Any, Any]:
    known = [value for value in (least, greatest, values.min(), values.max()) if value is not None]
    return (min(known), max(known)) if known else (None, None)
