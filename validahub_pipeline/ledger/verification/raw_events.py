"""All events as their rows hold them: leaf hashes in order, times, and what concerns the log itself.

A row's columns are held against its JSON here, since this is the only place where the whole text is at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any, Final

import numpy as np
import polars as pl

from validahub_pipeline.ledger.contradictions import contradictions
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.ledger.merkle.hashing import HASH_SIZE, leaf_hashes
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.ledger.verification.raw_table import RawTable

_OF_THE_LOG: Final = (Action.HEARTBEAT, Action.KEY_ROTATED)
_LISTED: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RawEvents:
    """The events 1 to `count`, which are there without a gap, and how far the numbers go beyond a gap."""

    count: int
    highest: int
    leaves: bytes
    """Packed leaf hashes of the events 1 to `count`."""
    sparse: Mapping[int, bytes]
    """Leaf hashes by seq of the events behind the first gap."""
    moments: np.ndarray[Any, np.dtype[np.int64]]
    of_the_log: tuple[tuple[int, str, Mapping[str, Any]], ...]
    """Heartbeats and rotations: seq, action, changes; in order."""

    def moment(self, seq: int) -> datetime:
        """When event `seq` (up to `count`) was recorded."""
        return _EPOCH + timedelta(microseconds=int(self.moments[seq - 1]))


def read_events(table: RawTable, findings: Findings) -> RawEvents:
    """Read every row once. Memory: about a hundred bytes an event."""
    seqs: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    moments: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    hashes: list[bytes] = []
    special: list[tuple[int, str, Mapping[str, Any]]] = []
    contradicted: dict[str, list[int]] = {}
    for rows in table.chunks():
        broken = rows.filter(pl.any_horizontal(pl.col("seq", "event", "timestamp").is_null()))
        if not broken.is_empty():
            findings.tampered("event_without_content", rows=broken.height)
            rows = rows.drop_nulls(["seq", "event", "timestamp"])  # noqa: PLW2901
        seqs.append(rows["seq"].to_numpy())
        moments.append(rows["timestamp"].dt.epoch("us").to_numpy())
        hashes.append(leaf_hashes(rows["event"].cast(pl.Binary)))
        for seq, what in contradictions(rows):
            contradicted.setdefault(what, []).append(seq)
        special += _of_the_log(rows)
    for what, numbers in contradicted.items():
        findings.tampered("columns_differ", numbers, what=what)
    if not seqs:
        return RawEvents(0, 0, b"", {}, np.zeros(0, np.int64), ())
    return _in_order(np.concatenate(seqs), hashes, np.concatenate(moments), special, findings)


def _in_order(
    seqs: np.ndarray[Any, np.dtype[np.int64]],
    hashes: list[bytes],
    moments: np.ndarray[Any, np.dtype[np.int64]],
    special: list[tuple[int, str, Mapping[str, Any]]],
    findings: Findings,
) -> RawEvents:
    order = np.argsort(seqs, kind="stable")
    numbers = seqs[order]
    first = np.ones(len(numbers), bool)
    first[1:] = numbers[1:] != numbers[:-1]
    twice = np.unique(numbers[~first])
    if len(twice):
        findings.tampered("events_twice", twice.tolist())
    order, numbers = order[first], numbers[first]
    invalid = numbers < 1
    if invalid.any():
        findings.tampered("event_number_invalid", numbers[invalid].tolist())
        order, numbers = order[~invalid], numbers[~invalid]
    highest = int(numbers[-1]) if len(numbers) else 0
    here = numbers == np.arange(1, len(numbers) + 1)
    count = len(numbers) if here.all() else int(np.argmin(here))
    if count < highest:
        findings.tampered("events_missing", islice(_between(numbers[max(count - 1, 0) :].tolist(), count), _LISTED))
    packed = _packed(hashes, order, len(seqs))
    return RawEvents(
        count,
        highest,
        packed[:count].tobytes(),
        {int(seq): packed[count + at].tobytes() for at, seq in enumerate(numbers[count:])},
        moments[order],
        tuple(sorted(special, key=lambda found: found[0])),
    )


def _packed(hashes: list[bytes], order: np.ndarray[Any, np.dtype[np.int64]], read: int) -> np.ndarray[Any, Any]:
    """The hashes of the rows in `order`, one below the other, from packs in the order of reading, which are used up:
    at a million events each further copy of all hashes is 32 MB."""
    places = np.full(read, -1, np.int64)
    places[order] = np.arange(len(order))
    packed = np.empty((len(order), HASH_SIZE), np.uint8)
    hashes.reverse()
    at = 0
    while hashes:
        pack = np.frombuffer(hashes.pop(), np.uint8).reshape(-1, HASH_SIZE)
        here = places[at : at + len(pack)]
        packed[here[here >= 0]] = pack[here >= 0]
        at += len(pack)
    return packed


def _between(numbers: list[int], count: int) -> Iterator[int]:
    """The numbers left out, beginning after `count`."""
    for left, right in pairwise([count, *numbers]):
        yield from range(left + 1, right)


def _of_the_log(rows: pl.DataFrame) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    begins = [f'{{"action":"{action}",' for action in _OF_THE_LOG]
    wanted = pl.any_horizontal(pl.col("event").str.starts_with(start) for start in begins)
    for seq, text in rows.filter(wanted).select("seq", "event").iter_rows():
        try:
            event = json.loads(text)
            yield seq, str(event["action"]), dict(event["changes"])
        except (ValueError, KeyError, TypeError):
            continue
