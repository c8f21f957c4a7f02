"""Where things lie in the lake, and what an upload is called: pure functions from names to keys.

inbox/{user}/{marketplace}/{category}/{file}
validations/{year}/{month}/{day}/{validation_id}/{object}
tables/{table}
rulepacks/{name}/{hash}.json
ledger/checkpoint  ledger/key  ledger/tile/...
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

INBOX: Final = "inbox"
ANY_CATEGORY: Final = "all"
LEDGER: Final = "ledger"

ROWS: Final = "rows.parquet"
QUARANTINE: Final = "quarantine.csv"
VALIDATED: Final = "validated.csv"
METADATA: Final = "metadata.json"
DROPPED: Final = "dropped.csv"
COMMAS: Final = "commas.parquet"
REPORT: Final = "report.html"
ERRORS: Final = "errors.csv"
ERRORS_WORKBOOK: Final = "errors.xlsx"
SUGGESTIONS: Final = "suggestions.parquet"
DECISIONS: Final = "decisions.parquet"

_CONTAINERS: Final = (
    ".csv.gz",
    ".tsv.gz",
    ".txt.gz",
    ".gz",
    ".csv.zst",
    ".zst",
    ".zip",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
)

# Never change: it is half of every validation_id ever given out.
_NAMESPACE: Final = uuid.UUID("6b1f3c1e-2d0a-5c57-9d5e-6f6b5f0c7a11")


@dataclass(frozen=True)
class Drop:
    """One version of one object in the inbox: what somebody handed in, before anything was done with it.

    `version` is the store's own name for these bytes (an S3 version id or ETag, a local content hash), so that the
    same drop seen twice is the same validation and a new version of the same key is a new one.
    """

    key: str
    version: str
    size: int
    user_id: str
    marketplace: str
    category: str
    file_name: str

    @property
    def validation_id(self) -> str:
        """UUID of the processing of this drop; also the Dagster partition key."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.key}\n{self.version}"))


def inbox_key(user: str, marketplace: str, category: str, file_name: str) -> str:
    """The key a file is dropped under.

    Raises:
        ValueError: a part is empty, `.`/`..`, or holds a slash or control character.
    """
    for part in (user, marketplace, category, file_name):
        if not part or part in {".", ".."} or "/" in part or "\\" in part or not part.isprintable():
            raise ValueError(part)
    return f"{INBOX}/{user}/{marketplace}/{category}/{file_name}"


def parse_inbox_key(key: str, *, version: str, size: int) -> Drop | None:
    """The drop a key stands for, or None where the key is no upload (wrong depth, hidden or partial file, or a name
    in a local folder that is no UTF-8, which neither the ledger nor a URL could carry)."""
    try:
        key.encode("utf-8")
    except UnicodeEncodeError:
        return None
    parts = PurePosixPath(key).parts
    if len(parts) != 5 or parts[0] != INBOX or parts[-1].startswith(".") or parts[-1].endswith(".part"):
        return None
    _, user, marketplace, category, file_name = parts
    return Drop(key, version, size, user, marketplace, category, file_name)


def validation_prefix(validation_id: str, uploaded_at: datetime) -> str:
    """Folder of one validation, by the day (UTC) of its `file_uploaded` event."""
    return f"validations/{uploaded_at:%Y/%m/%d}/{validation_id}"


def original_name(file_name: str) -> str:
    """Name of the upload as it is kept: `original.csv`, or with the ending of the container it came in."""
    return "original" + next((ending for ending in _CONTAINERS if file_name.lower().endswith(ending)), ".csv")


def corrected_name(revision: int) -> str:
    """Name of the published file: `corrected.csv`, later `corrected-r2.csv`, ..."""
    return of_revision("corrected.csv", revision)


def of_revision(name: str, revision: int) -> str:
    """Name of an object that every revision has anew: `report.html`, later `report-r2.html`, ..."""
    stem, point, ending = name.partition(".")
    return name if revision == 1 else f"{stem}-r{revision}{point}{ending}"


def key_parts(key: str) -> tuple[str, ...]:
    """The names a key consists of.

    Raises:
        ValueError: it is empty, absolute, or leads out of the lake.
    """
    parts = tuple(key.split("/"))
    if "\0" in key or any(part in {"", ".", ".."} for part in parts):
        raise ValueError(key)
    return parts


def table_key(table: str) -> str:
    """Key of one Delta table."""
    return f"tables/{table}"


def month_of(moment: datetime) -> str:
    """Partition value of a moment: `2026-11`. Written by us, since Delta's generated columns mislead (docs)."""
    return f"{moment:%Y-%m}"
