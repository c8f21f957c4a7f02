"""The ledger: an append-only record of everything that was done, and the detail rows it vouches for.

Here live events, the exactly-once append, the Delta tables and their digests. It knows nothing of CSVs, of Dagster or
of the engine; whoever acts describes the act as a `NewEvent`.
"""

from validahub_pipeline.ledger.digest import DetailDigest
from validahub_pipeline.ledger.events import Action, Event, NewEvent, Resource
from validahub_pipeline.ledger.ledger import Ledger
from validahub_pipeline.ledger.tables import Detail

__all__ = ["Action", "Detail", "DetailDigest", "Event", "Ledger", "NewEvent", "Resource"]
