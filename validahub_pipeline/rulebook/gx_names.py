"""Names for what a suite has no names for: codes of rules, and fields for columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from validahub_pipeline.rulepacks.columns import plain

_NAME: Final = re.compile(r"^[a-z][a-z0-9_]*$")
_LONGEST: Final = 60
# How a code reads that says what is wrong with a column, as the codes of shipped packs do.
_SAYING: Final[Mapping[str, str]] = {
    "expect_column_values_to_not_be_null": "missing_{0}",
    "expect_column_values_to_be_unique": "duplicate_{0}",
    "expect_compound_columns_to_be_unique": "duplicate_{0}",
    "expect_select_column_values_to_be_unique_within_record": "repeated_{0}",
    "expect_column_values_to_be_null": "{0}_not_empty",
    "expect_column_values_to_be_between": "{0}_out_of_range",
    "expect_column_value_lengths_to_equal": "{0}_length",
    "expect_column_values_to_be_in_set": "{0}_unknown",
    "expect_column_values_to_not_be_in_set": "{0}_not_allowed",
    "expect_column_values_to_match_regex": "{0}_malformed",
    "expect_column_values_to_match_regex_list": "{0}_malformed",
    "expect_column_values_to_not_match_regex": "{0}_forbidden",
    "expect_column_values_to_not_match_regex_list": "{0}_forbidden",
    "expect_column_values_to_match_strftime_format": "{0}_no_date",
    "expect_column_values_to_be_dateutil_parseable": "{0}_no_date",
    "expect_column_pair_values_a_to_be_greater_than_b": "{0}_not_greater",
    "expect_column_pair_values_to_be_equal": "{0}_differ",
    "expect_column_values_to_be_of_type": "{0}_type",
    "expect_column_values_to_be_in_type_list": "{0}_type",
}
_WORDLESS: Final = re.compile(r"^expect_(?:column_pair_|multicolumn_|column_|table_)?(?:values?_)?(?:to_)?(?:be_)?")


class Fields:
    """The fields of a pack that is being made, and the columns they stand for. Two columns whose names a pack would not
    tell apart (`SKU`, `sku`) are one field."""

    def __init__(self, known: Iterable[Mapping[str, Any]]) -> None:
        """`known`: fields there are already, each with `name` and `aliases`."""
        self._names: dict[str, str] = {
            plain(header): field["name"]
            for field in known
            for header in (field["name"], *field["aliases"], *field.get("inherited", ()))
        }
        self._new: dict[str, str] = {}

    def field(self, column: str) -> str:
        """The field of a column; a new one where there is none yet."""
        if plain(column) not in self._names:
            name = _free(_name(column), self._names.values())
            self._names |= {plain(column): name, plain(name): name}
            self._new[name] = column
        return self._names[plain(column)]

    @property
    def new(self) -> Mapping[str, str]:
        """The fields that were made, with their columns."""
        return self._new


def code_of(kind: str, kwargs: Mapping[str, Any], taken: set[str]) -> str:
    """A code for an expectation of fields, none of those that are taken."""
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    fields = "_".join(map(str, [*named, *kwargs.get("column_list", ())])) or "table"
    if kind == "expect_column_value_lengths_to_be_between":
        ends = (kwargs.get("min_value") is not None, kwargs.get("max_value") is not None)
        saying = {(True, False): "{0}_too_short", (False, True): "{0}_too_long"}.get(ends, "{0}_length")
    else:
        saying = _SAYING.get(kind, "{0}_" + _WORDLESS.sub("", kind))
    return _free(_name(saying.format(fields)), taken)


def _name(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    bare = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:_LONGEST].strip("_")
    return bare if _NAME.match(bare) else f"x_{bare}".rstrip("_")


def _free(name: str, taken: Iterable[str]) -> str:
    used = set(taken)
    number = 2
    found = name
    while found in used:
        found, number = f"{name}_{number}", number + 1
    return found
