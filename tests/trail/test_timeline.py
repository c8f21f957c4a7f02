"""`validahub audit show`: one file's history, nothing left out, in three languages."""

from __future__ import annotations

import json

import pytest

from validahub_pipeline.ledger import Action, Event, Resource
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.trail.telling import Teller


def shown(installation, validation_id, lang="en"):
    done = installation.run("audit", "show", validation_id, "--lang", lang)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_event_stands_in_it_by_its_number_in_order(installation, lang):
    text = shown(installation, installation.published, lang)
    mine = [event for event in installation.events() if event["aggregate_id"] == installation.published]
    places = [text.index(f"#{event['seq']}\n") for event in mine]
    assert places == sorted(places)
    assert text.count("sha256") == 2


def test_tells_who_did_what_and_the_figures(installation):
    text = shown(installation, installation.published)
    events = {event["action"]: event["changes"] for event in installation.events()
              if event["aggregate_id"] == installation.published}  # fmt: skip
    assert "File handed in   maria" in text
    assert f"{events['corrections_applied']['cells']:,} cells" in text
    assert f"{sum(events['validation_completed']['violations'].values()):,} violations" in text
    assert "File downloaded   auditor" in text
    assert f"covered by the signed checkpoint, which goes up to #{len(installation.events())}" in text


def test_a_refusal_and_a_failure_are_told_with_their_reason(installation):
    refused = next(event for event in installation.events() if event["action"] == "publication_refused")
    assert refused["changes"]["reason"][:60] in " ".join(shown(installation, installation.refused).split())
    failed = next(event for event in installation.opened() if event["action"] == "validation_failed")
    assert failed["changes"]["error"]["message"][:60] in " ".join(shown(installation, installation.failed).split())


def test_json_holds_the_events_as_they_are_stored(installation):
    done = installation.run("audit", "show", installation.published, "--json", "--lang", "en")
    told = json.loads(done.stdout)
    mine = [event for event in installation.events() if event["aggregate_id"] == installation.published]
    assert [one["event"] for one in told["events"]] == mine
    assert all(one["told"][0] for one in told["events"])


def test_an_upload_nobody_knows_is_explained(installation):
    done = installation.run("audit", "show", "11111111-1111-1111-1111-111111111111", "--lang", "en")
    assert done.returncode == 2
    assert b"11111111-1111-1111-1111-111111111111" in done.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_action_has_a_name_and_an_unknown_payload_is_told_in_its_own_words(lang):
    teller = Teller(lang)
    event = Event(1, "id", None, "u", "x", "a", Resource("upload", "a", "f"), {"reach": 7, "to": "moon"}, {}, 1)
    for action in [*Action, "download_granted", "file_downloaded", "access_denied", "subject_erased"]:
        assert teller.action(action) != action.replace("_", " ")
    assert teller.action("moon_landed") == "moon landed"
    for action in (*Action, "moon_landed"):
        strange = Event(**{**vars(event), "action": str(action)})
        assert teller.details(strange) == ["reach: 7", "to: moon"]
