"""A small pack to change one thing in, as data, and its YAML."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import yaml

from validahub_pipeline.rulepacks import ResolvedPack, resolve

SHOP: dict[str, Any] = {
    "pack": "shop",
    "version": "1",
    "title": "A shop",
    "sources": {"MANUAL": "https://shop.example/manual"},
    "fields": {
        "title": {"required": True, "aliases": ["Título", "Nome"]},
        "price": {"required": True, "aliases": ["Preço"]},
        "gtin": {"aliases": ["EAN"]},
    },
    "rules": [
        {
            "code": "title_too_long",
            "type": "expect_column_value_lengths_to_be_between",
            "kwargs": {"column": "title", "max_value": 60},
            "severity": "critical",
            "source": ["MANUAL"],
            "verified_on": date(2026, 10, 1),
            "trust": "A",
            "examples": {"pass": "short", "fail": "long"},
        }
    ],
    "corrections": [{"type": "trim_whitespace", "fields": ["*"]}],
    "gate": {"max_critical_rows_percent": 20, "partial": "keep"},
}


@pytest.fixture
def shop() -> dict[str, Any]:
    """A well-formed pack with one rule."""
    return deepcopy(SHOP)


@pytest.fixture
def resolved() -> Callable[..., ResolvedPack]:
    """Resolve the first of some packs given as data."""

    def _resolved(*packs: dict[str, Any], category: str = "all", on: date = date(2026, 11, 24)) -> ResolvedPack:
        texts = {pack["pack"]: yaml.safe_dump(pack, allow_unicode=True, sort_keys=False) for pack in packs}
        return resolve(packs[0]["pack"], category=category, on=on, packs=texts)

    return _resolved
