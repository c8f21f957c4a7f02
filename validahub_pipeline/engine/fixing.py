"""The corrections of a pack, applied to a batch until none of them changes a cell any more.

Going on until nothing changes is what makes correcting a corrected file change nothing, in whatever order a pack
lists its corrections. Only cells that match the guard of one of their corrections, or are unusual, are ever touched.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.corrections import Column
from validahub_pipeline.engine.paths import Paths
from validahub_pipeline.engine.plan import found
from validahub_pipeline.engine.steps import Asked, Step, chains
from validahub_pipeline.engine.working import working_frame
from validahub_pipeline.text.unusual import unusual

_ROUNDS: Final = 8

Guard = tuple[str, frozenset[str]]
"""A pattern of cells that a correction may change, and those among them that it leaves as they are."""


@dataclass(frozen=True)
class Changes:
    """The changed cells of one column of a batch: rows (by place in the batch, ascending), before and after (null for
    empty), and the path of corrections each took."""

    place: int
    at: npt.NDArray[np.uint32]
    before: pl.Series
    after: pl.Series
    paths: npt.NDArray[np.int64]


class Fixer:
    """Corrections of some columns, ready to run."""

    def __init__(self, asked: Sequence[Asked], columns: Mapping[int, Column], paths: Paths) -> None:
        self._paths = paths
        self._chains = chains(asked, columns)
        # One after the other: joined into one pattern, a few counted repetitions outgrow the regex engine's cache of
        # states, and it falls back to an automaton that takes twenty times as long.
        self._guards = {
            place: tuple(dict.fromkeys((step.fix.guard, step.fix.settled) for step in steps if not step.fix.unusual))
            for place, steps in self._chains.items()
        }
        self._screened = {place for place, steps in self._chains.items() if any(step.fix.unusual for step in steps)}

    @property
    def conditions(self) -> frozenset[int]:
        """Places of the columns that conditions look at."""
        steps = [step for chain in self._chains.values() for step in chain]
        return frozenset().union(*(step.condition.needed for step in steps if step.condition))

    def fix(self, frame: pl.DataFrame, looked: pl.DataFrame | None = None) -> tuple[pl.DataFrame, list[Changes]]:
        """The corrected frame and the cells that changed, by column in the file's order.

        Columns the frame lacks are left out. A cell that never comes to rest (synonyms that name each other) is left
        as it was.

        Args:
            looked: in which of the cells patterns were found already, as `Evaluated.looked` has it.
        """
        original = frame
        states = self._touched(frame if looked is None else frame.hstack(looked))
        waiting = {place: np.arange(len(state.at)) for place, state in states.items()}
        for _ in range(_ROUNDS):
            selected = self._selected_rows(frame, waiting)
            changed = {place: self._round(place, states[place], rows, selected) for place, rows in waiting.items()}
            changed = {place: rows for place, rows in changed.items() if len(rows)}
            if not changed:
                break
            frame = original.with_columns(states[place].column(original, place) for place in states)
            waiting = changed | {
                place: np.arange(len(states[place].at)) for place in states if self._depends(place, changed)
            }
        else:
            for place, rows in changed.items():
                states[place].give_up(rows)
            frame = original.with_columns(states[place].column(original, place) for place in states)
        return frame, [changes for place in sorted(states) if (changes := states[place].changes(original, place))]

    def _touched(self, frame: pl.DataFrame) -> dict[int, _State]:
        """By place, the cells that some correction might change."""
        present = {place: guards for place, guards in self._guards.items() if str(place) in frame}
        guarded = frame.select(_guarded(frame, place, guards) for place, guards in present.items() if guards)
        touched = {}
        for place, guards in present.items():
            cells = frame.get_column(str(place))
            here = np.zeros(frame.height, dtype=np.bool_)
            if guards:
                here[guarded.get_column(str(place)).arg_true().to_numpy()] = True
            if place in self._screened:
                here[unusual(cells)] = True
            at = np.flatnonzero(here).astype(np.uint32)
            if len(at):
                touched[place] = _State(at, cells.gather(at))
        return touched

    def _depends(self, place: int, changed: Mapping[int, object]) -> bool:
        """Whether a condition looks at what has just changed."""
        return any(step.condition and step.condition.needed & changed.keys() for step in self._chains[place])

    def _selected_rows(self, frame: pl.DataFrame, places: Mapping[int, object]) -> dict[str, pl.Series]:
        steps = [step for place in places for step in self._chains[place]]
        conditions = {step.condition.sql: step.condition for step in steps if step.condition}
        texts = frozenset().union(*(condition.needed for condition in conditions.values()))
        working = working_frame(frame, texts, (), {}) if texts else frame
        return {sql: condition.rows(working) for sql, condition in conditions.items()}

    def _round(
        self, place: int, state: _State, rows: npt.NDArray[np.int64], selected: Mapping[str, pl.Series]
    ) -> npt.NDArray[np.int64]:
        """Run a column's corrections once over some of the cells; returns those that changed."""
        cells = before = state.cells.gather(rows)
        for step in self._chains[place]:
            mask = cells.str.contains(step.fix.guard)
            if step.condition:
                mask = mask & selected[step.condition.sql].gather(state.at[rows])
            if step.type.reads_decimals:
                mask = mask & ~pl.Series(state.read[rows])
            hits = mask.arg_true()
            if not hits.len():
                continue
            old = cells.gather(hits)
            new = old.to_frame("cell").select(step.fix.apply(pl.col("cell"))).to_series()
            differs = new.ne_missing(old).arg_true()
            where = hits.gather(differs)
            cells = _scattered(cells, where, new.gather(differs))
            state.take(rows[where.to_numpy()], step, self._paths)
        changed = cells.ne_missing(before).arg_true()
        state.cells = _scattered(state.cells, pl.Series(rows), cells)
        return cast("npt.NDArray[np.int64]", rows[changed.to_numpy()])


class _State:
    """The cells of one column that may change, as they stand.

    Attributes:
        at: their rows' places in the batch.
        paths: the corrections each has taken.
        read: whether its notation has been read by the column's vote, which holds for what the seller wrote and not
            for what came of it: `1,234` in a column of decimal commas is `1.234`, and that must not become `1234`.
    """

    def __init__(self, at: npt.NDArray[np.uint32], cells: pl.Series) -> None:
        self.at = at
        self.original = cells
        self.cells = cells
        self.paths = np.zeros(len(at), dtype=np.int64)
        self.read = np.zeros(len(at), dtype=np.bool_)

    def take(self, rows: npt.NDArray[np.int64], step: Step, paths: Paths) -> None:
        """Note that a correction changed some of the cells."""
        if len(rows):
            self.paths[rows] = paths.extended(self.paths[rows], step.code, step.type.confidence)
            self.read[rows] |= step.type.reads_decimals

    def column(self, frame: pl.DataFrame, place: int) -> pl.Series:
        """The whole column with these cells in it; a cell with nothing left is empty, so null."""
        cells = self.cells.to_frame("cell").select(pl.when(pl.col("cell") != "").then("cell")).to_series()
        return _scattered(frame.get_column(str(place)), pl.Series(self.at), cells)

    def give_up(self, rows: npt.NDArray[np.int64]) -> None:
        """Back to the beginning with cells that do not come to rest."""
        self.cells = _scattered(self.cells, pl.Series(rows), self.original.gather(rows))
        self.paths[rows] = 0

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


def _guarded(frame: pl.DataFrame, place: int, guards: Sequence[Guard]) -> pl.Expr:
    """Whether a cell contains what some correction would change, under the name of the column."""
    return reduce(operator.or_, [_matching(frame, place, *guard) for guard in guards]).alias(str(place))


def _matching(frame: pl.DataFrame, place: int, guard: str, settled: frozenset[str]) -> pl.Expr:
    cells = pl.col(str(place))
    matching = pl.col(found(place, guard)) if found(place, guard) in frame else cells.str.contains(guard)
    return matching & cells.is_in(sorted(settled)).not_() if settled else matching


def _scattered(cells: pl.Series, at: pl.Series, values: pl.Series) -> pl.Series:
    """A column with some cells replaced. `Series.scatter` writes into the series it is called on, hence the clone."""
    return cells.clone().scatter(at, values)
