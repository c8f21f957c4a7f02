"""What marketplaces that take partial updates are to be sent: the rows that changed, and of them the key and the
columns that changed. Cells are those of the published file, whatever is in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from validahub_pipeline.domain.notation import with_decimal_comma
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.revisions.delivered import cell, delivered
from validahub_pipeline.revisions.hidden import hidden
from validahub_pipeline.rulepacks import match_columns
from validahub_pipeline.stages import Services
from validahub_pipeline.stages.upload import Upload

_KEY_FIELD: Final = "sku"
_AT_ONCE: Final = 131_072


@dataclass(frozen=True)
class Fixes:
    """What was written.

    Attributes:
        key: the column by which the marketplace finds a product.
        columns: those that changed in some row.
        rows: how many were written.
        without_key: rows left out, since a marketplace cannot know them by an empty key.
        left_out: rows that changed and are not published, since the gate did not let them through.
        ambiguous: rows written whose key another one of them has too.
        hidden: columns that changed and are left out, since they are not shown to anybody.
    """

    key: str
    columns: tuple[str, ...]
    rows: int
    without_key: int
    left_out: int
    ambiguous: int
    hidden: tuple[str, ...] = ()


def key_column(services: Services, upload: Upload) -> str:
    """The column of the pack's key: the SKU, or else what says which rows are one product's.

    Raises:
        InputError: `key_unknown`; the file has neither.
    """
    pack, columns = upload.pack(services), upload.changes(Action.FILE_INGESTED)["columns"]
    fields = match_columns(pack, columns).columns
    wanted = [_KEY_FIELD, *([pack.layout.product] if pack.layout else [])]
    found = next((fields[field] for field in wanted if field in fields), None)
    if found is None:
        raise InputError("key_unknown", validation_id=upload.validation_id, columns=", ".join(columns))
    return found


def write_fixes(
    services: Services, upload: Upload, revision: int, different: pl.DataFrame, *, key: str, target: Path
) -> Fixes:
    """Write the fixes of a revision: key and changed columns of the rows that differ, in the dialect of its file, and
    without columns that may not be shown.

    Raises:
        InputError: `revision_not_published`: there is no file to take them from; `key_hidden`.
    """
    published = upload.revised_changes(Action.FILE_PUBLISHED, revision)
    if not published:
        raise InputError("revision_not_published", validation_id=upload.validation_id, revision=revision)
    secret = hidden(services, upload)
    if key in secret.columns:
        raise InputError("key_hidden", validation_id=upload.validation_id, column=key)
    without = [name for name in secret.columns if name in set(different.get_column("column"))]
    different = different.filter(~pl.col("column").is_in(without))
    changed = set(different.get_column("column").unique())
    columns = tuple(name for name in upload.changes(Action.FILE_INGESTED)["columns"] if name in changed and name != key)
    rows = different.get_column("row").unique()
    found = delivered(services, upload, revision, [key, *columns], rows, left_out=False).drop("row")
    keyed = found.filter(pl.col(cell(key)) != "")
    _write(keyed, [key, *columns], published.get("dialect", {}), target)
    return Fixes(
        key=key,
        columns=columns,
        rows=keyed.height,
        without_key=found.height - keyed.height,
        left_out=rows.len() - found.height,
        ambiguous=int(keyed.get_column(cell(key)).is_duplicated().sum()),
        hidden=tuple(without),
    )


def _write(rows: pl.DataFrame, headers: Sequence[str], dialect: Mapping[str, Any], target: Path) -> None:
    names, decimals = dialect.get("headers", {}), {cell(name) for name in dialect.get("decimals", ())}
    cells = rows.select(pl.when(pl.col(name) != "").then(name).alias(name) for name in rows.columns)
    cells = cells.with_columns(with_decimal_comma(pl.col(name)) for name in cells.columns if name in decimals)
    cells.columns = [names.get(header, header) for header in headers]
    # The encoding holds every cell of the published file, hence these.
    with target.open("w", encoding=dialect.get("encoding", "utf-8"), newline="") as file:
        for start in range(0, max(1, cells.height), _AT_ONCE):
            part = cells.slice(start, _AT_ONCE)
            separator = dialect.get("delimiter", ",")
            file.write(part.write_csv(include_header=not start, separator=separator, line_terminator="\r\n"))
