"""Speed and memory of the engine alone: `python -m bench.correcting [--rows 240000] [--columns 13] [--repeat 3]`.

Seeded rows of a messy Brazilian catalogue (about 105 MB as CSV at 240,000 x 13), a pack of the usual rules and
corrections, and for each call: wall and CPU seconds, peak memory above the interpreter's own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from validahub_pipeline.engine import correct, validate
from validahub_pipeline.rulepacks.model import (
    ColumnMatch,
    Correction,
    Field,
    Gate,
    ResolvedPack,
    Rule,
    Severity,
)

_BATCH: Final = 65_536
_FIELDS: Final = [
    *("sku", "title", "description", "price", "compare_price", "stock", "brand", "category", "condition"),
    *("gtin", "ncm", "weight", "images"),
]
_WORDS: Final = [
    *("camiseta", "tênis", "óculos", "relógio", "fone", "bluetooth", "capa", "película", "cabo", "carregador"),
    *("mochila", "jaqueta", "calção", "açaí", "café", "pão", "coração", "edição", "limitada", "masculino"),
    *("feminino", "infantil", "algodão", "poliéster", "azul", "vermelho", "preto", "branco", "verão", "inverno"),
    *("original", "novo", "modelo", "série", "linha", "kit", "com", "sem", "para", "tamanho", "único", "garantia"),
]


def pack() -> ResolvedPack:
    """A pack with the kinds of rules and corrections that a marketplace's has."""
    text = "expect_column_value_lengths_to_be_between"
    rules = [
        _rule("missing_sku", "expect_column_values_to_not_be_null", column="sku"),
        _rule("duplicate_sku", "expect_column_values_to_be_unique", column="sku"),
        _rule("missing_title", "expect_column_values_to_not_be_null", column="title"),
        _rule("title_too_long", text, column="title", max_value=60),
        _rule("title_too_short", text, Severity.WARNING, column="title", min_value=10),
        _rule("title_all_caps", "expect_column_values_to_not_be_all_caps", Severity.INFO, column="title", min_length=8),
        _rule("title_contact", "expect_column_values_to_have_no_contact_data", column="title"),
        _rule(
            "title_promotional",
            "expect_column_values_to_have_no_promotional_words",
            Severity.WARNING,
            column="title",
            words=["frete grátis", "promoção", "oferta", "imperdível", "desconto", "melhor preço"],
        ),
        _rule("title_mojibake", "expect_column_values_to_have_no_mojibake", column="title"),
        _rule("description_html", "expect_column_values_to_have_no_html", Severity.WARNING, column="description"),
        _rule("description_too_long", text, column="description", max_value=50_000),
        _rule("description_contact", "expect_column_values_to_have_no_contact_data", column="description"),
        _rule("description_mojibake", "expect_column_values_to_have_no_mojibake", column="description"),
        _rule("missing_price", "expect_column_values_to_not_be_null", column="price"),
        _rule("price_not_decimal", "expect_column_values_to_be_decimal_number", column="price"),
        _rule("price_range", "expect_column_values_to_be_between", column="price", min_value=8, max_value=500_000),
        _rule(
            "price_not_reduced",
            "expect_column_pair_values_a_to_be_greater_than_b",
            Severity.WARNING,
            column_A="compare_price",
            column_B="price",
            ignore_row_if="either_value_is_missing",
        ),
        _rule("stock_not_whole", "expect_column_values_to_be_whole_number", column="stock"),
        _rule("stock_range", "expect_column_values_to_be_between", column="stock", min_value=0, max_value=99_999),
        _rule("missing_brand", "expect_column_values_to_not_be_null", column="brand"),
        _rule("brand_placeholder", "expect_column_values_to_not_be_in_set", column="brand", value_set=["N/A", "-"]),
        _rule("condition", "expect_column_values_to_be_in_set", column="condition", value_set=["new", "used"]),
        _rule("gtin_invalid", "expect_column_values_to_be_valid_gtin", column="gtin"),
        _rule("gtin_scientific", "expect_column_values_to_have_no_scientific_notation", column="gtin"),
        _rule("gtin_rounded", "expect_column_values_to_have_no_excel_rounding", column="gtin"),
        _rule("ncm_invalid", "expect_column_values_to_be_valid_ncm", column="ncm"),
        _rule("weight_range", "expect_column_values_to_be_between", column="weight", min_value=0, max_value=30),
        _rule("images", "expect_column_values_to_be_valid_url_list", column="images", separator=","),
    ]
    words = ["frete grátis", "promoção", "oferta", "imperdível"]
    corrections = [
        Correction("mojibake_repaired", "repair_mojibake", ("*",), {}, None),
        Correction("nbsp", "nbsp_to_space", ("*",), {}, None),
        Correction("trimmed", "trim_whitespace", ("*",), {}, None),
        Correction("spaces_collapsed", "collapse_spaces", ("*",), {}, None),
        Correction("html_removed", "html_to_text", ("title", "description"), {}, None),
        Correction("currency", "currency_text", ("price", "compare_price"), {}, None),
        Correction("decimal_comma", "decimal_comma", ("price", "compare_price", "weight"), {}, None),
        Correction("gtin_punctuation", "strip_gtin_punctuation", ("gtin",), {}, None),
        Correction("gtin_padded", "pad_gtin_11_to_12", ("gtin",), {}, None),
        Correction("ncm_dots", "strip_ncm_dots", ("ncm",), {}, None),
        Correction("condition", "map_synonyms", ("condition",), {"mapping": {"novo": "new", "usado": "used"}}, None),
        Correction("promo_removed", "remove_promotional_words", ("title",), {"words": words}, None),
        Correction("title_cased", "title_case_all_caps", ("title",), {}, None),
        Correction("title_cut", "truncate_at_word", ("title",), {"max_length": 60}, None),
    ]
    return ResolvedPack(
        name="bench",
        version="1",
        title="Bench",
        category="all",
        on=date(2026, 11, 24),
        hash="",
        fields={name: Field(name, (name,), required=name in {"sku", "title", "price"}) for name in _FIELDS},
        rules=tuple(rules),
        corrections=tuple(corrections),
        gate=Gate(2000, "keep"),
    )


def _rule(code: str, kind: str, severity: Severity = Severity.CRITICAL, **kwargs: Any) -> Rule:
    return Rule(code, kind, kwargs, severity, None, None, None, (), None, True, None, {})


def write_rows(path: Path, rows: int, columns: int, seed: int = 20261124) -> None:
    """A rows.parquet as ingest writes it, `columns` wide (the surplus is text the pack does not know)."""
    random = np.random.default_rng(seed)
    headers = _FIELDS + [f"extra_{place}" for place in range(columns - len(_FIELDS))]
    writer = None
    for start in range(0, rows, _BATCH):
        count = min(_BATCH, rows - start)
        cells = _cells(random, start, count) | {
            name: pl.Series(_phrases(random, count, 3)) for name in headers[len(_FIELDS) :]
        }
        frame = pl.DataFrame(
            {
                "__row": np.arange(start + 1, start + count + 1),
                "__line": np.arange(start + 2, start + count + 2),
                **{name: cells[name] for name in headers},
            }
        )
        table = frame.to_arrow().cast(
            pa.schema([("__row", pa.int64()), ("__line", pa.int64()), *((name, pa.string()) for name in headers)])
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
        writer.write_table(table, row_group_size=_BATCH)
    if writer:
        writer.close()


def _cells(random: np.random.Generator, start: int, count: int) -> dict[str, pl.Series]:
    numbers = np.arange(start, start + count)
    cents = random.integers(500, 500_000, count)
    price = [
        f"{c // 100},{c % 100:02d}" if c < 100_000 else f"{c // 100_000}.{c // 100 % 1000:03d},{c % 100:02d}"
        for c in cents.tolist()
    ]
    gtins = [_gtin(number) for number in random.integers(10**11, 10**12 - 1, count).tolist()]
    cells = {
        "sku": pl.Series([f"SKU-{number:08d}" for number in numbers.tolist()]),
        "title": pl.Series(_phrases(random, count, 7)),
        "description": pl.Series(_phrases(random, count, 36)),
        "price": pl.Series(price),
        "compare_price": pl.Series([f"{c // 100 + 9},{c % 100:02d}" for c in cents.tolist()]),
        "stock": pl.Series(random.integers(0, 500, count)).cast(pl.String),
        "brand": pl.Series(
            np.array(["Nike", "Adidas", "Olympikus", "Havaianas", "Samsung"])[random.integers(0, 5, count)]
        ),
        "category": pl.Series(np.array(["MLB1051", "MLB1000", "MLB5726"])[random.integers(0, 3, count)]),
        "condition": pl.Series(np.array(["Novo", "new", "used", "novo "])[random.integers(0, 4, count)]),
        "gtin": pl.Series(gtins),
        "ncm": pl.Series(np.array(["8517.12.31", "61091000", "64041100"])[random.integers(0, 3, count)]),
        "weight": pl.Series([f"{grams // 1000},{grams % 1000:03d}" for grams in random.integers(50, 9000, count)]),
        "images": pl.Series([f"https://img.example.com/p/{number}.jpg" for number in numbers.tolist()]),
    }
    return cells | {
        "sku": _damage(random, cells["sku"], 0.002, lambda _: "SKU-00000001"),
        "title": _damage(random, _damage(random, cells["title"], 0.03, str.upper), 0.02, _misread),
        "description": _damage(random, cells["description"], 0.05, lambda text: f"<p>{text}</p><br>Fim&nbsp;!"),
        "price": _damage(random, cells["price"], 0.1, lambda text: f"R$ {text}"),
        "brand": _damage(random, cells["brand"], 0.02, lambda _: None),
        "gtin": _damage(random, cells["gtin"], 0.03, lambda text: "7,8983E+12" if text[4] < "5" else text[:-1]),
    }


def _phrases(random: np.random.Generator, count: int, words: int) -> list[str]:
    chosen = np.array(_WORDS)[random.integers(0, len(_WORDS), (count, words))]
    return [" ".join(row) for row in chosen.tolist()]


def _gtin(digits: int) -> str:
    text = str(digits)
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text))
    return f"{text}{-total % 10}"


def _misread(text: str) -> str:
    return text.encode().decode("cp1252", errors="ignore")


def _damage(
    random: np.random.Generator, cells: pl.Series, share: float, change: Callable[[str], str | None]
) -> pl.Series:
    hit = random.random(len(cells)) < share
    return pl.Series(
        [change(cell) if damaged and cell else cell for cell, damaged in zip(cells, hit.tolist(), strict=True)],
        dtype=pl.String,
    )


def measure(call: str, rows: Path, folder: Path) -> dict[str, float]:
    """One call in this process: seconds and megabytes."""
    match = ColumnMatch({name: name for name in _FIELDS}, ())
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    if call == "validate":
        found = validate(
            rows, pack(), match, violations=folder / "violations.parquet", validated=folder / "validated.csv"
        )
        outcome = sum(count.count for count in found.counts)
    else:
        outcome = correct(
            rows,
            pack(),
            match,
            corrected=folder / "corrected.csv",
            corrections=folder / "corrections.parquet",
            suggestions=folder / "suggestions.parquet",
        ).cells
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall_s": round(wall, 2),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "extra_mb": round((after.ru_maxrss - before.ru_maxrss) / 1024),
        "found": outcome,
    }


def main() -> None:
    """Generate, then measure each call in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=240_000)
    parser.add_argument("--columns", type=int, default=13)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--call", choices=["validate", "correct"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="validahub-bench-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        rows = folder / f"rows-{options.rows}-{options.columns}.parquet"
        if not rows.exists():
            write_rows(rows, options.rows, options.columns)
        if options.call:
            print(json.dumps(measure(options.call, rows, folder)))
            return
        for call in ("validate", "correct"):
            for _ in range(options.repeat):
                command = [sys.executable, "-m", "bench.correcting", "--call", call, "--folder", str(folder)]
                command += ["--rows", str(options.rows), "--columns", str(options.columns)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                print(f"{call:9} {done.stdout.strip()}", flush=True)


if __name__ == "__main__":
    main()
