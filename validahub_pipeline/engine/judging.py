"""A batch of rows against a plan: its violations in order, and the tally over all batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.batches import LINE, ROW, Batch
from validahub_pipeline.engine.plan import CompiledRule, Plan
from validahub_pipeline.engine.results import CodeCount, ValidationResult, ViolationExample
from validahub_pipeline.engine.summary import Summary, summarised
from validahub_pipeline.engine.survey import Survey
from validahub_pipeline.engine.working import working_frame
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
        summaries: by place, what the matched columns hold.
    """

    batch: Batch
    at: npt.NDArray[np.uint32]
    rule: npt.NDArray[np.uint16]
    values: pl.Series
    worst: npt.NDArray[np.uint8]
    summaries: dict[int, Summary]


class Judge:
    """Holds batches against a plan and keeps count."""

    def __init__(self, plan: Plan, survey: Survey) -> None:
        self._plan = plan
        self._survey = survey
        self._of_file = (*plan.file_violations, *survey.file_violations)
        self._counts = np.zeros(len(plan.rules), dtype=np.int64)
        self._violating = 0
        self._critical = 0
        self._records = 0
        self._examples: dict[str, list[ViolationExample]] = {}
        self._statistics = {place: Summary() for place in plan.places.values()}
        self._codes = pl.Series([rule.code for rule in plan.rules], dtype=pl.String)
        self._columns = pl.Series([plan.columns[rule.places[0]] for rule in plan.rules], dtype=pl.String)
        self._severities = pl.Series([rule.severity.value for rule in plan.rules], dtype=pl.String)
        levels = [_LEVELS.index(rule.severity.value) for rule in plan.rules]
        self._levels = np.array(levels, dtype=np.uint8)
        self._distinct_codes = list(dict.fromkeys(rule.code for rule in plan.rules))
        ids = {code: place for place, code in enumerate(self._distinct_codes)}
        self._code_ids = np.array([ids[rule.code] for rule in plan.rules], dtype=np.int64)

    def judge(self, batch: Batch) -> Judged:
        """The violations of a batch; keeps nothing, so that batches may be judged in any order and at once."""
        frame = working_frame(batch.frame, self._plan.texts, self._plan.numbers, self._survey.comma_decimals)
        summaries = {place: summarised(frame, place) for place in self._statistics}
        return self._violations(batch, self._violated(frame, batch), summaries)

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
                mask = pl.Series(self._survey.broken[place][batch.start : batch.start + batch.height])
            else:
                mask = masks.get_column(str(place))
                # Few rules are broken in a batch, so who is asked at all is only then worth knowing.
                if rule.asked is not None and mask.any():
                    mask = mask & frame.select(rule.asked).to_series()
                if rule.condition is not None and mask.any():
                    sql = rule.condition.sql
                    if sql not in selected:
                        selected[sql] = rule.condition.rows(frame)
                    mask = mask & selected[sql]
            rows = mask.arg_true()
            if rows.len():
                found.append((place, rows.to_numpy()))
        return found

    def _violations(
        self, batch: Batch, found: list[tuple[int, npt.NDArray[np.uint32]]], summaries: dict[int, Summary]
    ) -> Judged:
        worst = np.zeros(batch.height, dtype=np.uint8)
        if not found:
            nothing = np.zeros(0, dtype=np.uint32)
            return Judged(batch, nothing, nothing.astype(np.uint16), pl.Series([], dtype=pl.String), worst, summaries)
        for place, rows in found:
            worst[rows] = np.maximum(worst[rows], self._levels[place])
        at = np.concatenate([rows for _, rows in found])
        rule = np.repeat(np.array([place for place, _ in found], dtype=np.uint16), [len(rows) for _, rows in found])
        # Rules come in order, so a stable sort by row keeps them so.
        order = np.argsort(at, kind="stable")
        values = pl.concat([self._cells(batch, self._plan.rules[place]).gather(rows) for place, rows in found])
        return Judged(batch, at[order], rule[order], values.gather(order), worst, summaries)

    @staticmethod
    def _cells(batch: Batch, rule: CompiledRule) -> pl.Series:
        cells = [pl.col(str(place)).fill_null("") for place in rule.places]
        return batch.frame.select(
            cells[0] if len(cells) == 1 else pl.concat_str(cells, separator=_BETWEEN_VALUES)
        ).to_series()

    def count(self, judged: Judged) -> None:
        """Add a batch to the tally; batches come in file order."""
        for place, summary in judged.summaries.items():
            self._statistics[place] += summary
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
            [(0, 0, found.field, found.code, found.severity.value, found.value) for found in self._of_file],
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


def _spelt(bits: int, codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for place, code in enumerate(codes) if bits >> place & 1)
