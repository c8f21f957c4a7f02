"""The corrections a pack may ask for: names, confidence and kwargs.

What each does is the engine's business (`engine.corrections`, held to this by a test); what it is good for stands in
docs/rule-packs.md. Expectations are declared where they are written (`validahub_pipeline.expectations`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from validahub_pipeline.rulepacks.model import Confidence

ANY_FIELD: Final = "*"
"""Among a correction's fields, and as the column of a rule: every column of the file, known to the pack or not."""


class Kind(StrEnum):
    """What a kwarg holds; the value is what an error message shows."""

    COUNT = "integer >= 0"
    TEXT = "text"
    UNIT = "kg | g | m | cm | mm"
    FLAG = "yes | no"
    WORDS = "list[text]"
    SYNONYMS = "mapping[text, text]"


@dataclass(frozen=True)
class Kwarg:
    """One kwarg of a correction."""

    kind: Kind
    required: bool = True


@dataclass(frozen=True)
class CorrectionType:
    """One correction; its confidence, which decides whether it is applied or proposed, is not the pack's to choose."""

    name: str
    confidence: Confidence
    kwargs: Mapping[str, Kwarg]


def _correction(name: str, confidence: Confidence, **kwargs: Kwarg) -> CorrectionType:
    return CorrectionType(name, confidence, kwargs)


# In the order in which they are applied, whatever order a pack lists them in. Mojibake first, since a no-break space is
# half of some; markup before white space, since it leaves some; what is only proposed last, on what is then published.
CORRECTIONS: Final[Mapping[str, CorrectionType]] = {
    known.name: known
    for known in (
        _correction("repair_mojibake", Confidence.CONFIDENT),
        _correction("remove_control_characters", Confidence.LOSSLESS),
        _correction("compose_unicode", Confidence.LOSSLESS),
        _correction("html_to_text", Confidence.CONFIDENT),
        _correction("decode_entities", Confidence.CONFIDENT),
        _correction("nbsp_to_space", Confidence.LOSSLESS),
        _correction("trim_whitespace", Confidence.LOSSLESS),
        _correction("collapse_spaces", Confidence.LOSSLESS),
        _correction("straighten_quotes", Confidence.CONFIDENT),
        _correction(
            "bare_measure",
            Confidence.CONFIDENT,
            unit=Kwarg(Kind.UNIT),
            keep_same_unit=Kwarg(Kind.FLAG, required=False),
        ),
        _correction("percent_text", Confidence.CONFIDENT),
        _correction("currency_text", Confidence.CONFIDENT),
        _correction("decimal_comma", Confidence.CONFIDENT),
        _correction("strip_gtin_punctuation", Confidence.CONFIDENT),
        _correction("pad_gtin_11_to_12", Confidence.CONFIDENT),
        _correction("strip_ncm_dots", Confidence.CONFIDENT),
        _correction("strip_cest_dots", Confidence.CONFIDENT),
        _correction("category_id_spelling", Confidence.CONFIDENT, prefix=Kwarg(Kind.TEXT, required=False)),
        _correction(
            "tidy_picture_addresses",
            Confidence.CONFIDENT,
            separator=Kwarg(Kind.TEXT, required=False),
            ascii_only=Kwarg(Kind.FLAG, required=False),
        ),
        _correction("yes_or_no", Confidence.CONFIDENT, when_true=Kwarg(Kind.TEXT), when_false=Kwarg(Kind.TEXT)),
        _correction("map_synonyms", Confidence.CONFIDENT, mapping=Kwarg(Kind.SYNONYMS)),
        _correction("canonical_brand", Confidence.CONFIDENT, brands=Kwarg(Kind.WORDS)),
        _correction("isbn10_to_isbn13", Confidence.SUGGEST),
        _correction("upc_e_to_upc_a", Confidence.SUGGEST),
        _correction("nearest_value", Confidence.SUGGEST, mapping=Kwarg(Kind.SYNONYMS)),
        _correction("remove_contact_data", Confidence.SUGGEST),
        _correction("remove_promotional_words", Confidence.SUGGEST, words=Kwarg(Kind.WORDS)),
        _correction("remove_prices", Confidence.SUGGEST),
        _correction("remove_emoji", Confidence.SUGGEST),
        _correction("title_case_all_caps", Confidence.SUGGEST, names=Kwarg(Kind.WORDS, required=False)),
        _correction("truncate_at_word", Confidence.SUGGEST, max_length=Kwarg(Kind.COUNT)),
    )
}
