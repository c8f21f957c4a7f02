"""Corrections of numbers that name something. No check digit is ever mended, no digit that was lost is guessed."""

from __future__ import annotations

import re

from validahub_pipeline.domain import addresses, gtin
from validahub_pipeline.engine.corrections.registry import Fix, correction
from validahub_pipeline.rulepacks.model import Confidence
from validahub_pipeline.text.narrowing import NOWHERE


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


@correction("category_id_spelling", Confidence.CONFIDENT)
def category_id_spelling(prefix: str = "") -> Fix:
    """`mlb-1676` as `MLB1676`; without a prefix, the `.0` that a spreadsheet put behind a number goes. A prefix that is
    not there is not added: which category a bare number means is not ours to say."""
    if prefix:
        spelt = rf"^\s*(?i:{re.escape(prefix)})[\s_.:#-]*([0-9]+)(?:\.0+)?\s*$"
        target = f"{prefix.replace('$', '$$')}${{1}}"
        otherwise = rf"{_in_other_case(prefix)}|^\s|[\s_.:#-][0-9]|\s$"
        return Fix(otherwise, lambda text: text.str.replace(spelt, target))
    return Fix(r"^[0-9]+\.0+$", lambda text: text.str.replace(r"\.0+$", ""))


@correction("tidy_picture_addresses", Confidence.CONFIDENT)
def tidy_picture_addresses(separator: str = ",", ascii_only: str = "no") -> Fix:
    """`//cdn.loja.com/a.jpg;www.loja.com/b c.jpg` as two addresses with a scheme, without spaces, parted as the target
    parts them; a cell of which any part is no address stays."""
    strict = ascii_only == "yes"
    return Fix(
        addresses.untidy(separator, ascii_only=strict),
        lambda text: addresses.tidied(text, separator, ascii_only=strict),
    )


def _in_other_case(prefix: str) -> str:
    """A pattern for the prefix in any case but its own."""
    letters = [(place, char) for place, char in enumerate(prefix) if char.swapcase() != char]
    ways = [
        f"{re.escape(prefix[:place])}{char.swapcase()}(?i:{re.escape(prefix[place + 1 :])})" for place, char in letters
    ]
    return rf"^\s*(?:{'|'.join(ways)})" if ways else NOWHERE
