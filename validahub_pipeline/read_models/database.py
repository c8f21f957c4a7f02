"""Connections to the read models' database, its locks and its schemas. Knows no event.

Two advisory locks order everybody: whoever writes to the live schema holds `WRITING` for the length of a transaction,
and takes it before any name is resolved, so that a swap of schemas cannot happen between two of its statements;
whoever rebuilds holds `REBUILDING` for the length of its connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import psycopg2
from psycopg2 import sql
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from validahub_pipeline import postgres_faults
from validahub_pipeline.ledger.privacy import PLAIN, Subjects, Tombstones

LIVE: Final = "read_models"
SHADOW: Final = "read_models_shadow"
RETIRED: Final = "read_models_retired"

# Any two numbers, as long as every process of every version uses the same.
WRITING: Final = 0x56484C01
REBUILDING: Final = 0x56484C02

PROJECTIONS: Final = (
    "audit_log",
    "user_activity",
    "validation_jobs",
    "file_metadata",
    "correction_history",
    "revision_history",
    "validation_summary",
    "validation_errors",
    "error_statistics",
    "rule_pack_usage",
    "rule_pack_history",
)
"""The projections in the order they are applied: later ones read what earlier ones wrote."""

_HERE: Final = Path(__file__).parent


@cache
def sql_text(name: str) -> str:
    """The text of one of this package's SQL files, e.g. `projections/audit_log`."""
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")


@cache
def schema_hash() -> str:
    """Names the schema together with the projections that fill it: if either changes, the tables are rebuilt."""
    texts = [sql_text("schema"), *(sql_text(f"projections/{name}") for name in ("batch", *PROJECTIONS))]
    return hashlib.sha256("\0".join(texts).encode("utf-8")).hexdigest()


class OpeningConnection(Connection):
    """A connection whose queries may give texts that are sealed, with who keeps the keys to them."""

    subjects: Subjects | None = None
    tombstones: Tombstones = PLAIN


@contextmanager
def connect(url: str) -> Iterator[OpeningConnection]:
    """A connection for a short while; closed at the end, and rolled back if nobody committed.

    Raises:
        ValidaHubError: `postgres_unreachable`; retryable. `postgres_forbidden`.
    """
    try:
        opened = psycopg2.connect(url, application_name="validahub read models", connection_factory=OpeningConnection)
    except psycopg2.OperationalError as error:
        raise postgres_faults.unreachable(url, error) from error
    with closing(opened) as connection:
        connection.set_client_encoding("UTF8")
        try:
            yield connection
        except InsufficientPrivilege as error:
            raise postgres_faults.forbidden(url, error) from error


@contextmanager
def writing(connection: Connection, schema: str) -> Iterator[Cursor]:
    """One transaction that writes to a schema, to which unqualified names refer; committed at the end."""
    with connection, connection.cursor() as cursor:
        if schema == LIVE:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING])
        use(cursor, schema)
        yield cursor


def use(cursor: Cursor, schema: str) -> None:
    """Let unqualified names refer to a schema until the transaction ends."""
    cursor.execute("SELECT set_config('search_path', %s, true)", [schema])


def exists(cursor: Cursor, schema: str) -> bool:
    """Whether a schema is there and holds read models."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{schema}.projector_position"])
    row = cursor.fetchone()
    return row is not None and bool(row[0])


def create(cursor: Cursor, schema: str) -> None:
    """Create empty read models in a schema, to which the cursor's unqualified names must refer."""
    cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    cursor.execute(sql_text("schema"))
    cursor.execute("INSERT INTO projector_position (schema_hash) VALUES (%s)", [schema_hash()])


def drop(cursor: Cursor, schema: str) -> None:
    """Drop a schema with everything in it, if it is there."""
    cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def rename(cursor: Cursor, schema: str, to: str) -> None:
    """Give a schema another name."""
    cursor.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(schema), sql.Identifier(to)))


def tables(cursor: Cursor, schema: str) -> list[str]:
    """Names of a schema's tables, sorted; a partitioned table counts once."""
    cursor.execute(sql_text("tables"), {"schema": schema})
    return [str(name) for (name,) in cursor]


def analyze(cursor: Cursor, schema: str, table: str) -> None:
    """Gather the statistics the planner goes by."""
    cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))
