"""What is on record before anybody is handed anything of an upload."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from validahub_pipeline.ledger.events import Action
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload, event_of


def record_taken(services: Services, upload: Upload, taken: Mapping[str, Any], *, user: str) -> None:
    """Record, and seal, that somebody takes something: each time is an act of its own.

    Args:
        taken: `version`, `revision`, and the object: `key`, `size`, `sha256`.

    Raises:
        LedgerError: it could not be recorded, so nothing may be handed out.
    """
    services.ledger.append(
        [event_of(upload, Action.FILE_DOWNLOADED, taken, user_id=user)],
        idempotency=f"{upload.validation_id}/{Action.FILE_DOWNLOADED}/{uuid.uuid4()}",
    )
    services.seal()
