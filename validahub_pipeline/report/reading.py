"""What is said in a terminal about how a file was read: where its table lies, what was repaired, what was set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from validahub_pipeline.ingest import IngestReport
from validahub_pipeline.messages import Language
from validahub_pipeline.report.wording import Words


def reading_lines(report: IngestReport, lang: Language, *, target: Path, quarantine: Path | None) -> Iterator[str]:
    """One line for the outcome, and one for whatever else is worth a look.

    Args:
        target: where the rows went.
        quarantine: where the records went that are no rows; None where they were only counted.
    """
    words = Words(lang)
    yield words.summary(
        "normalised",
        file=target,
        records=words.number(report.records),
        quarantined=words.number(report.quarantined),
        encoding=report.encoding,
        delimiter=words.delimiter(report.dialect.delimiter),
    )
    yield _header(report, words)
    for kind, count in report.repairs.items():
        yield words.summary("normalised_repair", kind=words.repair(kind), count=words.number(count))
    for reason, count in report.reasons.items():
        yield words.summary("normalised_reason", reason=words.reason(reason), count=words.number(count))
    if report.quarantined:
        yield (
            words.summary("normalised_quarantine_kept", file=quarantine)
            if quarantine
            else words.summary("normalised_quarantine_counted")
        )
    for damage in report.damage:
        yield words.damage(asdict(damage))
    if report.other_sheets:
        yield words.summary("one_sheet_of_several", sheet=report.member, others=", ".join(report.other_sheets))


def _header(report: IngestReport, words: Words) -> str:
    columns = words.number(len(report.columns))
    if not report.has_header:
        return words.summary("normalised_no_header", columns=columns, first=report.columns[0])
    lines = report.header_lines
    place = str(lines[0]) if len(lines) == 1 else f"{lines[0]}-{lines[-1]}"
    key = "normalised_header_below" if report.preamble_lines else "normalised_header"
    return words.summary(key, columns=columns, lines=place, above=words.number(report.preamble_lines))
