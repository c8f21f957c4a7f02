"""A PostgreSQL for the persons of whatever installation is measured, child processes included."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from validahub_pipeline.embedded.postgres import embedded_postgres


@contextmanager
def persons(folder: Path) -> Iterator[str]:
    """Its URL, which every installation finds in the environment while the context is open."""
    with embedded_postgres(folder) as server:
        os.environ["VALIDAHUB_SUBJECTS_URL"] = server.url("validahub")
        try:
            yield os.environ["VALIDAHUB_SUBJECTS_URL"]
        finally:
            del os.environ["VALIDAHUB_SUBJECTS_URL"]
