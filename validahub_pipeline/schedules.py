"""What runs by the clock. https://docs.dagster.io/guides/automate/schedules"""

from __future__ import annotations

import dagster as dg

from validahub_pipeline.jobs import nightly_analytics

nightly_analytics_schedule = dg.ScheduleDefinition(
    name="nightly_analytics_schedule",
    job=nightly_analytics,
    # After the last of the day's uploads and before the first analyst, where most of the sellers are.
    cron_schedule="30 2 * * *",
    execution_timezone="America/Sao_Paulo",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every analysis anew, every night.",
)
