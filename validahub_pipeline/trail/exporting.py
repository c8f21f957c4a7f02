"""Events as files for other systems, written as they are read: any number of them in little memory.

| format | one event is |
|---|---|
| ndjson | a line: the canonical JSON as it is stored, byte for byte what the ledger's tree hashes |
| cloudevents | a line: a CloudEvent in the JSON format, `data` being the event |
| csv | a record for a spreadsheet; text that one would take for a formula gets an apostrophe before it |
| parquet | a row: the columns people filter on, and the canonical JSON |

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from validahub_pipeline.ledger import Event
from validahub_pipeline.text.spreadsheets import inert

Events = Iterable[tuple[Event, bytes]]
Writer = Callable[[Events, BinaryIO], int]

SOURCE: Final = "urn:validahub:ledger"
TYPE: Final = "validahub"

_BATCH: Final = 4_096
_COLUMNS: Final = (
    "seq",
    "timestamp",
    "action",
    "user_id",
    "aggregate_id",
    "resource_type",
    "resource_id",
    "resource_name",
    "event_id",
    "changes",
    "metadata",
)
_SCHEMA: Final = pa.schema(
    [
        ("seq", pa.int64()),
        ("timestamp", pa.timestamp("us", "UTC")),
        *((name, pa.string()) for name in _COLUMNS[2:-2]),
        ("event", pa.string()),
    ]
)


def write_ndjson(events: Events, file: BinaryIO) -> int:
    """The number of events written."""
    count = 0
    for _, text in events:
        file.write(text + b"\n")
        count += 1
    return count


def write_cloudevents(events: Events, file: BinaryIO) -> int:
    """The number of events written."""
    count = 0
    for event, text in events:
        document = json.loads(text)
        told = {
            "specversion": "1.0",
            "id": event.event_id,
            "source": SOURCE,
            "type": f"{TYPE}.{event.action}",
            "subject": event.aggregate_id,
            "time": document["timestamp"],
            "datacontenttype": "application/json",
            # The extension Sequence wants a text that sorts: https://github.com/cloudevents/spec
            "sequence": f"{event.seq:020}",
            "data": document,
        }
        file.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n")
        count += 1
    return count


def write_csv(events: Events, file: BinaryIO) -> int:
    """The number of events written."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    count = 0
    for event, stored in events:
        document = json.loads(stored)
        values = _values(event, document) | {
            name: json.dumps(document[name], ensure_ascii=False, sort_keys=True) for name in ("changes", "metadata")
        }
        writer.writerow([_harmless(values[name]) for name in _COLUMNS])
        count += 1
    text.flush()
    text.detach()
    return count


def write_parquet(events: Events, file: BinaryIO) -> int:
    """The number of events written."""
    count, left = 0, iter(events)
    with pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
        while batch := list(islice(left, _BATCH)):
            rows = [
                _values(event, json.loads(text)) | {"timestamp": event.timestamp, "event": text.decode("utf-8")}
                for event, text in batch
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA))
            count += len(rows)
    return count


FORMATS: Final[Mapping[str, Writer]] = MappingProxyType(
    {"ndjson": write_ndjson, "parquet": write_parquet, "csv": write_csv, "cloudevents": write_cloudevents}
)


AS_HASHED: Final = frozenset({"ndjson"})
"""Formats that are for checking what they say: as recorded unless one asks for more."""


def _values(event: Event, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "timestamp": document["timestamp"],
        "action": event.action,
        "user_id": event.user_id,
        "aggregate_id": event.aggregate_id,
        "resource_type": event.resource.type,
        "resource_id": event.resource.id,
        "resource_name": event.resource.name,
        "event_id": event.event_id,
    }


def _harmless(value: object) -> object:
    return inert(value) if isinstance(value, str) else value
