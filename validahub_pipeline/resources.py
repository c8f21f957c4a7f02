"""The one resource: the library's services, opened when first used and closed with the run.

No decisions here; an asset asks for a stage to be run, and this says what that means under Dagster: one process at a
time per upload, and an error of the input ends the step without a retry.
https://docs.dagster.io/guides/build/external-resources
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property

import dagster as dg

from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError
from validahub_pipeline.exclusive import upload_lock
from validahub_pipeline.lost_runs import at_work_on
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, StageResult, open_services


class Pipeline:
    """What assets and sensors work with. `lock` keeps other processes off an upload while one of its stages runs."""

    def __init__(self, open_them: Callable[[], Services], lock: Callable[[str], AbstractContextManager[None]]) -> None:
        self._open = open_them
        self._lock = lock

    @cached_property
    def services(self) -> Services:
        """The services, opened on first use: a run that is skipped connects to nothing."""
        return self._open()

    def run(self, validation_id: str, stage: Callable[[Services], StageResult]) -> StageResult:
        """Run one stage of one upload.

        Raises:
            dagster.Failure: the input cannot be processed; not to be retried. The InputError is its cause.
        """
        with self._lock(validation_id):
            try:
                return stage(self.services)
            except InputError as error:
                raise as_failure(error, validation_id) from error


class PipelineResource(dg.ConfigurableResource[Pipeline]):
    """Services on the installation that the environment describes (`VALIDAHUB_*`)."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Pipeline]:
        """A pipeline for one run or tick. A run is marked with the process at work on it."""
        if context.run is not None and context.instance is not None:
            context.instance.add_run_tags(context.run.run_id, at_work_on(context.run.run_id))
        settings = Settings()
        with running_services(settings) as urls:
            yield Pipeline(
                lambda: open_services(settings, read_models_url=urls.validahub_url),
                lambda validation_id: upload_lock(urls.validahub_url, validation_id),
            )


def as_failure(error: InputError, validation_id: str) -> dg.Failure:
    """An error of the input as Dagster shows it: the message, its code, and no retry."""
    return dg.Failure(
        description=str(error),
        metadata={"error": error.code, "validation_id": validation_id},
        allow_retries=False,
    )
