"""How the memory that polars works in is kept: set before polars is loaded, which then reads it once and for all.

A file goes through in batches, each of which takes what the last one has given back. By itself jemalloc returns large
pieces to the system at once and others after half a second, and every page of them is then fetched and zeroed anew,
which takes a tenth of the time of a check.
"""

from __future__ import annotations

import os
from typing import Final

_VARIABLE: Final = "_RJEM_MALLOC_CONF"
"""Added by polars to settings of its own, whose place it takes (`polars/__init__.py`)."""
_KEEP: Final = "oversize_threshold:268435456,dirty_decay_ms:5000,muzzy_decay_ms:0"


def keep_memory_between_batches() -> None:
    """Have polars keep freed memory for some seconds, unless somebody has said otherwise. Of no use once polars is
    loaded, and handed on to the processes that are started from this one."""
    os.environ.setdefault(_VARIABLE, _KEEP)
