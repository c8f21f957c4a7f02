"""Everything can be thrown away and comes back as it was, while others read."""

from __future__ import annotations

import json
import threading

import pytest

from validahub_pipeline.errors import LedgerError, ValidaHubError
from validahub_pipeline.read_models import ReadModels, database, rebuild


@pytest.fixture
def schemas(postgres_connection):
    """Lists the read models' schemas in the database."""

    def names():
        with postgres_connection.cursor() as cursor:
            cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'read_models%' ORDER BY 1")
            return [name for (name,) in cursor]

    return names


def test_a_rebuild_comes_to_the_identical_state(read_models, busy_story, schemas):
    for length in range(1, len(busy_story.events) + 1, 3):
        read_models.catch_up(busy_story.until(length))
    read_models.catch_up(busy_story)
    live, fingerprint = read_models.dump(), read_models.fingerprint()

    assert read_models.rebuild(busy_story) == len(busy_story.events)

    assert read_models.dump() == live
    assert read_models.fingerprint() == fingerprint
    assert schemas() == ["read_models"]


def test_a_rebuild_repairs_what_somebody_changed_by_hand(read_models, busy_story, postgres_connection):
    read_models.catch_up(busy_story)
    fingerprint = read_models.fingerprint()
    with postgres_connection.cursor() as cursor:
        cursor.execute("UPDATE read_models.user_activity SET count = count + 1")
    damaged = read_models.fingerprint()
    read_models.rebuild(busy_story)

    assert damaged != fingerprint
    assert read_models.fingerprint() == fingerprint


def test_a_rebuild_without_anything_before_it_fills_the_tables(read_models, story):
    story.complete("v1")

    assert read_models.rebuild(story) == 7
    assert read_models.position() == 7
    assert read_models.catch_up(story) == 0


def test_readers_are_not_disturbed_by_rebuilds(postgres_url, busy_story):
    read_models = ReadModels(postgres_url)
    read_models.catch_up(busy_story)
    seen, stop = [], threading.Event()

    def read():
        with read_models.reading() as connection, connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute(
                    "SELECT count(*), max(seq), (SELECT count(*) FROM read_models.validation_summary)"
                    " FROM read_models.audit_log"
                )
                seen.append(cursor.fetchone())

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(4):
        read_models.rebuild(busy_story)
    still_reading = [reader.is_alive() for reader in readers]
    stop.set()
    for reader in readers:
        reader.join()

    assert still_reading == [True, True, True]
    assert len(seen) > 50
    assert set(seen) == {(len(busy_story.events), len(busy_story.events), 30)}


def test_events_that_arrive_during_a_rebuild_are_in_it(postgres_url, busy_story):
    read_models = ReadModels(postgres_url)
    half = busy_story.until(100)
    read_models.catch_up(half)

    class Arriving:
        """Half of the ledger at the first look, after which somebody else projects all of it; then all of it."""

        looks = 0

        def read(self, *, after):
            self.looks += 1
            if self.looks > 1:
                yield from busy_story.read(after=after)
            else:
                yield from half.read(after=after)
                read_models.catch_up(busy_story)

    assert read_models.rebuild(Arriving()) == len(busy_story.events)
    assert read_models.catch_up(busy_story) == 0
    live = read_models.dump()
    assert len(live["audit_log"]) == len(busy_story.events)
    read_models.rebuild(busy_story)
    assert read_models.dump() == live


def test_projecting_goes_on_while_rebuilds_run(postgres_url, busy_story):
    ledger, applied, failures = busy_story.until(0), [], []
    read_models = ReadModels(postgres_url)

    def project():
        try:
            for event in busy_story.events[:80]:
                ledger.events.append(event)
                applied.append(read_models.catch_up(ledger))
        except Exception as error:
            failures.append(error)
            raise

    projector = threading.Thread(target=project)
    projector.start()
    rebuilds = 0
    while projector.is_alive():
        read_models.rebuild(ledger)
        rebuilds += 1
    projector.join()

    assert failures == []
    assert rebuilds > 2
    # Now and then a rebuild took an event in before the projector came to it.
    assert 0 < sum(applied) <= 80
    live = read_models.dump()
    assert len(live["audit_log"]) == 80
    read_models.rebuild(ledger)
    assert read_models.dump() == live


def test_what_a_killed_rebuild_left_behind_is_cleared_up(read_models, busy_story, postgres_connection, schemas):
    read_models.catch_up(busy_story)
    live = read_models.dump()
    with postgres_connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA read_models_shadow")
        cursor.execute("CREATE TABLE read_models_shadow.audit_log ()")
        cursor.execute("CREATE SCHEMA read_models_retired")
        cursor.execute("CREATE TABLE read_models_retired.audit_log ()")

    read_models.rebuild(busy_story)

    assert read_models.dump() == live
    assert schemas() == ["read_models"]


def test_a_rebuild_that_fails_leaves_the_live_tables_alone(read_models, story):
    story.complete("v1")
    read_models.catch_up(story)
    live = read_models.dump()
    story.complete("v2")
    del story.events[10]

    with pytest.raises(LedgerError):
        read_models.rebuild(story)

    assert read_models.dump() == live


def test_a_shorter_ledger_replaces_the_tables_only_on_purpose(read_models, story):
    story.complete("v1")
    read_models.catch_up(story)
    shorter = story.until(5)

    with pytest.raises(LedgerError) as raised:
        read_models.rebuild(shorter)
    assert raised.value.code == "ledger_not_as_projected"
    assert read_models.position() == 7

    assert read_models.rebuild(shorter, other_ledger=True) == 5
    assert read_models.position() == 5


def test_a_change_of_the_schema_is_rolled_out_by_the_next_catch_up(postgres_url, busy_story, monkeypatch):
    read_models = ReadModels(postgres_url)
    read_models.catch_up(busy_story)
    before = read_models.dump()
    text = database.sql_text
    changed = text("schema") + "ALTER TABLE user_activity ADD COLUMN shoe_size integer DEFAULT 42;"
    monkeypatch.setattr(database, "sql_text", lambda name: changed if name == "schema" else text(name))
    database.schema_hash.cache_clear()
    try:
        with pytest.raises(ValidaHubError, match="another version"), read_models.reading():
            pass
        applied = read_models.catch_up(busy_story)
        after = read_models.dump()
    finally:
        monkeypatch.undo()
        database.schema_hash.cache_clear()

    assert applied == len(busy_story.events)
    assert {json.loads(row)["shoe_size"] for row in after["user_activity"]} == {42}
    assert after["validation_summary"] == before["validation_summary"]


def test_two_who_notice_a_change_of_the_schema_rebuild_once(postgres_url, postgres_connection, story):
    story.complete("v1")
    read_models = ReadModels(postgres_url)
    read_models.catch_up(story)
    with database.connect(postgres_url) as connection:
        assert rebuild.rebuild(connection, story, only_if_outdated=True) == 0
        with postgres_connection.cursor() as cursor:
            cursor.execute("UPDATE read_models.projector_position SET schema_hash = 'of another version'")
        assert rebuild.rebuild(connection, story, only_if_outdated=True) == 7
        assert rebuild.rebuild(connection, story, only_if_outdated=True) == 0
