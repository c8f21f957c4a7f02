"""`validahub diff`: what differs between two revisions, cell by cell; or only what was fixed, for partial updates."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl
from rich.console import Console

from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.commands.persons import persons_at_hand
from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.local_files import check_writable, written_whole
from validahub_pipeline.messages import message
from validahub_pipeline.report.differences import print_differences
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.revisions.differences import HANDED_IN, differences
from validahub_pipeline.revisions.fixes import Fixes, key_column, write_fixes
from validahub_pipeline.revisions.hidden import Hidden, hidden, is_erased
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, open_services
from validahub_pipeline.stages.conclusion import end_of
from validahub_pipeline.stages.revising import header_of, last_ended, require_ended
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.text.spreadsheets import inert_cells

_MOST_REVISIONS: Final = 2


def diff(
    settings: Settings,
    validation_id: str,
    *,
    revisions: Sequence[int],
    fix_only: bool,
    key: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """`validahub diff`. Needs to read the lake, and no database; with one it names the file.

    Raises:
        InputError: a revision, the key or the output cannot be used.
    """
    if len(revisions) > _MOST_REVISIONS:
        raise InputError("two_revisions", given=len(revisions))
    if fix_only and output is None:
        raise InputError("fixes_need_file")
    if output is not None:
        check_writable(output)
    with persons_at_hand(settings) as keeper:
        services = open_services(settings, subjects=keeper)
        upload = require_ended(services, validation_id)
        older, newer = _between(upload, revisions)
        fixes = None
        with _gone_told(services, upload):
            different, secret = differences(services, upload, older, newer), hidden(services, upload)
            if output is not None and fix_only:
                by = header_of(services, upload, key, option="--key") if key else key_column(services, upload)
                with written_whole(output) as (part, _):
                    fixes = write_fixes(services, upload, newer, different, key=by, target=part)
    tombstone = message("trail", f"tombstone_{secret.because}", settings.lang) if secret.because else ""
    shown = different.with_columns(pl.col("before", "after").fill_null(tombstone))
    if output is not None and not fix_only:
        _write(shown, output)
    if as_json:
        print_json(_told(upload, (older, newer), different, fixes, secret))
    elif output is None:
        wording = Wording(upload.pack(services), settings.lang)
        print_differences(shown, wording, Console(), file=upload.file_name, older=older, newer=newer)
    else:
        _tell(services, different, fixes, output)
    cells = _count_hidden(different)
    if cells and not as_json:
        key = f"{'fixes_' if fixes else ''}hidden_{secret.because}"
        told = message("differences", key, settings.lang, cells=cells, columns=", ".join(secret.columns))
        print(told, file=sys.stderr)
    return DONE


@contextmanager
def _gone_told(services: Services, upload: Upload) -> Iterator[None]:
    """Of a seller who was erased, files that are gone are gone for good.

    Raises:
        InputError: `catalogue_erased`.
    """
    try:
        yield
    except StorageError as error:
        if error.code != "object_missing" or not is_erased(services, upload):
            raise
        raise InputError(
            "catalogue_erased", validation_id=upload.validation_id, object=error.values["object"]
        ) from error


def _count_hidden(different: pl.DataFrame) -> int:
    return different.get_column("after").null_count()


def _between(upload: Upload, revisions: Sequence[int]) -> tuple[int, int]:
    for revision in revisions:
        if revision != HANDED_IN and (revision < 1 or end_of(upload, revision) is None):
            known = ", ".join(str(one) for one in range(upload.revision + 1) if not one or end_of(upload, one))
            raise InputError("revision_unknown", validation_id=upload.validation_id, revision=revision, known=known)
    if len(revisions) == _MOST_REVISIONS:
        return revisions[0], revisions[1]
    return HANDED_IN, revisions[0] if revisions else last_ended(upload)


def _write(different: pl.DataFrame, output: Path) -> None:
    """One record per cell. It is for people's eyes, hence for spreadsheets: no cell of it is run as a formula."""
    texts = [name for name, kind in different.schema.items() if kind == pl.String]
    inert = different.with_columns(inert_cells(different.get_column(name)).alias(name) for name in texts)
    with written_whole(output) as (_, file):
        inert.write_csv(file, line_terminator="\r\n")


def _tell(services: Services, different: pl.DataFrame, fixes: Fixes | None, output: Path) -> None:
    lang = services.settings.lang
    if fixes is None:
        rows = different.get_column("row").n_unique()
        print(message("differences", "written", lang, file=output, cells=different.height, rows=rows), file=sys.stderr)
        return
    columns = ", ".join(fixes.columns) or "-"
    told = [message("differences", "fixes_written", lang, file=output, rows=fixes.rows, key=fixes.key, columns=columns)]
    if fixes.without_key:
        told.append(message("differences", "fixes_without_key", lang, rows=fixes.without_key, key=fixes.key))
    if fixes.left_out:
        told.append(message("differences", "fixes_left_out", lang, rows=fixes.left_out))
    if fixes.ambiguous:
        told.append(message("differences", "fixes_ambiguous", lang, rows=fixes.ambiguous, key=fixes.key))
    print("\n".join(told), file=sys.stderr)


def _told(
    upload: Upload, between: tuple[int, int], different: pl.DataFrame, fixes: Fixes | None, secret: Hidden
) -> dict[str, object]:
    """What `--json` ends with."""
    told: dict[str, object] = {
        "validation_id": upload.validation_id,
        "from": between[0],
        "to": between[1],
        "cells": different.height,
        "rows": different.get_column("row").n_unique(),
    }
    if secret.because:
        told["hidden"] = {**vars(secret), "cells": _count_hidden(different)}
    return told | ({"fixes": vars(fixes)} if fixes else {"changes": different.to_dicts()})
