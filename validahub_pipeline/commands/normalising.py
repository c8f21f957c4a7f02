"""`validahub normalise`."""

from __future__ import annotations

from pathlib import Path

from validahub_pipeline import ingest
from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.local_files import check_readable
from validahub_pipeline.report.reading import reading_lines
from validahub_pipeline.settings import Settings


def normalise(
    settings: Settings, file: Path, output: Path, quarantine: Path | None, *, sheet: str | None, as_json: bool
) -> int:
    """`validahub normalise`: any CSV in canonical form; no server, no ledger."""
    check_readable(file)
    report = ingest.normalise(file, output, quarantine, sheet=sheet)
    if as_json:
        print_json(report.as_dict())
    else:
        for line in reading_lines(report, settings.lang, target=output, quarantine=quarantine):
            print(line)
    return DONE
