"""The lake: where objects and tables lie, in a local folder or on S3, behind one interface.

What the bytes mean is not known here. See the storage section of docs/architecture.md.
"""

from __future__ import annotations

from validahub_pipeline.storage.lake import Lake, ObjectInfo, StoredObject
from validahub_pipeline.storage.opening import open_lake

__all__ = ["Lake", "ObjectInfo", "StoredObject", "open_lake"]
