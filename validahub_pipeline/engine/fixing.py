"""The corrections of a pack, applied to a batch until none of them changes a cell any more.

Going on until nothing changes is what makes correcting a corrected file change nothing, in whatever order a pack
lists its corrections. Only cells that match the guard of one of their corrections are ever touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.corrections import CorrectionType, Fix, correction_for
from validahub_pipeline.engine.plan import Condition, condition_of
from validahub_pipeline.engine.working import working_frame
from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks.model import ColumnMatch, Confidence, ResolvedPack

EVERY_COLUMN: Final = "*"
_ROUNDS: Final = 8
_WEAKEST_LAST: Final = (Confidence.LOSSLESS, Confidence.CONFIDENT, Confidence.SUGGEST)


@dataclass(frozen=True)
class Step:
    """One correction of a pack on one column."""

    code: str
    type: CorrectionType
    fix: Fix
    condition: Condition | None


@dataclass(frozen=True)
class Asked:
    """One correction as the pack asks for it, matched to columns, before it is known how they write decimals."""

    code: str
    type: CorrectionType
    kwargs: Mapping[str, object]
    places: tuple[int, ...]
    condition: Condition | None


@dataclass(frozen=True)
class Changes:
    """The changed cells of one column of a batch: rows (by place in the batch, ascending), before and after (null for
    empty), and the path of corrections each took."""

    place: int
    at: npt.NDArray[np.uint32]
    before: pl.Series
    after: pl.Series
    paths: npt.NDArray[np.int64]


class Paths:
    """Which corrections a cell went through, as small numbers: 0 is none. Shared by batches that are corrected at
    once, and so in the order of who came first; only the names they stand for are ever shown."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, ...]] = [()]
        self._confidences: list[Confidence] = [Confidence.LOSSLESS]
        self._next: dict[tuple[int, str], int] = {}
        self._lock = Lock()

    def extended(self, paths: npt.NDArray[np.int64], step: Step) -> npt.NDArray[np.int64]:
        """The paths with one more correction; a correction is named once, where it was first applied."""
        known, where = np.unique(paths, return_inverse=True)
        with self._lock:
            return np.array([self._extend(path, step) for path in known.tolist()], dtype=np.int64)[where]

    def _extend(self, path: int, step: Step) -> int:
        if step.code in self._steps[path]:
            return path
        if (path, step.code) not in self._next:
            self._next[path, step.code] = len(self._steps)
            self._steps.append((*self._steps[path], step.code))
            self._confidences.append(weakest(self._confidences[path], step.type.confidence))
        return self._next[path, step.code]

    def codes(self, paths: npt.NDArray[np.int64]) -> pl.Series:
        """The codes of each path, in order of application, joined by `+`."""
        return pl.Series(["+".join(steps) for steps in self._steps], dtype=pl.String).gather(paths)

    def confidences(self, paths: npt.NDArray[np.int64]) -> pl.Series:
        """The weakest confidence along each path."""
        return pl.Series([confidence.value for confidence in self._confidences], dtype=pl.String).gather(paths)


def weakest(*confidences: Confidence) -> Confidence:
    """The least sure of several."""
    return max(confidences, key=_WEAKEST_LAST.index)


def asked_corrections(
    pack: ResolvedPack, match: ColumnMatch, columns: Sequence[str]
) -> tuple[list[Asked], list[Asked]]:
    """The pack's corrections for these columns, in its order: those to apply, and those to propose.

    Raises:
        PackError: a correction, its kwargs or its condition cannot be understood.
    """
    positions = {name: place for place, name in enumerate(columns)}
    places = {field: positions[column] for field, column in match.columns.items() if column in positions}
    applied: list[Asked] = []
    proposed: list[Asked] = []
    for correction in pack.corrections:
        known = correction_for(correction.type, correction.kwargs)
        if EVERY_COLUMN in correction.fields:
            chosen = tuple(range(len(columns)))
        else:
            chosen = tuple(dict.fromkeys(places[field] for field in correction.fields if field in places))
        condition = condition_of(correction.row_condition, pack, places)
        asked = Asked(correction.code, known, correction.kwargs, chosen, condition)
        (proposed if known.confidence is Confidence.SUGGEST else applied).append(asked)
    return applied, proposed


class Fixer:
    """Corrections of some columns, ready to run."""

    def __init__(self, asked: Sequence[Asked], comma_decimals: Mapping[int, bool], paths: Paths) -> None:
        self._paths = paths
        self._chains: dict[int, list[Step]] = {}
        for correction in asked:
            for place in correction.places:
                # Where only some rows are corrected, the others would go on voting, and a second correction would
                # read `1.234`, just written, as a thousand.
                voted = comma_decimals.get(place, False) and correction.condition is None
                try:
                    fix = correction.type.fix(correction.kwargs, comma_decimals=voted)
                    pl.Series([""]).str.contains(fix.guard)
                except (TypeError, ValueError, AttributeError, pl.exceptions.PolarsError) as problem:
                    raise PackError("bad_correction", type=correction.type.type, problem=problem) from problem
                step = Step(correction.code, correction.type, fix, correction.condition)
                self._chains.setdefault(place, []).append(step)

    @property
    def conditions(self) -> frozenset[int]:
        """Places of the columns that conditions look at."""
        steps = [step for chain in self._chains.values() for step in chain]
        return frozenset().union(*(step.condition.needed for step in steps if step.condition))

    def fix(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Changes]]:
        """The corrected frame and the cells that changed, by column in the file's order.

        Columns the frame lacks are left out. A cell that never comes to rest (synonyms that name each other) is left
        as it was.
        """
        places = [place for place in self._chains if str(place) in frame.columns]
        states = {place: state for place in places if (state := self._touched(frame, place)) is not None}
        original = frame
        unsettled = set(states)
        for _ in range(_ROUNDS):
            selected = self._selected_rows(frame, unsettled)
            changed = {
                place for place in sorted(unsettled) if self._round(states[place], self._chains[place], selected)
            }
            if not changed:
                break
            frame = original.with_columns(states[place].column(original, place) for place in states)
            # Other columns' conditions may look at what has just changed.
            unsettled = changed | {place for place in states if self._depends(place, changed)}
        else:
            for place in changed:
                states[place].give_up()
            frame = original.with_columns(states[place].column(original, place) for place in states)
        return frame, [found for place in sorted(states) if (found := states[place].changes(original, place))]

    def _depends(self, place: int, changed: set[int]) -> bool:
        return any(step.condition and step.condition.needed & changed for step in self._chains[place])

    def _touched(self, frame: pl.DataFrame, place: int) -> _State | None:
        """The cells of a column that some correction might change; None where there are none."""
        guard = "|".join(f"(?:{guard})" for guard in dict.fromkeys(step.fix.guard for step in self._chains[place]))
        cells = frame.get_column(str(place))
        at = cells.str.contains(guard).arg_true()
        return _State(at.to_numpy(), cells.gather(at)) if at.len() else None

    def _selected_rows(self, frame: pl.DataFrame, unsettled: set[int]) -> dict[str, pl.Series]:
        steps = [step for place in unsettled for step in self._chains[place]]
        conditions = {step.condition.sql: step.condition for step in steps if step.condition}
        texts = frozenset().union(*(condition.needed for condition in conditions.values()))
        working = working_frame(frame, texts, (), {}) if texts else frame
        return {sql: condition.rows(working) for sql, condition in conditions.items()}

    def _round(self, state: _State, chain: Sequence[Step], selected: Mapping[str, pl.Series]) -> bool:
        """Run a column's corrections once; whether any cell changed."""
        before = state.cells
        for step in chain:
            mask = state.cells.str.contains(step.fix.guard)
            if step.condition:
                mask = mask & selected[step.condition.sql].gather(state.at)
            if step.type.needs_vote:
                mask = mask & ~pl.Series(state.read)
            hits = mask.arg_true()
            if not hits.len():
                continue
            old = state.cells.gather(hits)
            new = old.to_frame("cell").select(step.fix.apply(pl.col("cell"))).to_series()
            differs = new.ne_missing(old).arg_true()
            if not differs.len():
                continue
            where = hits.gather(differs)
            state.cells = _scattered(state.cells, where, new.gather(differs))
            rows = where.to_numpy()
            state.paths[rows] = self._paths.extended(state.paths[rows], step)
            state.read[rows] |= step.type.needs_vote
        state.restless = state.cells.ne_missing(before).to_numpy()
        return bool(state.restless.any())


class _State:
    """The cells of one column that may change, as they stand.

    Attributes:
        at: their rows' places in the batch.
        paths: the corrections each has taken.
        read: whether its notation has been read by the column's vote, which holds for what the seller wrote and not
            for what came of it: `1,234` in a column of decimal commas is `1.234`, and that must not become `1234`.
        restless: whether it changed in the last round.
    """

    def __init__(self, at: npt.NDArray[np.uint32], cells: pl.Series) -> None:
        self.at = at
        self.original = cells
        self.cells = cells
        self.paths = np.zeros(len(at), dtype=np.int64)
        self.read = np.zeros(len(at), dtype=np.bool_)
        self.restless = np.ones(len(at), dtype=np.bool_)

    def column(self, frame: pl.DataFrame, place: int) -> pl.Series:
        """The whole column with these cells in it; a cell with nothing left is empty, so null."""
        cells = self.cells.to_frame("cell").select(pl.when(pl.col("cell") != "").then("cell")).to_series()
        return _scattered(frame.get_column(str(place)), pl.Series(self.at), cells)

    def give_up(self) -> None:
        """Back to the beginning with the cells that do not come to rest."""
        restless = pl.Series(self.restless).arg_true()
        self.cells = _scattered(self.cells, restless, self.original.gather(restless))
        self.paths[self.restless] = 0

    def changes(self, frame: pl.DataFrame, place: int) -> Changes | None:
        """What is different from the beginning."""
        changed = self.cells.ne_missing(self.original).arg_true()
        if not changed.len():
            return None
        rows = changed.to_numpy()
        return Changes(
            place=place,
            at=self.at[rows],
            before=frame.get_column(str(place)).gather(self.at[rows]),
            after=self.cells.gather(changed),
            paths=self.paths[rows],
        )


def _scattered(cells: pl.Series, at: pl.Series, values: pl.Series) -> pl.Series:
    """A column with some cells replaced. `Series.scatter` writes into the series it is called on, hence the clone."""
    return cells.clone().scatter(at, values)
