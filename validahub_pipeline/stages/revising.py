"""How a revision begins: what somebody decided, held against the revision before it, and recorded before anything else
happens. Making it is the business of the stages.

A revision's corrected file follows from the rows and from one object, which holds every cell that people have decided
about so far. Users are named in events alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import polars as pl

from validahub_pipeline.engine.deciding import MANUAL
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.rulepacks import match_columns
from validahub_pipeline.rulepacks.columns import nearest, plain
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.conclusion import end_of
from validahub_pipeline.stages.decision_files import DecisionFile
from validahub_pipeline.stages.failures import failed_for_good
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload, event_of, scratch_folder
from validahub_pipeline.storage.layout import DECISIONS, ROWS, of_revision

_SCHEMA: Final = {
    "row": pl.Int64,
    "column": pl.String,
    "code": pl.String,
    "after": pl.String,
    "reason": pl.String,
    "revision": pl.Int64,
}
_CELL: Final = ["row", "column"]
_NEAREST: Final = 3


class Kind(StrEnum):
    """What can be decided."""

    ACCEPT = "accept"
    REJECT = "reject"
    WRITE = "write"
    UNDO = "undo"


@dataclass(frozen=True)
class Decision:
    """What somebody wants.

    Attributes:
        codes: the kinds of suggestions that are accepted or rejected.
        column: only those of this column (a header, or a field of the pack); None for every column.
        file: the rows they are limited to, or the cells that are written.
        to_revision: the one whose state is to be published again.
    """

    kind: Kind
    codes: tuple[str, ...] = ()
    column: str | None = None
    file: DecisionFile | None = None
    to_revision: int | None = None


def require_ended(services: Services, validation_id: str) -> Upload:
    """An upload that has been published or refused at least once.

    Raises:
        InputError: `upload_unknown`, or `upload_not_ended`: it is being processed, or failed.
    """
    upload = Upload.known(services, validation_id)
    if end_of(upload, 1) is None:
        raise InputError("upload_not_ended", validation_id=validation_id, file=upload.file_name)
    return upload


def is_pending(upload: Upload) -> bool:
    """Whether a revision was asked for that is not made yet, and can be."""
    return end_of(upload) is None and failed_for_good(upload) is None


def last_ended(upload: Upload) -> int:
    """The last revision that was published or refused."""
    return next(revision for revision in range(upload.revision, 0, -1) if end_of(upload, revision))


def start(services: Services, upload: Upload, decision: Decision, *, user_id: str) -> Upload | None:
    """Record the next revision of an upload none is pending of; whoever calls this holds the upload's lock.

    Returns:
        The upload with the event in it; None where the state that would be published is there already, because the
        last decision was the same one.

    Raises:
        InputError: the decision does not fit the upload; nothing was recorded.
    """
    base = last_ended(upload)
    before = upload.revised_changes(Action.REVISION_STARTED, base)
    revision = upload.revision + 1
    column = header_of(services, upload, decision.column, option="--column") if decision.column else None
    told = _told(decision, column)
    if _same(told, before.get("decision")) and not _is_open(services, upload, base, decision, column):
        return None
    objects: Mapping[str, Any] = before.get("objects", {})
    rejected: list[dict[str, Any]] = list(before.get("rejected", ()))
    if decision.kind is Kind.UNDO:
        earlier = _earlier(upload, decision)
        objects, rejected_then = earlier.get("objects", {}), list(earlier.get("rejected", ()))
        if objects == before.get("objects", {}) and rejected_then == rejected:
            return None
        rejected = rejected_then
    elif decision.kind is Kind.REJECT:
        _suggested(services, upload, base, decision, column)
        rejected += [{"code": code, "column": column} for code in decision.codes]
    else:
        cells = (
            _written(services, upload, decision)
            if decision.kind is Kind.WRITE
            else _suggested(services, upload, base, decision, column)
        )
        told["cells"] = cells.height
        objects = {"decisions": _put(services, upload, revision, objects, cells)}
    changes = {
        "revision": revision,
        "based_on": decision.to_revision or base,
        "decision": told,
        "rejected": rejected,
        **({"objects": objects} if objects else {}),
    }
    events = services.ledger.append(
        [event_of(upload, Action.REVISION_STARTED, changes, user_id=user_id)],
        idempotency=f"{upload.validation_id}/{Action.REVISION_STARTED}/r{revision}",
    )
    if not _same(told, events[0].changes["decision"]):
        raise ValidaHubError("upload_busy", retryable=True, validation_id=upload.validation_id)
    return Upload((*upload.events, *events))


def is_same(services: Services, upload: Upload, decision: Decision) -> bool:
    """Whether the revision that was asked for last is due to the same decision."""
    column = header_of(services, upload, decision.column, option="--column") if decision.column else None
    return _same(_told(decision, column), upload.changes(Action.REVISION_STARTED).get("decision"))


def suggestions_of(services: Services, upload: Upload, revision: int, *, column: str | None = None) -> pl.DataFrame:
    """What a revision proposes: row, line, column, code, before, after; of all columns, or of one."""
    stored = upload.revised_changes(Action.CORRECTIONS_SUGGESTED, revision)["objects"]["suggestions"]
    with services.lake.local(stored["key"]) as path:
        found = pl.read_parquet(path, glob=False)
    return found if column is None else found.filter(pl.col("column") == column)


def decided_cells(services: Services, objects: Mapping[str, Any]) -> pl.DataFrame:
    """Every cell that people have decided about, from the objects of a revision's beginning."""
    if "decisions" not in objects:
        return pl.DataFrame(schema=_SCHEMA)
    with services.lake.local(objects["decisions"]["key"]) as path:
        return pl.read_parquet(path, glob=False)


def _told(decision: Decision, column: str | None) -> dict[str, Any]:
    """A decision as events have it."""
    return {
        "kind": decision.kind.value,
        "codes": sorted(set(decision.codes)),
        "column": column,
        "rows": len(decision.file.rows) if decision.file and decision.file.rows else None,
        "file": decision.file.described() if decision.file else None,
        "to_revision": decision.to_revision,
        "cells": 0,
    }


def _same(told: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether two decisions are one; a file is known by its content, not by its name."""
    if other is None:
        return False
    files = [(one.get("file") or {}).get("sha256") for one in (told, other)]
    alike = all(told[name] == other[name] for name in ("kind", "codes", "column", "to_revision"))
    return alike and files[0] == files[1]


def _earlier(upload: Upload, decision: Decision) -> Mapping[str, Any]:
    wanted = decision.to_revision or 0
    if not 1 <= wanted <= upload.revision or end_of(upload, wanted) is None:
        known = ", ".join(str(one) for one in range(1, upload.revision + 1) if end_of(upload, one))
        raise InputError("revision_unknown", validation_id=upload.validation_id, revision=wanted, known=known)
    return upload.revised_changes(Action.REVISION_STARTED, wanted)


def _suggested(services: Services, upload: Upload, base: int, decision: Decision, column: str | None) -> pl.DataFrame:
    """The suggestions of the revision before that are meant, as decided cells."""
    here = suggestions_of(services, upload, base, column=column)
    open_codes = here.get_column("code").unique().sort().to_list()
    for code in decision.codes:
        if code not in open_codes:
            raise InputError(
                "suggestion_unknown",
                validation_id=upload.validation_id,
                suggestion=code if column is None else f"{code} ({column})",
                known=", ".join(open_codes) or "-",
            )
    chosen = here.filter(pl.col("code").is_in(list(decision.codes)))
    if decision.file is not None:
        chosen = _limited(decision.file, chosen, ", ".join(decision.codes))
    return chosen.select("row", "column", "code", "after", reason=pl.lit(""))


def _is_open(services: Services, upload: Upload, base: int, decision: Decision, column: str | None) -> bool:
    """Whether suggestions that were accepted are there again, or still: in cells that were not meant the last time."""
    if decision.kind is not Kind.ACCEPT or decision.file is not None:
        return False
    codes = set(suggestions_of(services, upload, base, column=column).get_column("code").unique())
    return codes.issuperset(decision.codes)


def _limited(file: DecisionFile, chosen: pl.DataFrame, codes: str) -> pl.DataFrame:
    having = set(chosen.get_column("row").to_list())
    for listed in file.rows:
        if listed.row not in having:
            raise InputError("decisions_no_suggestion", file=file.path, line=listed.line, row=listed.row, codes=codes)
    return chosen.filter(pl.col("row").is_in([listed.row for listed in file.rows]))


def _written(services: Services, upload: Upload, decision: Decision) -> pl.DataFrame:
    """The cells a person wrote, each known to be one of the file's."""
    assert decision.file is not None, "what is written stands in a file"
    file = decision.file
    names = {
        name: header_of(services, upload, name, option=f"{file.path}: {line}")
        for name, line in {cell.column: cell.line for cell in reversed(file.cells)}.items()
    }
    with services.lake.local(upload.key(ROWS)) as path:
        numbers = pl.scan_parquet(path, glob=False).select(pl.nth(0)).collect().to_series()
    known = pl.Series([cell.row for cell in file.cells], dtype=pl.Int64).is_in(numbers.implode())
    ingested = upload.changes(Action.FILE_INGESTED)
    first: dict[tuple[int, str], int] = {}
    for cell, is_known in zip(file.cells, known, strict=True):
        if not is_known:
            read = ingested["records"] + ingested["quarantined"]
            code = "decisions_row_quarantined" if cell.row <= read else "decisions_row_beyond"
            raise InputError(code, file=file.path, line=cell.line, row=cell.row, records=read)
        where = (cell.row, names[cell.column])
        if first.setdefault(where, cell.line) != cell.line:
            raise InputError(
                "decisions_twice", file=file.path, line=cell.line, row=cell.row, column=where[1], first=first[where]
            )
    return pl.DataFrame(
        [(cell.row, names[cell.column], MANUAL, cell.after, cell.reason) for cell in file.cells],
        schema={name: kind for name, kind in _SCHEMA.items() if name != "revision"},
        orient="row",
    )


def header_of(services: Services, upload: Upload, name: str, *, option: str) -> str:
    """The header that is meant by a header, or by the name of one of the pack's fields.

    Raises:
        InputError: `column_unknown`; `option` says where the name was given.
    """
    columns: Sequence[str] = upload.changes(Action.FILE_INGESTED)["columns"]
    if name in columns:
        return name
    fields = match_columns(upload.pack(services), columns).columns
    if name in fields:
        return fields[name]
    alike = [column for column in columns if plain(column) == plain(name)]
    if len(alike) == 1:
        return alike[0]
    known = ", ".join(alike or nearest(name, columns, count=_NEAREST))
    raise InputError("column_unknown", where=option, column=name, known=known)


def _put(
    services: Services, upload: Upload, revision: int, objects: Mapping[str, Any], cells: pl.DataFrame
) -> dict[str, Any]:
    """The cells decided so far with the new ones in them, stored. Nothing vouches for an object that is there already:
    its process was killed before it could record it."""
    held = decided_cells(services, objects)
    mine = cells.with_columns(pl.lit(revision, pl.Int64).alias("revision")).select(list(_SCHEMA))
    both = pl.concat([held.join(mine, on=_CELL, how="anti"), mine]).sort(_CELL)
    local: Path = scratch_folder(services, upload.validation_id) / DECISIONS
    both.write_parquet(local, compression="zstd", statistics=True)
    key = upload.key(of_revision(DECISIONS, revision))
    return manifests.described(services.lake.put_file(local, key, move=True, replace=True))
