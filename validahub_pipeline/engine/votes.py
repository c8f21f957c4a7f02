"""What a column's cells say together, which no cell says alone: how its figures are written, whether it is yes and no.

One look at the columns in question, before anything is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from validahub_pipeline.domain import booleans, notation, units
from validahub_pipeline.domain.booleans import YesNoVote
from validahub_pipeline.domain.notation import Vote
from validahub_pipeline.engine.batches import Batch, Rows
from validahub_pipeline.engine.corrections import Column
from validahub_pipeline.engine.steps import Asked


def headers(rows: Rows) -> dict[int, Column]:
    """Columns by place, of which nothing is known but the header."""
    return {place: Column(header) for place, header in enumerate(rows.columns)}


def ask_columns(rows: Rows, asked: Iterable[Asked]) -> Mapping[int, Column]:
    """Columns by place, with the votes that the corrections need."""
    known = headers(rows)
    corrections = list(asked)
    decimals = {place for one in corrections if one.type.reads_decimals for place in one.places}
    measured = {place for one in corrections if one.type.type == "bare_measure" for place in one.places}
    yes_no = {place for one in corrections if "yes_no" in one.type.told for place in one.places}
    if not decimals | yes_no:
        return known

    def cast(batch: Batch) -> tuple[dict[int, Vote], dict[int, YesNoVote]]:
        return (
            {place: notation.vote(_figures(batch, place, measured)) for place in decimals},
            {place: booleans.vote(batch.frame.get_column(str(place))) for place in yes_no},
        )

    figures, words = dict.fromkeys(decimals, Vote()), dict.fromkeys(yes_no, YesNoVote())
    for of_figures, of_words in rows.map(cast, decimals | yes_no):
        for place, vote in of_figures.items():
            figures[place] += vote
        for place, told in of_words.items():
            words[place] += told
    for place, vote in figures.items():
        known[place] = replace(known[place], comma_decimals=vote.comma_decimals)
    for place, told in words.items():
        known[place] = replace(known[place], yes_no=told.yes_or_no)
    return known


def _figures(batch: Batch, place: int, measured: set[int]) -> pl.Series:
    cells = batch.frame.get_column(str(place))
    return units.without_unit(cells) if place in measured else cells
