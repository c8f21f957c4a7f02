"""Rows of events whose columns are not what their JSON says, found without parsing a million texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl

# What canonical JSON spells otherwise than it is.
_ESCAPED: Final = r'["\\\x00-\x1f]'


def contradictions(rows: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Rows whose columns are not what their JSON says: seq, and which column.

    Canonical JSON has its names in order, so the columns stand at the beginning and at the end of the text, where they
    can be compared as text; only what looks otherwise there is parsed.
    """
    named = ("action", "aggregate_id", "user_id")
    begins = pl.concat_str(
        pl.lit('{"action":"'), "action", pl.lit('","aggregate_id":"'), "aggregate_id", pl.lit('","changes":')
    )
    ends = pl.concat_str(
        pl.lit(',"seq":'),
        "seq",
        pl.lit(',"timestamp":"'),
        pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"),
        pl.lit('","user_id":"'),
        "user_id",
        pl.lit('"}'),
    )
    plain = ~pl.any_horizontal(pl.col(name).str.contains(_ESCAPED) for name in named)
    same = (
        plain
        & pl.col("event").str.starts_with(begins)
        & pl.col("event").str.ends_with(ends)
        & (pl.col("timestamp").dt.strftime("%Y-%m") == pl.col("month"))
    )
    for row in rows.filter(~same.fill_null(value=False)).iter_rows(named=True):
        what = _contradiction(row)
        if what is not None:
            yield row["seq"], what


def _contradiction(row: Mapping[str, Any]) -> str | None:
    try:
        event = json.loads(row["event"])
        told = {name: event[name] for name in ("seq", "action", "aggregate_id", "user_id")}
        told["timestamp"] = datetime.fromisoformat(event["timestamp"])
    except (ValueError, KeyError, TypeError):
        return "event"
    told["month"] = f"{told['timestamp']:%Y-%m}"
    return next((name for name, value in told.items() if row[name] != value), None)
