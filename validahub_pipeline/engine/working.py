"""The working frame of a batch: texts with blank as null, numbers where a rule needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from validahub_pipeline.domain import notation, spacing
from validahub_pipeline.engine.plan import number, text


def working_frame(
    frame: pl.DataFrame, texts: Iterable[int], numbers: Iterable[int], comma_decimals: Mapping[int, bool]
) -> pl.DataFrame:
    """Texts and numbers of some columns of a batch.

    Args:
        comma_decimals: by place, whether the column writes decimal commas.
    """
    places = sorted(texts)
    blank = frame.select(spacing.may_be_blank(pl.col(str(place))).any() for place in places)
    cells = frame.select(
        (spacing.blank_to_null(pl.col(str(place))) if blank.item(0, str(place)) else pl.col(str(place))).alias(
            text(place)
        )
        for place in places
    )
    return cells.with_columns(
        notation.parse(cells.get_column(text(place)), comma_decimals=comma_decimals.get(place, False)).alias(
            number(place)
        )
        for place in sorted(numbers)
    )
