"""How much a result is to tell: Great Expectations' `result_format`, by name or as an object.

https://docs.greatexpectations.io/docs/core/trigger_actions_based_on_results/choose_a_result_format/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from validahub_pipeline.errors import SuiteError

BOOLEAN_ONLY: Final = "BOOLEAN_ONLY"
BASIC: Final = "BASIC"
SUMMARY: Final = "SUMMARY"
COMPLETE: Final = "COMPLETE"
_LEVELS: Final = (BOOLEAN_ONLY, BASIC, SUMMARY, COMPLETE)
_SHOWN: Final = 20


@dataclass(frozen=True)
class ResultFormat:
    """How much of what is unexpected a result tells.

    Attributes:
        level: one of GX's four.
        shown: the length of the partial lists (`partial_unexpected_count`).
        identified_by: columns whose values stand for a row's number (`unexpected_index_column_names`).
        with_rows: the first unexpected rows in full (`include_unexpected_rows`).
        with_values: the unexpected values; without them, only which rows they are in (`exclude_unexpected_values`).
        with_query: the pandas call that selects the rows (`return_unexpected_index_query`); None as the level has it.
    """

    level: str
    shown: int = _SHOWN
    identified_by: tuple[str, ...] = ()
    with_rows: bool = False
    with_values: bool = True
    with_query: bool | None = None

    @classmethod
    def read(cls, given: str | Mapping[str, Any]) -> ResultFormat:
        """From the name of a level, or GX's object.

        Raises:
            SuiteError: `suite_bad_result_format`.
        """
        options: Mapping[str, Any] = {"result_format": given} if isinstance(given, str) else given
        level, shown = options.get("result_format"), options.get("partial_unexpected_count", _SHOWN)
        named = options.get("unexpected_index_column_names") or ()
        listed = isinstance(named, Sequence) and not isinstance(named, str)
        if level not in _LEVELS or not isinstance(shown, int) or shown < 0 or not listed:
            raise SuiteError("suite_bad_result_format", given=given, known=", ".join(_LEVELS))
        return cls(
            level=str(level),
            shown=shown,
            identified_by=tuple(map(str, named)),
            with_rows=bool(options.get("include_unexpected_rows")),
            with_values=not options.get("exclude_unexpected_values"),
            with_query=options.get("return_unexpected_index_query"),
        )

    @property
    def identifies_rows(self) -> bool:
        """Whether rows are named by the columns that identify them."""
        return bool(self.identified_by) and self.level in {SUMMARY, COMPLETE}

    @property
    def tells_query(self) -> bool:
        """Whether the call that selects the unexpected rows is told."""
        return self.level == COMPLETE if self.with_query is None else self.with_query

    @property
    def limit(self) -> int | None:
        """How many of the unexpected values have to be known; None for all."""
        if self.tells_query:
            return None
        return {BOOLEAN_ONLY: 0, BASIC: self.shown}.get(self.level)
