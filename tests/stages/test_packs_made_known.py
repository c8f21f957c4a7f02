"""Every state of a rule pack is in the ledger, once, with what it changed, before a validation goes by it."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stages.announcer import shop
from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger import Action
from validahub_pipeline.rulepacks import to_json
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import deposit, ingest, open_services, validate
from validahub_pipeline.stages.pinning import make_known

ANNOUNCER = Path(__file__).with_name("announcer.py")


@pytest.fixture
def services(tmp_path):
    return open_services(Settings(home=tmp_path / "home"))


@pytest.fixture
def upload(services, tmp_path, monkeypatch):
    """`upload(name, pack, category)`: a file taken in and validated by that state of the pack; its validation_id."""

    def _upload(name, pack, category="all"):
        monkeypatch.setattr("validahub_pipeline.stages.ingesting.resolve", lambda *_, **__: pack)
        (tmp_path / name).write_text("title,price\nChair,9.90\n", encoding="utf-8")
        drop = deposit(services, tmp_path / name, user="ana", marketplace="shop", category=category)
        ingest(services, drop, lang="en")
        validate(services, drop.validation_id)
        return drop.validation_id

    return _upload


def announced(services):
    return [event for event in services.ledger.read() if event.action == Action.RULE_PACK_PUBLISHED]


def in_a_chain(events):
    """Each state follows the one before it, and none is told twice."""
    hashes = [event.changes["hash"] for event in events]
    assert [event.changes["previous"] for event in events] == [None, *hashes[:-1]]
    assert len(set(hashes)) == len(hashes)
    return True


def test_a_changed_pack_is_announced_with_its_changes_before_a_validation_goes_by_it(services, upload):
    first = upload("a.csv", shop(60))
    second = upload("b.csv", shop(70))
    upload("c.csv", shop(70))

    actions = [(event.action, event.aggregate_id) for event in services.ledger.read()]
    assert actions.count((Action.RULE_PACK_PUBLISHED, "rule_pack/shop/all")) == 2
    for validation, place in ((first, 0), (second, 1)):
        announcement = announced(services)[place]
        started = actions.index((Action.VALIDATION_STARTED, validation))
        assert announcement.seq <= started
    before, after = announced(services)
    assert (before.changes["previous"], before.changes["difference"]) == (None, None)
    assert after.changes["previous"] == before.changes["hash"] == shop(60).hash
    assert after.changes["difference"]["pack"] == [{"key": "version", "before": '"60"', "after": '"70"'}]
    assert after.changes["difference"]["rules"] == {
        "added": [],
        "removed": [],
        "changed": [
            {"name": "title_too_long", "key": "kwargs.max_value", "before": "60", "after": "70"},
            {"name": "price_out_of_range", "key": "kwargs.max_value", "before": "60.5", "after": "70.5"},
        ],
    }


def test_every_validation_names_pack_version_and_hash_wherever_it_is_told_of(services, upload):
    pack = shop(60)
    validation = upload("a.csv", pack)

    named = {"name": "shop", "version": "60", "hash": pack.hash}
    told = {event.action: event.changes for event in services.ledger.history(validation)}
    assert told[Action.VALIDATION_STARTED]["pack"] == named | {"category": "all"}
    assert told[Action.VALIDATION_COMPLETED]["pack"] == named
    manifest = next(info.key for info in services.lake.list("validations/") if info.key.endswith("metadata.json"))
    assert named.items() <= json.loads(services.lake.read_bytes(manifest))["pack"].items()
    assert services.lake.read_bytes(f"rulepacks/shop/{pack.hash}.json") == to_json(pack)


def test_categories_a_pack_says_nothing_of_share_its_state_and_others_have_their_own(services, upload):
    for place, category in enumerate(("all", "furniture", "Garden & co", "Toys", "toys")):
        upload(f"{place}.csv", shop(60, category), category)

    assert [event.aggregate_id for event in announced(services)] == ["rule_pack/shop/all", "rule_pack/shop/toys"]
    started = [event for event in services.ledger.read() if event.action == Action.VALIDATION_STARTED]
    assert [event.changes["category"] for event in started] == ["all", "furniture", "Garden & co", "Toys", "toys"]


def test_a_state_that_was_used_before_is_not_announced_again(services):
    events = [make_known(services, shop(limit)) for limit in (60, 70, 60, 70)]

    assert [event is not None for event in events] == [True, True, False, False]
    assert in_a_chain(announced(services))


def test_nothing_is_validated_by_a_pack_that_cannot_be_announced(services, upload, monkeypatch):
    append = services.ledger.append

    def refusing(events, *, idempotency):
        if any(event.action == Action.RULE_PACK_PUBLISHED for event in events):
            raise LedgerError("ledger_contended", retryable=True, attempts=1)
        return append(events, idempotency=idempotency)

    with monkeypatch.context() as patched:
        patched.setattr(services.ledger, "append", refusing)
        with pytest.raises(LedgerError):
            upload("a.csv", shop(60))
        assert Action.VALIDATION_STARTED not in {event.action for event in services.ledger.read()}

    upload("a.csv", shop(60))

    assert len(announced(services)) == 1


def test_a_pack_announced_by_several_processes_at_once_is_announced_once_and_in_a_chain(services):
    home = str(services.settings.home)
    limits = [[str(limit) for limit in random.sample(range(10, 16), 6)] for _ in range(4)]
    running = [subprocess.Popen([sys.executable, ANNOUNCER, home, *order]) for order in limits]

    assert [process.wait(120) for process in running] == [0] * 4
    assert len(announced(services)) == 6
    assert in_a_chain(announced(services))


def test_a_process_killed_while_it_announces_is_repeated_without_a_trace(services):
    home = services.settings.home
    limits = [str(limit) for limit in range(10, 40)]
    killed = 0
    while True:
        process = subprocess.Popen([sys.executable, ANNOUNCER, home, *limits])
        try:
            known = len(announced(services))
            while len(announced(services)) == known and process.poll() is None:
                time.sleep(0.01)
            # Somewhere in what comes after the first event of this attempt.
            process.wait(random.uniform(0, 0.15) if killed < 4 else 120)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1

    assert killed
    assert process.returncode == 0
    assert len(announced(services)) == len(limits)
    assert in_a_chain(announced(services))
    assert all(services.lake.exists(f"rulepacks/shop/{event.changes['hash']}.json") for event in announced(services))
