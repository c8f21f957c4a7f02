"""Personal data in the ledger: which fields they are, how they are sealed per person, and how they are read again.

What is hashed, signed and kept for ever is the ciphertext; the key that opens it lies with whoever keeps the subjects
(`Subjects`), outside the lake, and can be destroyed. The concept is told in docs/audit.md. Nothing here knows where
keys are kept.
"""

from validahub_pipeline.ledger.privacy.protecting import protect
from validahub_pipeline.ledger.privacy.revealing import PLAIN, Opener, Tombstones, reveal
from validahub_pipeline.ledger.privacy.subjects import Subject, Subjects, is_subject_id, new_subject_id

__all__ = [
    "PLAIN",
    "Opener",
    "Subject",
    "Subjects",
    "Tombstones",
    "is_subject_id",
    "new_subject_id",
    "protect",
    "reveal",
]
