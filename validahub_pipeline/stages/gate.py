"""The publication gate: when a corrected file is too broken to be published."""

from __future__ import annotations

from dataclasses import dataclass

from validahub_pipeline.messages import Language, message
from validahub_pipeline.rulepacks import Gate

_WHOLE = 10_000


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a corrected file.

    Attributes:
        records: rows of the corrected file.
        critical_rows: those that still violate a critical rule.
        limit_bp: the share of them the pack tolerates, in ten-thousandths.
        missing: required fields no column of the file holds; no row can be listed without them.
        partial_refused: the pack tolerates no critical row at all.
        partial: what becomes of critical rows where the file is published.
        left_out: rows that are not in it where critical ones are dropped: those, and the others of their products.
    """

    records: int
    critical_rows: int
    limit_bp: int
    missing: tuple[str, ...]
    partial_refused: bool
    partial: str = "keep"
    left_out: int = 0

    @property
    def refused(self) -> bool:
        """Whether publication is refused."""
        return bool(self.missing) or self.records == 0 or self.over_limit or self.partial_refused or self.nothing_left

    @property
    def over_limit(self) -> bool:
        """Whether more rows are critical than the pack tolerates."""
        return self.critical_rows * _WHOLE > self.limit_bp * self.records

    @property
    def nothing_left(self) -> bool:
        """Whether every row would be dropped."""
        return self.partial == "drop" and self.left_out == self.records

    def reason(self, lang: Language) -> str | None:
        """Why publication is refused, and what to do about it; None where it is not."""
        if not self.refused:
            return None
        if self.missing:
            return message("gate", "columns_missing", lang, fields=", ".join(self.missing))
        if self.records == 0:
            return message("gate", "no_records", lang)
        key = "critical_rows"
        if not self.over_limit:
            key = "critical_rows_refused" if self.partial_refused else "nothing_left"
        return message(
            "gate",
            key,
            lang,
            critical=self.critical_rows,
            records=self.records,
            limit=f"{self.limit_bp / 100:g}",
        )


def judge(
    gate: Gate, *, records: int, critical_rows: int, missing: tuple[str, ...], left_out: int | None = None
) -> Verdict:
    """Hold a corrected file against its pack's gate; `left_out` are its critical rows and the others of their products,
    None where there are no others."""
    return Verdict(
        records=records,
        critical_rows=critical_rows,
        limit_bp=gate.max_critical_rows_bp,
        missing=missing,
        partial_refused=gate.partial == "refuse" and critical_rows > 0,
        partial=gate.partial,
        left_out=(critical_rows if left_out is None else left_out) if gate.partial == "drop" else 0,
    )
