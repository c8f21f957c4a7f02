"""`validahub audit export`: every event that was asked for, once and in order, as each format has it."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

import pyarrow.parquet as pq
import pytest


def exported(installation, *arguments):
    done = installation.run("audit", "export", *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_ndjson_is_byte_for_byte_what_is_stored(installation):
    lines = exported(installation).split(b"\n")
    assert lines.pop() == b""
    assert lines == [row["event"].encode("utf-8") for row in installation.stored()]


def test_cloudevents_carry_what_the_specification_requires(installation):
    told = [json.loads(line) for line in exported(installation, "--format", "cloudevents").splitlines()]
    assert [event["data"] for event in told] == installation.opened()
    for event in told:
        assert event["specversion"] == "1.0"
        assert event["id"] == event["data"]["event_id"]
        assert all(isinstance(event[name], str) and event[name] for name in ("id", "source", "type", "subject"))
        assert datetime.fromisoformat(event["time"]).tzinfo is not None
        assert event["datacontenttype"] == "application/json"
        assert all(name.isascii() and name.islower() and name.isalnum() for name in event)
    assert len({(event["source"], event["id"]) for event in told}) == len(told)
    assert [event["sequence"] for event in told] == sorted(event["sequence"] for event in told)


def test_csv_holds_every_event_and_no_formula(installation):
    text = exported(installation, "--format", "csv").decode("utf-8")
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [int(record["seq"]) for record in records] == [row["seq"] for row in installation.stored()]
    for record, event in zip(records, installation.opened(), strict=True):
        assert record["user_id"] == event["user_id"]
        assert json.loads(record["changes"]) == event["changes"]
        assert record["resource_name"].removeprefix("'") == event["resource"]["name"]
        assert not record["resource_name"].startswith(("=", "+", "-", "@"))
    assert any(record["resource_name"] == "'-refused.csv" for record in records)


def test_parquet_holds_the_columns_people_filter_on_and_the_event(installation, tmp_path):
    target = tmp_path / "events.parquet"
    assert exported(installation, "--format", "parquet", "-o", target) == b""
    rows = pq.read_table(target).to_pylist()
    stored = installation.stored()
    for column in ("seq", "timestamp", "action", "aggregate_id", "event"):
        assert [row[column] for row in rows] == [row[column] for row in stored]
    assert [row["user_id"] for row in rows] == [event["user_id"] for event in installation.opened()]
    assert [row["resource_name"] for row in rows] == [event["resource"]["name"] for event in installation.opened()]
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]


def test_what_is_personal_is_opened_or_left_as_one_asks(installation):
    opened = [json.loads(line) for line in exported(installation, "--open").splitlines()]
    assert opened == installation.opened() != installation.events()
    sealed = [
        json.loads(line)["data"] for line in exported(installation, "--format", "cloudevents", "--sealed").splitlines()
    ]
    assert sealed == installation.events()
    assert b"maria" not in exported(installation)
    by_id = next(event["user_id"] for event in installation.events() if event["action"] == "file_uploaded")
    assert exported(installation, "--user", by_id) == exported(installation, "--user", "maria") != b""


def test_filters_leave_what_they_say(installation):
    def seqs(*arguments):
        return [json.loads(line)["seq"] for line in exported(installation, *arguments).splitlines()]

    def wanted(holds):
        return [event["seq"] for event in installation.opened() if holds(event)]

    middle = installation.events()[6]["timestamp"]
    day = middle[:10]
    assert seqs("--user", "joão") == wanted(lambda event: event["user_id"] == "joão") != []
    of_one = wanted(lambda event: event["aggregate_id"] == installation.refused)
    assert seqs("--validation", installation.refused) == of_one != []
    assert seqs("--since", middle) == wanted(lambda event: event["timestamp"] >= middle)
    assert seqs("--until", middle) == wanted(lambda event: event["timestamp"] < middle)
    assert seqs("--since", day, "--until", day) == wanted(lambda event: event["timestamp"][:10] == day)
    assert seqs("--until", "2020-01-01") == seqs("--user", "nobody") == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--since", "yesterday"), b"yesterday"),
        (("--until", "9999-12-31"), b"9999-12-31"),
        (("--format", "xml"), b"ndjson, parquet, csv, cloudevents"),
        (("--validation", "no-such"), b"no-such"),
        (("-o", "/no/such/folder/x.csv"), b"/no/such/folder"),
    ],
)
def test_what_cannot_be_exported_is_explained(installation, arguments, word):
    done = installation.run("audit", "export", "--lang", "en", *arguments)
    assert done.returncode == 2
    assert word in done.stderr
    assert b"Traceback" not in done.stderr
