"""The corrections of a pack, applied to a batch until none of them changes a cell any more.

Going on until nothing changes is what makes correcting a corrected file change nothing, in whatever order a pack
lists its corrections. A correction only ever looks at cells that match its guard, or are unusual; again only once they
have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from validahub_pipeline.engine.corrections import Column, Fix
from validahub_pipeline.engine.paths import Paths
from validahub_pipeline.engine.plan import Condition, found
from validahub_pipeline.engine.steps import Asked, Step, chains
from validahub_pipeline.engine.touched import Cells, Changes, Mask, Touched
from validahub_pipeline.engine.working import working_frame
from validahub_pipeline.text.unusual import unusual

_ROUNDS: Final = 8

Selected = Callable[[Condition], pl.Series]
"""The rows that a condition selects, as booleans."""


class Fixer:
    """Corrections of some columns, ready to run."""

    def __init__(self, asked: Sequence[Asked], columns: Mapping[int, Column], paths: Paths) -> None:
        self._paths = paths
        self._chains = chains(asked, columns)

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
        touched = self._touched(frame if looked is None else frame.hstack(looked))
        for _ in range(_ROUNDS):
            selected = _selecting(frame)
            changed = {place: self._round(place, cells, selected) for place, cells in touched.items()}
            changed = {place: where for place, where in changed.items() if len(where)}
            if not changed:
                break
            frame = frame.with_columns(touched[place].column() for place in changed)
        else:
            for place, where in changed.items():
                touched[place].give_up(where)
            frame = frame.with_columns(touched[place].column() for place in changed)
        return frame, [changes for place in sorted(touched) if (changes := touched[place].changes(place))]

    def _touched(self, frame: pl.DataFrame) -> dict[int, Touched]:
        """By place, the cells that some correction might change."""
        present = {place: steps for place, steps in self._chains.items() if str(place) in frame}
        # Each guard by itself: joined into one pattern, a few counted repetitions outgrow the regex engine's cache of
        # states, and it falls back to an automaton that takes twenty times as long.
        guarded = frame.select(
            _matching(_guarded(frame, place, step.fix.guard), pl.col(str(place)), step.fix).alias(_name(place, nth))
            for place, steps in present.items()
            for nth, step in enumerate(steps)
            if not step.fix.unusual
        )
        columns = {
            place: Touched(steps, cells, list(_masks(place, steps, cells, guarded)))
            for place, steps in present.items()
            for cells in [frame.get_column(str(place))]
        }
        return {place: cells for place, cells in columns.items() if len(cells.at)}

    def _round(self, place: int, touched: Touched, selected: Selected) -> Cells:
        """Try a column's corrections once, each on the cells that are open to it; returns those that changed."""
        before, changed = touched.cells, np.zeros(len(touched.at), dtype=np.bool_)
        for nth, step in enumerate(self._chains[place]):
            where = np.flatnonzero(touched.open[nth])
            if step.condition and len(where):
                where = where[selected(step.condition).gather(touched.at[where]).to_numpy()]
            if step.type.reads_decimals:
                where = where[~touched.read[where]]
            if not len(where):
                continue
            touched.open[nth, where] = False
            old = touched.cells.gather(where)
            cells = pl.col("cell")
            matching = _matching(cells.str.contains(step.fix.guard), cells, step.fix)
            hits = old.to_frame("cell").select(matching).to_series().arg_true()
            old = old.gather(hits)
            new = old.to_frame("cell").select(step.fix.apply(cells)).to_series()
            differs = new.ne_missing(old).arg_true()
            if differs.len():
                where = where[hits.gather(differs).to_numpy()]
                touched.take(where, new.gather(differs), step, self._paths)
                changed[where] = True
        where = np.flatnonzero(changed)
        differs = touched.cells.gather(where).ne_missing(before.gather(where))
        still: Cells = where[differs.arg_true().to_numpy()]
        return still


def _selecting(frame: pl.DataFrame) -> Selected:
    """What conditions select among the rows of a frame, each asked at most once, and only if it matters."""

    known: dict[str, pl.Series] = {}

    def selected(condition: Condition) -> pl.Series:
        if condition.sql not in known:
            texts = working_frame(frame, condition.needed, (), {}) if condition.needed else frame
            known[condition.sql] = condition.rows(texts)
        return known[condition.sql]

    return selected


def _masks(place: int, steps: Sequence[Step], cells: pl.Series, guarded: pl.DataFrame) -> Iterator[Mask]:
    """For each step, which of a column's cells it may change."""
    odd = np.zeros(cells.len(), dtype=np.bool_)
    if any(step.fix.unusual for step in steps):
        odd[unusual(cells)] = True
    for nth, step in enumerate(steps):
        if step.fix.unusual:
            yield odd
        else:
            yield guarded.get_column(_name(place, nth)).fill_null(value=False).to_numpy()


def _guarded(frame: pl.DataFrame, place: int, guard: str) -> pl.Expr:
    told = found(place, guard)
    return pl.col(told) if told in frame else pl.col(str(place)).str.contains(guard)


def _matching(guarded: pl.Expr, cells: pl.Expr, fix: Fix) -> pl.Expr:
    """Whether a cell contains what a correction would change, and is not right already."""
    return guarded & cells.is_in(sorted(fix.settled)).not_() if fix.settled else guarded


def _name(place: int, nth: int) -> str:
    return f"{place}:{nth}"
