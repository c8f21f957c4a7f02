"""Which column of a seller's file holds which field of a pack.

Headers are compared without case, accents, spaces or punctuation, and never by likeness: a near miss is shown to the
seller, not used (`product_name_lenght` is no title).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from validahub_pipeline.rulepacks.model import ColumnMatch, Field, ResolvedPack, Unmatched
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD

_TO_DECIMALS: Final = {"decimal_comma", "currency_text", "percent_text", "bare_measure"}
_DECIMAL: Final = "expect_column_values_to_be_decimal_number"
_CANDIDATES: Final = 3
_ALIKE: Final = 0.72


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """A header without what people vary: `Preço (R$)`, `PRECO R$` and `preco_r` are one. Never the empty text for one
    that shows anything: a header in signs alone stays as it is."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in letters if char.isalnum()) or text.strip()


def nearest(word: str, words: Iterable[str], *, count: int) -> list[str]:
    """The most alike of some words, best first; ties in their own order."""
    return sorted(words, key=lambda other: -_likeness(plain(word), plain(other)))[:count]


def match_columns(pack: ResolvedPack, header: Sequence[str]) -> ColumnMatch:
    """Find each field's column. A column named as the field itself, or by its first alias, wins over one named by a
    later alias, and that over one whose name only a pack below knows; two that claim it with equal right make it
    ambiguous, and it gets none: a wrong guess would judge and correct the wrong cells. An optional field nobody claims
    is no loss; one that several claim is told.
    """
    columns: dict[str, str] = {}
    without: list[tuple[Field, list[str]]] = []
    for field in pack.fields.values():
        claims = _claims(field, header)
        if len(claims) == 1:
            columns[field.name] = claims[0]
        else:
            without.append((field, claims))
    free = [name for name in header if name not in columns.values()]
    return ColumnMatch(
        columns=columns,
        unmatched=tuple(
            Unmatched(
                field.name,
                tuple(claims or _candidates(field, free)),
                ambiguous=bool(claims),
                required=_missed(field, columns),
            )
            for field, claims in without
            if claims or _missed(field, columns)
        ),
    )


def personal_columns(pack: ResolvedPack, header: Sequence[str]) -> tuple[str, ...]:
    """The columns whose cells are of persons: every one that goes by any name of a `pii` field, also where several do
    and none gets the field. Better one too many than one in the open."""
    names = {
        plain(name)
        for field in pack.fields.values()
        if field.pii
        for name in (field.name, *field.aliases, *field.inherited)
    }
    return tuple(column for column in header if plain(column) in names) if names else ()


def decimal_columns(pack: ResolvedPack, match: ColumnMatch) -> tuple[str, ...]:
    """The columns whose cells the pack takes for decimal numbers, in the order of its fields."""
    fields = decimal_fields(pack)
    return tuple(column for field, column in match.columns.items() if field in fields)


def decimal_fields(pack: ResolvedPack) -> frozenset[str]:
    """The fields that the pack wants to hold decimal numbers: it corrects their notation, or has a rule that asks for
    it. A correction of every column says nothing of any of them."""
    corrected = (one.fields for one in pack.corrections if one.type in _TO_DECIMALS)
    asked = ((str(rule.kwargs["column"]),) for rule in pack.rules if rule.type == _DECIMAL)
    return frozenset(field for fields in (*corrected, *asked) for field in fields) - {ANY_FIELD}


def _missed(field: Field, columns: Mapping[str, str]) -> bool:
    return field.required and not columns.keys() & set(field.unless)


def _claims(field: Field, header: Sequence[str]) -> list[str]:
    """The columns with the best claim to a field."""
    best = {plain(name) for name in (field.name, *field.aliases[:1])}
    names = [(name, plain(name)) for name in header]
    claims = [name for name, bare in names if bare in best]
    others, below = ({plain(alias) for alias in aliases} for aliases in (field.aliases[1:], field.inherited))
    claims = claims or [name for name, bare in names if bare in others]
    return claims or [name for name, bare in names if bare in below]


def _candidates(field: Field, header: Sequence[str]) -> list[str]:
    """Headers that look like one of the field's names, best first."""
    names = [plain(name) for name in (field.name, *field.aliases, *field.inherited)]
    scored = [(max(_likeness(plain(column), name) for name in names), column) for column in header]
    alike = sorted((pair for pair in scored if pair[0] >= _ALIKE), key=lambda pair: -pair[0])
    return [column for _, column in alike[:_CANDIDATES]]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
