"""`validahub normalise`."""

from __future__ import annotations

from pathlib import Path

from validahub_pipeline import ingest
from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.local_files import check_readable
from validahub_pipeline.messages import message
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
        print(
            message(
                "summary",
                "normalised",
                settings.lang,
                file=output,
                records=report.records,
                quarantined=report.quarantined,
                encoding=report.encoding,
                delimiter=report.dialect.delimiter,
            )
        )
        for found in report.damage:
            example = found.examples[0][2] if found.examples else ""
            told = {"column": found.column, "count": found.count, "example": example}
            print(message("report", f"damage_{found.kind}", settings.lang, **told))
        if report.other_sheets:
            sheets = ", ".join(report.other_sheets)
            print(message("summary", "one_sheet_of_several", settings.lang, sheet=report.member, others=sheets))
    return DONE
