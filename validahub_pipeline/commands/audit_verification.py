"""`validahub audit verify`: what is asked of the verification, and how its verdict is told."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from polars.exceptions import PanicException

from validahub_pipeline.auditing.deep import DeepReport, look_deep
from validahub_pipeline.commands.audit_telling import Told, as_object, lines
from validahub_pipeline.commands.outcome import print_json
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError, LedgerError, ValidaHubError
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import NoteError, Verifier
from validahub_pipeline.ledger.sealing import PublishedLog, open_keys
from validahub_pipeline.ledger.sealing.copies import open_copies
from validahub_pipeline.ledger.verification import Pin, Severity, verify_log
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.messages import Language
from validahub_pipeline.read_models import ReadModels
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages.services import open_subjects
from validahub_pipeline.storage import Lake, open_lake
from validahub_pipeline.storage.layout import LEDGER, table_key

INTACT: Final = 0
COULD_NOT_RUN: Final = 3
_CODES: Final = {Severity.TAMPERED: 1, Severity.INCOMPLETE: 2, Severity.NOTE: INTACT}
_AGE: Final = re.compile(r"([0-9]+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LARGEST_PIN: Final = 1 << 20


def verify(
    settings: Settings,
    *,
    key: str | None,
    pins: Sequence[Path],
    max_age: str | None,
    deep: bool,
    as_json: bool,
) -> int:
    """Verify, tell, and end with the verdict's code; whatever keeps it from a verdict ends with 3."""

    def work() -> int:
        lake = existing_lake(settings)
        own_key, own_pins = own_trust(settings, lake)
        copies = compare_copies(settings, lake)
        report = verify_log(
            lake,
            now=datetime.now(UTC),
            key=read_key(key) if key else own_key,
            pins=[*(pin for path in pins for pin in read_pins(path)), *own_pins, *copies.pins],
            max_age=_duration(max_age) if max_age else None,
            history=deep,
        )
        told = Told(report, _look_deep(settings, lake) if deep else None, tuple(copies.findings))
        if as_json:
            print_json(as_object(told, settings.lang))
        else:
            print("\n".join(lines(told, settings.lang)))
        return _CODES[told.worst()]

    return hard_codes(settings.lang, work)


def hard_codes(lang: Language, work: Callable[[], int]) -> int:
    """What `work` ends with; 3 where it does not come to a verdict."""
    try:
        return work()
    except ValidaHubError as error:
        print(error.render(lang), file=sys.stderr)
    except (Exception, PanicException):  # noqa: BLE001
        # Python would end with 1, which says that somebody tampered with the log.
        traceback.print_exc()
    return COULD_NOT_RUN


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


def own_trust(settings: Settings, lake: Lake) -> tuple[Verifier | None, list[Pin]]:
    """What this installation knows of the log by itself: its key, where it has signed with it, and the last checkpoint
    seen here. Both empty on an auditor's own machine."""
    keys, published = open_keys(settings), PublishedLog(lake)
    try:
        first, found = published.key(), published.checkpoint()
    except LedgerError:
        # Told by the verification.
        return None, []
    origin = found[0].origin if found else first.name if first else ""
    own = next((signer.verifier for signer in keys.signers() if signer.name == origin), None)
    known = keys.remembered(origin)
    return own, [Pin(str(keys.folder), known)] if known else []


@dataclass(frozen=True)
class Compared:
    """What the installation's copies of checkpoints hold, and what is to be said of them."""

    pins: list[Pin]
    findings: Findings


def compare_copies(settings: Settings, lake: Lake) -> Compared:
    """The checkpoints in the copies as pins; those that cannot be read or lag behind are told."""
    compared = Compared([], Findings())
    try:
        found = PublishedLog(lake).checkpoint()
    except LedgerError:
        return compared
    for copy in open_copies(settings) if found else ():
        try:
            kept = copy.kept(found[0].origin if found else "")
        except (ValidaHubError, NoteError, OSError) as error:
            compared.findings.incomplete("copy_unreachable", where=copy.where, cause=str(error))
            continue
        if kept is None:
            continue
        compared.pins.extend(Pin(copy.where, checkpoint) for checkpoint in kept)
        newest = max((checkpoint.size for checkpoint in kept), default=0)
        if found and newest < found[0].size:
            compared.findings.incomplete("copy_behind", where=copy.where, size=newest, found=found[0].size)
    return compared


def _look_deep(settings: Settings, lake: Lake) -> DeepReport:
    if settings.postgres_url is None and not (settings.home / "postgres").is_dir():
        return look_deep(lake, None)
    with running_services(settings) as urls:
        return look_deep(lake, ReadModels(urls.validahub_url), open_subjects(settings, urls.validahub_url))


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
