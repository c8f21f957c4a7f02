"""Every event once, in order, whatever is killed and however many take part."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from validahub_pipeline.errors import LedgerError, ValidaHubError
from validahub_pipeline.read_models import ReadModels, position

COMPETITOR = Path(__file__).with_name("competitor.py")


def test_catching_up_applies_each_event_once(read_models, story):
    story.complete("v1")

    assert read_models.catch_up(story) == 7
    assert read_models.position() == 7
    assert read_models.catch_up(story) == 0
    story.complete("v2")
    assert read_models.catch_up(story) == 7


def test_the_state_does_not_depend_on_how_the_events_were_batched(read_models, busy_story):
    read_models.catch_up(busy_story)
    at_once = read_models.dump()
    chance = random.Random(4)
    empty = ReadModels(read_models._url)
    with psycopg2.connect(read_models._url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA read_models CASCADE")
    connection.close()
    length = 0
    while length < len(busy_story.events):
        length += chance.choice([1, 1, 2, 5, 20])
        empty.catch_up(busy_story.until(length))

    assert empty.dump() == at_once


def test_a_failure_within_a_batch_leaves_no_trace_of_it(read_models, story, monkeypatch):
    story.complete("v1")
    read_models.catch_up(story)
    before = read_models.dump()
    story.complete("v2")

    def fail(*_):
        raise ConnectionError("the last statement of the batch")

    monkeypatch.setattr(position, "move", fail)
    with pytest.raises(ConnectionError):
        read_models.catch_up(story)
    monkeypatch.undo()

    assert read_models.dump() == before
    assert read_models.catch_up(story) == 7


def test_projectors_side_by_side_apply_each_event_once(postgres_url, busy_story):
    ledger, applied = busy_story.until(0), []
    barrier = threading.Barrier(5)

    def compete():
        barrier.wait()
        # The schema does not exist yet: all of them create it, too.
        while sum(applied) < len(busy_story.events):
            applied.append(ReadModels(postgres_url).catch_up(ledger))

    threads = [threading.Thread(target=compete) for _ in range(4)]
    for thread in threads:
        thread.start()
    barrier.wait()
    for event in busy_story.events:
        ledger.events.append(event)
        time.sleep(0.002)
    for thread in threads:
        thread.join()

    assert sum(applied) == len(busy_story.events)
    assert sum(count > 0 for count in applied) > 4
    assert_same_as_rebuilt(ReadModels(postgres_url), busy_story)


def test_projectors_that_are_killed_apply_each_event_once(postgres_url, busy_story, tmp_path):
    events = tmp_path / "events.pickle"
    events.write_bytes(pickle.dumps(busy_story.events))
    read_models = ReadModels(postgres_url)
    chance = random.Random(7)

    def start():
        return subprocess.Popen([sys.executable, COMPETITOR, postgres_url, events], stdout=subprocess.PIPE, text=True)

    interrupted = 0
    for _ in range(6):
        competitors = [start(), start()]
        # The first line of output says that it has begun to apply.
        competitors[0].stdout.readline()
        time.sleep(chance.uniform(0, 0.1))
        for competitor in competitors:
            competitor.kill()
            competitor.communicate()
        interrupted += 0 < read_models.position() < len(busy_story.events)
    survivor = start()
    _, _ = survivor.communicate(timeout=60)

    assert survivor.returncode == 0
    assert interrupted >= 1
    assert read_models.position() == len(busy_story.events)
    assert_same_as_rebuilt(read_models, busy_story)


def test_a_missing_number_stops_the_projection_where_it_is(read_models, story):
    story.complete("v1")
    story.complete("v2")
    del story.events[9]

    with pytest.raises(LedgerError, match="skips from event 10 to 11"):
        read_models.catch_up(story)

    assert read_models.position() == 0
    assert read_models.catch_up(story.until(9)) == 9


def test_a_ledger_that_lost_its_end_is_noticed(read_models, story):
    story.complete("v1")
    read_models.catch_up(story)

    with pytest.raises(LedgerError) as raised:
        read_models.catch_up(story.until(6))

    assert raised.value.code == "ledger_not_as_projected"


def test_another_ledger_is_not_projected_on_top(read_models, story):
    story.complete("v1")
    read_models.catch_up(story)
    story.complete("v2")
    story.events[6] = replace(story.events[6], event_id="forged")

    with pytest.raises(LedgerError) as raised:
        read_models.catch_up(story)

    assert raised.value.code == "ledger_not_as_projected"
    assert read_models.position() == 7


def test_a_server_that_is_not_there_is_named(story):
    with pytest.raises(ValidaHubError, match=r"127\.0\.0\.1:1 cannot be reached") as raised:
        ReadModels("postgresql://nobody:secret@127.0.0.1:1/none").catch_up(story)

    assert raised.value.retryable
    assert "secret" not in str(raised.value)


def assert_same_as_rebuilt(read_models, events):
    live = read_models.dump()
    read_models.rebuild(events)

    assert read_models.dump() == live
