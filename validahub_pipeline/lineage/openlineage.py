"""The translation into OpenLineage's classes. Import it late: openlineage loads its HTTP clients with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import rfc8785
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    OutputDatasetFacet,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    dataset_version_dataset,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
)
from openlineage.client.serde import Serde

from validahub_pipeline.lineage.model import Assertion, Dataset

PRODUCER: Final = "urn:validahub"
NAMESPACE: Final = "validahub"
PARENT_JOB: Final = "upload"


def build(
    stage: str,
    *,
    run_id: str,
    parent_id: str,
    at: datetime,
    lake: str,
    inputs: Sequence[Dataset],
    outputs: Sequence[Dataset],
    corrected_columns: Mapping[str, Mapping[str, int]],
    assertions: Sequence[Assertion],
) -> bytes:
    """See `lineage_event`."""
    event = RunEvent(
        eventType=RunState.COMPLETE,
        eventTime=f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
        producer=PRODUCER,
        run=Run(
            runId=run_id,
            facets={
                "parent": parent_run.ParentRunFacet(
                    run=parent_run.Run(runId=parent_id, facets=None),
                    job=parent_run.Job(namespace=NAMESPACE, name=PARENT_JOB, facets=None),
                    producer=PRODUCER,
                )
            },
        ),
        job=Job(
            namespace=NAMESPACE,
            name=stage,
            facets={
                "jobType": job_type_job.JobTypeJobFacet(
                    processingType="BATCH", integration="VALIDAHUB", jobType="TASK", producer=PRODUCER
                )
            },
        ),
        inputs=[_input(dataset, lake, assertions if dataset is inputs[0] else ()) for dataset in inputs],
        outputs=[_output(dataset, lake, inputs, corrected_columns) for dataset in outputs],
    )
    return rfc8785.dumps(Serde.to_dict(event))


def _input(dataset: Dataset, lake: str, assertions: Sequence[Assertion]) -> InputDataset:
    namespace, name = _name(dataset, lake)
    facets: dict[str, InputDatasetFacet] = {
        "dataQualityMetrics": data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
            rowCount=dataset.rows,
            bytes=dataset.size,
            columnMetrics={
                column: data_quality_metrics_input_dataset.ColumnMetrics(nullCount=nulls, quantiles=None)
                for column, nulls in dataset.nulls.items()
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
                    column=assertion.column,
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


def _output(
    dataset: Dataset, lake: str, inputs: Sequence[Dataset], corrected_columns: Mapping[str, Mapping[str, int]]
) -> OutputDataset:
    namespace, name = _name(dataset, lake)
    facets = _facets(dataset)
    fields = {
        column: column_lineage_dataset.Fields(inputFields=[_origin(column, source, lake, corrected_columns)])
        for column in dataset.columns
        if (source := next((candidate for candidate in inputs if column in candidate.columns), None))
    }
    if fields:
        facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(
            fields=fields, dataset=None, producer=PRODUCER
        )
    statistics: dict[str, OutputDatasetFacet] = {
        "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=dataset.rows, size=dataset.size, fileCount=1, producer=PRODUCER
        )
    }
    return OutputDataset(namespace=namespace, name=name, facets=facets, outputFacets=statistics)


def _origin(
    column: str, source: Dataset, lake: str, corrected_columns: Mapping[str, Mapping[str, int]]
) -> column_lineage_dataset.InputField:
    namespace, name = _name(source, lake)
    corrections = corrected_columns.get(column)
    if corrections:
        described = ", ".join(f"{code}: {cells}" for code, cells in sorted(corrections.items()))
        how = column_lineage_dataset.Transformation(
            type="DIRECT", subtype="TRANSFORMATION", description=described, masking=False
        )
    else:
        how = column_lineage_dataset.Transformation(type="DIRECT", subtype="IDENTITY", masking=False)
    return column_lineage_dataset.InputField(namespace=namespace, name=name, field=column, transformations=[how])


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


def _name(dataset: Dataset, lake: str) -> tuple[str, str]:
    """Namespace and name as OpenLineage spells them, so that other tools' lineage of the same files joins ours.

    https://openlineage.io/docs/spec/naming
    """
    if not lake.startswith("s3://"):
        return "file", f"{lake.rstrip('/')}/{dataset.key}"
    bucket, _, prefix = lake.removeprefix("s3://").partition("/")
    prefix = prefix.rstrip("/")
    return f"s3://{bucket}", f"{prefix}/{dataset.key}" if prefix else dataset.key
