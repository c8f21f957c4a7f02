"""Cells of personal columns in the tables of detail, sealed: `vh1c:<subject>:<base64url of nonce, ciphertext and tag>`.

As `texts`, with another context: validation, revision, row, column and field, since detail rows exist before the event
that vouches for them. The nonce follows from context and text: a stage that is tried again writes the same rows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from typing import Final

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from validahub_pipeline.ledger.privacy.revealing import PLAIN, Tombstones
from validahub_pipeline.ledger.privacy.subjects import Subject, Subjects, is_subject_id

CELL_PREFIX: Final = "vh1c:"
FIELDS: Final = ("value", "before", "after")
"""The columns of detail tables that hold a seller's cells."""

_NONCE: Final = 12


def seal_cells(
    rows: pl.DataFrame, columns: Collection[str], subject: Subject, constants: Mapping[str, str | int]
) -> pl.DataFrame:
    """Detail rows with what the cells of some columns held sealed; empty ones are left so."""
    if not columns or not rows["column"].is_in(list(columns)).any():
        return rows
    sealed = []
    for field in FIELDS:
        if field in rows.columns:
            values = [
                _sealed(text, subject, _context(subject.id, constants, row, column, field))
                if text and column in columns
                else text
                for row, column, text in rows.select("row", "column", field).iter_rows()
            ]
            sealed.append(pl.Series(field, values, dtype=pl.String))
    return rows.with_columns(sealed)


def blind_cells(rows: pl.DataFrame, subject: Subject) -> pl.DataFrame:
    """Detail rows in which every cell of somebody says only whose it was, as cells are kept that nobody can seal any
    more."""
    whose = f"{CELL_PREFIX}{subject.id}:"
    fields = [pl.col(field) for field in FIELDS if field in rows.columns]
    return rows.with_columns(
        pl.when(field.str.starts_with(whose)).then(pl.lit(whose)).otherwise(field).name.keep() for field in fields
    )


def open_cells(rows: pl.DataFrame, subjects: Subjects | None, tombstones: Tombstones = PLAIN) -> pl.DataFrame:
    """Detail rows, all columns of the table, with what can be opened in the open."""
    fields = [field for field in FIELDS if field in rows.columns]
    held = rows.select(pl.any_horizontal(pl.col(fields).str.starts_with(CELL_PREFIX)).any()).item() if fields else False
    if not held:
        return rows
    ids = {text.split(":")[1] for field in fields for text in rows[field] if text and text.startswith(CELL_PREFIX)}
    known = subjects.look_up({one for one in ids if is_subject_id(one)}) if subjects else {}
    opened = []
    for field in fields:
        values = [
            _opened(row[field], known, row, field, tombstones) if subjects else _unopened(row[field], tombstones)
            for row in rows.iter_rows(named=True)
        ]
        opened.append(pl.Series(field, values, dtype=pl.String))
    return rows.with_columns(opened)


def _context(subject: str, constants: Mapping[str, str | int], row: int, column: str, field: str) -> bytes:
    revision = constants.get("revision", 0)
    return f"{subject}\n{constants['validation_id']}\n{revision}\n{row}\n{field}\n{column}".encode()


def _sealed(text: str, subject: Subject, context: bytes) -> str:
    if subject.key is None:
        return f"{CELL_PREFIX}{subject.id}:"
    plain = text.encode("utf-8")
    # Two cells, or two texts of one, never share a nonce.
    nonce = hmac.new(subject.key, b"nonce\n" + context + b"\n" + plain, hashlib.sha256).digest()[:_NONCE]
    body = nonce + AESGCM(subject.key).encrypt(nonce, plain, context)
    return f"{CELL_PREFIX}{subject.id}:{base64.urlsafe_b64encode(body).rstrip(b'=').decode('ascii')}"


def _unopened(text: str | None, tombstones: Tombstones) -> str | None:
    return tombstones.sealed if text is not None and text.startswith(CELL_PREFIX) else text


def _opened(
    text: str | None,
    known: Mapping[str, Subject],
    row: Mapping[str, str | int],
    field: str,
    tombstones: Tombstones,
) -> str | None:
    if text is None or not text.startswith(CELL_PREFIX):
        return text
    _, subject_id, body = text.split(":", 2)
    subject = known.get(subject_id)
    if (subject is not None and subject.key is None) or not body:
        return tombstones.erased
    if subject is None or subject.key is None:
        return tombstones.altered
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        context = _context(subject_id, row, int(row["row"]), str(row["column"]), field)
        return AESGCM(subject.key).decrypt(raw[:_NONCE], raw[_NONCE:], context).decode("utf-8")
    except (InvalidTag, ValueError):
        return tombstones.altered
