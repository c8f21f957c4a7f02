"""Somebody is erased: nothing of the person is left that could be read, the log still verifies, and it is on record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
from deltalake import DeltaTable

from validahub_pipeline.errors import InputError, LedgerError, ValidaHubError
from validahub_pipeline.ledger import Action, Ledger, NewEvent, Resource
from validahub_pipeline.ledger.privacy import Tombstones
from validahub_pipeline.ledger.verification import Severity, verify_log
from validahub_pipeline.read_models import queries
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.subjects.erasing import erase

ROOT = Path(__file__).resolve().parents[2]
SELLER, FILE = "Zuleica Quaresma", "Segredo-da-Zuleica.csv"
SECRETS = ("Zuleica", "Quaresma", "203.0.113.77", "Firefox-de-Zuleica")
STEPS = ("begin_erasing", "mentions", "append", "destroy", "vacuum")
REQUEST = {"user": "encarregada", "reason": "LGPD 2026/17"}


@pytest.fixture
def installation(copies, tmp_path):
    """The URL of a database, and the upload in it."""
    with copies.copied("erasing", make, tmp_path) as found:
        yield found


@pytest.fixture
def postgres_url(installation):
    return installation[0]


@pytest.fixture
def services(tmp_path, postgres_url):
    opened = open_services(Settings(home=tmp_path / "home"), read_models_url=postgres_url)
    yield opened
    opened.subjects.close()


@pytest.fixture
def upload(installation):
    """A file of the seller's that went all the way and was taken by somebody; another one could not be read."""
    return installation[1]


def make(url, folder):
    services = open_services(Settings(home=folder / "home"), read_models_url=url)
    file, broken = folder / FILE, folder / "Quaresma-vazio.csv"
    file.write_text("SKU;Título;Preço;Estoque\n" + "".join(f"A{n}; Caneca  azul;9,9{n};5\n" for n in range(9)), "utf-8")
    broken.write_bytes(b"")
    ids = []
    for path in (file, broken):
        drop = deposit(services, path, user=SELLER, marketplace="mercado_livre", category="all")
        ids.append(drop.validation_id)
        try:
            ingest(services, drop, lang="pt-BR")
        except InputError:
            continue
        validate(services, drop.validation_id)
        correct(services, drop.validation_id)
        publish(services, drop.validation_id)
    taken = NewEvent(
        "file_downloaded",
        ids[0],
        SELLER,
        Resource("upload", ids[0], FILE),
        {"file_name": FILE},
        {"ip": "203.0.113.77", "user_agent": "Firefox-de-Zuleica"},
    )
    services.ledger.append([taken], idempotency="taken")
    services.seal()
    services.catch_up()
    services.subjects.close()
    return ids[0]


def stored(services):
    table = DeltaTable(str(Path(services.settings.lake) / "tables" / "audit_events")).to_pyarrow_table()
    return [json.loads(row["event"]) for row in sorted(table.to_pylist(), key=lambda row: row["seq"])]


def audit_trail_files(services):
    """Every file of the lake but the seller's own: what was handed in, and what was made of it for the seller."""
    lake = Path(services.settings.lake)
    return [f for f in lake.rglob("*") if f.is_file() and f.relative_to(lake).parts[0] not in {"inbox", "validations"}]


def texts_of(url):
    """Every row of every table, as pg_dump would write it."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} AS t")
            yield table, cursor.fetchone()[0]


def raw_rows(url):
    """The bytes of the persons' table as they lie in the database's files, deleted versions included."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT current_setting('data_directory'), pg_relation_filepath('subjects.subject')")
        folder, path = cursor.fetchone()
    return (Path(folder) / path).read_bytes()


def test_nothing_that_could_be_read_is_left_and_the_log_still_verifies(services, upload, postgres_url):
    key = services.subjects.find(SELLER).key
    assert SELLER.encode() in raw_rows(postgres_url)
    done = erase(services.ledger, services.subjects, SELLER, **REQUEST)
    services.seal()
    services.catch_up()

    for secret in SECRETS:
        assert [file for file in audit_trail_files(services) if secret.encode() in file.read_bytes()] == []
        assert secret not in json.dumps(stored(services), ensure_ascii=False)
        assert [table for table, text in texts_of(postgres_url) if secret in text] == []
        assert secret.encode() not in raw_rows(postgres_url)
    assert key not in raw_rows(postgres_url)
    assert [table for table, text in texts_of(postgres_url) if key.hex() in text] == []
    assert verify_log(services.sealer.published.lake, now=datetime.now(UTC)).worst() is Severity.NOTE
    assert services.subjects.find(SELLER) is None
    assert (done.before, done.uploads[0]) == (False, upload)


@pytest.mark.usefixtures("upload")
def test_it_says_who_asked_why_and_what_was_erased(services):
    before = stored(services)
    done = erase(services.ledger, services.subjects, SELLER, **REQUEST)
    event = stored(services)[-1]
    assert (event["action"], event["aggregate_id"]) == ("subject_erased", done.subject)
    assert event["user_id"] == services.subjects.find("encarregada").id
    mentioning = [json.dumps(one) for one in before if done.subject in json.dumps(one)]
    assert event["changes"] == {
        "reason": "LGPD 2026/17",
        "events": len(mentioning),
        "texts": sum(text.count(done.subject) for text in mentioning),
        "uploads": 2,
    }


def test_everybody_sees_a_tombstone_in_the_own_words_and_others_are_untouched(services, upload, tmp_path):
    other = tmp_path / "outra.csv"
    other.write_text("SKU;Título;Preço\nA1;Caneca;9,90\n", encoding="utf-8")
    drop = deposit(services, other, user="Ana", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="pt-BR")
    subject = services.subjects.find(SELLER).id
    erase(services.ledger, services.subjects, SELLER, **REQUEST)
    words = Tombstones("[apagado]", "[cifrado]", "[?]")
    with services.read_models.reading(words) as connection:
        gone = queries.validation(connection, upload)
        kept = queries.validation(connection, drop.validation_id)
        told = queries.timeline(connection, upload)
        assert queries.validations_of_user(connection, SELLER, since=datetime(2020, 1, 1, tzinfo=UTC)) == []
        assert len(queries.validations_of_user(connection, subject, since=datetime(2020, 1, 1, tzinfo=UTC))) == 2
        assert [row.user_id for row in queries.audit_head(connection, user_id="Ana")] == ["Ana"]
    assert (gone.user_id, gone.file_name, gone.published) == (f"[apagado] {subject}", "[apagado]", True)
    assert (kept.user_id, kept.file_name) == ("Ana", "outra.csv")
    assert {entry.resource_name for entry in told} == {"[apagado]"}
    assert services.ledger.history(drop.validation_id)[0].resource.name == "outra.csv"


@pytest.mark.usefixtures("upload")
def test_a_rebuild_gives_the_same_before_and_after(services):
    before = services.read_models.dump()
    erase(services.ledger, services.subjects, SELLER, **REQUEST)
    services.catch_up()
    live = services.read_models.dump()
    services.read_models.rebuild(services.ledger)
    assert services.read_models.dump() == live
    assert before["validation_summary"] == live["validation_summary"]
    assert services.subjects.find("encarregada") is not None


@pytest.mark.usefixtures("upload")
def test_erased_once_it_stays_so_and_the_name_is_free_again(services):
    first = erase(services.ledger, services.subjects, SELLER, **REQUEST)
    again = erase(services.ledger, services.subjects, first.subject, user="outra", reason="engano")
    assert (again.event, again.before) == (first.event, True)
    with pytest.raises(InputError) as refused:
        erase(services.ledger, services.subjects, SELLER, **REQUEST)
    assert refused.value.code == "subject_unknown"
    assert services.subjects.enrol([SELLER])[SELLER].id != first.subject
    assert [event["action"] for event in stored(services)].count("subject_erased") == 1


@pytest.mark.parametrize(
    ("reason", "code"),
    [("  ", "erasure_reason_missing"), ("pedido de ZULEICA QUARESMA", "erasure_reason_names")],
)
@pytest.mark.usefixtures("upload")
def test_a_reason_is_given_and_does_not_name_the_person(services, reason, code):
    with pytest.raises(InputError) as refused:
        erase(services.ledger, services.subjects, SELLER, user="encarregada", reason=reason)
    assert refused.value.code == code
    assert services.subjects.find(SELLER).key is not None


def test_nothing_is_destroyed_that_cannot_be_recorded(services, upload, monkeypatch):
    def fail(*_args, **_named):
        raise LedgerError("ledger_contended", attempts=1)

    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "append", fail)
        with pytest.raises(LedgerError):
            erase(services.ledger, services.subjects, SELLER, **REQUEST)
    [pending] = services.subjects.pending()
    assert pending.done is None
    # Meanwhile nobody is given the key; and the next heartbeat finishes what was begun.
    assert services.ledger.history(upload)[0].resource.name == "[erased]"
    services.heartbeat()
    assert services.subjects.pending() == []
    assert [event["action"] for event in stored(services)].count("subject_erased") == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_on_the_way_leaves_nothing_undone(services, upload, step, when, postgres_url):
    subject = services.subjects.find(SELLER).id
    command = [sys.executable, "-m", "tests.subjects.eraser", str(services.settings.home), SELLER, when, step]
    died = subprocess.run(command, cwd=ROOT, env=os.environ, check=False, timeout=120)
    assert died.returncode == -9

    recorded = [event["action"] for event in stored(services)].count("subject_erased")
    with closing(psycopg2.connect(postgres_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT key IS NULL FROM subjects.subject WHERE id = %s", [subject])
        destroyed = cursor.fetchone()[0]
    assert recorded or not destroyed, "destroyed, and nobody knows"

    if step == "begin_erasing" and when == "before":
        assert services.subjects.find(SELLER).key is not None
    erase(services.ledger, services.subjects, subject, **REQUEST)
    services.seal()
    assert services.subjects.pending() == []
    assert services.subjects.erased() == {subject}
    assert [event["action"] for event in stored(services)].count("subject_erased") == 1
    assert services.ledger.history(upload)[0].resource.name == "[erased]"
    assert verify_log(services.sealer.published.lake, now=datetime.now(UTC)).worst() is Severity.NOTE


def test_an_upload_that_was_under_way_ends_without_the_name(services, tmp_path):
    file = tmp_path / FILE
    file.write_text("SKU;Título;Preço\nA1;Caneca;9,90\n", encoding="utf-8")
    drop = deposit(services, file, user=SELLER, marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    erase(services.ledger, services.subjects, SELLER, **REQUEST)
    validate(services, drop.validation_id)
    correct(services, drop.validation_id)
    assert {event.resource.name for event in services.ledger.history(drop.validation_id)} == {"[erased]"}
    assert "Zuleica" not in json.dumps(stored(services))


@pytest.mark.usefixtures("upload")
def test_where_the_keys_cannot_be_reached_nobody_is_erased(services):
    services.subjects.close()
    services.subjects._url = "postgresql://nobody@127.0.0.1:1/nothing"
    with pytest.raises(ValidaHubError) as refused:
        erase(services.ledger, services.subjects, SELLER, **REQUEST)
    assert refused.value.code == "postgres_unreachable"
    assert Action.SUBJECT_ERASED not in {event["action"] for event in stored(services)}
