"""Dagster's instance of one installation: its home under VALIDAHUB_HOME, its storage in the installation's PostgreSQL.

The one copy of the configuration that people edit is `dagster.yaml` beside the code.
https://docs.dagster.io/deployment/oss/dagster-yaml
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.instance import InstanceRef
from pydantic import SecretStr

from validahub_pipeline.embedded.services import ServiceUrls
from validahub_pipeline.settings import Settings

CONFIG_NAME: Final = "dagster.yaml"
_NOOP: Final = "dagster._core.storage.noop_compute_log_manager"
_PACKAGE: Final = Path(__file__).resolve().parent


def dagster_home(settings: Settings) -> Path:
    """Dagster's home: its configuration as last used, and the logs of runs."""
    return settings.home / "dagster"


def prepare_dagster_home(settings: Settings) -> dict[str, str]:
    """Make Dagster's home and bring its `dagster.yaml` up to date.

    Returns what a child process (webserver, daemon, code server) must find in its environment to work on this
    installation.
    """
    home = dagster_home(settings)
    home.mkdir(parents=True, exist_ok=True)
    source, target = _configuration(), home / CONFIG_NAME
    if not target.exists() or target.read_bytes() != source.read_bytes():
        # Whole or not at all: another process may be reading it.
        fresh = target.with_suffix(".new")
        shutil.copyfile(source, fresh)
        fresh.replace(target)
    return {"DAGSTER_HOME": str(home), **_environment(settings)}


@contextmanager
def open_instance(settings: Settings, urls: ServiceUrls) -> Iterator[dg.DagsterInstance]:
    """The instance, for runs in this process: as `dagster.yaml` says, except that the terminal stays the caller's.

    What a run prints is not copied to files (which takes Dagster a helper process per step), and its events go to the
    storage alone.
    """
    prepare_dagster_home(settings)
    storage = {
        "custom": {
            "module": "validahub_pipeline.dagster_storage",
            "class": "PooledPostgresStorage",
            "config": {"postgres_url": urls.dagster_url},
        }
    }
    ref = InstanceRef.from_dir(
        str(dagster_home(settings)),
        overrides={
            "storage": storage,
            "compute_logs": {"module": _NOOP, "class": "NoOpComputeLogManager", "config": {}},
            "python_logs": {"python_log_level": "CRITICAL"},
        },
    )
    with dg.DagsterInstance.from_ref(ref) as instance:
        yield instance


def _configuration() -> Path:
    """`dagster.yaml` of an installed package, else of the checkout."""
    packaged = _PACKAGE / CONFIG_NAME
    return packaged if packaged.is_file() else _PACKAGE.parent / CONFIG_NAME


def _environment(settings: Settings) -> dict[str, str]:
    values = settings.model_dump(exclude_none=True)
    return {
        f"VALIDAHUB_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
    }
