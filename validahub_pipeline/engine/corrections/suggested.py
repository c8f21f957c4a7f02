"""Corrections that are only proposed: they lose or recast something, which a person has to want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from validahub_pipeline.domain import gtin, removal, titles, wording
from validahub_pipeline.engine.corrections.registry import Fix, correction
from validahub_pipeline.rulepacks.model import Confidence

# Fewer may well be a brand or model that spells itself so.
_SHOUTED_LETTERS: Final = 12


@correction("truncate_at_word", Confidence.SUGGEST)
def truncate_at_word(max_length: int) -> Fix:
    """At most `max_length` characters, cut between words."""
    return Fix(
        # A long repetition outgrows the regex engine, and so long a cell is rare.
        rf"(?s:^.{{{max_length + 1}}})" if max_length < 500 else r"(?s:^.{500})",
        lambda text: titles.truncated(text, max_length),
    )


@correction("title_case_all_caps", Confidence.SUGGEST)
def title_case_all_caps(names: Sequence[str] = ()) -> Fix:
    """`TÊNIS DE CORRIDA LED` as `Tênis de Corrida LED`; `names` (brands) get the spelling they have there."""
    shouted = rf"^\P{{Ll}}*(?:\p{{Lu}}\P{{Ll}}*){{{_SHOUTED_LETTERS}}}$"
    return Fix(shouted, lambda text: titles.titled(text, names))


@correction("remove_promotional_words", Confidence.SUGGEST)
def remove_promotional_words(words: Sequence[str]) -> Fix:
    """Without the words, whole, whatever their case or accents."""
    unwanted = removal.promotion(words)
    return Fix(wording.promotional(words), lambda text: removal.without(text, unwanted))


@correction("remove_contact_data", Confidence.SUGGEST)
def remove_contact_data() -> Fix:
    """Without phone numbers, addresses, handles and invitations to a messenger."""
    unwanted = removal.contact_data()
    return Fix(wording.CONTACT, lambda text: removal.without(text, unwanted))


@correction("remove_emoji", Confidence.SUGGEST)
def remove_emoji() -> Fix:
    """Without emoji and other pictographs."""
    unwanted = removal.emoji()
    return Fix(wording.EMOJI, lambda text: removal.without(text, unwanted), unusual=True)


@correction("remove_prices", Confidence.SUGGEST)
def remove_prices() -> Fix:
    """Without `por R$ 99,90`: a title that names a price is out of date with the next one."""
    unwanted = removal.prices()
    return Fix(wording.PRICE, lambda text: removal.without(text, unwanted))


@correction("isbn10_to_isbn13", Confidence.SUGGEST)
def isbn10_to_isbn13() -> Fix:
    """`85-359-0277-5` as `9788535902778`. One in eleven of other numbers with ten digits looks like an ISBN-10."""
    return Fix(gtin.LIKE_ISBN10, gtin.isbn13)


@correction("upc_e_to_upc_a", Confidence.SUGGEST)
def upc_e_to_upc_a() -> Fix:
    """`04252614` as `042100005264`. One in ten of other numbers with eight digits looks like a UPC-E."""
    return Fix(gtin.LIKE_UPC_E, gtin.upc_a)
