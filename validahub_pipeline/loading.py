"""How a command loads its libraries, and what they cost it before and after its work. Nothing is loaded here."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_THREADS: Final = "OPENBLAS_NUM_THREADS"


def start_no_idle_threads() -> None:
    """Have numpy start no thread per core for linear algebra, which nobody does here: each spins for a tenth of a
    second. Of no use once numpy is loaded, and handed on to the processes that are started from this one."""
    os.environ.setdefault(_THREADS, "1")


@contextmanager
def loaded_for_good() -> Iterator[None]:
    """What is loaded meanwhile stays to the end of the process: garbage is not looked for in it, now or later or when
    the process ends, which takes a quarter of the time of loading."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
