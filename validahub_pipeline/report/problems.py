"""What is said about one violation in a list of them: what it is called, how grave it is, and what to do about it.

Shared by the list as text and the list as a workbook. Not here: how either is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from validahub_pipeline.report.wording import Wording


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
        which are all of rows, or all of the file as a whole."""
        if violations.height and violations.item(0, "row") == 0:
            told = [self.of_file(*one) for one in violations.select("code", "column", "value").iter_rows()]
            names, meanings = [one.name for one in told], [one.meaning for one in told]
            columns = [pl.Series("problem", names, dtype=pl.String), pl.Series("meaning", meanings, dtype=pl.String)]
        else:
            codes = violations.get_column("code")
            distinct = codes.unique()
            known = [self.of(code) for code in distinct]
            columns = [
                _looked_up("problem", codes, distinct, [one.name for one in known]),
                _looked_up("meaning", codes, distinct, [one.meaning for one in known]),
            ]
        grave = violations.get_column("severity")
        distinct = grave.unique()
        return pl.DataFrame(
            [*columns, _looked_up("gravity", grave, distinct, [self.severity(one) for one in distinct])]
        )


def _looked_up(name: str, keys: pl.Series, distinct: pl.Series, words: list[str]) -> pl.Series:
    return keys.replace_strict(distinct, pl.Series(words, dtype=pl.String), return_dtype=pl.String).alias(name)
