"""What marketplaces that take partial updates are to be sent: the rows that changed, and of them the key and the
columns that changed. Cells are those of the published file, whatever is in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.revisions.delivered import cell, delivered
from validahub_pipeline.rulepacks import match_columns
from validahub_pipeline.stages import Services
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import ROWS

_KEY_FIELD: Final = "sku"


@dataclass(frozen=True)
class Fixes:
    """What was written.

    Attributes:
        key: the column by which the marketplace finds a product.
        columns: those that changed in some row.
        rows: how many were written.
        without_key: rows left out, since a marketplace cannot know them by an empty key.
        ambiguous: rows written whose key another one of them has too.
    """

    key: str
    columns: tuple[str, ...]
    rows: int
    without_key: int
    ambiguous: int


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
    """Write the fixes of a revision: key and changed columns of the rows that differ.

    Raises:
        InputError: `revision_not_published`; there is no file to take them from.
    """
    published = upload.revised_changes(Action.FILE_PUBLISHED, revision).get("objects")
    if not published:
        raise InputError("revision_not_published", validation_id=upload.validation_id, revision=revision)
    changed = set(different.get_column("column").unique())
    columns = tuple(name for name in upload.changes(Action.FILE_INGESTED)["columns"] if name in changed and name != key)
    rows = different.lazy().select("row").unique()
    with services.lake.local(upload.key(ROWS)) as read, services.lake.local(published["corrected"]["key"]) as corrected:
        found = (
            delivered(corrected, read, [key, *columns])
            .with_columns(pl.col("row").cast(pl.Int64))
            .join(rows, on="row", how="semi")
            .sort("row")
            .drop("row")
            .collect(engine="streaming")
        )
    keyed = found.filter(pl.col(cell(key)) != "")
    written = keyed.select(pl.when(pl.col(name) != "").then(name).alias(name) for name in keyed.columns)
    written.columns = [key, *columns]
    written.write_csv(target, line_terminator="\r\n")
    return Fixes(
        key=key,
        columns=columns,
        rows=keyed.height,
        without_key=found.height - keyed.height,
        ambiguous=int(keyed.get_column(cell(key)).is_duplicated().sum()),
    )
