"""What a cell looks like: a number, a date, an address, or words. What a column should hold is not known here."""

from __future__ import annotations

import re
from typing import Final

_TYPED: Final = re.compile(
    r"\s*(?:[-+]?(?:R\$|US\$|\$|€)?\s?-?\d[\d.,\s]*%?|[-+]?\d[\d.,]*[eE][-+]?\d+"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?|\d{1,2}:\d{2}(?::\d{2})?.{0,8}"
    r"|true|false|https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+|[0-9a-f]{16,})\s*",
    re.IGNORECASE,
)


def is_typed(cell: str) -> bool:
    """Whether a cell holds a number, an amount, a date, a time, a truth value, an address or a hash."""
    return _TYPED.fullmatch(cell) is not None
