"""Events as the stages write them, and an event source that is a list."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection

from validahub_pipeline.ledger.events import Event, Resource
from validahub_pipeline.read_models import ReadModels

PACK = {"name": "mercado_livre", "version": "2026.11.1", "hash": "ab12"}


@dataclass
class Story:
    """A ledger in memory: numbers and times events as the ledger does, a minute apart."""

    start: datetime = datetime(2026, 10, 30, 12, tzinfo=UTC)
    step: timedelta = timedelta(minutes=1)
    events: list[Event] = field(default_factory=list)

    def read(self, *, after: int) -> Iterator[Event]:
        """As `Ledger.read`."""
        return iter([event for event in self.events if event.seq > after])

    def until(self, seq: int) -> Story:
        """The same ledger as it was when it had `seq` events."""
        return Story(self.start, self.step, self.events[:seq])

    def tell(
        self,
        action: str,
        aggregate: str,
        changes: Mapping[str, Any],
        *,
        user: str = "system",
        name: str = "catalogo.csv",
    ) -> Event:
        """Record an event."""
        seq = len(self.events) + 1
        event = Event(
            seq=seq,
            event_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.start}{seq}{aggregate}")),
            timestamp=self.start + self.step * seq,
            user_id=user,
            action=action,
            aggregate_id=aggregate,
            resource=Resource("upload", aggregate, name),
            changes=changes,
            metadata={"run_id": f"run-{seq}"},
            schema_version=1,
        )
        self.events.append(event)
        return event

    def upload(self, validation_id: str, *, user: str = "ana", marketplace: str = "mercado_livre") -> None:
        """A file is handed in and its validation begins."""
        self.tell(
            "file_uploaded",
            validation_id,
            {
                "key": f"inbox/{user}/{marketplace}/all/catalogo.csv",
                "version": "v1",
                "file_name": "catalogo.csv",
                "size": 1234,
                "sha256": "00ff",
                "marketplace": marketplace,
                "category": "all",
                "lang": "pt-BR",
            },
            user=user,
        )
        self.tell("validation_started", validation_id, {"pack": PACK, "category": "all", "on": "2026-10-30"})

    def ingest(self, validation_id: str, *, records: int = 100, quarantined: int = 2) -> None:
        """It is read."""
        self.tell(
            "file_ingested",
            validation_id,
            {
                "encoding": "utf-8",
                "delimiter": ";",
                "header_lines": [1],
                "columns": ["SKU", "Título"],
                "records": records,
                "quarantined": quarantined,
                "repairs": {"encoding_cp1252": 3},
                "objects": {"original": {"key": "o", "size": 1234, "sha256": "00ff"}},
                "milliseconds": 40,
            },
        )

    def validate(self, validation_id: str, by_column: list[tuple[str, str, str, int]], *, records: int = 100) -> None:
        """It is validated; `by_column` holds (code, column, severity, count)."""
        codes: dict[str, int] = {}
        for code, _, _, count in by_column:
            codes[code] = codes.get(code, 0) + count
        self.tell(
            "validation_completed",
            validation_id,
            {
                "pack": PACK,
                "records": records,
                "rows_with_violations": 7,
                "critical_rows": 5,
                "violations": codes,
                "by_column": [
                    {"code": code, "column": column, "severity": severity, "count": count}
                    for code, column, severity, count in by_column
                ],
                "detail": {"rows": sum(codes.values()), "sha256": "dd"},
                "objects": {"validated": {"key": "v", "size": 9, "sha256": "ee"}},
                "milliseconds": 50,
            },
        )

    def correct(self, validation_id: str, *, cells: int = 12, revision: int = 1) -> None:
        """It is corrected, and something is proposed."""
        self.tell(
            "corrections_applied",
            validation_id,
            {
                "revision": revision,
                "mode": "auto",
                "cells": cells,
                "corrections": {"trim_whitespace": cells},
                "by_column": [
                    {"code": "trim_whitespace", "column": "Título", "confidence": "lossless", "count": cells},
                ],
                "remaining": {"missing_sku": 4},
                "remaining_critical_rows": 4,
                "detail": {"rows": cells, "sha256": "cc"},
                "milliseconds": 60,
            },
        )
        self.tell(
            "corrections_suggested",
            validation_id,
            {
                "revision": revision,
                "suggestions": {"truncate_title": 3},
                "by_column": [],
                "objects": {"suggestions": {"key": "s", "size": 8, "sha256": "aa"}},
            },
        )

    def revise(self, validation_id: str, *, revision: int = 2, user: str = "bia", kind: str = "accept") -> None:
        """Somebody asks for another revision."""
        self.tell(
            "revision_started",
            validation_id,
            {
                "revision": revision,
                "based_on": revision - 1,
                "decision": {"kind": kind, "codes": ["truncate_title"], "column": "Título"},
                "rejected": [],
            },
            user=user,
        )

    def decide(self, validation_id: str, *, cells: int = 2, revision: int = 2, user: str = "bia") -> None:
        """What people decided is applied beside what is corrected anyway."""
        self.tell(
            "corrections_applied",
            validation_id,
            {
                "revision": revision,
                "mode": "manual",
                "cells": cells,
                "corrections": {"truncate_title": cells},
                "by_column": [
                    {"code": "truncate_title", "column": "Título", "confidence": "suggest", "count": cells},
                ],
                "remaining": {"missing_sku": 2},
                "remaining_critical_rows": 2,
                "detail": {"rows": cells, "sha256": "cd"},
                "milliseconds": 60,
            },
            user=user,
        )

    def publish(self, validation_id: str, *, revision: int = 1) -> None:
        """It is published."""
        self.tell(
            "file_published",
            validation_id,
            {
                "revision": revision,
                "records": 100,
                "gate": {"critical_rows": 4, "limit_bp": 1000},
                "objects": {"corrected": {"key": "c", "size": 7, "sha256": "bb"}},
                "milliseconds": 70,
            },
        )

    def refuse(self, validation_id: str, reason: str = "linhas críticas demais") -> None:
        """The gate says no."""
        self.tell(
            "publication_refused",
            validation_id,
            {"revision": 1, "reason": reason, "gate": {"critical_rows": 90, "limit_bp": 1000}},
        )

    def fail(self, validation_id: str, *, stage: str = "ingest", retryable: bool = True) -> None:
        """It cannot go on."""
        self.tell(
            "validation_failed",
            validation_id,
            {
                "stage": stage,
                "error": {"code": "no_space_left", "message": "sem espaço", "values": {}},
                "retryable": retryable,
            },
        )

    def complete(self, validation_id: str, *, user: str = "ana", marketplace: str = "mercado_livre") -> None:
        """From upload to publication, with two codes in three columns."""
        self.upload(validation_id, user=user, marketplace=marketplace)
        self.ingest(validation_id)
        self.validate(
            validation_id,
            [
                ("missing_sku", "SKU", "critical", 5),
                ("title_too_long", "Título", "warning", 2),
                ("title_too_long", "Nome", "warning", 1),
            ],
        )
        self.correct(validation_id)
        self.publish(validation_id)


@pytest.fixture
def story() -> Story:
    """An empty ledger in memory."""
    return Story()


@pytest.fixture
def busy_story() -> Story:
    """Some hundred events of 30 interleaved validations over three months, retries, refusals and oddities included."""
    story = Story(step=timedelta(hours=13))
    chance = random.Random(20261124)
    plots = {}
    for number in range(30):
        name = f"v{number:02}"
        first = [("upload", {"user": chance.choice(["ana", "bia"]), "marketplace": chance.choice(["m", "s"])})]
        failures = [("fail", {})] * chance.randint(0, 2)
        rest = [("ingest", {}), ("validate", {"by_column": [("missing_sku", "SKU", "critical", number)]})]
        again = [("validate", {"by_column": [("bad_gtin", "EAN", "critical", number)]})] * chance.randint(0, 1)
        end = [("correct", {}), chance.choice([("publish", {}), ("refuse", {})])]
        made = [("revise", {}), ("correct", {"revision": 2, "cells": 3}), ("decide", {}), ("publish", {"revision": 2})]
        second = made * chance.randint(0, 1)
        plots[name] = [*first, *failures, *rest, *again, *end, *second]
    while plots:
        name = chance.choice(sorted(plots))
        act, values = plots[name].pop(0)
        getattr(story, act)(name, **values)
        if not plots[name]:
            del plots[name]
        if chance.random() < 0.1:
            story.tell("moon_landed", "somewhere/else", {"by": ["x", 1, None]}, user="bia")
    return story


@pytest.fixture
def read_models(postgres_url: str) -> ReadModels:
    """Read models in a fresh database."""
    return ReadModels(postgres_url)


@pytest.fixture
def postgres_connection(postgres_url: str) -> Iterator[connection]:
    """A plain connection to the same database, autocommitting."""
    opened = psycopg2.connect(postgres_url)
    opened.autocommit = True
    yield opened
    opened.close()
