"""What has to be known of all rows before any can be judged: which keys repeat, how columns write their decimals,
and whether a rule with `mostly` is met.

Memory: eight bytes per row and cross-row rule while looking, one byte per row after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.engine.batches import Batch, Rows
from validahub_pipeline.engine.domain import notation
from validahub_pipeline.engine.plan import CompiledRule, Plan
from validahub_pipeline.engine.working import working_frame

Transform = Callable[[Batch], pl.DataFrame]
Repeats = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Survey:
    """What a look at all rows told.

    Attributes:
        comma_decimals: by place, whether a column that is read as numbers writes decimal commas.
        repeated: by index of a cross-row rule in the plan, the rows (in file order) whose key another row shares.
        met: indices of rules with `mostly` that enough rows hold to; their violations are forgiven.
    """

    comma_decimals: Mapping[int, bool] = field(default_factory=dict)
    repeated: Mapping[int, Repeats] = field(default_factory=dict)
    met: frozenset[int] = frozenset()


def hold_vote(
    rows: Rows, places: Iterable[int], transform: Transform | None = None, needed: Iterable[int] = ()
) -> dict[int, bool]:
    """By place, whether a column writes decimal commas; of corrected rows with `transform`, which may need more
    columns."""
    chosen = sorted(set(places))
    if not chosen:
        return {}
    votes = dict.fromkeys(chosen, notation.Vote())

    def cast(batch: Batch) -> dict[int, notation.Vote]:
        frame = transform(batch) if transform else batch.frame
        return {place: notation.vote(frame.get_column(str(place))) for place in chosen}

    for cast_here in rows.map(cast, {*chosen, *needed}):
        for place, vote in cast_here.items():
            votes[place] += vote
    return {place: vote.comma_decimals for place, vote in votes.items()}


def survey(
    rows: Rows,
    plan: Plan,
    comma_decimals: Mapping[int, bool],
    *,
    needed: Iterable[int] = (),
    transform: Transform | None = None,
) -> Survey:
    """Look at the columns of the rules that need it; of corrected rows with `transform`, which may ask for `needed`
    columns beyond those."""
    asked = {place: rule for place, rule in enumerate(plan.rules) if rule.needs_survey}
    if not asked:
        return Survey(comma_decimals)
    columns = set().union(*(rule.places for rule in asked.values()))
    columns.update(*(rule.condition.needed for rule in asked.values() if rule.condition))
    numbers = columns & plan.numbers
    keys: dict[int, list[pl.Series]] = {place: [] for place, rule in asked.items() if rule.cross_row}
    tallies = {place: [0, 0] for place, rule in asked.items() if rule.mostly is not None and not rule.cross_row}

    def ask(batch: Batch) -> dict[int, pl.Series]:
        frame = working_frame(transform(batch) if transform else batch.frame, columns, numbers, comma_decimals)
        return {place: _asked_only(frame, rule) for place, rule in asked.items()}

    for answered_here in rows.map(ask, columns.union(needed)):
        for place, answers in answered_here.items():
            if place in keys:
                keys[place].append(answers)
            else:
                tallies[place][0] += int(answers.sum())
                tallies[place][1] += answers.len() - answers.null_count()
    repeated = {place: _repeats(found) for place, found in keys.items()}
    for place, found in keys.items():
        if plan.rules[place].mostly is not None:
            answered = sum(part.len() - part.null_count() for part in found)
            tallies[place] = [answered - int(repeated[place].sum()), answered]
    met = frozenset(
        place for place, (held, answered) in tallies.items() if held >= (plan.rules[place].mostly or 1) * answered
    )
    return Survey(comma_decimals, repeated, met)


def _asked_only(frame: pl.DataFrame, rule: CompiledRule) -> pl.Series:
    answers = frame.select(rule.expression.alias("answer")).to_series()
    if rule.condition is None:
        return answers
    return frame.select(pl.when(rule.condition.rows(frame)).then(answers).alias("answer")).to_series()


def _repeats(parts: Sequence[pl.Series]) -> Repeats:
    """Which keys occur more than once; nulls never do. Keys are 64-bit hashes: among ten million distinct values the
    odds that two share one are under three in a million."""
    if not parts:
        return np.zeros(0, dtype=np.bool_)
    keys = pl.concat(parts)
    known = keys.is_not_null().to_numpy()
    values = keys.fill_null(0).to_numpy()
    order = np.argsort(values[known], kind="stable")
    ranked = values[known][order]
    same = ranked[1:] == ranked[:-1]
    repeats = np.zeros(len(ranked), dtype=np.bool_)
    repeats[1:] |= same
    repeats[:-1] |= same
    found = np.zeros(len(values), dtype=np.bool_)
    found[np.flatnonzero(known)[order[repeats]]] = True
    return found
