"""A batch of rows through a plan's rules: which rows break which rule. What becomes of it is `judging`'s business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.batches import Batch
from validahub_pipeline.engine.plan import CompiledRule, Condition, Plan, found, lengths, patterns, text
from validahub_pipeline.engine.summary import Summary, summarised
from validahub_pipeline.engine.survey import Survey
from validahub_pipeline.engine.working import working_frame


@dataclass(frozen=True)
class Evaluated:
    """What one batch says to a plan.

    Attributes:
        broken: by index of a rule in the plan, in order, the rows that break it (their places in the batch); rules
            that none breaks are not there.
        summaries: by place, what the matched columns hold.
        looked: in which rows the patterns of some rules were found in a column, under the names that `plan.found` gives
            them; null where the cell is blank.
    """

    broken: Mapping[int, npt.NDArray[np.uint32]]
    summaries: Mapping[int, Summary]
    looked: pl.DataFrame


class Evaluator:
    """Evaluates a plan's rules; keeps nothing, so that batches may be evaluated in any order and at once."""

    def __init__(self, plan: Plan, survey: Survey) -> None:
        self._plan = plan
        self._survey = survey
        self._matched = sorted(set(plan.places.values()))
        self._texts = plan.texts
        self._numbers = plan.numbers
        roots: frozenset[str] = frozenset().union(*(rule.roots for rule in plan.rules if not rule.cross_row))
        self._patterns = patterns(roots)
        # Of all matched columns for their summaries, anyway.
        self._lengths = lengths(roots).union(self._matched)
        self._asked = [
            place for place, rule in enumerate(plan.rules) if place not in survey.met and not _never_asked(rule)
        ]
        self._masks = [
            _violated(plan.rules[place]).alias(str(place)) for place in self._asked if not plan.rules[place].cross_row
        ]

    def evaluate(self, batch: Batch) -> Evaluated:
        """Hold a batch against every rule."""
        frame = working_frame(
            batch.frame,
            self._texts,
            self._numbers,
            self._survey.comma_decimals,
            self._patterns,
            lengths=self._lengths,
        )
        looked = frame.select(
            found(place, pattern) for place, searched in self._patterns.items() for pattern in searched
        )
        return Evaluated(self._broken(frame, batch), summarised(frame, self._matched), looked)

    def _broken(self, frame: pl.DataFrame, batch: Batch) -> dict[int, npt.NDArray[np.uint32]]:
        masks = frame.select(self._masks)
        violating = {}
        for place in self._asked:
            rule = self._plan.rules[place]
            rows: npt.NDArray[np.uint32]
            if rule.cross_row:
                broken = self._survey.broken[place][batch.start : batch.start + batch.height]
                rows = np.flatnonzero(broken).astype(np.uint32)
            else:
                rows = _selected(rule.condition, frame, masks.get_column(str(place)).arg_true()).to_numpy()
            if len(rows):
                violating[place] = rows
        return violating


def _never_asked(rule: CompiledRule) -> bool:
    """Whether its condition is about no column that the file has, and not met without."""
    if rule.condition is None or rule.condition.needed:
        return False
    return not rule.condition.rows(pl.DataFrame({"any": [0]})).all()


def _violated(rule: CompiledRule) -> pl.Expr:
    violated = rule.expression.not_().fill_null(value=False)
    return violated if rule.asked is None else violated & rule.asked


def _selected(condition: Condition | None, frame: pl.DataFrame, rows: pl.Series) -> pl.Series:
    """Of the rows that break a rule, those its condition selects: few, so only they are held against it."""
    if condition is None or not condition.needed or not rows.len():
        return rows
    return rows.filter(condition.rows(frame.select(map(text, condition.needed))[rows]))
