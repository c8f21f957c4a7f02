"""`validahub rebuild`."""

from __future__ import annotations

from datetime import UTC, datetime

from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import ValidaHubError
from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.ledger.events import SYSTEM
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services


def rebuild(settings: Settings, *, other_ledger: bool, as_json: bool) -> int:
    """`validahub rebuild`: the read models anew from the ledger, which is told of it."""
    with running_services(settings) as urls:
        services = open_services(settings, read_models_url=urls.validahub_url)
        if services.read_models is None:
            raise ValidaHubError("postgres_unreachable", cause="no database")
        events = services.read_models.rebuild(services.ledger, other_ledger=other_ledger)
        position = services.read_models.position()
        services.ledger.append(
            [
                NewEvent(
                    action=Action.PROJECTION_REBUILT,
                    aggregate_id="read_models",
                    user_id=SYSTEM,
                    resource=Resource("projection", "read_models", "read_models"),
                    changes={"events": events, "last_seq": position},
                )
            ],
            idempotency=f"projection_rebuilt/{datetime.now(UTC).isoformat()}",
        )
        services.seal()
        # Not projected here: what is reported is exactly what was rebuilt; the event follows with the next catch-up.
        if as_json:
            print_json({"events": events, "last_seq": position, "fingerprint": services.read_models.fingerprint()})
        else:
            print(message("summary", "rebuilt", settings.lang, events=events, last_seq=position))
    return DONE
