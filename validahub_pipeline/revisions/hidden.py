"""Which cells of an upload may not be shown: those of columns that are of persons, once the key to them is destroyed or
where nobody here keeps it. What they held stands in the ledger sealed, and is not taken from files in its stead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from validahub_pipeline.ledger.privacy import is_subject_id
from validahub_pipeline.stages import Services
from validahub_pipeline.stages.upload import Upload

Why = Literal["erased", "sealed"]


@dataclass(frozen=True)
class Hidden:
    """The columns whose cells are not shown, in the file's order, and why: the seller was erased, or nobody here keeps
    the keys (`sealed`)."""

    columns: tuple[str, ...]
    because: Why | None


def hidden(services: Services, upload: Upload) -> Hidden:
    """What of an upload is not shown; mostly nothing.

    Raises:
        ValidaHubError: whoever keeps the keys cannot be reached.
    """
    columns = upload.personal(services)
    because = _because(services, upload) if columns else None
    return Hidden(columns if because else (), because)


def is_erased(services: Services, upload: Upload) -> bool:
    """Whether it is known here that the seller was erased."""
    return _because(services, upload) == "erased"


def _because(services: Services, upload: Upload) -> Why | None:
    seller = upload.uploaded.user_id
    if not is_subject_id(seller):
        return None  # From before persons were ids; nothing of it is sealed.
    if services.subjects is None:
        return "sealed"
    known = services.subjects.look_up([seller]).get(seller)
    if known is None:
        return "sealed"  # Of another installation.
    return "erased" if known.key is None else None
