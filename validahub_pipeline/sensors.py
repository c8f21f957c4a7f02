"""What watches: the inbox for drops, the ledger for events nobody has projected yet, the runs for failures.

Thin shells; the inbox's decision is a pure function in `inbox`. Dagster's loop ticks every 5 seconds, whatever smaller
interval is asked for. https://docs.dagster.io/guides/automate/sensors
"""

from typing import Final

import dagster as dg

from validahub_pipeline.checks import GATE
from validahub_pipeline.inbox import Settled, decide, read_cursor, write_cursor
from validahub_pipeline.jobs import process_upload
from validahub_pipeline.lost_runs import close_lost_runs
from validahub_pipeline.partitions import PARTITION_TAG, TAG_FILE, run_tags, uploads_partitions
from validahub_pipeline.resources import Pipeline
from validahub_pipeline.storage.layout import INBOX

_INTERVAL: Final = 5


@dg.sensor(
    job=process_upload,
    minimum_interval_seconds=_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks through `inbox/{user}/{marketplace}/{category}/{file}.csv` and starts a run for every new "
    "version of a file, once it has looked the same in two ticks.",
)
def inbox_sensor(
    context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
) -> dg.SensorResult | dg.SkipReason:
    """Partitions and runs for what is new in the inbox. A failed listing fails the tick; it is never an empty one."""
    services, instance = pipeline.services, context.instance
    memory = Settled(services.settings.scratch)
    settled = memory.read()
    decision = decide(
        services.lake.list(f"{INBOX}/"),
        watched=read_cursor(context.cursor),
        settled=settled,
        version_of=services.lake.version,
        has_run=lambda validation_id: instance.get_runs_count(dg.RunsFilter(tags={PARTITION_TAG: validation_id})) > 0,
    )
    if decision.settled != settled:
        memory.write(decision.settled)
    ids = [drop.validation_id for drop in decision.take]
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(run_key=drop.validation_id, partition_key=drop.validation_id, tags=run_tags(drop))
            for drop in decision.take
        ],
        dynamic_partitions_requests=[uploads_partitions().build_add_request(ids)] if ids else [],
        skip_reason=None
        if ids
        else f"Nothing new in {services.lake.uri(INBOX)} ({len(decision.watched)} being watched)",
        cursor=write_cursor(decision.watched),
    )


@dg.sensor(
    minimum_interval_seconds=_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Brings the read models up to the ledger. Runs do so themselves as they go; this makes up for one that "
    "was killed between its event and its projection.",
)
def projection_sensor(pipeline: dg.ResourceParam[Pipeline]) -> dg.SkipReason:
    """Never starts a run."""
    applied = pipeline.services.catch_up()
    return dg.SkipReason(f"Applied {applied} events." if applied else "The read models are up to date.")


@dg.sensor(
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes runs whose process was killed, so that they are retried instead of blocking their upload.",
)
def lost_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Never starts a run itself; Dagster's retries do."""
    closed = close_lost_runs(context.instance)
    return dg.SkipReason(f"Closed {', '.join(run.run_id for run in closed)}." if closed else "No run is lost.")


@dg.run_failure_sensor(
    name="run_failure_sensor",
    minimum_interval_seconds=_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Says in the log which upload failed where and why; a refusal by the gate is no failure of ours.",
)
def run_failure(context: dg.RunFailureSensorContext) -> None:
    """One line per failed run, for whoever watches the daemon's log or ships it to an alerting system."""
    run = context.dagster_run
    what = run.tags.get(TAG_FILE, run.job_name)
    upload = run.tags.get(PARTITION_TAG, "-")
    failed = context.get_step_failure_events()
    if not failed:
        context.log.error(
            f"{what} ({upload}): run {run.run_id} failed outside its steps: {context.failure_event.message}"
        )
    for event in failed:
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        cause = (error.message if error else event.message or "").strip()
        if GATE in cause:
            context.log.warning(f"{what} ({upload}): publication refused by the gate")
        else:
            context.log.error(f"{what} ({upload}): run {run.run_id} failed in {event.step_key}: {cause}")
