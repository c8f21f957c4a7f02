"""A batch of rows through a plan's rules: which rows break which rule. What becomes of it is `judging`'s business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.batches import Batch
from validahub_pipeline.engine.plan import Plan
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
    """

    broken: Mapping[int, npt.NDArray[np.uint32]]
    summaries: Mapping[int, Summary]


class Evaluator:
    """Evaluates a plan's rules; keeps nothing, so that batches may be evaluated in any order and at once."""

    def __init__(self, plan: Plan, survey: Survey) -> None:
        self._plan = plan
        self._survey = survey
        self._matched = sorted(set(plan.places.values()))
        self._texts = plan.texts
        self._numbers = plan.numbers

    def evaluate(self, batch: Batch) -> Evaluated:
        """Hold a batch against every rule."""
        frame = working_frame(batch.frame, self._texts, self._numbers, self._survey.comma_decimals)
        return Evaluated(self._broken(frame, batch), {place: summarised(frame, place) for place in self._matched})

    def _broken(self, frame: pl.DataFrame, batch: Batch) -> dict[int, npt.NDArray[np.uint32]]:
        asked = [place for place in range(len(self._plan.rules)) if place not in self._survey.met]
        row_wise = [place for place in asked if not self._plan.rules[place].cross_row]
        masks = frame.select(
            self._plan.rules[place].expression.not_().fill_null(value=False).alias(str(place)) for place in row_wise
        )
        selected: dict[tuple[object, ...], pl.Series] = {}
        found = {}
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
                    if rule.condition.key not in selected:
                        selected[rule.condition.key] = rule.condition.rows(frame)
                    mask = mask & selected[rule.condition.key]
            rows = mask.arg_true()
            if rows.len():
                found[place] = rows.to_numpy()
        return found
