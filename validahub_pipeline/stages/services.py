"""What a stage works with, opened once per process and passed in. No stage opens anything of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from validahub_pipeline.ledger import Ledger
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.sealing import PublishedLog, Sealer, open_keys
from validahub_pipeline.ledger.sealing.copies import open_copies
from validahub_pipeline.ledger.sealing.heartbeat import beat
from validahub_pipeline.lineage.forwarding import Forwarder
from validahub_pipeline.read_models import ReadModels
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import Lake, open_lake
from validahub_pipeline.subjects import SubjectKeeper
from validahub_pipeline.subjects.erasing import finish_pending

Progress = Callable[[str, int, int | None], None]
"""Called as `progress(stage, done, total)`: bytes for `ingest`, rows for the others; total None while unknown."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Progress nobody watches."""


@dataclass(frozen=True)
class Services:
    """The lake, the ledger over it, what seals that, the read models fed from it (None: nobody asks for them here), and
    where lineage is sent on to (None: nowhere); and who keeps the persons (None: no person's act can be recorded)."""

    settings: Settings
    lake: Lake
    ledger: Ledger
    sealer: Sealer
    read_models: ReadModels | None
    progress: Progress = silent
    forwarder: Forwarder | None = None
    subjects: SubjectKeeper | None = None

    def seal(self) -> Checkpoint:
        """Sign everything recorded so far; the end of every run. Raises LedgerError, as `Sealer.seal`."""
        return self.sealer.seal()

    def heartbeat(self) -> Checkpoint:
        """Record and seal that the ledger is alive; by the clock. An erasure that somebody was killed in is finished
        first. Raises LedgerError."""
        if self.subjects is not None:
            finish_pending(self.ledger, self.subjects)
        return beat(self.sealer, datetime.now(UTC))

    def catch_up(self) -> int:
        """Bring the read models up to the ledger; the number of events applied."""
        return self.read_models.catch_up(self.ledger) if self.read_models else 0


def open_services(
    settings: Settings,
    *,
    read_models_url: str | None = None,
    progress: Progress = silent,
    subjects: SubjectKeeper | None = None,
) -> Services:
    """Services on the lake of `settings`; with a PostgreSQL URL, with read models and persons. `subjects` keeps the
    persons where the caller knows better."""
    lake = open_lake(settings)
    subjects = subjects or open_subjects(settings, read_models_url)
    ledger = Ledger(lake.uri("tables"), lake.storage_options(), subjects=subjects)
    return Services(
        settings=settings,
        lake=lake,
        ledger=ledger,
        sealer=Sealer(ledger, PublishedLog(lake), open_keys(settings), open_copies(settings)),
        read_models=ReadModels(read_models_url, subjects) if read_models_url else None,
        progress=progress,
        forwarder=_forwarder(settings),
        subjects=subjects,
    )


def open_subjects(settings: Settings, read_models_url: str | None) -> SubjectKeeper | None:
    """Who keeps the persons of an installation: a database of their own if one is set, else that of the read models."""
    if settings.subjects_url is not None:
        return SubjectKeeper(settings.subjects_url.get_secret_value())
    return SubjectKeeper(read_models_url) if read_models_url else None


def _forwarder(settings: Settings) -> Forwarder | None:
    if settings.openlineage_url is None:
        return None
    key = settings.openlineage_api_key
    return Forwarder(settings.openlineage_url, key.get_secret_value() if key else None)
