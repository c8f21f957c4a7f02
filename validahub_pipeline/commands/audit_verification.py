"""`validahub audit verify`: what is asked of the verification, and how its verdict is told."""

from __future__ import annotations

import base64
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.commands.outcome import print_json
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import NoteError, Verifier
from validahub_pipeline.ledger.verification import LogReport, Pin, Severity, verify_log
from validahub_pipeline.messages import Language, message
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import Lake, open_lake
from validahub_pipeline.storage.layout import LEDGER, table_key

INTACT: Final = 0
COULD_NOT_RUN: Final = 3
_CODES: Final = {Severity.TAMPERED: 1, Severity.INCOMPLETE: 2, Severity.NOTE: INTACT}
_VERDICTS: Final = {Severity.TAMPERED: "tampered", Severity.INCOMPLETE: "incomplete", Severity.NOTE: "intact"}
_AGE: Final = re.compile(r"([0-9]+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LARGEST_PIN: Final = 1 << 20
_WIDTH: Final = 110


def verify(
    settings_of: Callable[[], Settings],
    *,
    key: str | None,
    pins: Sequence[Path],
    max_age: str | None,
    deep: bool,
    as_json: bool,
) -> int:
    """Verify, tell, and end with the verdict's code; whatever keeps it from a verdict ends with 3."""
    lang: Language = "en"
    try:
        settings = settings_of()
        lang = settings.lang
        lake = existing_lake(settings)
        report = verify_log(
            lake,
            now=datetime.now(UTC),
            key=read_key(key) if key else None,
            pins=[pin for path in pins for pin in read_pins(path)],
            max_age=_duration(max_age) if max_age else None,
            history=deep,
        )
    except ValidaHubError as error:
        print(error.render(lang), file=sys.stderr)
        return COULD_NOT_RUN
    except Exception:  # noqa: BLE001
        # Python would end with 1, which says that somebody tampered with the log.
        traceback.print_exc()
        return COULD_NOT_RUN
    if as_json:
        print_json(_as_json(report, lang))
    else:
        print("\n".join(_lines(report, lang)))
    return _CODES[report.worst()]


def existing_lake(settings: Settings) -> Lake:
    """The lake, which must hold a ledger.

    Raises:
        InputError: `audit_no_ledger`.
        StorageError: it cannot be reached.
    """
    if not settings.lake.startswith("s3://") and not Path(settings.lake).is_dir():
        raise InputError("audit_no_ledger", lake=settings.lake)
    lake = open_lake(settings)
    for prefix in (f"{LEDGER}/", f"{table_key('audit_events')}/"):
        if next(lake.list(prefix), None) is not None:
            return lake
    raise InputError("audit_no_ledger", lake=settings.lake)


def read_key(given: str) -> Verifier:
    """A public key, or the one in the file of that name. Raises InputError (`audit_argument_unusable`)."""
    try:
        return Verifier.parse(Path(given).read_text(encoding="utf-8") if Path(given).is_file() else given)
    except (NoteError, OSError, UnicodeDecodeError) as error:
        raise InputError("audit_argument_unusable", option="--key", value=given, cause=str(error)) from error


def read_pins(path: Path) -> Iterator[Pin]:
    """The checkpoint in a file, or those in all files below a folder.

    Raises:
        InputError: `audit_argument_unusable`.
    """
    try:
        files = sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]
        if not files:
            raise NoteError("there is no checkpoint in it")
        for file in files:
            if file.stat().st_size > _LARGEST_PIN:
                raise NoteError("it is no checkpoint")
            yield Pin(str(file), Checkpoint.parse(file.read_text(encoding="utf-8")))
    except (NoteError, OSError, UnicodeDecodeError) as error:
        raise InputError("audit_argument_unusable", option="--pin", value=path, cause=str(error)) from error


def _duration(text: str) -> timedelta:
    found = _AGE.fullmatch(text)
    if found is None:
        raise InputError("audit_argument_unusable", option="--max-age", value=text, cause="15m, 2h, 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _as_json(report: LogReport, lang: Language) -> dict[str, Any]:
    checkpoint = report.checkpoint
    return {
        "verdict": _VERDICTS[report.worst()],
        "events": report.events,
        "origin": checkpoint.origin if checkpoint else None,
        "sealed": checkpoint.size if checkpoint else None,
        "root": base64.b64encode(checkpoint.root).decode() if checkpoint else None,
        "sealed_at": report.sealed_at.isoformat() if report.sealed_at else None,
        "key": report.key.text if report.key else None,
        "pins": [{"where": pin.where, "size": pin.checkpoint.size} for pin in report.pins],
        "findings": [
            {
                "severity": str(finding.severity),
                "code": finding.code,
                "seqs": list(finding.seqs),
                "values": {
                    name: value if isinstance(value, int) else str(value) for name, value in finding.values.items()
                },
                "message": finding.render(lang),
            }
            for finding in report.findings
        ],
    }


def _lines(report: LogReport, lang: Language) -> Iterator[str]:
    checkpoint = report.checkpoint
    at = f"{report.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if report.sealed_at else message("audit", "never", lang)
    sealed = checkpoint.size if checkpoint else 0
    yield message("audit", f"verdict_{_VERDICTS[report.worst()]}", lang, events=report.events, sealed=sealed, at=at)
    if checkpoint is not None:
        told = {
            "log": checkpoint.origin,
            "size": f"{sealed} / {report.events}, {at}",
            "key": report.key.text if report.key else "?",
        }
        told["root"] = base64.b64encode(checkpoint.root).decode()
        if report.pins:
            told["pins"] = ", ".join(f"{pin.where} ({pin.checkpoint.size})" for pin in report.pins)
        width = max(len(message("audit", f"label_{name}", lang)) for name in told)
        for name, value in told.items():
            yield f"  {message('audit', f'label_{name}', lang):<{width}}  {value}"
    for finding in report.findings:
        text = f"{message('audit', f'label_{finding.severity}', lang)}: {finding.render(lang)}"
        yield textwrap.fill(text, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
