from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest


def event(run="run-1", time="2026-11-30T23:59:59.500000Z"):
    return json.dumps({"eventTime": time, "run": {"runId": run}}).encode()


def test_lineage_is_recorded_once_per_key(place):
    for at in ("2026-11-30T23:59:59.500000Z", "2026-12-01T08:00:00.000000Z"):
        place.ledger().record_lineage("v", [event(time=at)], idempotency="v/ingest")
    place.ledger().record_lineage("v", [event("run-2", "2026-12-01T00:00:00.000000Z")], idempotency="v/validate")
    assert place.ledger().lineage("v") == [event(), event("run-2", "2026-12-01T00:00:00.000000Z")]
    assert place.ledger().lineage("another") == []


def test_lineage_lies_in_the_month_and_at_the_time_it_speaks_of(local):
    local.ledger().record_lineage("v", [event()], idempotency="1")
    (row,) = local.table("lineage_events").to_pyarrow_table().to_pylist()
    assert (row["month"], row["timestamp"]) == ("2026-11", datetime(2026, 11, 30, 23, 59, 59, 500000, tzinfo=UTC))


def test_lineage_is_recorded_once_even_after_delta_forgot_the_key(local):
    long_ago = local.ledger(clock=lambda: datetime.now(UTC) - timedelta(days=90))
    long_ago.record_lineage("v", [event()], idempotency="1")
    local.ledger().record_lineage("v", [event()], idempotency="1")
    assert local.ledger().lineage("v") == [event()]


def test_lineage_of_nothing_is_refused(local):
    with pytest.raises(ValueError, match="without an event"):
        local.ledger().record_lineage("v", [], idempotency="1")
