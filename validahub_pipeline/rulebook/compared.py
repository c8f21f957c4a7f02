"""The two packs of a comparison, as somebody named them: `shopee`, `shopee@2026-08-01`, `shopee@2026.11.2`,
`own.yaml@2026-12-01`, or the JSON of a pack that was pinned.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.errors import InputError, PackError
from validahub_pipeline.local_files import check_readable
from validahub_pipeline.rulepacks import to_json
from validahub_pipeline.rulepacks.columns import plain
from validahub_pipeline.rulepacks.named import find_pack, is_pack_file, resolve_named
from validahub_pipeline.storage import Lake

_DATED: Final = re.compile(r"^(?P<pack>.+)@(?P<day>\d{4}-\d{2}-\d{2})$")
_PINNED: Final = "rulepacks"
_SHOWN: Final = 12
_NEEDED: Final = ("schema", "name", "version", "category", "fields", "rules", "corrections", "gate")


@dataclass(frozen=True)
class Compared:
    """One side of a comparison. `on`: the day it was resolved for; None for a pinned pack, which knows of no day."""

    document: bytes
    name: str
    version: str
    title: str
    category: str
    on: date | None

    @property
    def hash(self) -> str:
        """The pack's hash."""
        return hashlib.sha256(self.document).hexdigest()

    @property
    def rules(self) -> int:
        """How many rules it has."""
        return len(json.loads(self.document)["rules"])


def find_compared(reference: str, *, category: str, today: date, lake: Lake) -> Compared:
    """The pack that is meant.

    Args:
        category: for which it is resolved; a pinned pack has one already.
        today: the day whose rules hold where the reference names none.
        lake: where packs that were used are pinned.

    Raises:
        InputError, PackError: there is none, or it is not well formed.
    """
    if reference.endswith(".json"):
        return _pinned_file(Path(reference), lake)
    dated = _DATED.match(reference)
    if dated:
        try:
            day = date.fromisoformat(dated["day"])
        except ValueError as error:
            raise InputError("reference_date_invalid", reference=reference, given=dated["day"]) from error
        return _resolved(dated["pack"], category, day)
    name, at, version = reference.rpartition("@")
    if at and name and not is_pack_file(reference):
        return _of_version(reference, name, version, category=category, today=today, lake=lake)
    return _resolved(reference, category, today)


def _resolved(reference: str, category: str, on: date) -> Compared:
    pack = resolve_named(find_pack(reference), category=category, on=on)
    return Compared(to_json(pack), pack.name, pack.version, pack.title, pack.category, on)


def _of_version(reference: str, name: str, version: str, *, category: str, today: date, lake: Lake) -> Compared:
    """The pack of a version, or whose hash begins so: today's, or the one that is pinned in the lake."""
    now = _resolved(name, category, today)
    if now.version == version or now.hash.startswith(version):
        return now
    found = {}
    for info in lake.list(f"{_PINNED}/{name}/"):
        pinned = _pinned(lake.read_bytes(info.key), info.key)
        same = pinned.version == version and plain(pinned.category) == plain(now.category)
        if same or pinned.hash.startswith(version):
            found[pinned.hash] = pinned
    if len(found) > 1:
        hashes = ", ".join(one[:_SHOWN] for one in sorted(found))
        raise PackError("pack_version_ambiguous", reference=reference, name=name, version=version, hashes=hashes)
    if not found:
        raise PackError("pack_version_unknown", reference=reference, name=name, version=version, known=now.version)
    return next(iter(found.values()))


def _pinned_file(path: Path, lake: Lake) -> Compared:
    # Keys of the lake are told in events and manifests; whoever copies one from there means the lake's object.
    if not path.exists() and path.parts[:1] == (_PINNED,) and lake.exists(path.as_posix()):
        return _pinned(lake.read_bytes(path.as_posix()), path.as_posix())
    check_readable(path)
    return _pinned(path.read_bytes(), str(path))


def _pinned(data: bytes, source: str) -> Compared:
    try:
        loaded: Any = json.loads(data)
    except ValueError as error:
        raise PackError("pack_pinned", file=source, cause=str(error)) from error
    missing = [key for key in _NEEDED if not isinstance(loaded, dict) or key not in loaded]
    if missing:
        raise PackError("pack_pinned", file=source, cause=", ".join(missing))
    return Compared(data, loaded["name"], loaded["version"], loaded.get("title", ""), loaded["category"], None)
