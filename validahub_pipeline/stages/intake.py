"""How a file becomes a drop in the inbox, and how a partition finds its drop again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from validahub_pipeline.errors import InputError
from validahub_pipeline.messages import LANGUAGES, Language
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import INBOX, Drop, inbox_key, parse_inbox_key

TAG_KEY: Final = "validahub/inbox_key"
TAG_VERSION: Final = "validahub/inbox_version"
TAG_LANG: Final = "validahub/lang"


def check_nameable(path: Path, *, user: str, marketplace: str, category: str) -> str:
    """The inbox key a file will lie under.

    Raises:
        InputError: `inbox_name_invalid`; the names make no inbox key.
    """
    try:
        key = inbox_key(user, marketplace, category, path.name)
    except ValueError as error:
        raise InputError("inbox_name_invalid", file=str(path), cause=str(error)) from error
    if parse_inbox_key(key, version="", size=0) is None:
        raise InputError("inbox_name_invalid", file=str(path), cause=path.name)
    return key


def deposit(services: Services, path: Path, *, user: str, marketplace: str, category: str) -> Drop:
    """Put a local file into the inbox, all or nothing, as a seller's drop would be.

    Raises:
        InputError: the names make no inbox key (`inbox_name_invalid`), or there is no room (`no_space_left`).
    """
    key = check_nameable(path, user=user, marketplace=marketplace, category=category)
    stored = services.lake.put_file(path, key, replace=True)
    info = services.lake.stat(stored.key)
    drop = parse_inbox_key(key, version=services.lake.version(info), size=info.size)
    if drop is None:
        raise InputError("inbox_name_invalid", file=str(path), cause=path.name)
    return drop


def find_drop(services: Services, validation_id: str, tags: Mapping[str, str]) -> Drop:
    """The drop of a partition: from the run's tags, else from the ledger, else by looking through the inbox.

    Raises:
        InputError: `upload_unknown`; none of the three knows it.
    """
    if TAG_KEY in tags and TAG_VERSION in tags:
        # How large it is, the stage asks the lake.
        drop = parse_inbox_key(tags[TAG_KEY], version=tags[TAG_VERSION], size=0)
        if drop is not None and drop.validation_id == validation_id:
            return drop
    upload = Upload.load(services, validation_id)
    if upload is not None:
        changes = upload.uploaded.changes
        drop = parse_inbox_key(changes["key"], version=changes["version"], size=changes["size"])
        if drop is not None:
            return drop
    for info in services.lake.list(f"{INBOX}/"):
        drop = parse_inbox_key(info.key, version=services.lake.version(info), size=info.size)
        if drop is not None and drop.validation_id == validation_id:
            return drop
    raise InputError("upload_unknown", validation_id=validation_id)


def language_of(services: Services, tags: Mapping[str, str]) -> Language:
    """The language a run was asked to speak, else the installation's."""
    return next((lang for lang in LANGUAGES if lang == tags.get(TAG_LANG)), services.settings.lang)
