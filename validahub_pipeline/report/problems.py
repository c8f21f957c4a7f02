"""What is said about one violation in a list of them: what it is called, how grave it is, and what to do about it.

Shared by the list as text and the list as a workbook. Not here: how either is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from validahub_pipeline.report.wording import Wording
from validahub_pipeline.text.spreadsheets import inert


@dataclass(frozen=True)
class Problem:
    """Violations of one code in words."""

    name: str
    meaning: str


class Problems:
    """The words for violations; found once per code."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self._known: dict[str, Problem] = {}

    def of(self, code: str) -> Problem:
        """A violation of a row in words."""
        if code not in self._known:
            self._known[code] = Problem(self.wording.violation(code), self.wording.meaning(code))
        return self._known[code]

    def of_file(self, code: str, field: str, found: str) -> Problem:
        """A violation of the file as a whole in words: `field` as the pack calls it, and the headers that came near it
        or, where a measure failed, what it found."""
        if self.wording.catalogued("violations", f"{code}.cause"):
            return Problem(self.wording.violation(code), self.wording.of_file(code, field=field, candidates=found))
        return self.of(code)

    def severity(self, severity: str) -> str:
        """What a severity is called."""
        return self.wording.text(f"severity_{severity}")

    def told(self, violations: pl.DataFrame) -> pl.DataFrame:
        """`problem`, `meaning` and `gravity` of each of the violations (`row, line, column, code, severity, value`),
        which are all of rows, or all of the file as a whole; texts a spreadsheet may be given."""
        if violations.height and violations.item(0, "row") == 0:
            told = [self.of_file(*one) for one in violations.select("code", "column", "value").iter_rows()]
            problem = pl.Series("problem", [inert(one.name) for one in told], dtype=pl.String)
            meaning = pl.Series("meaning", [inert(one.meaning) for one in told], dtype=pl.String)
        else:
            codes = violations.get_column("code")
            problem = each_kind(codes, lambda code: inert(self.of(code).name)).alias("problem")
            meaning = each_kind(codes, lambda code: inert(self.of(code).meaning)).alias("meaning")
        gravity = each_kind(violations.get_column("severity"), self.severity).alias("gravity")
        return pl.DataFrame([problem, meaning, gravity])


def each_kind(cells: pl.Series, say: Callable[[str], str]) -> pl.Series:
    """What is said for each cell, asked once per kind: few kinds repeat in a column such as this."""
    kind = cells.dtype if isinstance(cells.dtype, pl.Enum) else pl.Enum(cells.unique())
    numbers = cells.cast(kind).to_physical()
    occurring = set(numbers.unique())
    said = [say(one) if place in occurring else "" for place, one in enumerate(kind.categories)]
    return pl.Series(said, dtype=pl.String).gather(numbers)
