"""The read models over the real ledger."""

from __future__ import annotations

import threading

from tests.persons import keeper
from validahub_pipeline.ledger import Action, Ledger, NewEvent, Resource
from validahub_pipeline.read_models import ReadModels, queries


def act(action, validation_id, changes, user="system"):
    return NewEvent(
        action, validation_id, user, Resource("upload", validation_id, "catalogo.csv"), changes, subject="ana"
    )


def test_the_ledger_is_projected_as_it_grows(postgres_url, tmp_path, story):
    ledger = Ledger(str(tmp_path / "tables"), subjects=keeper())
    read_models = ReadModels(postgres_url)
    assert read_models.catch_up(ledger) == 0
    story.complete("v1")

    for event in story.events:
        ledger.append([act(Action(event.action), "v1", event.changes, event.user_id)], idempotency=f"v1/{event.action}")
        assert read_models.catch_up(ledger) == 1
    assert read_models.catch_up(ledger) == 0
    live = read_models.dump()
    assert read_models.rebuild(Ledger(str(tmp_path / "tables"), subjects=keeper())) == len(story.events)

    assert read_models.dump() == live
    with ReadModels(postgres_url, keeper()).reading() as connection:
        summary = queries.validation(connection, "v1")
        told = queries.timeline(connection, "v1")
    assert (summary.user_id, summary.file_name) == ("ana", "catalogo.csv")
    assert (summary.state, summary.violations, summary.cells_corrected) == ("published", 8, 12)
    assert [(entry.seq, entry.at, entry.changes) for entry in told] == [
        (event.seq, event.timestamp, event.changes) for event in ledger.reveal(ledger.read())
    ]


def test_ledgers_of_several_writers_are_never_taken_for_another_one(postgres_url, tmp_path):
    # A writer whose view of the tables were older than the position would see a ledger that has lost its end.
    failures = []

    def write(name):
        ledger, read_models = Ledger(str(tmp_path / "tables"), subjects=keeper()), ReadModels(postgres_url)
        try:
            for number in range(12):
                upload = {"file_name": "c.csv", "size": 1, "marketplace": "m"}
                ledger.append([act(Action.FILE_UPLOADED, f"{name}{number}", upload)], idempotency=f"{name}{number}")
                read_models.catch_up(ledger)
        except Exception as error:
            failures.append(error)
            raise

    writers = [threading.Thread(target=write, args=[name]) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failures == []
    assert len(ReadModels(postgres_url).dump()["validation_jobs"]) == 36
