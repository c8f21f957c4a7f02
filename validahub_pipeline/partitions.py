"""The partitions of the pipeline and the tags its runs carry.

One partition per upload, named by its validation_id. Who adds keys is the business of the inbox sensor and of `launch`.
https://docs.dagster.io/guides/build/partitions-and-backfills
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import dagster as dg

from validahub_pipeline.stages.intake import TAG_KEY, TAG_LANG, TAG_VERSION
from validahub_pipeline.storage.layout import Drop

LOCATION: Final = "validahub"
_HIDDEN: Final = ".dagster/"
_OURS: Final = "validahub/"

UPLOADS: Final = "uploads"
PARTITION_TAG: Final = "dagster/partition"

TAG_FILE: Final = "validahub/file"
TAG_USER: Final = "validahub/user"
TAG_MARKETPLACE: Final = "validahub/marketplace"
TAG_REVISION: Final = "validahub/revision"


def uploads_partitions() -> dg.DynamicPartitionsDefinition:
    """The partitions definition of every asset that exists once per upload."""
    return dg.DynamicPartitionsDefinition(name=UPLOADS)


def run_tags(drop: Drop, *, lang: str | None = None) -> dict[str, str]:
    """Tags of a run over one drop: what the stages need to find it again, and what people filter the run list by."""
    tags = {
        hidden(TAG_KEY): drop.key,
        hidden(TAG_VERSION): drop.version,
        TAG_FILE: drop.file_name,
        TAG_USER: drop.user_id,
        TAG_MARKETPLACE: drop.marketplace,
    }
    return tags if lang is None else {**tags, TAG_LANG: lang}


def hidden(tag: str) -> str:
    """The name under which Dagster's UI leaves a tag out of the run list; a tag has one namespace, so it takes that."""
    return f"{_HIDDEN}{tag.removeprefix(_OURS)}"


def stage_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a run as the stages know them, whether hidden in the UI or set there by a person."""
    told = {f"{_OURS}{name.removeprefix(_HIDDEN)}": value for name, value in tags.items() if name.startswith(_HIDDEN)}
    return {**told, **tags}
