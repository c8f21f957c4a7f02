"""A log of one lake as a process finds it: ledger, sealer, and the lake's files within reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.persons import keeper
from validahub_pipeline.ledger import Action, Ledger, NewEvent, Resource
from validahub_pipeline.ledger.sealing import PublishedLog, Sealer, open_keys
from validahub_pipeline.ledger.verification import LogReport, verify_log
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import Lake, open_lake


@dataclass(frozen=True)
class Log:
    """One lake's log. Each `sealer()` and `ledger()` knows nothing of earlier ones."""

    settings: Settings
    lake: Lake

    def ledger(self) -> Ledger:
        return Ledger(self.lake.uri("tables"), self.lake.storage_options(), subjects=keeper())

    def sealer(self) -> Sealer:
        return Sealer(self.ledger(), PublishedLog(self.lake), open_keys(self.settings))

    def append(self, key: str, count: int = 1) -> None:
        acts = [
            NewEvent(
                Action.FILE_UPLOADED, f"upload {key}", "seller-7", Resource("upload", key, "catálogo.csv"), {"n": n}
            )
            for n in range(count)
        ]
        self.ledger().append(acts, idempotency=key)

    def verify(self, **arguments: Any) -> LogReport:
        return verify_log(self.lake, **({"now": datetime.now(UTC)} | arguments))

    def path(self, key: str) -> Path:
        return Path(self.lake.uri(key))


@pytest.fixture
def local_log(tmp_path: Path) -> Log:
    settings = Settings(home=tmp_path / "a home 100%")
    return Log(settings, open_lake(settings))


@pytest.fixture
def s3_log(s3_settings: dict[str, Any]) -> Log:
    settings = Settings(**s3_settings)
    return Log(settings, open_lake(settings))


@pytest.fixture(params=["local_log", "s3_log"])
def log(request: pytest.FixtureRequest) -> Log:
    """Each kind of lake in turn."""
    found: Log = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def codes() -> Callable[[LogReport], set[str]]:
    """The codes of a report's findings, but for notes."""
    return lambda report: {finding.code for finding in report.findings if finding.severity != "note"}
