"""The catalogue as data: rule packs (`packs/*.yaml`) and the messages to people (`messages/*.yaml`, and
`messages/*/*.yaml` where a section has a file for each theme).

No code that knows Dagster and no input or output beyond reading these files; what a rule means is the business of
`validahub_pipeline.rulepacks` and `validahub_pipeline.engine`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_ROOT = Path(__file__).resolve().parent


def pack_names() -> list[str]:
    """Names of every pack in the catalogue, sorted."""
    return sorted(path.stem for path in (_ROOT / "packs").glob("*.yaml"))


def pack_source(name: str) -> str:
    """The YAML text of one pack.

    Raises:
        KeyError: no pack has that name.
    """
    return pack_path(name).read_text(encoding="utf-8")


def pack_path(name: str) -> Path:
    """The file of one pack.

    Raises:
        KeyError: no pack has that name.
    """
    if name not in pack_names():
        raise KeyError(name)
    return _ROOT / "packs" / f"{name}.yaml"


@cache
def messages(section: str) -> dict[str, Any]:
    """One section of the message catalogue: `{key: {language: text}}`, languages `pt-BR`, `en` and `es`. A section is
    a file, or a folder with a file for each theme.

    Raises:
        KeyError: there is no such section.
        ValueError: two files of the section hold the same key.
    """
    files = [_ROOT / "messages" / f"{section}.yaml", *sorted((_ROOT / "messages" / section).glob("*.yaml"))]
    found = [file for file in files if file.is_file()]
    if not found:
        raise KeyError(section)
    return merged(found)


def merged(files: Iterable[Path]) -> dict[str, Any]:
    """The keys of some files of messages together.

    Raises:
        ValueError: two of them hold the same key.
    """
    keys: dict[str, Any] = {}
    for file in files:
        # libyaml's loader is as safe, and reads a pack's messages eight times as fast.
        loaded: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=SafeLoader)
        if twice := sorted(keys.keys() & loaded.keys()):
            raise ValueError(f"{file}: {', '.join(twice)} is in another file of the section already")
        keys |= loaded
    return keys
