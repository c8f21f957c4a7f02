"""Which drops in the inbox are to be processed now: a pure decision over a listing and what is remembered of it.

A drop is taken when it has looked the same twice in a row (somebody may still be copying it) and nobody has run it.
Whether it has been run is asked of Dagster each time, so that a tick that died half-way is made up for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from validahub_pipeline.storage.lake import ObjectInfo
from validahub_pipeline.storage.layout import Drop, parse_inbox_key


@dataclass(frozen=True)
class Watched:
    """An object seen and not settled yet: its token when last seen, and its version once that has been worked out."""

    token: str
    version: str | None = None


@dataclass(frozen=True)
class Limits:
    """What one tick may do at most; the rest waits for the next. A sensor's tick is cut off after a minute.

    Attributes:
        runs: runs to request.
        looks: drops to look into, with a query to Dagster each.
        read_bytes: of drops to hash (local folder only); the first may be larger.
        watched: drops remembered in the cursor, which every tick stores.
    """

    runs: int = 25
    looks: int = 500
    read_bytes: int = 8 * 1024**3
    watched: int = 2_000


@dataclass(frozen=True)
class Decision:
    """What to do, and what to remember: `watched` for the cursor, `settled` (key -> token) for good."""

    take: tuple[Drop, ...] = ()
    watched: Mapping[str, Watched] = field(default_factory=dict)
    settled: Mapping[str, str] = field(default_factory=dict)


def decide(
    listing: Iterable[ObjectInfo],
    *,
    watched: Mapping[str, Watched],
    settled: Mapping[str, str],
    version_of: Callable[[ObjectInfo], str],
    has_run: Callable[[str], bool],
    limits: Limits = Limits(),
) -> Decision:
    """Decide over one listing of the inbox.

    Args:
        listing: what lies in the inbox now; no more than one object per key.
        watched: from the last decision.
        settled: from all earlier decisions; losing it costs time and nothing else.
        version_of: the version of an object's bytes; may have to read them all.
        has_run: whether a validation_id has a run, in whatever state.
    """
    still: dict[str, Watched] = {}
    done: dict[str, str] = {}
    take: list[Drop] = []
    looks = read = 0
    for info in listing:
        if parse_inbox_key(info.key, version="", size=info.size) is None:
            continue
        if settled.get(info.key) == info.token:
            done[info.key] = info.token
            continue
        seen = watched.get(info.key)
        if seen is None or seen.token != info.token:
            if len(still) < limits.watched:
                still[info.key] = Watched(info.token)
            continue
        still[info.key] = seen
        hashing = 0 if seen.version is not None else info.size
        if looks >= limits.looks or len(take) >= limits.runs or (read and read + hashing > limits.read_bytes):
            continue
        looks, read = looks + 1, read + hashing
        version = seen.version if seen.version is not None else version_of(info)
        drop = parse_inbox_key(info.key, version=version, size=info.size)
        if drop is None or has_run(drop.validation_id):
            del still[info.key]
            done[info.key] = info.token
        else:
            still[info.key] = Watched(info.token, version)
            take.append(drop)
    return Decision(tuple(take), still, done)


def read_cursor(cursor: str | None) -> dict[str, Watched]:
    """What the sensor's cursor remembers; nothing where there is none."""
    return {key: Watched(*entry) for key, entry in json.loads(cursor).items()} if cursor else {}


def write_cursor(watched: Mapping[str, Watched]) -> str:
    """The cursor for the next tick."""
    return json.dumps({key: [entry.token, entry.version] for key, entry in watched.items()}, ensure_ascii=False)


class Settled:
    """The settled drops on disk. Not in the cursor, which Dagster stores anew with every tick, every five seconds."""

    _NAME: Final = "inbox-settled.json"

    def __init__(self, scratch: Path) -> None:
        self._path = scratch / self._NAME

    def read(self) -> dict[str, str]:
        """Key -> token; empty where scratch has been cleared."""
        if not self._path.exists():
            return {}
        known: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        return known

    def write(self, settled: Mapping[str, str]) -> None:
        """Replace what is remembered, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(settled, ensure_ascii=False), encoding="utf-8")
        fresh.replace(self._path)
