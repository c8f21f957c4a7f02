"""Corrections that are applied: they lose nothing (lossless) or are proven by the value or its column (confident).

None creates information the row did not hold: no check digit is mended, no lost digit guessed, nothing invented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from validahub_pipeline.domain import gtin, markup, notation, spacing
from validahub_pipeline.engine.corrections.registry import Fix, correction
from validahub_pipeline.rulepacks.model import Confidence
from validahub_pipeline.text import mojibake


@correction("trim_whitespace", Confidence.LOSSLESS)
def trim_whitespace() -> Fix:
    """No white space at either end."""
    return Fix(spacing.OUTER_SPACE, spacing.trimmed)


@correction("collapse_spaces", Confidence.LOSSLESS)
def collapse_spaces() -> Fix:
    """One space where several spaces or tabs follow each other; line breaks stay."""
    return Fix(spacing.REPEATED_SPACE, spacing.collapsed)


@correction("nbsp_to_space", Confidence.LOSSLESS)
def nbsp_to_space() -> Fix:
    """A plain space for no-break and other unusual ones; zero-width spaces and byte order marks go."""
    return Fix(f"{spacing.UNUSUAL_SPACE}|{spacing.INVISIBLE}", spacing.plain_spaces)


@correction("repair_mojibake", Confidence.CONFIDENT)
def repair_mojibake() -> Fix:
    """`AÃ§aÃ­` is `Açaí` again. Put it before `nbsp_to_space` and `trim_whitespace`, which would take the second half
    of a damaged `à` for a space."""
    return Fix(mojibake.DAMAGED, mojibake.repaired)


@correction("decimal_comma", Confidence.CONFIDENT)
def decimal_comma(*, comma_decimals: bool) -> Fix:
    """`1.234,56`, `R$ 1.234,56` and `12,5` as `1234.56` and `12.5`; `1.234` and `1,234` only where the column's other
    cells plainly write decimal commas."""

    def canonical(text: pl.Expr) -> pl.Expr:
        return pl.coalesce(notation.canonical(text, comma_decimals=comma_decimals), text)

    return Fix(notation.NOT_CANONICAL, canonical)


@correction("currency_text", Confidence.CONFIDENT)
def currency_text() -> Fix:
    """A figure without the `R$`, `BRL` or `reais` around it. Other currencies are information and stay."""
    return Fix(notation.CURRENCY, notation.without_currency)


@correction("strip_gtin_punctuation", Confidence.CONFIDENT)
def strip_gtin_punctuation() -> Fix:
    """The bare digits of `789-1234567895`, `'7891234567895` or `7891234567895_`, where their check digit holds."""
    return Fix(r"[^0-9]", gtin.without_punctuation)


@correction("pad_gtin_11_to_12", Confidence.CONFIDENT)
def pad_gtin_11_to_12() -> Fix:
    """The leading zero that a spreadsheet dropped from a 12-digit UPC, where the check digit then holds."""
    return Fix(gtin.ELEVEN_DIGITS, gtin.padded_upc)


@correction("strip_ncm_dots", Confidence.CONFIDENT)
def strip_ncm_dots() -> Fix:
    """`8517.12.31` is `85171231`."""
    return Fix(r"^[0-9]{4}\.[0-9]{2}\.[0-9]{2}$", lambda text: text.str.replace_all(".", "", literal=True))


@correction("strip_cest_dots", Confidence.CONFIDENT)
def strip_cest_dots() -> Fix:
    """`21.064.00` is `2106400`."""
    return Fix(r"^[0-9]{2}\.[0-9]{3}\.[0-9]{2}$", lambda text: text.str.replace_all(".", "", literal=True))


@correction("html_to_text", Confidence.CONFIDENT)
def html_to_text() -> Fix:
    """The text a browser would show, paragraphs and list items as lines, entities as characters."""
    return Fix(markup.MARKUP, markup.as_text)


@correction("map_synonyms", Confidence.CONFIDENT)
def map_synonyms(mapping: Mapping[str, str]) -> Fix:
    """The pack's spelling for values the pack knows under another, without regard to case and outer space."""
    folded = {key.strip().lower(): value for key, value in mapping.items()}
    known = "|".join(sorted(re.escape(key) for key in folded)) or r"[^\s\S]"

    def canonical(text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars().str.to_lowercase().replace_strict(folded, default=text)

    return Fix(rf"^\s*(?i:{known})\s*$", canonical)
