"""What `audit verify --deep` looks at in the database: read models that say what the events say, and no key of whoever
was erased. The lake's part is tried in tests/faults/test_tampering.py.
"""

from __future__ import annotations

import json
from contextlib import closing

import psycopg2
import pytest

from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.ledger.verification import Severity
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.subjects.erasing import erase

TAMPERINGS = {
    "audit_log": "UPDATE read_models.audit_log SET user_id = 'nobody' WHERE seq = 1",
    "validation_summary": "UPDATE read_models.validation_summary SET violations = violations - 1",
    "validation_jobs": "DELETE FROM read_models.validation_jobs",
    "user_activity": "INSERT INTO read_models.user_activity VALUES ('eve', '2026-11-26', 'file_uploaded', 1, now())",
    "correction_history": "UPDATE read_models.correction_history SET count = count + 1 WHERE code = (SELECT min(code) "
    "FROM read_models.correction_history)",
    "file_metadata": "UPDATE read_models.file_metadata SET sha256 = reverse(sha256)",
}


@pytest.fixture
def postgres_url(copies, tmp_path):
    with copies.copied("audited", make, tmp_path) as (url, _):
        yield url


@pytest.fixture
def services(tmp_path, postgres_url):
    opened = open_services(Settings(home=tmp_path / "home"), read_models_url=postgres_url)
    yield opened
    opened.subjects.close()


def make(url, folder):
    opened = open_services(Settings(home=folder / "home"), read_models_url=url)
    file = folder / "catalogue.csv"
    generate(file, rows=60, seed=60)
    drop = deposit(opened, file, user="loja", marketplace="mercado_livre", category="all")
    ingest(opened, drop, lang="en")
    for stage in (validate, correct, publish):
        stage(opened, drop.validation_id)
    opened.catch_up()
    opened.subjects.close()


def findings(services):
    return look_deep(services.lake, services.read_models, services.subjects).findings


def change(url, statement, values=None):
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


def test_untouched_read_models_pass_also_when_they_lag_behind_and_after_a_rebuild(services):
    assert findings(services) == ()
    beat = NewEvent(Action.HEARTBEAT, "ledger", "system", Resource("ledger", "log", "log"))
    services.ledger.append([beat], idempotency="later")
    assert findings(services) == ()
    services.read_models.rebuild(services.ledger)
    assert findings(services) == ()
    assert look_deep(services.lake, services.read_models).read_models


@pytest.mark.parametrize("table", sorted(TAMPERINGS))
def test_a_table_somebody_wrote_to_is_named_and_a_rebuild_mends_it(services, postgres_url, table):
    change(postgres_url, TAMPERINGS[table])
    [found] = findings(services)
    assert (found.severity, found.code) == (Severity.TAMPERED, "read_models_differ")
    assert f"The tables {table} do not say" in found.render("en")
    services.read_models.rebuild(services.ledger)
    assert findings(services) == ()


def test_read_models_of_events_that_were_never_recorded_are_found(services, postgres_url):
    change(postgres_url, "UPDATE read_models.projector_position SET last_event_id = 'another'")
    assert {found.severity for found in findings(services)} == {Severity.TAMPERED}


def test_no_database_is_a_note(services):
    looked = look_deep(services.lake, None)
    [found] = looked.findings
    assert (found.severity, found.code, looked.read_models) == (Severity.NOTE, "read_models_absent", False)


def test_a_key_that_came_back_is_found_and_erased_again(services, postgres_url):
    subject = services.subjects.find("loja")
    erase(services.ledger, services.subjects, "loja", user="dpo", reason="17")
    services.catch_up()
    assert findings(services) == ()
    change(
        postgres_url,
        "UPDATE subjects.subject SET name = 'loja', key = %s, erased_at = NULL, erasure = NULL WHERE id = %s",
        [subject.key, subject.id],
    )
    [found] = findings(services)
    assert (found.severity, found.code) == (Severity.INCOMPLETE, "key_left")
    assert subject.id in json.dumps(found.render("en"))
    again = erase(services.ledger, services.subjects, subject.id, user="dpo", reason="17")
    assert findings(services) == ()
    assert again.event.changes["reason"] == "17"
