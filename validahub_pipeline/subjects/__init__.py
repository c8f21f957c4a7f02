"""Where persons are kept: the names behind the ledger's opaque ids, and the key of each, in PostgreSQL.

The one thing of ours that is no projection: no rebuild makes it anew, and what is destroyed here is gone. Here live its
schema, looking up, and destroying. What is sealed with the keys is the business of `ledger.privacy`.
"""

from validahub_pipeline.subjects.keeper import Erasure, SubjectKeeper

__all__ = ["Erasure", "SubjectKeeper"]
