"""The cells of one column of a batch that corrections may change, as they stand, and by which of them.

Which corrections there are, and in what order they are tried, is `fixing`'s business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.paths import Paths
from validahub_pipeline.engine.steps import Step
from validahub_pipeline.text.unusual import unusual

Cells = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Changes:
    """The changed cells of one column of a batch: rows (by place in the batch, ascending), before and after (null for
    empty), and the path of corrections each took."""

    place: int
    at: npt.NDArray[np.uint32]
    before: pl.Series
    after: pl.Series
    paths: npt.NDArray[np.int64]


class Touched:
    """Cells in work; each by its place among them.

    Args:
        steps: the corrections of the column, in the order in which they are tried.
        column: all of its cells in the batch.
        masks: by step, which of them it may change.

    Attributes:
        at: their rows' places in the batch.
        open: by step and cell, whether it may change the cell as that stands.
        paths: the corrections each has taken.
        read: whether its notation has been read by the column's vote, which holds for what the seller wrote and not
            for what came of it: `1,234` in a column of decimal commas is `1.234`, and that must not become `1234`.
    """

    def __init__(self, steps: Sequence[Step], column: pl.Series, masks: Sequence[Mask]) -> None:
        self.at = np.flatnonzero(np.logical_or.reduce(masks)).astype(np.uint32)
        self.open = np.array([mask[self.at] for mask in masks])
        self.original = self.cells = column.gather(self.at)
        self.paths = np.zeros(len(self.at), dtype=np.int64)
        self.read = np.zeros(len(self.at), dtype=np.bool_)
        self._column = column
        self._unusual = np.array([step.fix.unusual for step in steps])

    def take(self, where: Cells, cells: pl.Series, step: Step, paths: Paths) -> None:
        """Replace cells by what a correction made of them. From then on every correction may change those again, as far
        as they look like it."""
        self.cells = _scattered(self.cells, where, cells)
        self.paths[where] = paths.extended(self.paths[where], step.code, step.type.confidence)
        self.read[where] |= step.type.reads_decimals
        self.open[:, where] = ~self._unusual[:, np.newaxis]
        self.open[np.ix_(self._unusual, where[unusual(cells)])] = True

    def column(self) -> pl.Series:
        """The whole column with these cells in it; a cell with nothing left is empty, so null."""
        cells = self.cells.to_frame("cell").select(pl.when(pl.col("cell") != "").then("cell")).to_series()
        return _scattered(self._column, self.at, cells)

    def give_up(self, where: Cells) -> None:
        """Back to the beginning with cells that do not come to rest."""
        self.cells = _scattered(self.cells, where, self.original.gather(where))
        self.paths[where] = 0

    def changes(self, place: int) -> Changes | None:
        """What is different from the beginning."""
        changed = self.cells.ne_missing(self.original).arg_true()
        if not changed.len():
            return None
        where = changed.to_numpy()
        return Changes(
            place=place,
            at=self.at[where],
            before=self.original.gather(changed),
            after=self.cells.gather(changed),
            paths=self.paths[where],
        )


def _scattered(cells: pl.Series, at: npt.NDArray[np.integer], values: pl.Series) -> pl.Series:
    """A column with some cells replaced. `Series.scatter` writes into the series it is called on, hence the clone."""
    return cells.clone().scatter(pl.Series(at), values)
