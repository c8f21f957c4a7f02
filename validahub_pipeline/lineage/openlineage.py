"""The translation into OpenLineage's classes. Import it late: openlineage loads its HTTP clients with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import rfc8785
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    OutputDatasetFacet,
    RunFacet,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
)
from openlineage.client.serde import Serde

from validahub_pipeline.lineage.events import UPLOAD
from validahub_pipeline.lineage.model import Assertion, Dataset, How, Origin, Work

PRODUCER: Final = "urn:validahub"
NAMESPACE: Final = "validahub"
LANGUAGE: Final = "PYTHON"

_TRANSFORMATIONS: Final = {
    How.IDENTITY: ("DIRECT", "IDENTITY"),
    How.CORRECTED: ("DIRECT", "TRANSFORMATION"),
    How.JUDGED: ("INDIRECT", "CONDITIONAL"),
}


def build(job: str, work: Work | None, *, run_id: str, parent_id: str | None, at: datetime, lake: str) -> bytes:
    """See `start_event` (no work yet) and `end_event`."""
    event = RunEvent(
        eventType=RunState.START if work is None else RunState[work.state],
        eventTime=f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
        producer=PRODUCER,
        run=Run(runId=run_id, facets=_run_facets(parent_id, work)),
        job=Job(
            namespace=NAMESPACE,
            name=job,
            facets={
                "jobType": job_type_job.JobTypeJobFacet(
                    processingType="BATCH",
                    integration="VALIDAHUB",
                    jobType="DAG" if parent_id is None else "TASK",
                    producer=PRODUCER,
                )
            },
        ),
        inputs=[_input(dataset, lake, work.assertions if not i else ()) for i, dataset in enumerate(work.inputs)]
        if work
        else [],
        outputs=[_output(dataset, lake, work.inputs) for dataset in work.outputs] if work else [],
    )
    return rfc8785.dumps(Serde.to_dict(event))


def _run_facets(parent_id: str | None, work: Work | None) -> dict[str, RunFacet]:
    facets: dict[str, RunFacet] = {}
    if parent_id is not None:
        facets["parent"] = parent_run.ParentRunFacet(
            run=parent_run.Run(runId=parent_id, facets=None),
            job=parent_run.Job(namespace=NAMESPACE, name=UPLOAD, facets=None),
            producer=PRODUCER,
        )
    if work is not None and work.message is not None:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
            message=work.message, programmingLanguage=LANGUAGE, producer=PRODUCER
        )
    return facets


def _input(dataset: Dataset, lake: str, assertions: Sequence[Assertion]) -> InputDataset:
    namespace, name = dataset_name(dataset, lake)
    facets: dict[str, InputDatasetFacet] = {
        "dataQualityMetrics": data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
            rowCount=dataset.rows,
            bytes=dataset.size,
            columnMetrics={
                column: data_quality_metrics_input_dataset.ColumnMetrics(
                    nullCount=found.missing,
                    count=found.present,
                    min=found.minimum,
                    max=found.maximum,
                    quantiles=None,
                )
                for column, found in dataset.metrics.items()
            },
            producer=PRODUCER,
        )
    }
    if assertions:
        facets["dataQualityAssertions"] = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions=[
                data_quality_assertions_dataset.Assertion(
                    assertion=assertion.code,
                    success=assertion.violations == 0,
                    # As the specification asks: a column of the schema, or none where the whole dataset is meant.
                    column=assertion.column if assertion.column in dataset.columns else None,
                    severity=assertion.severity,
                    expected="0",
                    actual=str(assertion.violations),
                    params=None,
                )
                for assertion in assertions
            ],
            producer=PRODUCER,
        )
    return InputDataset(namespace=namespace, name=name, facets=_facets(dataset), inputFacets=facets)


def _output(dataset: Dataset, lake: str, inputs: Sequence[Dataset]) -> OutputDataset:
    namespace, name = dataset_name(dataset, lake)
    facets = _facets(dataset)
    sources = {source.key: dataset_name(source, lake) for source in inputs}
    if dataset.origins:
        facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(
            fields={
                column: column_lineage_dataset.Fields(
                    inputFields=[_origin(origin, sources[origin.source]) for origin in origins]
                )
                for column, origins in dataset.origins.items()
            },
            dataset=None,
            producer=PRODUCER,
        )
    statistics: dict[str, OutputDatasetFacet] = {
        "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=dataset.rows, size=dataset.size, fileCount=1, producer=PRODUCER
        )
    }
    return OutputDataset(namespace=namespace, name=name, facets=facets, outputFacets=statistics)


def _origin(origin: Origin, source: tuple[str, str]) -> column_lineage_dataset.InputField:
    """One input field; where it was corrected, one transformation per correction, which says how many cells.

    https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet
    """
    kind, subtype = _TRANSFORMATIONS[origin.how]
    described: list[str | None] = [f"{code}: {cells}" for code, cells in sorted(origin.codes.items())]
    return column_lineage_dataset.InputField(
        namespace=source[0],
        name=source[1],
        field=origin.column,
        transformations=[
            column_lineage_dataset.Transformation(type=kind, subtype=subtype, description=text, masking=False)
            for text in described or [None]
        ],
    )


def _facets(dataset: Dataset) -> dict[str, DatasetFacet]:
    facets: dict[str, DatasetFacet] = {}
    if dataset.columns:
        facets["schema"] = schema_dataset.SchemaDatasetFacet(
            fields=[
                schema_dataset.SchemaDatasetFacetFields(name=name, type=kind, ordinal_position=position, fields=None)
                for position, (name, kind) in enumerate(dataset.columns.items(), start=1)
            ],
            producer=PRODUCER,
        )
    if dataset.sha256:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(
            datasetVersion=f"sha256:{dataset.sha256}", producer=PRODUCER
        )
    return facets


def dataset_name(dataset: Dataset, lake: str) -> tuple[str, str]:
    """Namespace and name as OpenLineage spells them, so that other tools' lineage of the same files joins ours.

    https://openlineage.io/docs/spec/naming
    """
    if not dataset.kept:
        return NAMESPACE, dataset.key
    if not lake.startswith("s3://"):
        return "file", f"{lake.rstrip('/')}/{dataset.key}"
    bucket, _, prefix = lake.removeprefix("s3://").partition("/")
    prefix = prefix.rstrip("/")
    return f"s3://{bucket}", f"{prefix}/{dataset.key}" if prefix else dataset.key
