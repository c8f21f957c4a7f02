"""What the commands do: open the services, call the library, say what came of it. Returns exit codes.

No arguments are parsed here (`cli`) and nothing is decided about a file (`stages`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from validahub_pipeline import ingest
from validahub_pipeline.embedded import services as embedded_services
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.messages import message
from validahub_pipeline.rulepacks import resolve
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import deposit, open_services
from validahub_pipeline.stages.intake import check_readable
from validahub_pipeline.storage.layout import ANY_CATEGORY

PUBLISHED: Final = 0
REFUSED: Final = 3


def normalise_file(file: Path, output: Path, quarantine: Path | None, *, as_json: bool) -> int:
    """`validahub normalise`."""
    check_readable(file)
    report = ingest.normalise(file, output, quarantine)
    if as_json:
        _print_json(report.as_dict())
    return PUBLISHED


def _print_json(values: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
    sys.stdout.flush()
