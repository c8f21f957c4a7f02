"""The nightly analyses: DuckDB over the ledger's tables, one Parquet file each in the lake, charts in the metadata.

No logic here: the questions are in `validahub_pipeline.analytics`, how an answer is kept and shown in
`validahub_pipeline.analyses`.
"""

import dagster as dg

from validahub_pipeline import analyses
from validahub_pipeline.analytics.patterns import CORRECTION_PATTERNS, correction_patterns
from validahub_pipeline.analytics.performance import PROCESSING_TIME, processing_time
from validahub_pipeline.analytics.trends import ERROR_TRENDS, error_trends
from validahub_pipeline.materialization import Materialized
from validahub_pipeline.resources import Pipeline


@dg.asset(name=ERROR_TRENDS, kinds={"duckdb", "parquet"})
def error_trends_by_marketplace(pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """What came in per day and marketplace, and what was wrong with it.

    One row per UTC day of upload and marketplace: uploads, records, rows with violations and their share, violations
    by severity, and the most frequent codes.
    """
    frame = analyses.ask(pipeline.services, error_trends)
    return dg.MaterializeResult(
        metadata={
            "chart": analyses.chart(frame),
            **analyses.keep(pipeline.services, ERROR_TRENDS, frame),
        }
    )


@dg.asset(name=PROCESSING_TIME, kinds={"duckdb", "parquet"})
def processing_time_by_file_size(pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """How long each stage takes, by class of file size: median, 95th percentile, slowest, throughput."""
    frame = analyses.ask(pipeline.services, processing_time)
    return dg.MaterializeResult(metadata=analyses.keep(pipeline.services, PROCESSING_TIME, frame))


@dg.asset(name=CORRECTION_PATTERNS, kinds={"duckdb", "parquet"})
def most_common_corrections(pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """Which corrections are made or proposed most, per marketplace, and in which columns."""
    frame = analyses.ask(pipeline.services, correction_patterns)
    return dg.MaterializeResult(metadata=analyses.keep(pipeline.services, CORRECTION_PATTERNS, frame))


@dg.asset_check(
    asset=ERROR_TRENDS,
    name="great_expectations_gate",
    description="A Great Expectations checkpoint over the analysis, in a process of its own: sums agree, shares lie "
    "between 0 and 1, and the violations the events count are those the `violations` table holds.",
)
def great_expectations_gate(pipeline: dg.ResourceParam[Pipeline]) -> dg.AssetCheckResult:
    """Hold the stored analysis against its expectations."""
    return analyses.quality(pipeline.services, ERROR_TRENDS)
