"""Assembles the code location from its parts. The one module, with `definitions`, that knows `assets`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets import analytics, maintenance, uploads
from validahub_pipeline.jobs import nightly_analytics, nightly_maintenance, process_upload, revise_upload, seal_ledger
from validahub_pipeline.policy import ANALYTICS_GROUP, MAINTENANCE_GROUP, UPLOADS_GROUP, with_policy
from validahub_pipeline.resources import PipelineResource
from validahub_pipeline.schedules import heartbeat_schedule, nightly_analytics_schedule, nightly_maintenance_schedule
from validahub_pipeline.sensors import inbox_sensor, lost_runs_sensor, projection_sensor, run_failure


def build_defs(*, resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """A fresh code location. `resource_overrides` replaces resources by name (`pipeline`), for tests and for runs
    that work with services opened elsewhere."""
    groups = ((uploads, UPLOADS_GROUP), (analytics, ANALYTICS_GROUP), (maintenance, MAINTENANCE_GROUP))
    assets = [
        asset
        for module, group in groups
        for asset in dg.load_assets_from_modules([module], group_name=group)
        if isinstance(asset, dg.AssetsDefinition)
    ]
    return dg.Definitions(
        assets=dg.map_asset_specs(with_policy, assets),
        asset_checks=dg.load_asset_checks_from_modules([analytics]),
        jobs=[process_upload, revise_upload, nightly_analytics, nightly_maintenance, seal_ledger],
        sensors=[inbox_sensor, projection_sensor, lost_runs_sensor, run_failure],
        schedules=[nightly_analytics_schedule, nightly_maintenance_schedule, heartbeat_schedule],
        resources={"pipeline": PipelineResource(), **(resource_overrides or {})},
    )
