"""`validahub audit show`, `export` and `report`: what was recorded, for people and for other systems."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from rich.console import Console

from validahub_pipeline.commands.audit_verification import existing_lake, read_key, read_pins
from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.commands.persons import ids_of, persons_at_hand
from validahub_pipeline.errors import InputError, LedgerError
from validahub_pipeline.ledger import Ledger
from validahub_pipeline.ledger.sealing import PublishedLog
from validahub_pipeline.ledger.verification import Severity, verify_log
from validahub_pipeline.local_files import check_writable
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import Lake
from validahub_pipeline.subjects import SubjectKeeper
from validahub_pipeline.trail.exporting import AS_HASHED, FORMATS
from validahub_pipeline.trail.month import Month, measured, month_of_events
from validahub_pipeline.trail.opening import opened, tombstones
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
    with persons_at_hand(settings) as keeper:
        ledger = _ledger(lake, keeper)
        stored = list(opened(selected(ledger, Selection(validation_id=validation_id)), ledger, settings.lang))
    if as_json:
        teller = Teller(settings.lang)
        told: list[dict[str, Any]] = [
            {
                "told": [teller.title(event), *teller.details(event)],
                "user": event.user_id,
                "event": json.loads(text),
            }
            for event, text in stored
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
    opening: bool | None = None,
) -> int:
    """`validahub audit export`. With `opening` what is personal is written in the open where its key exists; without,
    as it was recorded; None: what the format is for.

    Raises:
        InputError: a day, the format, the file or the validation cannot be used.
    """
    if kind not in FORMATS:
        raise InputError("export_format_unknown", given=kind, known=", ".join(FORMATS))
    if output is None and kind == "parquet" and sys.stdout.isatty():
        raise InputError("export_needs_file")
    between = moment(since) if since else None, moment(until, end=True) if until else None
    lake = existing_lake(settings)
    in_the_open = kind not in AS_HASHED if opening is None else opening
    with ExitStack() as stack:
        keeper = stack.enter_context(persons_at_hand(settings)) if user or in_the_open else None
        ledger = _ledger(lake, keeper)
        events = selected(ledger, Selection(*between, ids_of(keeper, user) if user else None, validation_id))
        if in_the_open:
            # The JSON beside the columns of a Parquet file is there to be hashed.
            events = opened(events, ledger, settings.lang, bytes_too=kind != "parquet")
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
        with persons_at_hand(settings) as keeper:
            ledger = _ledger(lake, keeper)
            shown = ledger.reveal(ledger.read(), tombstones(settings.lang), names=True)
            found = month_of_events(shown, since, until)
    except LedgerError as error:
        # The ledger refuses to read what is not as it was recorded; the report must be able to say so.
        unreadable = error.render(settings.lang)
    overhead = measured(lake, found.bytes_ever, of)
    page = render_month(found, integrity, overhead, settings.lang, lake=lake.root, at=now, unreadable=unreadable)
    with _destination(target) as file:
        file.write(page.encode("utf-8"))
    print(message("trail", "reported", settings.lang, month=of, file=target))
    return TAMPERED if integrity.worst() is Severity.TAMPERED else DONE


def _ledger(lake: Lake, keeper: SubjectKeeper | None) -> Ledger:
    return Ledger(lake.uri("tables"), lake.storage_options(), subjects=keeper)


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
