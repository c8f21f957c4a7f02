"""What is personal never reaches storage in the open, whoever records it and in whatever event."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.persons import keeper, plain
from validahub_pipeline.errors import LedgerError, ValidaHubError
from validahub_pipeline.ledger import Action, Event, NewEvent, Resource
from validahub_pipeline.ledger.canonical import decode
from validahub_pipeline.ledger.events import SYSTEM
from validahub_pipeline.ledger.privacy import Opener, Tombstones, is_subject_id, reveal
from validahub_pipeline.ledger.privacy.fields import ANYWHERE, PATHS
from validahub_pipeline.ledger.privacy.texts import parse_sealed, seal_text
from validahub_pipeline.subjects import SubjectKeeper

FILE = Resource("upload", "a", "Segredo da Zuleica.csv")


def texts(part):
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for name, item in part.items():
            yield name
            yield from texts(item)
    elif isinstance(part, list):
        for item in part:
            yield from texts(item)


def stored(local):
    rows = local.table("audit_events").to_pyarrow_table().to_pylist()
    return [json.loads(row["event"]) for row in sorted(rows, key=lambda row: row["seq"])]


def test_an_act_of_a_person_says_nothing_of_the_person(local):
    taken = NewEvent(
        Action.FILE_UPLOADED,
        "a",
        "Zuleica Quaresma",
        FILE,
        {"key": "inbox/Zuleica Quaresma/m/all/Segredo da Zuleica.csv", "file_name": FILE.name, "size": 7},
        {"ip": "203.0.113.77", "user_agent": "Firefox/99 Zuleica", "run_id": "7"},
    )
    (recorded,) = local.ledger().append([taken], idempotency="1")
    (document,) = stored(local)
    for secret in ("Zuleica", "Quaresma", "203.0.113.77", "Firefox"):
        assert secret not in json.dumps(document, ensure_ascii=False)
        for file in Path(local.tables).rglob("*"):
            assert file.is_dir() or secret.encode() not in file.read_bytes()
    assert (document["changes"]["size"], document["metadata"]["run_id"]) == (7, "7")
    assert is_subject_id(document["user_id"])
    opened = plain(document)
    assert opened["user_id"] == "Zuleica Quaresma"
    assert opened["changes"] == taken.changes == recorded.changes
    assert opened["metadata"] == taken.metadata == recorded.metadata
    assert opened["resource"]["name"] == FILE.name == recorded.resource.name


@pytest.mark.parametrize("place", ["changes", "metadata"])
@pytest.mark.parametrize("name", sorted(ANYWHERE))
def test_a_field_is_recognised_by_its_name_at_any_depth(local, name, place):
    nested = {"list": [{"deep": {name: "Zuleica", "other": "kept"}}], name: ["Zuleica", 3, None, {"x": "Zuleica"}]}
    event = replace(NewEvent(Action.HEARTBEAT, "a", "quem", FILE), **{place: nested})
    local.ledger().append([event], idempotency="1")
    (document,) = stored(local)
    assert "Zuleica" not in json.dumps(document)
    assert document[place]["list"][0]["deep"]["other"] == "kept"
    assert document[place][name][1:3] == [3, None]
    assert plain(document)[place] == nested


@pytest.mark.parametrize("path", sorted(PATHS))
def test_a_field_is_recognised_by_its_place(local, path):
    part: object = "Zuleica"
    for name in reversed(path.split(".")[1:]):
        part = {name: part}
    local.ledger().append([NewEvent(Action.HEARTBEAT, "a", "quem", FILE, part)], idempotency="1")
    assert "Zuleica" not in json.dumps(stored(local))


def test_the_sellers_data_are_the_sellers_also_where_another_acts(local):
    event = NewEvent(
        Action.FILE_PUBLISHED,
        "a",
        "operadora",
        FILE,
        {"file_name": "x.csv", "owner": "vendedora"},
        {"ip": "203.0.113.77"},
        subject="vendedora",
    )
    local.ledger().append([event], idempotency="1")
    (document,) = stored(local)
    by, about = keeper().enrol(["operadora"])["operadora"], keeper().enrol(["vendedora"])["vendedora"]
    assert document["user_id"] == by.id
    assert document["changes"]["owner"] == about.id
    assert parse_sealed(document["changes"]["file_name"]).subject == about.id
    assert parse_sealed(document["resource"]["name"]).subject == about.id
    assert parse_sealed(document["metadata"]["ip"]).subject == by.id


def test_the_system_acts_for_a_seller_and_is_nobody(local):
    event = NewEvent(Action.FILE_PUBLISHED, "a", SYSTEM, FILE, {}, {}, subject="vendedora")
    local.ledger().append([event], idempotency="1")
    (document,) = stored(local)
    assert document["user_id"] == "system"
    assert plain(document)["resource"]["name"] == FILE.name


@pytest.mark.parametrize(
    "event",
    [
        NewEvent(Action.FILE_PUBLISHED, "a", SYSTEM, FILE),
        NewEvent(Action.HEARTBEAT, "a", SYSTEM, Resource("ledger", "a", "a"), {}, {"ip": "203.0.113.77"}),
    ],
    ids=["a file's name", "an address"],
)
def test_what_belongs_to_nobody_is_refused(local, event):
    with pytest.raises(LedgerError) as refused:
        local.ledger().append([event], idempotency="1")
    assert refused.value.code == "ledger_personal_unowned"
    assert local.ledger().last_seq() == 0


def test_nothing_is_recorded_of_a_person_where_nobody_keeps_the_keys(local, act):
    with pytest.raises(LedgerError) as refused:
        local.ledger(subjects=None).append([act()], idempotency="1")
    assert refused.value.code == "subjects_unavailable"
    nowhere = SubjectKeeper("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(ValidaHubError) as refused:
        local.ledger(subjects=nowhere).append([act()], idempotency="1")
    assert (refused.value.code, refused.value.retryable) == ("postgres_unreachable", True)
    assert local.ledger().last_seq() == 0


def test_the_systems_own_acts_need_no_keys(local):
    beat = NewEvent(Action.HEARTBEAT, "ledger", SYSTEM, Resource("ledger", "log", "log"))
    assert len(local.ledger(subjects=None).append([beat], idempotency="1")) == 1


@pytest.mark.parametrize("name", ["", "a\0b", "a\nb", "x" * 501])
def test_a_name_that_cannot_be_kept_is_refused(local, act, name):
    with pytest.raises(LedgerError) as refused:
        local.ledger().append([replace(act(), user_id=name)], idempotency="1")
    assert refused.value.code == "ledger_value_refused"


def test_a_name_stands_for_the_same_id_for_ever_and_no_name_for_that_of_another(local, act):
    acts = [replace(act(), user_id=name) for name in ("ana", "Ana", "ana ", "ana")]
    ids = [event.user_id for event in local.ledger().append(acts, idempotency="1")]
    assert ids[0] == ids[3]
    assert len(set(ids)) == 3
    (again,) = local.ledger().append([replace(act(), user_id=ids[1])], idempotency="2")
    assert again.user_id == ids[1]


def test_a_sealed_text_opens_in_its_own_place_only(local, act):
    ledger = local.ledger()
    one, other = ledger.append([act(file_name="um"), act(file_name="dois")], idempotency="1")
    first, second = ledger.read()
    moved = replace(first, changes={"file_name": second.changes["file_name"]})
    elsewhere = replace(first, changes={"member": first.changes["file_name"]})
    assert (one.changes, other.changes) == ({"file_name": "um"}, {"file_name": "dois"})
    assert [event.changes for event in ledger.reveal([moved, elsewhere])] == [
        {"file_name": "[does not open]"},
        {"member": "[does not open]"},
    ]
    head, _, body = first.changes["file_name"].rpartition(":")
    raw = bytearray(base64.urlsafe_b64decode(body + "=="))
    for position in range(len(raw)):
        raw[position] ^= 1
        forged = f"{head}:{base64.urlsafe_b64encode(bytes(raw)).decode().rstrip('=')}"
        (shown,) = ledger.reveal([replace(first, changes={"file_name": forged})])
        assert shown.changes == {"file_name": "[does not open]"}
        raw[position] ^= 1


def test_the_same_text_is_never_sealed_alike(local, act):
    local.ledger().append([act(file_name="x.csv")] * 20, idempotency="1")
    bodies = Counter(event["changes"]["file_name"].rpartition(":")[2] for event in stored(local))
    assert set(bodies.values()) == {1}


def test_a_text_that_looks_sealed_is_sealed_like_any_other(local, act):
    looks = seal_text("x", subject="u-" + "a" * 24, key=b"k" * 32, event_id="e", field="f")
    (told,) = local.ledger().append([act(file_name=looks)], idempotency="1")
    (document,) = stored(local)
    assert document["changes"]["file_name"] != looks
    assert told.changes["file_name"] == looks == plain(document["changes"]["file_name"])


def test_without_the_keys_everything_else_can_be_read(local, act):
    local.ledger().append([act(file_name="x.csv", size=7)], idempotency="1")
    (event,) = local.ledger(subjects=None).history("upload-1")
    assert event.changes == {"file_name": "[encrypted]", "size": 7}
    assert (event.resource.name, is_subject_id(event.user_id)) == ("[encrypted]", True)


def test_events_from_before_are_read_as_they_are():
    text = json.dumps(
        {
            "action": "file_uploaded",
            "aggregate_id": "a",
            "changes": {"file_name": "velho.csv", "key": "inbox/maria/m/all/velho.csv"},
            "event_id": "e",
            "metadata": {"ip": "203.0.113.77"},
            "resource": {"id": "a", "name": "velho.csv", "type": "upload"},
            "schema_version": 1,
            "seq": 1,
            "timestamp": "2026-11-01T00:00:00.000000Z",
            "user_id": "maria",
        }
    )
    event = decode(text)
    assert event.schema_version == 2
    assert list(reveal([event], keeper(), names=True)) == [event]
    assert list(reveal([event], None, names=True)) == [event]


def test_persons_are_shown_by_name_and_tombstones_in_the_readers_words():
    ana, gone = (keeper().enrol([name])[name] for name in ("ana", "to be erased"))
    keeper().begin_erasing(gone.id, {"asked_by": ana.id, "reason": "r"})
    sealed = seal_text("x", subject=gone.id, key=gone.key, event_id="e", field="changes.n")
    event = Event(1, "e", None, gone.id, "x", "a", Resource("upload", "a", "f"), {"n": sealed}, {}, 2)
    words = Tombstones("[apagado]", "[cifrado]", "[?]")
    (shown,) = reveal([event], keeper(), words, names=True)
    assert (shown.user_id, shown.changes) == (f"[apagado] {gone.id}", {"n": "[apagado]"})
    (shown,) = reveal([replace(event, user_id=ana.id)], keeper(), words, names=True)
    assert shown.user_id == "ana"
    assert Opener([sealed], None, words).text(sealed) == "[cifrado]"
    # Or the next heartbeat of another test would finish it.
    keeper().destroy(gone.id)
