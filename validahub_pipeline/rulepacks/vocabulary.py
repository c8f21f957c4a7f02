"""The words a rule pack may use: every expectation and correction the engine knows, with the kwargs each takes.

No evaluation here (that is `engine`) and no prose; what each word means stands in docs/rule-packs.md. Names and kwargs
of the expectations without a domain of ours are Great Expectations 1.24's, and a test holds them to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from validahub_pipeline.rulepacks.model import Confidence

ANY_FIELD: Final = "*"
"""Among a correction's fields: every column of the file, known to the pack or not."""


class Kind(StrEnum):
    """What a kwarg holds; the value is what an error message shows."""

    FIELD = "field"
    FIELDS = "list[field], 2+"
    NUMBER = "number"
    COUNT = "integer >= 0"
    FLAG = "true | false"
    TEXT = "text"
    VALUES = "list[text | number]"
    WORDS = "list[text]"
    REGEX = "regex"
    REGEXES = "list[regex]"
    ANY_OR_ALL = "any | all"
    SYNONYMS = "mapping[text, text]"


@dataclass(frozen=True)
class Kwarg:
    """One kwarg of an expectation or correction."""

    kind: Kind
    required: bool = True


Scope = Literal["file", "cell", "row", "column"]


@dataclass(frozen=True)
class ExpectationType:
    """One expectation.

    Attributes:
        scope: what a verdict needs to see: the header (`file`), one cell, one row (several cells of it), or the
            whole column (uniqueness).
        one_of: of these optional kwargs at least one has to be given.
        numeric: the cells are read as numbers; a cell that is none is *unknown* to the rule, not a violation of it.
        ours: not part of Great Expectations.
    """

    name: str
    kwargs: Mapping[str, Kwarg]
    scope: Scope = "cell"
    one_of: tuple[str, ...] = ()
    numeric: bool = False
    ours: bool = False


@dataclass(frozen=True)
class CorrectionType:
    """One correction; its confidence, which decides whether it is applied or proposed, is not the pack's to choose."""

    name: str
    confidence: Confidence
    kwargs: Mapping[str, Kwarg]


_COLUMN: Final = {"column": Kwarg(Kind.FIELD)}
_RANGE: Final = {
    "strict_min": Kwarg(Kind.FLAG, required=False),
    "strict_max": Kwarg(Kind.FLAG, required=False),
}
_LIMITS: Final = ("min_value", "max_value")


def _gx(
    name: str,
    *,
    scope: Scope = "cell",
    one_of: tuple[str, ...] = (),
    numeric: bool = False,
    kwargs: Mapping[str, Kwarg] = _COLUMN,
) -> ExpectationType:
    return ExpectationType(name, kwargs, scope=scope, one_of=one_of, numeric=numeric)


def _ours(name: str, **kwargs: Kwarg) -> ExpectationType:
    return ExpectationType(name, _COLUMN | kwargs, ours=True)


EXPECTATIONS: Final[Mapping[str, ExpectationType]] = {
    known.name: known
    for known in (
        _gx("expect_column_to_exist", scope="file"),
        _gx("expect_column_values_to_not_be_null"),
        _gx("expect_column_values_to_be_null"),
        _gx("expect_column_values_to_be_in_set", kwargs=_COLUMN | {"value_set": Kwarg(Kind.VALUES)}),
        _gx("expect_column_values_to_not_be_in_set", kwargs=_COLUMN | {"value_set": Kwarg(Kind.VALUES)}),
        _gx(
            "expect_column_values_to_be_between",
            one_of=_LIMITS,
            numeric=True,
            kwargs=_COLUMN | dict.fromkeys(_LIMITS, Kwarg(Kind.NUMBER, required=False)) | _RANGE,
        ),
        _gx(
            "expect_column_value_lengths_to_be_between",
            one_of=_LIMITS,
            kwargs=_COLUMN | dict.fromkeys(_LIMITS, Kwarg(Kind.COUNT, required=False)),
        ),
        _gx("expect_column_value_lengths_to_equal", kwargs=_COLUMN | {"value": Kwarg(Kind.COUNT)}),
        _gx("expect_column_values_to_match_regex", kwargs=_COLUMN | {"regex": Kwarg(Kind.REGEX)}),
        _gx("expect_column_values_to_not_match_regex", kwargs=_COLUMN | {"regex": Kwarg(Kind.REGEX)}),
        _gx(
            "expect_column_values_to_match_regex_list",
            kwargs=_COLUMN | {"regex_list": Kwarg(Kind.REGEXES), "match_on": Kwarg(Kind.ANY_OR_ALL, required=False)},
        ),
        _gx("expect_column_values_to_not_match_regex_list", kwargs=_COLUMN | {"regex_list": Kwarg(Kind.REGEXES)}),
        _gx("expect_column_values_to_be_unique", scope="column"),
        _gx("expect_compound_columns_to_be_unique", scope="column", kwargs={"column_list": Kwarg(Kind.FIELDS)}),
        _gx(
            "expect_column_pair_values_a_to_be_greater_than_b",
            scope="row",
            numeric=True,
            kwargs={
                "column_A": Kwarg(Kind.FIELD),
                "column_B": Kwarg(Kind.FIELD),
                "or_equal": Kwarg(Kind.FLAG, required=False),
            },
        ),
        _ours("expect_column_values_to_be_decimal_number"),
        _ours("expect_column_values_to_be_whole_number"),
        _ours("expect_column_values_to_be_valid_gtin"),
        _ours("expect_column_values_to_have_no_scientific_notation"),
        _ours("expect_column_values_to_have_no_excel_rounding"),
        _ours("expect_column_values_to_be_valid_ncm"),
        _ours("expect_column_values_to_have_no_html"),
        _ours("expect_column_values_to_have_no_contact_data"),
        _ours("expect_column_values_to_have_no_promotional_words", words=Kwarg(Kind.WORDS)),
        _ours("expect_column_values_to_not_be_all_caps", min_length=Kwarg(Kind.COUNT)),
        _ours("expect_column_values_to_have_no_mojibake"),
        _ours("expect_column_values_to_be_valid_url_list", separator=Kwarg(Kind.TEXT)),
    )
}


def _correction(name: str, confidence: Confidence, **kwargs: Kwarg) -> CorrectionType:
    return CorrectionType(name, confidence, kwargs)


# In the order in which they are applied, whatever order a pack lists them in. Mojibake first, since a no-break space is
# half of some; markup before white space, since it leaves some; what is only proposed last, on what is then published.
CORRECTIONS: Final[Mapping[str, CorrectionType]] = {
    known.name: known
    for known in (
        _correction("repair_mojibake", Confidence.CONFIDENT),
        _correction("html_to_text", Confidence.CONFIDENT),
        _correction("nbsp_to_space", Confidence.LOSSLESS),
        _correction("trim_whitespace", Confidence.LOSSLESS),
        _correction("collapse_spaces", Confidence.LOSSLESS),
        _correction("currency_text", Confidence.CONFIDENT),
        _correction("decimal_comma", Confidence.CONFIDENT),
        _correction("strip_gtin_punctuation", Confidence.CONFIDENT),
        _correction("pad_gtin_11_to_12", Confidence.CONFIDENT),
        _correction("strip_ncm_dots", Confidence.CONFIDENT),
        _correction("map_synonyms", Confidence.CONFIDENT, mapping=Kwarg(Kind.SYNONYMS)),
        _correction("remove_contact_data", Confidence.SUGGEST),
        _correction("remove_promotional_words", Confidence.SUGGEST, words=Kwarg(Kind.WORDS)),
        _correction("title_case_all_caps", Confidence.SUGGEST),
        _correction("truncate_at_word", Confidence.SUGGEST, max_length=Kwarg(Kind.COUNT)),
    )
}
