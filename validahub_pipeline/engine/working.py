"""The working frame of a batch: texts with blank as null, numbers where a rule needs them, and what is found in
them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import polars as pl

from validahub_pipeline.domain import notation, spacing
from validahub_pipeline.engine.plan import found, length, number, text
from validahub_pipeline.expectations.patterns import runs_in_rust


def working_frame(
    frame: pl.DataFrame,
    texts: Iterable[int],
    numbers: Iterable[int],
    comma_decimals: Mapping[int, bool],
    patterns: Mapping[int, Sequence[str]] | None = None,
    *,
    lengths: Iterable[int] = (),
) -> pl.DataFrame:
    """Texts and numbers of some columns of a batch.

    Args:
        comma_decimals: by place, whether the column writes decimal commas.
        patterns: by place, what to look for in the column's text, and find in few.
        lengths: of which columns to tell how long the texts are.
    """
    places = sorted(texts)
    blank = spacing.may_hold_blanks(frame.select(map(str, places)))
    cells = frame.select(
        (spacing.blank_to_null(pl.col(str(place))) if str(place) in blank else pl.col(str(place))).alias(text(place))
        for place in places
    )
    parsed = [
        notation.parse(cells.get_column(text(place)), comma_decimals=comma_decimals.get(place, False)).alias(
            number(place)
        )
        for place in sorted(numbers)
    ]
    searched = [
        hits.alias(found(place, pattern))
        for place, wanted in (patterns or {}).items()
        for pattern, hits in zip(wanted, _searched(cells.get_column(text(place)), tuple(wanted)), strict=True)
    ]
    counted = (pl.col(text(place)).str.len_chars().alias(length(place)) for place in sorted(lengths))
    return cells.with_columns(*parsed, *searched, *counted)


def _searched(cells: pl.Series, patterns: tuple[str, ...]) -> Iterator[pl.Series]:
    """For each pattern, in which of the cells it is found; null for null. All are looked for in one go, and each only
    where that finds something."""
    joint = _joint(patterns)
    if joint is None:
        yield from (cells.str.contains(pattern) for pattern in patterns)
        return
    some = cells.str.contains(joint)
    open_ = some.fill_null(value=False).arg_true()
    asked = cells.gather(open_)
    for pattern in patterns:
        # A clone, since polars changes a series in its place.
        yield some.clone().scatter(open_, asked.str.contains(pattern)) if open_.len() else some


@lru_cache(maxsize=256)
def _joint(patterns: tuple[str, ...]) -> str | None:
    """One pattern that is found wherever one of them is; None where there is but one, or Rust finds it too long."""
    joint = "|".join(f"(?:{pattern})" for pattern in patterns)
    return joint if len(patterns) > 1 and runs_in_rust(joint) else None
