"""The nightly upkeep: the ledger's tables compacted and measured, partitions of uploads long finished archived.

No logic here: what is done is in `validahub_pipeline.upkeep`, `archive` and `ledger.maintenance`.
"""

from datetime import UTC, datetime

import dagster as dg

from validahub_pipeline import upkeep
from validahub_pipeline.materialization import Materialized
from validahub_pipeline.resources import Pipeline


@dg.asset(name=upkeep.TABLES_ASSET, kinds={"deltalake"})
def ledger_tables(pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """The ledger's tables with their small files made into few, and a Delta checkpoint.

    Every append leaves a file; reading opens them all. Rows, numbers and proofs stay as they are, readers and writers
    go on meanwhile, and nothing is deleted.
    """
    return dg.MaterializeResult(metadata=upkeep.compact(pipeline.services))


@dg.asset(name=upkeep.OVERHEAD_ASSET, deps=[ledger_tables], kinds={"parquet"})
def ledger_overhead(pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """What the audit trail takes, table by table, beside the bytes of the uploads it is about, night by night."""
    return dg.MaterializeResult(metadata=upkeep.measure(pipeline.services, datetime.now(UTC)))


@dg.asset(name=upkeep.PARTITIONS_ASSET, kinds={"dagster"})
def archived_partitions(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> Materialized:
    """Partitions of uploads that ended long ago, taken out of Dagster, which slows down with their number.

    Never one with a run queued or in flight, or whose upload has not ended. The ledger keeps the history.
    """
    now = datetime.now(UTC)
    return dg.MaterializeResult(metadata=upkeep.archive_partitions(pipeline.services, context.instance, now))
