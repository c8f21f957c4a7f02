"""The four assets of an upload, one partition each: thin declarations over `validahub_pipeline.stages`.

No logic here: what a stage does is in `stages`, what the UI shows of it in `materialization`, what is held against
storage in `checks`. https://docs.dagster.io/guides/build/assets
"""

from typing import Final

import dagster as dg

from validahub_pipeline import checks, materialization
from validahub_pipeline.materialization import Materialized
from validahub_pipeline.partitions import stage_tags, uploads_partitions
from validahub_pipeline.resources import Pipeline
from validahub_pipeline.stages import correct, find_drop, ingest, language_of, publish, validate

uploads = uploads_partitions()

# A stage ends in the same state however often it is called; what a second look can mend (a server that restarts, a
# network that hiccups) is mended here. Errors of the input are raised as final and never retried.
RETRIES: Final = dg.RetryPolicy(max_retries=2, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


@dg.asset(
    partitions_def=uploads,
    retry_policy=RETRIES,
    kinds={"csv", "parquet"},
    check_specs=[
        dg.AssetCheckSpec(
            checks.RECORDS,
            asset="ingested_upload",
            blocking=True,
            description="Records read = rows stored + records quarantined, and `original.csv` is the upload byte for "
            "byte. Read back from the lake.",
        )
    ],
)
def ingested_upload(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """The upload as it came, and as rows.

    - `original.csv`: byte for byte what was handed in
    - `rows.parquet`: every record that is a row, all cells as text, with record number and physical line
    - `quarantine.csv`: records that cannot be read as rows, with line, byte offset and reason
    - `repairs.parquet`: cells whose bytes had to be repaired on reading, before and after

    A file that holds no table at all (empty, binary, no header) fails here, once, with the message its seller gets.
    """
    tags = stage_tags(context.run.tags)
    result = pipeline.run(
        context.partition_key,
        lambda services: ingest(
            services, find_drop(services, context.partition_key, tags), lang=language_of(services, tags)
        ),
    )
    return dg.MaterializeResult(
        metadata=materialization.of_ingest(pipeline.services, result),
        check_results=[checks.records_law(pipeline.services, result)],
    )


@dg.asset(
    partitions_def=uploads,
    deps=[ingested_upload],
    retry_policy=RETRIES,
    kinds={"polars", "deltalake"},
    check_specs=[
        dg.AssetCheckSpec(
            checks.VIOLATIONS,
            asset="validated_upload",
            blocking=True,
            description="Violations counted in the ledger's event = rows in the `violations` table.",
        )
    ],
)
def validated_upload(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """Every row held against every rule of the marketplace's pack; every violation kept, without a cap.

    - `validated.csv`: the rows in canonical CSV with `validation_status` and `validation_errors`
    - table `violations`: one row per violated rule and cell
    """
    result = pipeline.run(context.partition_key, lambda services: validate(services, context.partition_key))
    return dg.MaterializeResult(
        metadata=materialization.of_validation(pipeline.services, result),
        check_results=[checks.violations_law(pipeline.services, result)],
    )


@dg.asset(
    partitions_def=uploads,
    deps=[validated_upload],
    retry_policy=RETRIES,
    kinds={"polars", "deltalake"},
    check_specs=[
        dg.AssetCheckSpec(
            checks.CORRECTIONS,
            asset="corrected_upload",
            blocking=True,
            description="Cells changed according to the ledger's event = rows in the `corrections` table.",
        ),
        dg.AssetCheckSpec(
            checks.GATE,
            asset="corrected_upload",
            blocking=True,
            description="The pack's gate: too many rows still critical after correction, and nothing is published.",
        ),
    ],
)
def corrected_upload(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """What can be corrected safely, corrected, together with what people decided, and validated again.

    Lossless and confident corrections are applied, each changed cell with its before and after; anything less certain
    is a suggestion for the seller to accept. The publication gate then decides.

    - table `corrections`: one row per changed cell of a revision
    - `suggestions.parquet`: what was proposed and not applied
    - `errors.csv`, `errors.xlsx`: what is left to fix, as a list and as the rows themselves

    The job `revise_upload` makes a revision that somebody asked for (`validahub correct`, `validahub undo`).
    """
    result = pipeline.run(context.partition_key, lambda services: correct(services, context.partition_key))
    return dg.MaterializeResult(
        metadata=materialization.of_correction(pipeline.services, result),
        check_results=[checks.corrections_law(pipeline.services, result), checks.publication_gate(result)],
    )


@dg.asset(partitions_def=uploads, deps=[corrected_upload], retry_policy=RETRIES, kinds={"csv"})
def published_upload(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """The corrected file, published, with its report and its manifest.

    - `corrected.csv`: the published file; of later revisions `corrected-r2.csv`, ...
    - `report.html`: what was found and done, for the seller
    - `metadata.json`: sha256 and size of every object, pack and version, counts and timings
    """
    result = pipeline.run(context.partition_key, lambda services: publish(services, context.partition_key))
    if result.refused_because is not None:
        raise dg.Failure(f"Publication was refused: {result.refused_because}", allow_retries=False)
    return dg.MaterializeResult(metadata=materialization.of_publication(pipeline.services, result))
