"""What each event does to the tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from validahub_pipeline.ledger.events import Action
from validahub_pipeline.read_models import queries


def rows(read_models, table):
    return [json.loads(text) for text in read_models.dump()[table]]


def test_a_published_upload_is_summarised_in_one_row(read_models, story):
    story.complete("v1")
    read_models.catch_up(story)

    with read_models.reading() as connection:
        summary = queries.validation(connection, "v1")

    assert summary == queries.ValidationSummary(
        validation_id="v1",
        user_id="ana",
        file_name="catalogo.csv",
        size=1234,
        marketplace="mercado_livre",
        category="all",
        pack="mercado_livre",
        pack_version="2026.11.1",
        pack_hash="ab12",
        uploaded_at=datetime(2026, 10, 30, 12, 1, tzinfo=UTC),
        state="published",
        records=100,
        quarantined=2,
        violations=8,
        rows_with_violations=7,
        critical_rows=5,
        cells_corrected=12,
        suggestions=3,
        remaining_violations=4,
        remaining_critical_rows=4,
        published=True,
        revision=1,
        published_revision=1,
        refused_because=None,
        ingest_milliseconds=40,
        validate_milliseconds=50,
        correct_milliseconds=60,
        publish_milliseconds=70,
    )


def test_the_state_of_a_job_follows_its_latest_event(read_models, story):
    acts = [
        (lambda: story.upload("v1"), "started"),
        (lambda: story.ingest("v1"), "ingested"),
        (lambda: story.validate("v1", []), "validated"),
        (lambda: story.correct("v1"), "corrected"),
        (lambda: story.publish("v1"), "published"),
    ]
    for act, state in acts:
        act()
        read_models.catch_up(story)

        assert rows(read_models, "validation_jobs")[0]["state"] == state
        assert rows(read_models, "validation_summary")[0]["state"] == state


def test_a_failure_shows_its_cause_until_a_retry_gets_further(read_models, story):
    story.upload("v1")
    story.fail("v1")
    story.fail("v1", stage="ingest")
    read_models.catch_up(story)
    failed = rows(read_models, "validation_jobs")[0]
    story.ingest("v1")
    read_models.catch_up(story)
    retried = rows(read_models, "validation_jobs")[0]

    assert (failed["state"], failed["failed_stage"], failed["error_code"]) == ("failed", "ingest", "no_space_left")
    assert (failed["error_message"], failed["retryable"], failed["failures"]) == ("sem espaço", True, 2)
    assert (retried["state"], retried["failed_stage"], retried["error_code"]) == ("ingested", None, None)
    assert (retried["retryable"], retried["failures"]) == (None, 2)
    assert retried["failed_at"] == failed["failed_at"]


def test_a_refusal_keeps_its_reason_and_publishes_nothing(read_models, story):
    story.upload("v1")
    story.ingest("v1")
    story.validate("v1", [("missing_sku", "SKU", "critical", 90)])
    story.correct("v1")
    story.refuse("v1")
    read_models.catch_up(story)

    summary = rows(read_models, "validation_summary")[0]
    usage = rows(read_models, "rule_pack_usage")[0]

    assert (summary["state"], summary["published"]) == ("refused", False)
    assert summary["refused_because"] == "linhas críticas demais"
    assert (usage["validations"], usage["published"], usage["refused"]) == (1, 0, 1)


def test_a_later_revision_clears_the_refusal(read_models, story):
    story.complete("v1")
    story.refuse("v1")
    story.correct("v1", cells=3, revision=2)
    story.publish("v1", revision=2)
    read_models.catch_up(story)

    summary = rows(read_models, "validation_summary")[0]

    assert (summary["published_revision"], summary["refused_because"]) == (2, None)
    assert summary["cells_corrected"] == 3
    assert [(row["revision"], row["count"]) for row in rows(read_models, "correction_history")] == [(1, 12), (2, 3)]


def test_a_revision_tells_who_decided_what_and_what_came_of_it(read_models, story):
    story.complete("v1")
    story.revise("v1", user="bia")
    read_models.catch_up(story)
    assert rows(read_models, "validation_jobs")[0]["state"] == "revising"
    story.correct("v1", cells=10, revision=2)
    read_models.catch_up(story)
    story.decide("v1", cells=2, revision=2)
    story.publish("v1", revision=2)
    read_models.catch_up(story)

    with read_models.reading() as connection:
        first, second = queries.revisions(connection, "v1")

    assert (first.user_id, first.kind, first.state, first.cells, first.cells_by_people) == (
        None,
        None,
        "published",
        12,
        0,
    )
    assert (second.user_id, second.kind, second.codes, second.column) == ("bia", "accept", ["truncate_title"], "Título")
    assert (second.state, second.cells, second.cells_by_people, second.remaining) == ("published", 12, 2, 2)
    assert second.based_on == 1
    summary = rows(read_models, "validation_summary")[0]
    assert (summary["revision"], summary["published_revision"], summary["cells_corrected"]) == (2, 2, 12)


def test_errors_are_counted_per_day_marketplace_code_and_column(read_models, story):
    story.complete("v1")
    story.complete("v2")
    story.complete("v3", marketplace="shopify_csv")
    read_models.catch_up(story)

    statistics = {
        (row["marketplace"], row["code"], row["column_name"]): (row["count"], row["validations"], row["severity"])
        for row in rows(read_models, "error_statistics")
    }

    assert statistics == {
        ("mercado_livre", "missing_sku", "SKU"): (10, 2, "critical"),
        ("mercado_livre", "title_too_long", "Título"): (4, 2, "warning"),
        ("mercado_livre", "title_too_long", "Nome"): (2, 2, "warning"),
        ("shopify_csv", "missing_sku", "SKU"): (5, 1, "critical"),
        ("shopify_csv", "title_too_long", "Título"): (2, 1, "warning"),
        ("shopify_csv", "title_too_long", "Nome"): (1, 1, "warning"),
    }


def test_activity_counts_acts_per_user_day_and_action(read_models, story):
    story.complete("v1", user="ana")
    story.upload("v2", user="ana")
    read_models.catch_up(story)

    uploads = [row for row in rows(read_models, "user_activity") if row["user_id"] == "ana"]

    assert [(row["day"], row["action"], row["count"]) for row in uploads] == [("2026-10-30", "file_uploaded", 2)]
    assert sum(row["count"] for row in rows(read_models, "user_activity")) == len(story.events)


def test_a_file_keeps_every_object_and_how_it_was_read(read_models, story):
    story.complete("v1")
    read_models.catch_up(story)

    file = rows(read_models, "file_metadata")[0]

    assert sorted(file["objects"]) == ["corrected", "original", "suggestions", "validated"]
    assert (file["encoding"], file["delimiter"], file["columns"]) == ("utf-8", ";", ["SKU", "Título"])
    assert file["repairs"] == {"encoding_cp1252": 3}


def test_an_action_nobody_knows_lands_in_the_audit_log(read_models, story):
    story.tell("moon_landed", "moon", {"crater": [1, 2], "by_column": "no list"}, user="neil")
    story.tell(
        Action.RULE_PACK_PUBLISHED, "rule_pack/m/all", {"name": "m", "version": "1", "hash": "h", "previous": None}
    )
    story.tell(Action.PROJECTION_REBUILT, "projection", {"events": 2, "last_seq": 2})
    read_models.catch_up(story)

    logged = rows(read_models, "audit_log")

    assert [row["action"] for row in logged] == ["moon_landed", "rule_pack_published", "projection_rebuilt"]
    assert logged[0]["changes"] == {"crater": [1, 2], "by_column": "no list"}
    assert rows(read_models, "validation_jobs") == []


def test_events_of_an_upload_nobody_announced_disturb_nothing(read_models, story):
    story.ingest("stray")
    story.validate("stray", [("missing_sku", "SKU", "critical", 1)])
    story.correct("stray")
    story.publish("stray")
    story.complete("v1")

    assert read_models.catch_up(story) == len(story.events)
    assert [row["validation_id"] for row in rows(read_models, "validation_summary")] == ["v1"]


def test_a_header_with_a_nul_does_not_stop_the_projection(read_models, story):
    # PostgreSQL refuses \u0000 in jsonb and NUL in text; a backslash before a literal u0000 is harmless.
    story.upload("v1")
    story.validate("v1", [("missing_sku", "S\0KU \\u0000", "critical", 1)])
    story.tell("odd\0action", "v1", {"a\0b": ["\0", "\\u0000", 1, None, True]}, user="a\0na", name="\0.csv")
    read_models.catch_up(story)

    assert rows(read_models, "validation_errors")[0]["column_name"] == "S\ufffdKU \\u0000"
    assert rows(read_models, "audit_log")[-1]["changes"] == {"a\ufffdb": ["\ufffd", "\\u0000", 1, None, True]}


def test_the_audit_log_has_a_partition_per_month_of_the_event_in_utc(read_models, busy_story, postgres_connection):
    read_models.catch_up(busy_story)

    with postgres_connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1")
        partitions = [name for (name,) in cursor]

    months = sorted({f"{event.timestamp:%Y_%m}" for event in busy_story.events})
    assert len(months) > 2
    assert partitions == [f"audit_log_{month}" for month in months]
