"""From the corrected file in scratch to what the seller finds: in the marketplace's dialect, without the rows that the
gate drops, which lie beside it. Most packs ask for neither, and their corrected file is published as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from validahub_pipeline.engine.delivering import (
    CRITICAL_SCHEMA,
    Decimals,
    Delivery,
    critical_rows,
    deliver,
    rows_left_out,
)
from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.rulepacks import ColumnMatch, Dialect, ResolvedPack, decimal_columns, match_columns
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import COMMAS, DROPPED, ROWS, corrected_name, of_revision

CRITICAL: Final = "critical.parquet"


@dataclass(frozen=True)
class Delivered:
    """What was put into the lake: `objects` as events name them, `facts` for the event, and the headers that were
    delivered under another name."""

    objects: dict[str, dict[str, Any]]
    facts: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class CriticalRows:
    """Collects the rows that a gate which drops them will not let through."""

    def __init__(self, pack: ResolvedPack, match: ColumnMatch, columns: Sequence[str]) -> None:
        header = product_header(pack, match)
        self._product = None if header is None else list(columns).index(header)
        self._found: list[pl.DataFrame] = []

    def add(self, rows: pl.DataFrame, violations: pl.DataFrame) -> None:
        """Take corrected rows and the violations they still have, as `engine.correct` hands them out."""
        if rows.height:
            self._found.append(critical_rows(rows, violations, self._product))

    def write(self, path: Path) -> None:
        """Keep them for `publish`."""
        pl.concat([pl.DataFrame(schema=CRITICAL_SCHEMA), *self._found]).write_parquet(path)


def rows_not_let_through(pack: ResolvedPack, columns: Sequence[str], folder: Path, revision: int) -> int | None:
    """Of a pack that drops critical rows, how many rows of the corrected file in scratch are not going to be delivered:
    those that were collected, and the others of their products. None of any other pack."""
    if pack.gate.partial != "drop":
        return None
    product = product_header(pack, match_columns(pack, columns))
    return rows_left_out(folder / corrected_name(revision), pl.read_parquet(folder / CRITICAL), product)


def product_header(pack: ResolvedPack, match: ColumnMatch) -> str | None:
    """The column that says which rows are one product's."""
    return match.columns.get(pack.layout.product) if pack.layout else None


def is_delivered_as_corrected(pack: ResolvedPack, critical: int) -> bool:
    """Whether the corrected file is what the marketplace takes."""
    return pack.dialect is None and (pack.gate.partial != "drop" or not critical)


def put_delivered(services: Services, upload: Upload, pack: ResolvedPack, folder: Path, sha256: str) -> Delivered:
    """Write the corrected file as the marketplace takes it, and put it into the lake with the rows that were dropped.

    Raises:
        LedgerError: `detail_changed`; the corrected file is not the one on record.
    """
    name = corrected_name(upload.revision)
    local, target, dropped = folder / name, folder / "delivered.csv", folder / DROPPED
    if manifests.file_digest(local)["sha256"] != sha256:
        local.unlink(missing_ok=True)
        raise LedgerError("detail_changed", validation_id=upload.validation_id, stage="publish")
    match = match_columns(pack, upload.changes(Action.FILE_INGESTED)["columns"])
    wanted = pack.dialect or Dialect()
    decimals = decimal_columns(pack, match) if wanted.decimal_mark != "." else ()
    with services.lake.local(upload.key(ROWS)) as rows:
        done = deliver(
            local,
            rows,
            target,
            dialect=wanted,
            headers={match.columns[name]: new for name, new in wanted.headers.items() if name in match.columns},
            dropped=dropped,
            critical=pl.read_parquet(folder / CRITICAL) if pack.gate.partial == "drop" else _NONE,
            product=product_header(pack, match),
            decimals=Decimals(decimals, folder / COMMAS) if decimals else None,
        )
    put = services.lake.put_file
    objects = {"corrected": manifests.described(put(target, upload.key(name), move=True))}
    for what, there, path in (("dropped", done.dropped, dropped), ("commas", done.own_commas, folder / COMMAS)):
        if there:
            key = upload.key(of_revision(path.name, upload.revision))
            objects[what] = manifests.described(put(path, key, move=True))
    return Delivered(objects, _facts(done, wanted), dict(done.headers))


_NONE: Final = pl.DataFrame(schema=CRITICAL_SCHEMA)


def _facts(done: Delivery, wanted: Dialect) -> dict[str, Any]:
    facts: dict[str, Any] = {"records": done.records}
    if done.dropped:
        facts["dropped"] = done.dropped
    if done.dialect != Dialect() or done.headers:
        told = {"delimiter": done.dialect.delimiter, "encoding": done.dialect.encoding, "headers": dict(done.headers)}
        if done.decimals:
            told |= {"decimal_mark": done.dialect.decimal_mark, "decimals": list(done.decimals)}
        facts["dialect"] = told
    if done.unencodable:
        row, column = done.unencodable
        facts["unencodable"] = {"row": row, "column": column, "encoding": wanted.encoding}
    return facts
