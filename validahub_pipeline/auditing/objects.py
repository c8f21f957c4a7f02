"""Every object that an event describes is there, with the size and the sha256 that the event says."""

from __future__ import annotations

from collections.abc import Iterable

from validahub_pipeline.auditing.vouched import VouchedObject
from validahub_pipeline.errors import StorageError
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.storage import Lake


def check_objects(lake: Lake, objects: Iterable[VouchedObject], findings: Findings) -> set[str]:
    """Read all of them again; the keys of those that are what they should be."""
    good = set()
    for told in objects:
        try:
            size, digest = lake.stat(told.key).size, lake.sha256(told.key)
        except StorageError as error:
            if error.code != "object_missing":
                raise
            findings.tampered("object_missing", [told.seq], object=told.key)
            continue
        except ValueError:
            findings.tampered("object_missing", [told.seq], object=told.key)
            continue
        if digest != told.sha256 or (told.size is not None and size != told.size):
            findings.tampered("object_altered", [told.seq], object=told.key)
        else:
            good.add(told.key)
    return good
