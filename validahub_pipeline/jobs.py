"""The jobs: what is run as one. Which assets there are is the business of `assets`; here they are named.

https://docs.dagster.io/guides/build/jobs
"""

from typing import Final

import dagster as dg

from validahub_pipeline.policy import ANALYTICS_GROUP, MAINTENANCE_GROUP, UPLOADS_GROUP
from validahub_pipeline.resources import Pipeline

PROCESS_UPLOAD: Final = "process_upload"
REVISE_UPLOAD: Final = "revise_upload"
NIGHTLY_ANALYTICS: Final = "nightly_analytics"
NIGHTLY_MAINTENANCE: Final = "nightly_maintenance"
SEAL_LEDGER: Final = "seal_ledger"

process_upload = dg.define_asset_job(
    PROCESS_UPLOAD,
    selection=dg.AssetSelection.groups(UPLOADS_GROUP),
    description="One upload through all four stages: ingest, validate, correct, publish.",
    # The default executor starts an interpreter per step, which takes ten times as long as a small upload.
    executor_def=dg.in_process_executor,
)

revise_upload = dg.define_asset_job(
    REVISE_UPLOAD,
    selection=dg.AssetSelection.assets("corrected_upload", "published_upload"),
    description="The revision of an upload that somebody asked for: corrected anew, validated, published.",
    executor_def=dg.in_process_executor,
)

nightly_analytics = dg.define_asset_job(
    NIGHTLY_ANALYTICS,
    selection=dg.AssetSelection.groups(ANALYTICS_GROUP),
    description="Every analysis anew, and the Great Expectations gate over them.",
    executor_def=dg.in_process_executor,
)

nightly_maintenance = dg.define_asset_job(
    NIGHTLY_MAINTENANCE,
    selection=dg.AssetSelection.groups(MAINTENANCE_GROUP),
    description="The ledger's tables compacted and measured, and partitions of uploads long finished archived.",
    executor_def=dg.in_process_executor,
)


@dg.op(description="Records a heartbeat in the ledger and signs a checkpoint over everything up to it.")
def heartbeat(context: dg.OpExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
    """By hand what the schedule does by the clock."""
    context.log.info(pipeline.services.heartbeat().note)


@dg.job(
    name=SEAL_LEDGER,
    executor_def=dg.in_process_executor,
    description="A heartbeat and a signed checkpoint now, instead of at the next tick of `heartbeat_schedule`.",
)
def seal_ledger() -> None:
    """One op."""
    heartbeat()
