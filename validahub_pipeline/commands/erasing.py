"""`validahub audit erase`: somebody's personal data made unreadable for good."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from validahub_pipeline.archive import forget
from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError
from validahub_pipeline.instance import dagster_home, open_instance
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, open_services
from validahub_pipeline.storage.layout import INBOX, validation_prefix
from validahub_pipeline.subjects import SubjectKeeper
from validahub_pipeline.subjects.erasing import Erased, erase

_SHOWN: Final = 20


def erase_subject(settings: Settings, subject: str, *, user: str, reason: str, sure: bool, as_json: bool) -> int:
    """Erase whoever goes by a name or has an id, seal the record of it, and say what was erased and what was not.

    Raises:
        InputError: as `subjects.erasing.erase`; `erasure_declined`.
        LedgerError: it cannot be recorded; nothing was destroyed.
    """
    with running_services(settings) as urls:
        services = open_services(settings, read_models_url=urls.validahub_url)
        keeper = services.subjects
        assert keeper is not None, "opened with a database"
        inbox = _inbox(services, keeper, subject)
        if not sure and sys.stdin.isatty():
            print(message("trail", "erasing_sure", settings.lang, subject=subject), end=" [y/N] ", flush=True)
            if sys.stdin.readline().strip().lower() not in {"y", "yes", "s", "sim", "sí", "si"}:
                raise InputError("erasure_declined")
        done = erase(services.ledger, keeper, subject, user=user, reason=reason)
        services.seal()
        services.catch_up()
        folders = {**inbox, **_folders(services, done)}
        if dagster_home(settings).is_dir():
            with open_instance(settings, urls) as instance:
                forget(instance, done.uploads)
    if as_json:
        told = {name: done.event.changes[name] for name in ("reason", "events", "texts", "uploads")}
        print_json({"subject": done.subject, "seq": done.event.seq, "before": done.before, **told, "files": folders})
        return DONE
    values = {"subject": done.subject, "seq": done.event.seq, **done.event.changes}
    print(message("trail", "erased_before" if done.before else "erased", settings.lang, **values))
    if folders:
        counts = {"count": sum(folders.values()), "uploads": len(done.uploads)}
        print(message("trail", "erased_files", settings.lang, **counts))
        print("\n".join(f"  {services.lake.uri(folder)}" for folder in list(folders)[:_SHOWN]))
        if len(folders) > _SHOWN:
            print(f"  … +{len(folders) - _SHOWN}")
    return DONE


def _inbox(services: Services, keeper: SubjectKeeper, subject: str) -> dict[str, int]:
    """The person's folder in the inbox, while the name of it is still known, and how many objects lie there."""
    found = keeper.find(subject)
    return _filled(services, [f"{INBOX}/{found.name}"] if found and found.name else [])


def _folders(services: Services, done: Erased) -> dict[str, int]:
    return _filled(services, _prefixes(services, done.uploads))


def _prefixes(services: Services, uploads: Iterable[str]) -> Iterable[str]:
    for validation_id in uploads:
        yield validation_prefix(validation_id, services.ledger.history(validation_id)[0].timestamp)


def _filled(services: Services, folders: Iterable[str]) -> dict[str, int]:
    """Those folders of the lake that hold anything, and how many objects."""
    counted = {folder: sum(1 for _ in services.lake.list(f"{folder}/")) for folder in folders}
    return {folder: count for folder, count in counted.items() if count}
