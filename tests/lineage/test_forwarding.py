"""Sending lineage on to a real HTTP server: it arrives, or the upload goes on without it and somebody is told."""

from __future__ import annotations

import json
import logging

import pytest

from validahub_pipeline.lineage import forwarding
from validahub_pipeline.lineage.forwarding import Forwarder
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate

EVENTS = [b'{"n":1}', b'{"n":2}']


def test_posts_every_event_in_order_to_the_lineage_api(endpoint):
    assert Forwarder(endpoint.url, "a-key").forward(EVENTS) is None
    assert Forwarder(f"{endpoint.url}/api/v1/lineage").forward(EVENTS[:1]) is None
    assert endpoint.events == [{"n": 1}, {"n": 2}, {"n": 1}]
    assert set(endpoint.paths) == {"/api/v1/lineage"}
    assert [headers.get("Authorization") for headers in endpoint.headers] == ["Bearer a-key", "Bearer a-key", None]
    assert {headers["Content-Type"] for headers in endpoint.headers} == {"application/json"}


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_says_why_an_endpoint_refuses_and_sends_no_more(endpoint, status):
    endpoint.status = status
    assert f"HTTP {status}" in (Forwarder(endpoint.url).forward(EVENTS) or "")
    assert len(endpoint.paths) == 1


def test_says_why_there_is_no_endpoint():
    assert "refused" in (Forwarder("http://127.0.0.1:9").forward(EVENTS) or "")
    assert Forwarder("http://nowhere.invalid").forward(EVENTS)


def test_does_not_wait_for_an_endpoint_that_never_answers(endpoint, monkeypatch):
    monkeypatch.setattr(forwarding, "_PATIENCE", 0.2)
    endpoint.status = None
    assert "timed out" in (Forwarder(endpoint.url).forward(EVENTS) or "")


def test_leaves_an_endpoint_that_failed_alone_for_a_while_and_then_goes_on(endpoint):
    now = [100.0]
    forwarder = Forwarder(endpoint.url, clock=lambda: now[0])
    endpoint.status = 500
    assert forwarder.forward(EVENTS)
    endpoint.status = 201
    assert forwarder.resting
    assert forwarder.forward(EVENTS) is None
    assert endpoint.events == []
    now[0] += 61
    assert not forwarder.resting
    assert forwarder.forward(EVENTS) is None
    assert endpoint.events == [{"n": 1}, {"n": 2}]


def processed(settings, file):
    services = open_services(settings)
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    correct(services, drop.validation_id)
    publish(services, drop.validation_id)
    return services, drop.validation_id


def test_an_upload_sends_on_exactly_what_the_ledger_keeps(endpoint, tmp_path, catalogue):
    services, validation_id = processed(Settings(home=tmp_path, openlineage_url=endpoint.url), catalogue)
    kept = [json.loads(event) for event in services.ledger.lineage(validation_id)]
    assert len(kept) == 10
    assert sorted(endpoint.events, key=json.dumps) == sorted(kept, key=json.dumps)


def test_an_upload_goes_on_without_the_endpoint_and_says_so_once(endpoint, tmp_path, catalogue, caplog):
    endpoint.status = 503
    with caplog.at_level(logging.WARNING):
        services, validation_id = processed(Settings(home=tmp_path, openlineage_url=endpoint.url), catalogue)
    assert [event.action for event in services.ledger.history(validation_id)][-1] == "file_published"
    assert len(services.ledger.lineage(validation_id)) == 10
    (told,) = [record.getMessage() for record in caplog.records if record.name == "validahub.lineage"]
    assert catalogue.name in told
    assert "HTTP 503" in told
    assert f"validahub lineage {validation_id} --forward" in told
