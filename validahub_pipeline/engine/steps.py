"""A pack's corrections, matched to the columns of a file: what is asked for, and the steps each column takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from validahub_pipeline.engine.compiling import condition_of
from validahub_pipeline.engine.corrections import Column, CorrectionType, Fix, correction_for
from validahub_pipeline.engine.plan import Condition
from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks.model import ColumnMatch, Confidence, ResolvedPack

EVERY_COLUMN: Final = "*"


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


def chains(asked: Sequence[Asked], columns: Mapping[int, Column]) -> dict[int, tuple[Step, ...]]:
    """By place of a column, the corrections it takes, in the pack's order.

    Raises:
        PackError: `bad_correction`, where a kwarg's value makes no sense.
    """
    found: dict[int, list[Step]] = {}
    for correction in asked:
        for place in correction.places:
            # Where only some rows are corrected, the others would go on voting, and a second correction would read
            # `1.234`, just written, as a thousand.
            column = columns.get(place, Column())
            if correction.condition is not None:
                column = replace(column, comma_decimals=False)
            try:
                fix = correction.type.fix(correction.kwargs, column)
                pl.Series([""]).str.contains(fix.guard)
            except (TypeError, ValueError, AttributeError, pl.exceptions.PolarsError) as problem:
                raise PackError("bad_correction", type=correction.type.type, problem=problem) from problem
            step = Step(correction.code, correction.type, fix, correction.condition)
            found.setdefault(place, []).append(step)
    return {place: tuple(steps) for place, steps in found.items()}
