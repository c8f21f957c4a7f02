"""Lineage: what became of what, as OpenLineage run events that any catalogue of data can read.

Here live the description of a stage's work and its translation. Events go into the ledger (`Ledger.record_lineage`);
nothing here sends anything anywhere. https://openlineage.io/docs/spec/object-model
"""

from validahub_pipeline.lineage.events import lineage_event, run_id
from validahub_pipeline.lineage.model import Assertion, Dataset

__all__ = ["Assertion", "Dataset", "lineage_event", "run_id"]
