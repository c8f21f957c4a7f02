"""One upload through the pipeline in this process, as a run on the real instance: what `validahub run` and `validahub
correct` are made of.

The run stands in the UI like one that the sensor started, under the same job and code location, and can be re-executed
there. A run that a killed process left unfinished is closed first, so that nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.events import RunFailureReason
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.tags import MAX_RETRIES_TAG
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.utils import make_new_run_id

from validahub_pipeline.build import build_defs
from validahub_pipeline.exclusive import PATIENCE_SECONDS, upload_lock
from validahub_pipeline.jobs import PROCESS_UPLOAD, REVISE_UPLOAD
from validahub_pipeline.lost_runs import at_work_on, close_lost_runs
from validahub_pipeline.messages import Language
from validahub_pipeline.partitions import LOCATION, PARTITION_TAG, TAG_REVISION, UPLOADS, run_tags
from validahub_pipeline.resources import Pipeline
from validahub_pipeline.stages import Services, StageResult, find_drop
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import Drop


class RunError(Exception):
    """The run failed outside the stages: a law was found broken, or Dagster itself gave up. Says what the run says."""


@dataclass(frozen=True)
class Outcome:
    """What became of one upload.

    Attributes:
        run_id: of the Dagster run.
        published: whether the corrected file has been published.
        refused_because: why the gate refused that, in the seller's language; None where it did not.
        manifest: `metadata.json` after the last stage that ended; empty where none did.
        error: what stopped the run, as it was raised (an InputError, say); None where it was published or refused.
    """

    run_id: str
    published: bool
    refused_because: str | None
    manifest: Mapping[str, Any]
    error: Exception | None


class _Watched(Pipeline):
    """A pipeline over services that are open already, which remembers how its stages ended."""

    def __init__(self, services: Services) -> None:
        # The whole run holds the upload's lock; its stages must not ask for it again.
        super().__init__(lambda: services, lambda _: nullcontext())
        self.result: StageResult | None = None
        self.error: Exception | None = None

    def run(self, validation_id: str, stage: Callable[[Services], StageResult]) -> StageResult:
        self.error = None
        try:
            self.result = super().run(validation_id, stage)
        except dg.Failure as failure:
            self.error = failure.__cause__ if isinstance(failure.__cause__, Exception) else failure
            raise
        except Exception as error:
            self.error = error
            raise
        return self.result


def process(
    instance: dg.DagsterInstance,
    services: Services,
    drop: Drop,
    *,
    postgres_url: str,
    lang: Language,
    patience: float = PATIENCE_SECONDS,
) -> Outcome:
    """Take one drop through all four stages, in this process, and say what became of it.

    Args:
        postgres_url: of the database that all processes on this installation share; the upload's lock lies there.
        patience: seconds to wait for another process that works on the same upload.

    Raises:
        ValidaHubError: `upload_busy`.
        KeyboardInterrupt: the run was interrupted; it is closed as failed, and can be run again.
    """
    with upload_lock(postgres_url, drop.validation_id, patience=patience):
        return _execute(instance, services, PROCESS_UPLOAD, drop.validation_id, run_tags(drop, lang=lang))


def revise(instance: dg.DagsterInstance, services: Services, upload: Upload, *, lang: Language) -> Outcome:
    """Make the revision of an upload that is pending, in this process; whoever calls this holds the upload's lock.

    Raises:
        KeyboardInterrupt: as `process`.
    """
    drop = find_drop(services, upload.validation_id, {})
    tags = run_tags(drop, lang=lang) | {TAG_REVISION: str(upload.revision)}
    return _execute(instance, services, REVISE_UPLOAD, upload.validation_id, tags)


def _execute(
    instance: dg.DagsterInstance, services: Services, job_name: str, validation_id: str, tags: Mapping[str, str]
) -> Outcome:
    close_lost_runs(instance, {PARTITION_TAG: validation_id})
    instance.add_dynamic_partitions(UPLOADS, [validation_id])
    run = _create_run(instance, job_name, {**tags, PARTITION_TAG: validation_id})
    pipeline = _Watched(services)
    job = build_defs(resource_overrides={"pipeline": pipeline}).resolve_job_def(job_name)
    result = execute_run(InMemoryJob(job), run, instance)
    return _outcome(run.run_id, pipeline, result)


def _create_run(instance: dg.DagsterInstance, job_name: str, tags: Mapping[str, str]) -> dg.DagsterRun:
    job = build_defs().resolve_job_def(job_name)
    run_id = make_new_run_id()
    return instance.create_run_for_job(
        job,
        run_id=run_id,
        tags={
            **tags,
            **at_work_on(run_id),
            # Who was at the keyboard runs it again, or does not; the daemon shall not do so behind their back.
            MAX_RETRIES_TAG: "0",
        },
        remote_job_origin=_origin(job_name),
    )


def _origin(job_name: str) -> RemoteJobOrigin:
    """The job as the code location of workspace.yaml holds it: with it the UI links the run and offers re-execution."""
    target = LoadableTargetOrigin(module_name="validahub_pipeline.definitions")
    location = ManagedGrpcPythonEnvCodeLocationOrigin(target, LOCATION)
    return RemoteRepositoryOrigin(location, "__repository__").get_job_origin(job_name)


def _outcome(run_id: str, pipeline: _Watched, result: dg.JobExecutionResult) -> Outcome:
    last = pipeline.result
    refused_because = last.refused_because if last else None
    error = pipeline.error
    if error is None and refused_because is None and not result.success:
        error = _unexplained(result)
    return Outcome(
        run_id=run_id,
        published=result.success,
        refused_because=refused_because if error is None else None,
        manifest=last.manifest if last else {},
        error=error,
    )


def _unexplained(result: dg.JobExecutionResult) -> RunError:
    for event in result.filter_events(lambda event: event.is_run_failure):
        if event.job_failure_data.failure_reason == RunFailureReason.UNEXPECTED_TERMINATION:
            raise KeyboardInterrupt
    reasons = [
        event.step_failure_data.error.message.strip()
        for event in result.filter_events(lambda event: event.is_step_failure)
        if event.step_failure_data.error is not None
    ]
    return RunError("; ".join(reasons) or f"run {result.run_id} failed")
