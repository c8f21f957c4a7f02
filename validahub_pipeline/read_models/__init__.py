"""The read models: PostgreSQL tables that answer questions, projected from the ledger and rebuilt from it at any time.

Here live their schema, the projector, the rebuild and the named queries. Nothing in the tables comes from anywhere but
an event: no clock, no lake, no second source.
"""

from validahub_pipeline.read_models.models import ReadModels
from validahub_pipeline.read_models.projector import EventSource

__all__ = ["EventSource", "ReadModels"]
