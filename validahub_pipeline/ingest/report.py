"""What is said about a file once it has been read: its dialect, its structure, its counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from validahub_pipeline.ingest.damage import Damage


@dataclass(frozen=True)
class Dialect:
    """How a file separates what it holds.

    `quote` and `escape` are "" where the file has none (an escape is a character before a quote; a doubled quote is
    understood in every dialect). `line_end` is the first one met: "\\n", "\\r\\n" or "\\r"; others are read as well.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    line_end: str = "\n"


@dataclass(frozen=True)
class IngestReport:
    """The result of reading one file.

    Attributes:
        encoding: name of the encoding; fields that are not in it are repaired one by one and counted in `repairs`.
        encoding_confidence: "certain" (a byte order mark, or nothing but valid multi-byte text), "likely" (inferred
            from the bytes).
        columns: names as they appear in rows.parquet, `__row` and `__line` aside.
        header_lines: physical lines of the header, from 1; empty where the file has none.
        preamble_lines: physical lines above the header that hold no data.
        records: data records accepted. `records + quarantined` is every data record of the file.
        reasons: number of quarantined records by reason.
        repairs: number of repairs by kind.
        damage: what a spreadsheet did to codes, recognised and left as it is; by column and kind.
        container: what the table was taken out of (`gzip`, `zstd`, `zip`, `workbook`), "" where it is a file of its
            own; lines and offsets are those of the content.
        member: the file or sheet inside the container.
        other_sheets: the sheets of a workbook that were not read.
        milliseconds: wall time by step.
    """

    encoding: str
    encoding_confidence: str
    dialect: Dialect
    columns: tuple[str, ...]
    has_header: bool
    header_lines: tuple[int, ...]
    preamble_lines: int
    records: int
    quarantined: int
    reasons: Mapping[str, int]
    repairs: Mapping[str, int]
    damage: tuple[Damage, ...]
    milliseconds: Mapping[str, int]
    container: str = ""
    member: str = ""
    other_sheets: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        values = asdict(self)
        return values | {
            "columns": list(self.columns),
            "header_lines": list(self.header_lines),
            "other_sheets": list(self.other_sheets),
            "reasons": dict(self.reasons),
            "repairs": dict(self.repairs),
            "damage": [asdict(one) for one in self.damage],
            "milliseconds": dict(self.milliseconds),
        }
