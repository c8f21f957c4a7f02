"""How a command ends: exit codes, and the one JSON object of `--json`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

DONE: Final = 0
REFUSED: Final = 3


def print_json(values: Mapping[str, Any]) -> None:
    """Write the object as one line on stdout."""
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
    sys.stdout.flush()
