"""Where the databases of this installation are reached: the embedded server, or the one that is configured.

with services(settings) as urls:
    ReadModels(urls.validahub_url)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

import psycopg2
from psycopg2.extensions import parse_dsn

from validahub_pipeline.embedded.postgres import ServiceError, embedded_postgres
from validahub_pipeline.errors import InputError
from validahub_pipeline.settings import Settings

_CONNECT_TIMEOUT: Final = 10
_DEFAULT_PORT: Final = 5432
_OWN_PARTS: Final = {"host", "port", "user", "password", "dbname"}


@dataclass(frozen=True)
class Database:
    """One database in parts, as Dagster's storage wants them; `params` are further libpq options (`sslmode`)."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """`postgresql://...`, every part quoted."""
        login = quote(self.user, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        # libpq takes a plus sign for a plus sign.
        query = f"?{urlencode(self.params, quote_via=quote)}" if self.params else ""
        # A folder of Unix sockets is a host too.
        host = f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
        return f"postgresql://{login}@{host}:{self.port}/{quote(self.database, safe='')}{query}"


@dataclass(frozen=True)
class ServiceUrls:
    """The database of the read models and that of Dagster; with a configured server they are one and the same."""

    validahub: Database
    dagster: Database

    @property
    def validahub_url(self) -> str:
        """URL of the read models' database."""
        return self.validahub.url

    @property
    def dagster_url(self) -> str:
        """URL of Dagster's database."""
        return self.dagster.url


@contextmanager
def services(settings: Settings) -> Iterator[ServiceUrls]:
    """The databases, reachable while the context is open.

    Raises:
        ServiceError: the embedded server does not start, or the configured one cannot be reached.
        InputError: `VALIDAHUB_POSTGRES_URL` is no PostgreSQL URL, or no space is left.
    """
    if settings.postgres_url is not None:
        database = _configured(settings.postgres_url.get_secret_value())
        _check_reachable(database)
        yield ServiceUrls(validahub=database, dagster=database)
        return
    with embedded_postgres(settings.home) as server:
        validahub, dagster = (
            Database(server.host, server.port, server.user, server.password, name) for name in ("validahub", "dagster")
        )
        yield ServiceUrls(validahub=validahub, dagster=dagster)


def _configured(url: str) -> Database:
    """The parts of a configured URL, with libpq's defaults for what it leaves out."""
    try:
        parts = parse_dsn(url)
        user, database = parts["user"], parts["dbname"]
        port = int(parts.get("port", _DEFAULT_PORT))
    except (psycopg2.ProgrammingError, KeyError, ValueError):
        # The URL itself holds a password and is not repeated.
        raise InputError("postgres_url_invalid") from None
    params = {name: value for name, value in parts.items() if name not in _OWN_PARTS}
    return Database(parts.get("host", "localhost"), port, user, parts.get("password", ""), database, params)


def _check_reachable(database: Database) -> None:
    try:
        psycopg2.connect(database.url, connect_timeout=_CONNECT_TIMEOUT).close()
    except psycopg2.OperationalError as error:
        where = f"{database.host}:{database.port}/{database.database}"
        raise ServiceError("postgres_unreachable", retryable=True, where=where, cause=str(error).strip()) from error
