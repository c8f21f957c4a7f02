"""What holds for every asset of a group: owners and tags, given in one place to the whole graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import dagster as dg

UPLOADS_GROUP: Final = "uploads"
ANALYTICS_GROUP: Final = "analytics"
MAINTENANCE_GROUP: Final = "maintenance"

_OWNERS: Final[Mapping[str, str]] = {
    UPLOADS_GROUP: "team:catalogue-operations",
    ANALYTICS_GROUP: "team:analytics",
    MAINTENANCE_GROUP: "team:platform",
}
_TAGS: Final[Mapping[str, Mapping[str, str]]] = {
    UPLOADS_GROUP: {"validahub/cadence": "per-upload"},
    ANALYTICS_GROUP: {"validahub/cadence": "nightly"},
    MAINTENANCE_GROUP: {"validahub/cadence": "nightly"},
}


def with_policy(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The asset as its group demands.

    Raises:
        ValueError: the asset is in no group that has a policy, or nobody has described it.
    """
    group = spec.group_name or ""
    if group not in _OWNERS or not spec.description:
        raise ValueError(f"{spec.key.to_user_string()}: every asset needs a description and one of the known groups")
    return spec.replace_attributes(owners=[_OWNERS[group]], tags={**spec.tags, **_TAGS[group]})
