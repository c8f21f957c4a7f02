"""Sealing: the Merkle tree over the events is brought up to date, published as tiles, and its root signed.

Whoever may append may seal. What is signed follows from the events and from the last checkpoint, and nothing that
contradicts either is ever signed. The concept is told in docs/audit.md.
"""

from validahub_pipeline.ledger.sealing.keys import KeyRing, open_keys
from validahub_pipeline.ledger.sealing.published import PublishedLog
from validahub_pipeline.ledger.sealing.sealer import Sealer

__all__ = ["KeyRing", "PublishedLog", "Sealer", "open_keys"]
