"""Dagster's storage in the installation's own PostgreSQL, over connections that are kept.

`dagster.yaml` names this class and need say no more: which server it is, Settings say, as for the rest of ValidaHub.
Dagster's stock storage opens a connection per query (131 for a run of four assets); that is all that is changed here.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final

import dagster as dg
from dagster._config.config_schema import UserConfigSchema
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import create_engine

from validahub_pipeline.embedded.services import services
from validahub_pipeline.settings import Settings

# One connection for Dagster's own steps in a row, a few more while threads of a daemon overlap; recycled before any
# proxy on the way forgets them, and tested before use, so that a restarted server costs nothing but a reconnect.
_POOL: Final[dict[str, Any]] = {"pool_size": 1, "max_overflow": 20, "pool_recycle": 300, "pool_pre_ping": True}


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules over one small pool of connections per process."""

    def __init__(
        self, url: str, held: ExitStack, inst_data: ConfigurableClassData | None = None, *, create_tables: bool = True
    ) -> None:
        """`url` is libpq's; `held` is closed with the storage, after its connections."""
        # To SQLAlchemy 2.1 a plain `postgresql://` is psycopg 3, on which dagster-postgres breaks.
        named = "postgresql+psycopg2://" + url.partition("://")[2]
        super().__init__(named, create_tables, inst_data)
        engine = create_engine(named, isolation_level="AUTOCOMMIT", **_POOL)
        # The three parts each make an engine without a pool and keep it under this name; a test pins that.
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            part._engine = engine
        held.callback(engine.dispose)
        # Dagster keeps and disposes of the parts of a storage, and lets go of the storage at once.
        weakref.finalize(self._run_storage, held.close)

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Nothing has to be configured; `postgres_url` puts Dagster's tables elsewhere than the read models."""
        return {
            "postgres_url": dg.Field(dg.StringSource, is_required=False),
            "should_autocreate_tables": dg.Field(bool, is_required=False, default_value=True),
        }

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        """The storage of the installation that the environment describes. Where no server is configured it holds the
        embedded one for as long as it lives."""
        held = ExitStack()
        url = config_value.get("postgres_url") or held.enter_context(services(Settings())).dagster_url
        create_tables = bool(config_value.get("should_autocreate_tables", True))
        return cls(url, held, inst_data, create_tables=create_tables)
