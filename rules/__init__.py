"""The catalogue as data: rule packs (`packs/*.yaml`) and the messages to people (`messages/*.yaml`).

No code that knows Dagster and no input or output beyond reading these files; what a rule means is the business of
`validahub_pipeline.rulepacks` and `validahub_pipeline.engine`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_ROOT = Path(__file__).resolve().parent


def pack_names() -> list[str]:
    """Names of every pack in the catalogue, sorted."""
    return sorted(path.stem for path in (_ROOT / "packs").glob("*.yaml"))


def pack_source(name: str) -> str:
    """The YAML text of one pack.

    Raises:
        KeyError: no pack has that name.
    """
    if name not in pack_names():
        raise KeyError(name)
    return (_ROOT / "packs" / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def messages(section: str) -> dict[str, Any]:
    """One section of the message catalogue: `{key: {language: text}}`, languages `pt-BR`, `en` and `es`.

    Raises:
        KeyError: there is no such section.
    """
    path = _ROOT / "messages" / f"{section}.yaml"
    if not path.is_file():
        raise KeyError(section)
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
