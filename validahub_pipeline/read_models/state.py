"""The whole state of the read models in a form that can be compared: rows as JSON text, and a digest over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from validahub_pipeline.read_models import database

_FETCH: Final = 2_000


def rows(connection: Connection, schema: str) -> Iterator[tuple[str, Iterator[str]]]:
    """Each table with its rows, as of one moment. A table's rows must be taken before the next table is."""
    with connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # jsonb writes timestamps in the session's zone.
            cursor.execute("SET LOCAL TimeZone TO 'UTC'")
            tables = database.tables(cursor, schema)
        for table in tables:
            yield table, _rows(connection, schema, table)


def fingerprint(connection: Connection, schema: str) -> str:
    """sha256 in hex over all tables and rows."""
    digest = hashlib.sha256()
    for table, texts in rows(connection, schema):
        digest.update(f"{table}\n".encode())
        for text in texts:
            digest.update(f"{text}\n".encode())
    return digest.hexdigest()


def _rows(connection: Connection, schema: str, table: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(database.sql_text("primary_key"), {"table": f"{schema}.{table}"})
        key = [str(name) for (name,) in cursor]
    # As text and bytewise, so that a database with another collation gives the same order.
    order = sql.SQL(", ").join(sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(name)) for name in key)
    with connection.cursor(name="read_models_state") as cursor:
        cursor.itersize = _FETCH
        cursor.execute(
            sql.SQL("SELECT to_jsonb(stored.*)::text FROM {} AS stored ORDER BY {}").format(
                sql.Identifier(schema, table), order
            )
        )
        for (text,) in cursor:
            yield str(text)
