"""A small shop's rules as YAML, files to hold against them, and plain readings of what was written."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from validahub_pipeline.checking import PacksChecked, Source, read_source
from validahub_pipeline.rulepacks import ResolvedPack, resolve

SHOP = """
pack: shop
version: "1"
title: A shop
sources: {MANUAL: https://shop.example/manual}
fields:
  sku: {required: true, aliases: [SKU]}
  title: {required: true, aliases: [Título]}
  price: {aliases: [Preço]}
  gtin: {aliases: [EAN]}
rules:
  - code: missing_title
    type: expect_column_values_to_not_be_null
    kwargs: {column: title}
    severity: critical
    source: [MANUAL]
    verified_on: 2026-10-01
    trust: A
    examples: {pass: a, fail: null}
  - code: title_too_long
    type: expect_column_value_lengths_to_be_between
    kwargs: {column: title, max_value: 60}
    severity: critical
    source: [MANUAL]
    verified_on: 2026-10-01
    trust: A
    effective_to: 2026-11-30
    examples: {pass: a, fail: {repeat: a, times: 61}}
  - code: title_too_long
    type: expect_column_value_lengths_to_be_between
    kwargs: {column: title, max_value: 40}
    severity: critical
    source: [MANUAL]
    verified_on: 2026-10-01
    trust: A
    effective_from: 2026-12-01
    examples: {pass: a, fail: {repeat: a, times: 41}}
  - code: duplicate_sku
    type: expect_column_values_to_be_unique
    kwargs: {column: sku}
    severity: warning
    source: [MANUAL]
    verified_on: 2026-10-01
    trust: A
    examples: {pass: [{sku: a}, {sku: b}], fail: [{sku: a}, {sku: a}]}
  - code: gtin_wrong
    type: expect_column_values_to_be_valid_gtin
    kwargs: {column: gtin}
    severity: warning
    source: [MANUAL]
    verified_on: 2026-10-01
    trust: A
    messages: {pt-BR: GTIN errado. Confira., en: The GTIN is wrong. Check it., es: GTIN erróneo. Compruébelo.}
    examples: {pass: "7891000100103", fail: "7891000100104"}
corrections:
  - {type: trim_whitespace, fields: ["*"]}
gate: {max_critical_rows_percent: 20, partial: keep}
"""
STRICT = """
pack: strict
version: "1"
title: A stricter shop
sources: {MANUAL: https://shop.example/manual}
extends: shop
rules:
  - {code: duplicate_sku, severity: critical, source: [MANUAL]}
  - {code: title_too_long, drop: true}
"""
PACKS = {"shop": SHOP, "strict": STRICT}
TODAY = date(2026, 11, 24)


def pack(name: str = "shop", *, on: date = TODAY) -> ResolvedPack:
    """A pack of these tests, as it holds on a day."""
    return resolve(name, category="all", on=on, packs=PACKS)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """`write(name, text)`: a file of that name."""

    def _write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return _write


@pytest.fixture
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Source]:
    """`read(path)`: the file as rows, in a folder of their own."""

    def _read(path: Path, sheet: str | None = None) -> Source:
        return read_source(path, tmp_path_factory.mktemp("rows"), sheet=sheet)

    return _read


def counts(checked: PacksChecked, place: int = 0) -> dict[str, int]:
    """Violations by code of one of the packs."""
    return {found.code: found.count for found in checked.packs[place].codes}


def violations(path: Path) -> list[dict[str, str]]:
    """A violations file, every cell as text, read by the standard library or pyarrow."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    return [{name: str(cell) for name, cell in row.items()} for row in pq.read_table(path).to_pylist()]
