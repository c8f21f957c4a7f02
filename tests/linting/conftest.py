"""Packs of one's own as files, looked over."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from validahub_pipeline.linting import Finding, lint
from validahub_pipeline.rulepacks.named import find_pack

TODAY = date(2026, 11, 26)
TEXTS = {"en": "It is wrong. Mend it.", "pt-BR": "Está errado. Corrija.", "es": "Está mal. Corríjalo."}


def rule(code: str, **keys: Any) -> dict[str, Any]:
    """A sound rule, with some keys changed."""
    sound: dict[str, Any] = {
        "code": code,
        "type": "expect_column_value_lengths_to_be_between",
        "kwargs": {"column": "title", "max_value": 5},
        "severity": "critical",
        "source": ["MANUAL"],
        "verified_on": date(2026, 10, 1),
        "trust": "A",
        "messages": TEXTS,
        "examples": {"pass": "short", "fail": "too long"},
    }
    return sound | keys


def shop(*rules: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A sound pack with some rules, and some keys changed."""
    sound: dict[str, Any] = {
        "pack": "shop",
        "version": "1",
        "title": "A shop",
        "sources": {"MANUAL": "https://shop.example/manual"},
        "fields": {"title": {"required": True}, "price": {}},
        "rules": list(rules),
        "corrections": [{"type": "trim_whitespace", "fields": ["title"]}],
        "gate": {"max_critical_rows_percent": 20, "partial": "keep"},
    }
    return deepcopy(sound | keys)


@pytest.fixture
def linted(tmp_path: Path) -> Callable[..., list[Finding]]:
    """`linted(pack, ...)`: packs written side by side, the first of them looked over."""

    def _linted(*packs: dict[str, Any]) -> list[Finding]:
        for pack in packs:
            text = yaml.safe_dump(pack, allow_unicode=True, sort_keys=False)
            (tmp_path / f"{pack['pack']}.yaml").write_text(text, encoding="utf-8")
        named = find_pack(str(tmp_path / f"{packs[0]['pack']}.yaml"))
        return list(lint([named], today=TODAY).findings)

    return _linted
