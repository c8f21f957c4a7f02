"""Rules that need all rows to judge one, over ten million of them, duplicates among them.

A value twice, a record twice, a product none of whose rows has a title, a price far off the others: for each the
engine keeps something of every row, which is what this measures.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from validahub_pipeline.checking import check_packs, read_source
from validahub_pipeline.rulepacks import Field, Gate, ResolvedPack, Rule, Severity
from validahub_pipeline.rulepacks.model import Layout

ROWS: Final = 10_000_000
HEADERS: Final = ("sku", "gtin", "brand", "model", "color", "handle", "title", "price")

_CHUNK: Final = 250_000
_SEED: Final = 20261126


def write_rows(path: Path, rows: int) -> None:
    """The rows, unless they are there: one SKU and one GTIN in fifty is another row's, three rows make a product."""
    if path.exists():
        return
    part = path.with_suffix(".part")
    with pq.ParquetWriter(part, _chunk(0, 1, rows).to_arrow().schema, compression="zstd") as writer:
        for start in range(0, rows, _CHUNK):
            writer.write_table(_chunk(start, min(_CHUNK, rows - start), rows).to_arrow())
    part.replace(path)


def _chunk(start: int, count: int, rows: int) -> pl.DataFrame:
    random = np.random.default_rng((_SEED, start))
    numbers = np.arange(start, start + count)
    copied = np.where(random.random((2, count)) < 0.02, random.integers(0, rows, (2, count)), numbers)
    product = numbers // 3
    text = pl.DataFrame(
        {
            "sku": copied[0],
            "gtin": copied[1],
            "brand": random.integers(0, 400, count),
            "model": random.integers(0, 30_000, count),
            "color": random.integers(0, 12, count),
            "handle": product,
            "title": np.where((numbers % 3 == 0) & (product % 50 > 0), numbers, -1),
            "price": np.exp(random.normal(3.7, 0.9, count)).round(2),
        }
    )
    return text.select(
        pl.format("SKU-{}", "sku").alias("sku"),
        (7_890_000_000_000 + pl.col("gtin")).cast(pl.String).alias("gtin"),
        pl.format("Marca {}", "brand").alias("brand"),
        pl.format("Modelo {}", "model").alias("model"),
        pl.format("Cor {}", "color").alias("color"),
        pl.format("produto-{}", "handle").alias("handle"),
        pl.when(pl.col("title") >= 0).then(pl.format("Produto número {}", "title")).alias("title"),
        pl.col("price").cast(pl.String).alias("price"),
    )


def check(source: Path, violations: Path) -> dict[str, int]:
    """Hold the rows against the rules; violations by code."""
    with TemporaryDirectory() as folder:
        checked = check_packs(read_source(source, Path(folder)), [_pack()], violations=violations)
    return {found.code: found.count for found in checked.packs[0].codes}


def counted(source: Path) -> dict[str, int]:
    """The same, but for the price, in plain Python: what `check` has to find."""
    columns = {name: pq.read_table(source, columns=[name]).column(0).to_pylist() for name in ("sku", "gtin")}
    found = {
        f"{name}_repeated": sum(count for count in Counter(cells).values() if count > 1)
        for name, cells in columns.items()
    }
    records: Counter[tuple[str, ...]] = Counter()
    titled: dict[str, bool] = {}
    for batch in pq.ParquetFile(source).iter_batches(100_000, columns=["brand", "model", "color", "handle", "title"]):
        brand, model, color, handle, title = (batch.column(place).to_pylist() for place in range(5))
        records.update(zip(brand, model, color, strict=True))
        for product, text in zip(handle, title, strict=True):
            titled[product] = titled.get(product, False) or text is not None
    found["record_repeated"] = sum(count for count in records.values() if count > 1)
    found["title_missing"] = sum(not has for has in titled.values())
    return found


def _pack() -> ResolvedPack:
    rules = (
        _rule("gtin_repeated", "expect_column_values_to_be_unique", column="gtin"),
        _rule("price_outlying", "expect_column_values_to_not_be_outliers", column="price", method="iqr", multiplier=3),
        _rule("record_repeated", "expect_compound_columns_to_be_unique", column_list=["brand", "model", "color"]),
        _rule("sku_repeated", "expect_column_values_to_be_unique", column="sku"),
        _rule("title_missing", "expect_column_values_to_not_be_null", column="title"),
    )
    fields = {name: Field(name, (name,), required=True) for name in HEADERS}
    layout = Layout("handle", ())
    return ResolvedPack(
        "across", "1", "Across", "all", date(2026, 11, 26), "", fields, rules, (), Gate(20, "keep"), layout
    )


def _rule(code: str, type_: str, **kwargs: Any) -> Rule:
    return Rule(code, type_, kwargs, Severity.CRITICAL, None, None, None, (), None, True, None, {})
