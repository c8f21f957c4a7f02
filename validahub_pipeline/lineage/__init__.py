"""Lineage: what became of what, as OpenLineage run events that any catalogue of data can read.

Here live the description of finished work, its translation, the way back for readers, and forwarding to an endpoint.
Events go into the ledger (`Ledger.record_lineage`) first. https://openlineage.io/docs/spec/object-model
"""

from validahub_pipeline.lineage.events import UPLOAD, end_event, run_id, start_event
from validahub_pipeline.lineage.model import Assertion, Dataset, How, Metrics, Origin, State, Work

__all__ = [
    "UPLOAD",
    "Assertion",
    "Dataset",
    "How",
    "Metrics",
    "Origin",
    "State",
    "Work",
    "end_event",
    "run_id",
    "start_event",
]
