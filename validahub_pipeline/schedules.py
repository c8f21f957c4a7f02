"""What runs by the clock. https://docs.dagster.io/guides/automate/schedules"""

import dagster as dg

from validahub_pipeline.jobs import nightly_analytics, nightly_maintenance, seal_ledger
from validahub_pipeline.resources import Pipeline

nightly_analytics_schedule = dg.ScheduleDefinition(
    name="nightly_analytics_schedule",
    job=nightly_analytics,
    # After the last of the day's uploads and before the first analyst, where most of the sellers are.
    cron_schedule="30 2 * * *",
    execution_timezone="America/Sao_Paulo",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every analysis anew, every night.",
)

nightly_maintenance_schedule = dg.ScheduleDefinition(
    name="nightly_maintenance_schedule",
    job=nightly_maintenance,
    # When the analyses have read the tables.
    cron_schedule="30 3 * * *",
    execution_timezone="America/Sao_Paulo",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Compaction, Delta checkpoints, sizes and the archive of partitions, every night.",
)


@dg.schedule(
    job=seal_ledger,
    # As `ledger.sealing.heartbeat.INTERVAL`.
    cron_schedule="*/5 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every five minutes a heartbeat in the ledger, sealed by a signed checkpoint: silence is then proof "
    "that something is wrong. The tick does it by itself and starts no run, of which there would be 100,000 a year.",
)
def heartbeat_schedule(pipeline: dg.ResourceParam[Pipeline]) -> dg.SkipReason:
    """Never starts a run; a tick that fails says why nothing could be signed."""
    checkpoint = pipeline.services.heartbeat()
    return dg.SkipReason(f"Signed {checkpoint.size} events of {checkpoint.origin}.")
