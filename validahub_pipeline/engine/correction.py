"""One pass over rows.parquet that corrects what is safe, proposes the rest, and validates what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from validahub_pipeline.engine.batches import Batch, CsvFile, ParquetFile, Rows
from validahub_pipeline.engine.changed import NUMBERS, TEXTS, Repairs, Tally, changes_table, with_repairs
from validahub_pipeline.engine.compiling import compile_plan
from validahub_pipeline.engine.deciding import CELL, Decisions, Rejected, without_rejected
from validahub_pipeline.engine.evaluating import Evaluator
from validahub_pipeline.engine.fixing import Fixer
from validahub_pipeline.engine.judging import Judge, Judged
from validahub_pipeline.engine.paths import Paths
from validahub_pipeline.engine.plan import Plan
from validahub_pipeline.engine.results import CorrectionResult
from validahub_pipeline.engine.steps import Asked, asked_corrections
from validahub_pipeline.engine.survey import Survey, hold_vote, survey
from validahub_pipeline.engine.votes import ask_columns, headers
from validahub_pipeline.rulepacks.model import ColumnMatch, ResolvedPack


def correct(
    rows: Path,
    pack: ResolvedPack,
    match: ColumnMatch,
    *,
    corrected: Path,
    corrections: Path,
    suggestions: Path,
    repairs: Path | None = None,
    decisions: Path | None = None,
    manual: Path | None = None,
    rejected: Rejected = (),
    left: Callable[[pl.DataFrame, pl.DataFrame], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> CorrectionResult:
    """Apply the pack's lossless and confident corrections and what people decided, propose the others, and validate
    the corrected rows.

    Args:
        rows: a rows.parquet as ingest writes it.
        corrected: where the rows go as CSV, in the file's own columns.
        corrections: where the changes go, one row per changed cell, ordered by row and column: `before` is what the
            seller sent (for a cell that ingest repaired, that), `after` what the corrected file holds. `code` joins
            the corrections a cell took, in order, with `+`.
        suggestions: where proposals go, in the same form; `before` is the cell of the corrected file.
        repairs: the repairs.parquet of ingest; None where there is none.
        decisions: the cells people decided about, as `deciding.Decisions` reads them; None where there are none.
        manual: where the changes go that are due to those, in the form of `corrections`, which then lacks them.
        rejected: proposals that are not to be made.
        left: given some corrected rows (`__row`, `__line`, cells by place) and the violations they still have (`row,
            line, column, code, severity, value`), in file order; those of the file as a whole (row 0) come first.
        progress: told the number of rows done, after each batch.

    Raises:
        PackError: the pack asks for what the engine does not know; nothing has been written.
        OSError: a file could not be read or written.
    """
    source = Rows(rows)
    plan = compile_plan(pack, match, source.columns)
    asked, proposed = asked_corrections(pack, match, source.columns)
    paths, suggested_paths = Paths(), Paths()
    known = ask_columns(source, asked)
    fixer = Fixer(asked, known, paths)
    proposer = Fixer(proposed, headers(source), suggested_paths)
    decided = Decisions(decisions, source.columns, asked, known) if decisions else None

    def settled(batch: Batch) -> pl.DataFrame:
        frame = fixer.fix(batch.frame)[0]
        return decided.settled(batch, frame) if decided else frame

    told = _survey_corrected(source, plan, asked, fixer, settled)
    evaluator, judge = Evaluator(plan, told), Judge(plan, told.failed)
    repaired = Repairs(repairs, source.columns)
    changed, by_hand, suggested = (Tally(source.columns) for _ in range(3))

    def work(batch: Batch) -> _Worked:
        frame, fixed = fixer.fix(batch.frame)
        changes, hands = changes_table(batch, fixed, paths), None
        if decided:
            frame, changes, hands = decided.settle(batch, frame, changes)
        changes = with_repairs(changes, repaired.of(batch))
        after = Batch(batch.start, frame)
        evaluated = evaluator.evaluate(after)
        judged = judge.judge(after, evaluated)
        _, ideas = proposer.fix(frame, evaluated.looked)
        return _Worked(
            judged=judged,
            left=judge.table(judged) if left else None,
            changes=changes if hands is None else changes.join(hands, on=CELL, how="anti", maintain_order="left"),
            manual=changes.head(0)
            if hands is None
            else changes.join(hands, on=CELL, how="semi", maintain_order="left"),
            ideas=without_rejected(changes_table(after, ideas, suggested_paths), rejected, source.columns),
        )

    done = 0
    with ExitStack() as files:
        csv = files.enter_context(CsvFile(corrected, source.columns))
        changes_file = files.enter_context(ParquetFile(corrections, NUMBERS, TEXTS))
        manual_file = files.enter_context(ParquetFile(manual, NUMBERS, TEXTS)) if manual else None
        suggestions_file = files.enter_context(ParquetFile(suggestions, NUMBERS, TEXTS))
        if left:
            left(pl.DataFrame(), judge.file_table())
        for worked in source.map(work):
            after = worked.judged.batch
            changes_file.write(changed.add(worked.changes))
            if manual_file:
                manual_file.write(by_hand.add(worked.manual))
            suggestions_file.write(suggested.add(worked.ideas))
            csv.write(after.frame[:, 2:])
            judge.count(worked.judged)
            if left and worked.left is not None:
                left(after.frame, worked.left)
            done += after.height
            if progress:
                progress(done)
    return CorrectionResult(
        cells=changed.cells,
        counts=changed.counts,
        manual=by_hand.counts,
        suggested=suggested.counts,
        examples=(*by_hand.examples, *changed.examples),
        suggestion_examples=suggested.examples,
        remaining=judge.result(),
    )


@dataclass(frozen=True)
class _Worked:
    """One batch, corrected and judged, waiting for its turn to be written."""

    judged: Judged
    left: pl.DataFrame | None
    changes: pl.DataFrame
    manual: pl.DataFrame
    ideas: pl.DataFrame


def _decimal(asked: Iterable[Asked]) -> set[int]:
    return {place for correction in asked if correction.type.type == "decimal_comma" for place in correction.places}


def _survey_corrected(
    source: Rows, plan: Plan, asked: Iterable[Asked], fixer: Fixer, corrected: Callable[[Batch], pl.DataFrame]
) -> Survey:
    """What the corrected rows have to tell before they can be judged."""
    # Where decimal commas were corrected in every row, none is left to vote.
    canonical = _decimal(correction for correction in asked if correction.condition is None)
    needed = fixer.conditions
    votes = hold_vote(source, plan.numbers - canonical, corrected, needed)
    return survey(source, plan, votes, needed=needed, transform=corrected)
