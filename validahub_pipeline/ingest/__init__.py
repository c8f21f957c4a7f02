"""Bytes to rows: encoding, dialect, header, record boundaries, repair and quarantine.

Nothing in here knows marketplaces, rules or the lake; a cell's content is never judged, only read exactly.
"""

from validahub_pipeline.ingest.intake import normalise, to_rows
from validahub_pipeline.ingest.report import Dialect, IngestReport

__all__ = ["Dialect", "IngestReport", "normalise", "to_rows"]
