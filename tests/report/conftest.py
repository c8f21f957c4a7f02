"""Manifests as the stages write them: of a published upload, and of one after each way it can end."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from validahub_pipeline.rulepacks import ResolvedPack, resolve

Manifest = dict[str, Any]

DIGEST = "0f" * 32


@pytest.fixture(scope="session")
def pack() -> ResolvedPack:
    return resolve("mercado_livre", category="all", on=date(2026, 11, 24))


def _object(name: str) -> dict[str, Any]:
    return {"key": f"validations/2026/11/24/id/{name}", "size": 26_463_437, "sha256": DIGEST}


PUBLISHED: Manifest = {
    "schema": 1,
    "validation_id": "8a758d4b-bf7b-5a88-9555-4f039ddbc0c3",
    "file_name": "catálogo.csv",
    "user_id": "loja",
    "marketplace": "mercado_livre",
    "category": "all",
    "lang": "pt-BR",
    "uploaded_at": "2026-11-24T01:51:00+00:00",
    "inbox": {"key": "inbox/loja/mercado_livre/all/catálogo.csv", "version": "v"},
    "pack": {"name": "mercado_livre", "version": "1", "hash": DIGEST, "title": "Mercado Livre", "on": "2026-11-24"},
    "ingest": {
        "encoding": "utf-8",
        "delimiter": ";",
        "header_lines": [4],
        "columns": ["SKU", "Título", "Preço", "GTIN/EAN"],
        "records": 59_990,
        "quarantined": 10,
        "repairs": {"encoding_cp850": 3, "stray_quote": 2},
        "quarantine_examples": [{"record": 77, "line": 83, "reason": "too_few_fields", "raw": "A77;só dois"}],
    },
    "objects": {
        "original": _object("original.csv"),
        "rows": _object("rows.parquet"),
        "quarantine": _object("quarantine.csv"),
        "validated": _object("validated.csv"),
        "suggestions": _object("suggestions.parquet"),
        "corrected": _object("corrected.csv"),
        "errors": _object("errors.csv"),
        "errors_workbook": _object("errors.xlsx"),
    },
    "validation": {
        "violations": {"price_not_a_number": 59_000, "gtin_invalid": 2_000, "title_all_caps": 40},
        "by_column": [
            {"code": "price_not_a_number", "column": "Preço", "severity": "critical", "count": 59_000},
            {"code": "gtin_invalid", "column": "GTIN/EAN", "severity": "critical", "count": 2_000},
            {"code": "title_all_caps", "column": "Título", "severity": "info", "count": 40},
        ],
        "rows_with_violations": 59_500,
        "critical_rows": 59_400,
        "examples": [
            {"code": "price_not_a_number", "row": 1, "line": 5, "column": "Preço", "value": "181,90"},
            {"code": "gtin_invalid", "row": 1_230, "line": 1_834, "column": "GTIN/EAN", "value": "7-891012-929471"},
            {"code": "title_all_caps", "row": 9, "line": 14, "column": "Título", "value": "CADEIRA GIRATÓRIA"},
        ],
    },
    "corrections": {
        "revision": 1,
        "cells": 60_200,
        "counts": {"decimal_comma": 59_000, "trim_whitespace+strip_gtin_punctuation": 1_200},
        "by_column": [
            {"code": "decimal_comma", "column": "Preço", "confidence": "confident", "count": 59_000},
            {
                "code": "trim_whitespace+strip_gtin_punctuation",
                "column": "GTIN/EAN",
                "confidence": "confident",
                "count": 1_200,
            },
        ],
        "examples": [
            {
                "code": "decimal_comma",
                "row": 1,
                "line": 5,
                "column": "Preço",
                "before": "181,90",
                "after": "181.90",
                "confidence": "confident",
            },
            {
                "code": "trim_whitespace+strip_gtin_punctuation",
                "row": 7,
                "line": 12,
                "column": "GTIN/EAN",
                "before": " 7-891012-929471",
                "after": "7891012929471",
                "confidence": "confident",
            },
        ],
        "suggestions": {"title_case_all_caps": 40},
        "suggestion_examples": [
            {
                "code": "title_case_all_caps",
                "row": 9,
                "line": 14,
                "column": "Título",
                "before": "CADEIRA GIRATÓRIA",
                "after": "Cadeira Giratória",
                "confidence": "suggest",
            }
        ],
        "remaining": {"gtin_invalid": 800, "title_all_caps": 40},
        "remaining_critical_rows": 800,
        "remaining_by_column": [
            {"code": "gtin_invalid", "column": "GTIN/EAN", "severity": "critical", "count": 800},
            {"code": "title_all_caps", "column": "Título", "severity": "info", "count": 40},
        ],
        "remaining_rows": [
            {
                "row": 39,
                "line": 1_055,
                "violations": [
                    {"column": "GTIN/EAN", "code": "gtin_invalid", "severity": "critical", "value": "7897227659036"},
                    {"column": "Título", "code": "title_all_caps", "severity": "info", "value": "CADEIRA"},
                ],
            },
        ],
        "remaining_examples": [
            {"code": "gtin_invalid", "row": 39, "line": 1_055, "column": "GTIN/EAN", "value": "7897227659036"},
            {"code": "title_all_caps", "row": 9, "line": 14, "column": "Título", "value": "CADEIRA GIRATÓRIA"},
        ],
    },
    "publication": {"published": True, "refused_because": None, "revision": 1},
    "seconds": {"ingest": 1.3, "validate": 1.4, "correct": 2.5, "publish": 0.1},
}

NOT_YET = {"published": False, "refused_because": None, "revision": None}


def _published(manifest: Manifest) -> None:
    """As it is."""


def _refused(manifest: Manifest) -> None:
    manifest["publication"] = {**NOT_YET, "refused_because": "30.000 de 59.990 linhas ainda têm violações críticas."}
    del manifest["objects"]["corrected"]


def _column_missing(manifest: Manifest) -> None:
    _refused(manifest)
    missing = {"code": "column_missing", "row": 0, "line": 0, "column": "price", "value": "Prezo, Valor total"}
    manifest["validation"]["violations"]["column_missing"] = 1
    manifest["validation"]["examples"].append(missing)
    manifest["corrections"]["remaining"]["column_missing"] = 1
    manifest["corrections"]["remaining_examples"].append(missing)


def _spotless(manifest: Manifest) -> None:
    manifest["ingest"] |= {"records": 60_000, "quarantined": 0, "repairs": {}, "quarantine_examples": []}
    manifest["validation"] = {
        "violations": {}, "by_column": [], "rows_with_violations": 0, "critical_rows": 0, "examples": []
    }  # fmt: skip
    manifest["corrections"] = {
        "revision": 1, "cells": 0, "counts": {}, "by_column": [], "examples": [], "suggestions": {},
        "suggestion_examples": [], "remaining": {}, "remaining_critical_rows": 0, "remaining_by_column": [],
        "remaining_examples": [], "remaining_rows": [],
    }  # fmt: skip


def _ingested_only(manifest: Manifest) -> None:
    for part in ("validation", "corrections"):
        del manifest[part]
    manifest["publication"] = dict(NOT_YET)


def _validated_only(manifest: Manifest) -> None:
    del manifest["corrections"]
    manifest["publication"] = dict(NOT_YET)


def _failed(manifest: Manifest) -> None:
    for part in ("ingest", "validation", "corrections"):
        del manifest[part]
    manifest["objects"] = {"original": manifest["objects"]["original"]}
    manifest["publication"] = dict(NOT_YET)
    manifest["failure"] = {"stage": "ingest", "error": {"code": "x", "message": "catálogo.csv: não há tabela nele."}}


def _nothing_readable(manifest: Manifest) -> None:
    _spotless(manifest)
    manifest["ingest"] |= {"records": 0, "quarantined": 0}
    manifest["publication"] = {**NOT_YET, "refused_because": "nenhum registro pôde ser lido."}


ENDINGS: dict[str, Callable[[Manifest], None]] = {
    "published": _published,
    "refused": _refused,
    "column_missing": _column_missing,
    "spotless": _spotless,
    "ingested_only": _ingested_only,
    "validated_only": _validated_only,
    "failed": _failed,
    "nothing_readable": _nothing_readable,
}


@pytest.fixture
def manifest_of() -> Callable[[str], Manifest]:
    """Makes the manifest of an upload that ended in one of `ENDINGS`."""

    def make(ending: str) -> Manifest:
        manifest = copy.deepcopy(PUBLISHED)
        ENDINGS[ending](manifest)
        return manifest

    return make


@pytest.fixture(params=sorted(ENDINGS))
def any_manifest(request: pytest.FixtureRequest, manifest_of: Callable[[str], Manifest]) -> Manifest:
    """Each ending in turn."""
    return manifest_of(request.param)
