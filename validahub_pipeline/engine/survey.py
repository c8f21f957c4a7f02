"""What has to be known of all rows before any can be judged: which rows break a cross-row rule, how columns write their
decimals, whether a rule with `mostly` is met, and what the measures of the whole say.

Memory: eight bytes per row and column of a cross-row rule while looking, for as many rules at once as take little
together; one byte per row and rule after; the cells of a column only where a measure asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.domain import notation
from validahub_pipeline.engine.batches import Batch, Rows
from validahub_pipeline.engine.plan import CompiledMeasure, CompiledRule, Plan, length, lengths, number, patterns, text
from validahub_pipeline.engine.working import working_frame

Transform = Callable[[Batch], pl.DataFrame]
Broken = npt.NDArray[np.bool_]

_ASKED: Final = "__asked"
_HELD: Final = "__held"
# What is kept of a value, and how much of all values at once, in bytes.
_KEPT: Final = 8
_AT_ONCE: Final = 192_000_000


@dataclass(frozen=True)
class Survey:
    """What a look at all rows told.

    Attributes:
        comma_decimals: by place, whether a column that is read as numbers writes decimal commas.
        broken: by index of a cross-row rule in the plan, the rows (in file order) that violate it.
        met: indices of rules with `mostly` that enough rows hold to; their violations are forgiven.
        failed: by index of a measure in the plan that failed, what was observed.
    """

    comma_decimals: Mapping[int, bool] = field(default_factory=dict)
    broken: Mapping[int, Broken] = field(default_factory=dict)
    met: frozenset[int] = frozenset()
    failed: Mapping[int, str] = field(default_factory=dict)


def hold_vote(
    rows: Rows, places: Iterable[int], transform: Transform | None = None, needed: Iterable[int] = ()
) -> dict[int, bool]:
    """By place, whether a column writes decimal commas; of corrected rows with `transform`, which may need more
    columns."""
    chosen = sorted(set(places))
    if not chosen:
        return {}

    def cast(batch: Batch) -> list[notation.Vote]:
        return _votes(transform(batch) if transform else batch.frame, chosen)

    return _counted(chosen, rows.map(cast, {*chosen, *needed}))


def _votes(frame: pl.DataFrame, places: Sequence[int]) -> list[notation.Vote]:
    return [notation.vote(frame.get_column(str(place))) for place in places]


def _counted(places: Sequence[int], cast: Iterable[Sequence[notation.Vote]]) -> dict[int, bool]:
    votes = [notation.Vote()] * len(places)
    for cast_here in cast:
        votes = [vote + more for vote, more in zip(votes, cast_here, strict=True)]
    return {place: vote.comma_decimals for place, vote in zip(places, votes, strict=True)}


def survey(
    rows: Rows,
    plan: Plan,
    comma_decimals: Mapping[int, bool] | None = None,
    *,
    needed: Iterable[int] = (),
    transform: Transform | None = None,
) -> Survey:
    """Look at the columns of the rules that need it; of corrected rows with `transform`, which may ask for `needed`
    columns beyond those.

    Args:
        comma_decimals: what a vote has told already; None to hold it over all the plan's numbers, in the same look
            where nothing that is looked for depends on it.
    """
    asked = {place: rule for place, rule in enumerate(plan.rules) if rule.needs_survey}
    if comma_decimals is None and (_reads_numbers(plan, asked) or not (asked or plan.measures)):
        comma_decimals = hold_vote(rows, plan.numbers, transform, needed)
    told = Survey(comma_decimals or {})
    for place, portion in enumerate(_portions(asked, rows.records)):
        # Measures are few, and looked at with the first rules, and so is how numbers are written.
        looked_at = replace(plan, measures=() if place else plan.measures)
        votes = told.comma_decimals if place else comma_decimals
        here = _look(rows, looked_at, portion, votes, needed=needed, transform=transform)
        told = Survey(
            here.comma_decimals, {**told.broken, **here.broken}, told.met | here.met, told.failed or here.failed
        )
    return told if asked else _look(rows, plan, {}, comma_decimals, needed=needed, transform=transform)


def _reads_numbers(plan: Plan, asked: Mapping[int, CompiledRule]) -> bool:
    """Whether what is looked for in all rows depends on how numbers are written."""
    roots = frozenset().union(*(rule.roots for rule in asked.values()), *(one.roots for one in plan.measures))
    return any(number(place) in roots for place in plan.numbers)


def _portions(asked: Mapping[int, CompiledRule], records: int) -> Iterator[dict[int, CompiledRule]]:
    """The rules in as many looks as it takes to keep little at a time: a column read once more costs less than memory
    that grows with the number of rules."""
    portion: dict[int, CompiledRule] = {}
    size = 0
    for place, rule in asked.items():
        own = _KEPT * len(rule.narrowed) * records
        if portion and size + own > _AT_ONCE:
            yield portion
            portion, size = {}, 0
        portion[place] = rule
        size += own
    if portion:
        yield portion


def _look(
    rows: Rows,
    plan: Plan,
    asked: Mapping[int, CompiledRule],
    comma_decimals: Mapping[int, bool] | None,
    *,
    needed: Iterable[int],
    transform: Transform | None,
) -> Survey:
    """One look, for some rules and all measures of the plan, and for votes that are yet to be held."""
    if not asked and not plan.measures:
        return Survey(comma_decimals or {})
    measures: frozenset[str] = frozenset().union(*(measure.roots for measure in plan.measures))
    columns = set().union(*({*rule.places, *rule.beside} for rule in asked.values()))
    columns.update(place for place in plan.texts if {text(place), number(place), length(place)} & measures)
    conditions = [*(rule.condition for rule in asked.values()), *(measure.condition for measure in plan.measures)]
    columns.update(*(condition.needed for condition in conditions if condition))
    numbers = columns & plan.numbers
    roots = measures.union(*(rule.roots for rule in asked.values()))
    searched, counted = patterns(roots), lengths(roots)
    voting = sorted(plan.numbers) if comma_decimals is None else []
    kept: dict[int, list[pl.DataFrame]] = {place: [] for place in asked}
    measured: list[list[pl.DataFrame]] = [[] for _ in plan.measures]
    cast: list[list[notation.Vote]] = []

    def ask(batch: Batch) -> tuple[dict[int, pl.DataFrame], list[pl.DataFrame], list[notation.Vote]]:
        given = transform(batch) if transform else batch.frame
        frame = working_frame(given, columns, numbers, comma_decimals or {}, searched, lengths=counted)
        return (
            {place: _kept(frame, rule) for place, rule in asked.items()},
            [_measured(frame, batch.height, one) for one in plan.measures],
            _votes(given, voting),
        )

    for kept_here, measured_here, cast_here in rows.map(ask, columns.union(needed, voting)):
        for place, frame in kept_here.items():
            kept[place].append(frame)
        for parts, frame in zip(measured, measured_here, strict=True):
            parts.append(frame)
        cast.append(cast_here)
    broken: dict[int, Broken] = {}
    met: set[int] = set()
    for place, rule in asked.items():
        held = _held(rule, kept.pop(place))
        violated = held.eq_missing(False)
        answered = held.len() - held.null_count()
        if rule.mostly is not None and answered - int(violated.sum()) >= rule.mostly * answered:
            met.add(place)
        elif rule.cross_row:
            broken[place] = violated.to_numpy()
    observed = [_observed(one, parts) for one, parts in zip(plan.measures, measured, strict=True)]
    failed = {place: found for place, found in enumerate(observed) if found is not None}
    written = _counted(voting, cast) if comma_decimals is None else comma_decimals
    return Survey(written, broken, frozenset(met), failed)


def _kept(frame: pl.DataFrame, rule: CompiledRule) -> pl.DataFrame:
    """Of a batch, what the rule's verdicts depend on, and in which rows it is asked for one."""
    wanted = rule.narrowed or {_HELD: rule.expression}
    kept = frame.select(
        *(expression.alias(name) for name, expression in wanted.items()),
        (pl.repeat(value=True, n=frame.height) if rule.asked is None else rule.asked).alias(_ASKED),
    )
    if rule.condition is not None:
        kept = kept.with_columns(pl.col(_ASKED) & rule.condition.rows(frame))
    return kept


def _held(rule: CompiledRule, parts: Sequence[pl.DataFrame]) -> pl.Series:
    """Per row whether the rule holds; null where it is not asked, or open."""
    if not parts:
        return pl.Series([], dtype=pl.Boolean)
    kept = pl.concat(parts)
    asked = kept.get_column(_ASKED)
    expression = rule.expression if rule.cross_row else pl.col(_HELD)
    if rule.recurring is not None:
        open_ = asked & _recurs(kept.get_column(rule.recurring), asked)
        held = pl.select(pl.when(asked).then(statement=True).alias(_HELD)).to_series()
    elif asked.all():
        return kept.select(expression.alias(_HELD)).to_series()
    else:
        open_, held = asked, pl.repeat(None, kept.height, dtype=pl.Boolean, eager=True)
    return held.scatter(open_.arg_true(), kept.filter(open_).select(expression.alias(_HELD)).to_series())


def _recurs(values: pl.Series, asked: pl.Series) -> pl.Series:
    """Whether a value is there more than once in the rows that are asked, as few are: sorting tells in a third of the
    time that it takes to group all of them."""
    in_order = values.filter(asked).sort()
    recurring = in_order.filter(in_order.eq_missing(in_order.shift())).unique()
    return values.is_in(recurring.implode(), nulls_equal=True)


def _measured(frame: pl.DataFrame, height: int, one: CompiledMeasure) -> pl.DataFrame:
    # A column of its own, so that rows can be counted where no column is asked about.
    chosen = frame.select(*sorted(one.roots), pl.repeat(value=True, n=height).alias(_ASKED))
    return chosen if one.condition is None else chosen.filter(one.condition.rows(frame))


def _observed(one: CompiledMeasure, parts: Sequence[pl.DataFrame]) -> str | None:
    """What the measure found where it failed; None where it did not."""
    rows = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys([*one.roots, _ASKED], pl.String))
    named = [expression.alias(name) for name, expression in one.measure.expressions.items()]
    verdict = one.measure.judge(rows.select(named).row(0, named=True))
    if verdict.success:
        return None
    shown = (verdict.result.get(key) for key in ("observed_value", "partial_unexpected_list", "partial_missing_list"))
    return str(next((found for found in shown if found is not None), ""))
