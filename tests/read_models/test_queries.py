"""The named queries: what they answer, and that an index serves each."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from validahub_pipeline.read_models import ReadModels, database, queries

ROWS = 200_000
# What a query may touch: index descents in a dozen partitions and the pages of 100 scattered rows.
PAGES = 1_000


def test_validations_of_a_user_come_latest_first(read_models, story):
    story.complete("v1", user="ana")
    story.complete("v2", user="bia")
    story.complete("v3", user="ana")
    read_models.catch_up(story)

    with read_models.reading() as connection:
        everything = queries.validations_of_user(connection, "ana", since=story.start)
        recent = queries.validations_of_user(connection, "ana", since=story.start + timedelta(minutes=10))
        latest = queries.validations_of_user(connection, "ana", since=story.start, limit=1)

    assert [found.validation_id for found in everything] == ["v3", "v1"]
    assert [found.validation_id for found in recent] == ["v3"]
    assert [found.validation_id for found in latest] == ["v3"]


def test_files_are_found_by_a_code_or_a_word_of_it(read_models, story):
    for name, code in [("v1", "missing_sku"), ("v2", "duplicate_sku"), ("v3", "skull_missing"), ("v4", "bad_gtin")]:
        story.upload(name)
        story.validate(name, [(code, "Coluna", "critical", 3)])
    read_models.catch_up(story)

    def found(code, **span):
        with read_models.reading() as connection:
            return [
                (file.validation_id, file.code)
                for file in queries.files_with_code(connection, code, **({"since": story.start} | span))
            ]

    assert found("sku") == [("v2", "duplicate_sku"), ("v1", "missing_sku")]
    assert found("missing_sku") == [("v1", "missing_sku")]
    assert found("no_such_code") == []
    third = story.events[5].timestamp
    assert found("sku", until=third) == [("v1", "missing_sku")]
    assert found("sku", since=third) == [("v2", "duplicate_sku")]
    assert found("sku", limit=1) == [("v2", "duplicate_sku")]


def test_no_file_is_found_in_empty_tables(read_models):
    with read_models.reading() as connection:
        assert queries.files_with_code(connection, "sku", since=datetime(2026, 1, 1, tzinfo=UTC)) == []
        assert queries.validation(connection, "v1") is None


def test_packs_are_ranked_by_use_in_a_span_of_days(read_models, story):
    story.complete("v1")
    story.complete("v2")
    read_models.catch_up(story)

    with read_models.reading() as connection:
        october = queries.most_used_packs(connection, first=date(2026, 10, 1), end=date(2026, 11, 1))
        november = queries.most_used_packs(connection, first=date(2026, 11, 1), end=date(2026, 12, 1))

    assert october == [
        queries.PackUse(
            pack="mercado_livre", version="2026.11.1", validations=2, records=200, violations=16, published=2, refused=0
        )
    ]
    assert november == []


def test_the_history_of_a_pack_tells_what_each_state_changed(read_models, story):
    changed = {
        "rules": {
            "added": ["missing_brand"],
            "removed": [],
            "changed": [
                {"name": "title_too_long", "key": "kwargs.max_value", "before": "60", "after": "70"},
                {"name": "title_too_long", "key": "trust", "before": '"B"', "after": '"A"'},
            ],
        }
    }
    announced = {
        "name": "shopee",
        "version": "1",
        "category": "all",
        "hash": "a1",
        "previous": None,
        "difference": None,
    }
    story.tell("rule_pack_published", "rule_pack/shopee/all", announced)
    story.tell(
        "rule_pack_published",
        "rule_pack/shopee/all",
        announced | {"version": "2", "hash": "b2", "previous": "a1", "difference": changed},
    )
    story.tell("rule_pack_published", "rule_pack/magalu/all", announced | {"name": "magalu"})
    read_models.catch_up(story)

    with read_models.reading() as connection:
        latest, first = queries.pack_history(connection, "shopee", category="all")
        assert queries.pack_history(connection, "shopee", category="toys") == []

    assert (first.version, first.previous, first.rules_changed, first.difference) == ("1", None, None, None)
    assert (latest.version, latest.hash, latest.previous) == ("2", "b2", "a1")
    assert (latest.rules_added, latest.rules_removed, latest.rules_changed) == (1, 0, 1)
    assert latest.difference == changed


def test_a_timeline_tells_one_validation_in_order(read_models, story):
    story.complete("v1")
    story.complete("v2")
    read_models.catch_up(story)

    with read_models.reading() as connection:
        told = queries.timeline(connection, "v2")

    assert [entry.seq for entry in told] == [8, 9, 10, 11, 12, 13, 14]
    assert told[0].action == "file_uploaded"
    assert told[0].at == story.events[7].timestamp
    assert told[0].changes["file_name"] == "catalogo.csv"


def test_the_audit_log_is_filtered_and_paged_from_its_head(read_models, busy_story):
    read_models.catch_up(busy_story)
    backwards = busy_story.events[::-1]

    def seqs(**filters):
        with read_models.reading() as connection:
            return [entry.seq for entry in queries.audit_head(connection, **filters)]

    assert seqs(limit=5) == [event.seq for event in backwards[:5]]
    assert seqs(limit=5, before=101) == [100, 99, 98, 97, 96]
    assert seqs(action="file_published", limit=1000) == [e.seq for e in backwards if e.action == "file_published"]
    assert seqs(user_id="ana", limit=1000) == [e.seq for e in backwards if e.user_id == "ana"]
    assert seqs(month="2026-12", limit=1000) == [e.seq for e in backwards if f"{e.timestamp:%Y-%m}" == "2026-12"]
    assert seqs(user_id="bia", action="moon_landed", month="2027-01", limit=1000) == [
        e.seq for e in backwards if (e.user_id, e.action, f"{e.timestamp:%Y-%m}") == ("bia", "moon_landed", "2027-01")
    ]


@pytest.fixture(scope="module")
def crowded(postgres: Any) -> Any:
    """200,000 validations with a code each and twice as many events over a year, straight into the tables."""
    admin = psycopg2.connect(postgres.url("postgres"))
    admin.autocommit = True
    with closing(admin), admin.cursor() as server:
        server.execute("CREATE DATABASE crowded")
        ReadModels(postgres.url("crowded")).position()
        filling = Path(__file__).with_name("crowd.sql").read_text(encoding="utf-8")
        with database.connect(postgres.url("crowded")) as connection:
            with database.writing(connection, database.LIVE) as cursor:
                cursor.execute(filling, {"rows": ROWS})
                for table in database.tables(cursor, database.LIVE):
                    database.analyze(cursor, database.LIVE, table)
            connection.set_session(autocommit=True)
            yield connection
        server.execute("DROP DATABASE crowded WITH (FORCE)")


SINCE = datetime(2026, 12, 15, tzinfo=UTC)
EVERY: dict[str, Any] = {"action": None, "user_id": None, "month": None, "before": None, "limit": 100}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("validations_of_user", {"user_id": "user 77", "since": SINCE - timedelta(days=30), "limit": 100}),
        ("validation", {"validation_id": "validation 123456"}),
        ("files_with_code", {"code": "sku", "since": SINCE, "until": SINCE + timedelta(days=1), "limit": 100}),
        ("files_with_code", {"code": "missing_sku", "since": SINCE, "until": None, "limit": 100}),
        ("most_used_packs", {"first": date(2026, 12, 1), "end": date(2027, 1, 1), "limit": 100}),
        ("pack_history", {"pack": "pack 77", "category": None, "limit": 100}),
        ("pack_history", {"pack": "pack 77", "category": "category 0", "limit": 100}),
        ("timeline", {"validation_id": "validation 123456"}),
        ("audit_head", EVERY),
        ("audit_head", EVERY | {"before": 1000}),
        ("audit_head", EVERY | {"action": "rare_action"}),
        ("audit_head", EVERY | {"user_id": "user 77"}),
        ("audit_head", EVERY | {"user_id": "system"}),
        # Both are frequent, and together rare.
        ("audit_head", EVERY | {"user_id": "system", "action": "file_uploaded"}),
        ("audit_head", EVERY | {"action": "file_uploaded", "month": "2026-03"}),
        ("audit_head", EVERY | {"user_id": "user 77", "month": "2026-03"}),
    ],
)
def test_every_query_is_served_by_an_index(crowded, name, values):
    with crowded.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {database.sql_text(f'queries/{name}')}", values)
        plan = cursor.fetchone()[0][0]["Plan"]

    assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan)}
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < PAGES
    assert sum(node["Actual Rows"] for node in nodes(plan)) > 0


def nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)
