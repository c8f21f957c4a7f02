"""`validahub audit show`, `export` and `report`: what was recorded, for people and for other systems."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from rich.console import Console

from validahub_pipeline.commands.audit_verification import existing_lake, read_key, read_pins
from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.errors import InputError, LedgerError
from validahub_pipeline.ledger import Ledger
from validahub_pipeline.ledger.sealing import PublishedLog
from validahub_pipeline.ledger.verification import Severity, verify_log
from validahub_pipeline.local_files import check_writable
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import Lake
from validahub_pipeline.trail.exporting import FORMATS
from validahub_pipeline.trail.month import Month, measured, month_of_events
from validahub_pipeline.trail.page import render_month
from validahub_pipeline.trail.selection import Selection, moment, month, selected
from validahub_pipeline.trail.telling import Teller
from validahub_pipeline.trail.timeline import print_timeline

TAMPERED: Final = 1


def show(settings: Settings, validation_id: str, *, as_json: bool) -> int:
    """`validahub audit show`.

    Raises:
        InputError: `upload_unknown`, `audit_no_ledger`.
    """
    lake = existing_lake(settings)
    stored = list(selected(_ledger(lake), Selection(validation_id=validation_id)))
    if as_json:
        teller = Teller(settings.lang)
        told: list[dict[str, Any]] = [
            {"told": [teller.title(event), *teller.details(event)], "event": json.loads(text)} for event, text in stored
        ]
        print_json({"validation_id": validation_id, "events": told})
    else:
        checkpoint = PublishedLog(lake).checkpoint()
        sealed = checkpoint[0].size if checkpoint else 0
        print_timeline([event for event, _ in stored], settings.lang, Console(), sealed=sealed)
    return DONE


def export(
    settings: Settings,
    *,
    since: str | None,
    until: str | None,
    user: str | None,
    validation_id: str | None,
    kind: str,
    output: Path | None,
) -> int:
    """`validahub audit export`.

    Raises:
        InputError: a day, the format, the file or the validation cannot be used.
    """
    if kind not in FORMATS:
        raise InputError("export_format_unknown", given=kind, known=", ".join(FORMATS))
    if output is None and kind == "parquet" and sys.stdout.isatty():
        raise InputError("export_needs_file")
    selection = Selection(
        moment(since) if since else None, moment(until, end=True) if until else None, user, validation_id
    )
    events = selected(_ledger(existing_lake(settings)), selection)
    with _destination(output) as file:
        count = FORMATS[kind](events, file)
    if output is not None:
        print(message("trail", "exported", settings.lang, events=count, file=output), file=sys.stderr)
    return DONE


def report(settings: Settings, *, of: str, output: Path | None, key: str | None, pins: Sequence[Path]) -> int:
    """`validahub audit report`: 0, or 1 where the log was tampered with; the report is written in any case.

    Raises:
        InputError: the month, the key, a pin or the file cannot be used.
    """
    since, until = month(of)
    target = output or Path(f"validahub-audit-{of}.html")
    check_writable(target)
    lake = existing_lake(settings)
    now = datetime.now(UTC)
    integrity = verify_log(
        lake,
        now=now,
        key=read_key(key) if key else None,
        pins=[pin for path in pins for pin in read_pins(path)],
    )
    found, unreadable = Month(since, until), None
    try:
        found = month_of_events(_ledger(lake).read(), since, until)
    except LedgerError as error:
        # The ledger refuses to read what is not as it was recorded; the report must be able to say so.
        unreadable = error.render(settings.lang)
    overhead = measured(lake, found.bytes_ever, of)
    page = render_month(found, integrity, overhead, settings.lang, lake=lake.root, at=now, unreadable=unreadable)
    with _destination(target) as file:
        file.write(page.encode("utf-8"))
    print(message("trail", "reported", settings.lang, month=of, file=target))
    return TAMPERED if integrity.worst() is Severity.TAMPERED else DONE


def _ledger(lake: Lake) -> Ledger:
    return Ledger(lake.uri("tables"), lake.storage_options())


@contextmanager
def _destination(output: Path | None) -> Iterator[BinaryIO]:
    """Where bytes go: stdout, or a file that appears whole or not at all."""
    if output is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # Whoever read has had enough (`| head`); Python would complain once more when it closes stdout.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    check_writable(output)
    part = output.with_name(f".{output.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(output)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
