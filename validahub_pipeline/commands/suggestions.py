"""`validahub suggestions`: what the last revision of an upload proposes, by pattern."""

from __future__ import annotations

from rich.console import Console

from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.commands.persons import persons_at_hand
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.report.suggestions import print_suggestions, told
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.revisions.patterns import patterns
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services
from validahub_pipeline.stages.revising import last_ended, require_ended, suggestions_of


def suggestions(settings: Settings, validation_id: str, *, as_json: bool) -> int:
    """`validahub suggestions`. Needs to read the lake, and no database; with one it names the file.

    Raises:
        InputError: `upload_unknown`, `upload_not_ended`.
    """
    with persons_at_hand(settings) as keeper:
        services = open_services(settings, subjects=keeper)
        upload = require_ended(services, validation_id)
    revision, pack = last_ended(upload), upload.pack(services)
    found = patterns(suggestions_of(services, upload, revision), pack)
    wording = Wording(pack, settings.lang)
    rejected = upload.revised_changes(Action.REVISION_STARTED, revision).get("rejected", ())
    if not as_json:
        print_suggestions(
            found,
            rejected,
            wording,
            Console(),
            validation_id=validation_id,
            file=upload.file_name,
            revision=revision,
        )
        return DONE
    print_json(
        {
            "validation_id": validation_id,
            "revision": revision,
            "suggestions": [
                {
                    "code": pattern.code,
                    "column": pattern.column,
                    "cells": pattern.cells,
                    "values": pattern.values,
                    "told": told(pattern, wording),
                    "examples": [vars(change) for change in pattern.changes],
                }
                for pattern in found
            ],
            "rejected": [dict(one) for one in rejected],
        }
    )
    return DONE
