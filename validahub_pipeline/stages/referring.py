"""Keeps corrections small beside the upload they belong to: where the texts of a column would take too much room, its
rows say where a cell changed and why, and leave the texts to the immutable objects that hold them anyway.

How such a row is read is told in docs/ledger.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import polars as pl
import zstandard

SHARE_BP: Final = 150
"""What the texts of an upload's corrections may take, in ten-thousandths of the upload's bytes. Row numbers, codes and
events come on top; together they stay below a tenth."""

FLOOR: Final = 32_768
"""Bytes that texts may always take: beside so little, what a table spends on a file of any size weighs more."""

_SAMPLE: Final = 20_000
_BASE64: Final = 4 / 3
_SEAL: Final = 2 * 44
"""Bytes that nonce, tag and what compression leaves of the rest add to the two texts of a sealed cell."""
_LEVEL: Final = 3
"""As the ledger's tables are compressed."""


def columns_to_refer(corrections: Sequence[Path], *, upload_size: int, sealed: Collection[str] = ()) -> list[str]:
    """The columns whose texts the ledger is not to hold, sorted: the dearest ones, until the others are within the
    allowance of an upload of so many bytes. Mostly none. The texts of columns that are `sealed` don't compress."""
    scan = pl.concat(pl.scan_parquet(part, glob=False) for part in corrections)
    sizes = (
        scan.group_by("column")
        .agg(
            (pl.col("before").str.len_bytes() + pl.col("after").str.len_bytes()).cast(pl.Int64).sum().alias("bytes"),
            pl.len().alias("cells"),
        )
        .collect(engine="streaming")
    )
    allowance = max(FLOOR, upload_size * SHARE_BP // 10_000)
    if not sealed and sizes["bytes"].sum() <= allowance:
        return []
    costs = {
        column: size * _BASE64 + cells * _SEAL if column in sealed else size * _compressed_share(scan, column)
        for column, size, cells in sizes.iter_rows()
    }
    referred: list[str] = []
    for column in sorted(costs, key=lambda column: (-costs[column], column)):
        if sum(costs.values()) <= allowance:
            break
        referred.append(column)
        del costs[column]
    return sorted(referred)


def refer(corrections: Path, referred: list[str], target: Path, *, published: bool) -> None:
    """Write the corrections with null for the texts of those columns. A file that is not published is kept nowhere but
    in its corrections: then only the texts before go."""
    texts = ("before", "after") if published else ("before",)
    kept = ~pl.col("column").is_in(referred)
    rows = pl.scan_parquet(corrections, glob=False)
    rows.with_columns(pl.when(kept).then(name).alias(name) for name in texts).sink_parquet(target)


def _compressed_share(scan: pl.LazyFrame, column: str) -> float:
    """What compression leaves of the texts of a column, judged by its first rows."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    texts = scan.filter(pl.col("column") == column).select("before", "after").head(_SAMPLE).collect()
    raw = ["\n".join(texts[name]).encode("utf-8") for name in texts.columns]
    return sum(len(compressor.compress(text)) for text in raw) / max(1, sum(map(len, raw)))
