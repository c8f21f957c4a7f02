"""Whether what a pack says means something: known words, right kwargs, regexes the engine can run, texts in every
language, a source for everything that can block a seller.

Shape is `document`'s business; nothing is evaluated here.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import polars as pl

import rules
from validahub_pipeline.errors import PackError
from validahub_pipeline.messages import LANGUAGES, Language
from validahub_pipeline.rulepacks.model import Field, Rule, Severity
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD, Kind, Kwarg


@dataclass(frozen=True)
class Place:
    """Where in a pack something stands, for the error that names it."""

    pack: str
    where: str

    def error(self, error: str, **values: Any) -> PackError:
        """The error that says what is wrong here."""
        return PackError(error, pack=self.pack, where=self.where, **values)


def known(place: Place, error: str, word: str, words: Collection[str]) -> None:
    """`word` must be one of `words`; else the error names the nearest of them, or all where none is near."""
    if word not in words:
        nearest = get_close_matches(word, words, n=3, cutoff=0.5) or sorted(words)
        raise place.error(error, word=word, known=", ".join(nearest))


def kwargs(
    place: Place,
    given: Mapping[str, Any],
    expected: Mapping[str, Kwarg],
    fields: Mapping[str, Field],
    *,
    one_of: tuple[str, ...] = (),
) -> None:
    """Every kwarg is known, every required one is there, and each holds what it should."""
    for name in given:
        known(place, "pack_unknown_kwarg", name, expected)
    for name, kwarg in expected.items():
        if name in given:
            _kwarg(place, name, given[name], kwarg.kind, fields)
        elif kwarg.required:
            raise place.error("pack_missing_kwarg", kwarg=name)
    if one_of and not any(name in given for name in one_of):
        raise place.error("pack_missing_kwarg", kwarg=" / ".join(one_of))


def _kwarg(place: Place, name: str, value: Any, kind: Kind, fields: Mapping[str, Field]) -> None:
    if not _is(value, kind):
        raise place.error("pack_bad_kwarg", kwarg=name, kind=kind.value, value=repr(value))
    if kind in {Kind.FIELD, Kind.FIELDS}:
        for field in [value] if isinstance(value, str) else value:
            known(place, "pack_unknown_field", field, fields)
    if kind in {Kind.REGEX, Kind.REGEXES}:
        for regex in [value] if isinstance(value, str) else value:
            runnable(place, regex)


def _is(value: Any, kind: Kind) -> bool:  # noqa: PLR0911 - one line per kind
    match kind:
        case Kind.NUMBER:
            return _number(value)
        case Kind.COUNT:
            return _number(value) and isinstance(value, int) and value >= 0
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.FIELD | Kind.REGEX | Kind.TEXT:
            return _text(value)
        case Kind.FIELDS:
            return _items(value, _text) and len(value) >= 2
        case Kind.VALUES:
            return _items(value, lambda item: _text(item) or _number(item))
        case Kind.WORDS | Kind.REGEXES:
            return _items(value, _text)
        case Kind.ANY_OR_ALL:
            return value in ("any", "all")
        case Kind.SYNONYMS:
            return (
                isinstance(value, dict) and bool(value) and all(_text(word) for pair in value.items() for word in pair)
            )


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _items(value: Any, is_item: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(is_item(item) for item in value)


def runnable(place: Place, regex: str) -> None:
    """The engine's regex (Rust's: no look-around, no back-references) must take it."""
    try:
        pl.Series([""]).str.contains(regex, strict=True)
    except pl.exceptions.ComputeError as error:
        cause = str(error).partition("\n\nThis error")[0]
        raise place.error("pack_bad_regex", regex=regex, cause=" ".join(cause.split())) from error


def condition(place: Place, sql: str, fields: Mapping[str, Field]) -> None:
    """A polars SQL expression over fields, true or false for each row."""
    try:
        expression = pl.sql_expr(sql)
        names = expression.meta.root_names()
        for name in names:
            known(place, "pack_unknown_field", name, fields)
        # A row, since an empty frame would let an aggregate pass for a condition.
        row = pl.DataFrame(
            {name: ["", ""] for name in names or ["_"]}, schema_overrides=dict.fromkeys(names, pl.String)
        )
        verdict = row.select(expression)
    except pl.exceptions.PolarsError as error:
        raise place.error("pack_bad_condition", condition=sql, cause=" ".join(str(error).split())) from error
    if verdict.dtypes != [pl.Boolean] or not names or verdict.height != row.height:
        raise place.error("pack_bad_condition", condition=sql, cause=str(verdict.dtypes[0]))


def mostly(place: Place, share: Any) -> None:
    """The share of values that has to hold, as GX spells it; None where it was not given."""
    if share is not None and not (_number(share) and 0 < share <= 1):
        raise place.error("pack_bad_kwarg", kwarg="mostly", kind="number, 0 < mostly <= 1", value=repr(share))


def targets(place: Place, names: Collection[str], fields: Mapping[str, Field]) -> None:
    """A correction applies to fields of the pack, or to every column."""
    if list(names) != [ANY_FIELD]:
        for name in names:
            known(place, "pack_unknown_field", name, fields)


def provenance(place: Place, rule: Rule) -> None:
    """Whatever can block a seller is verified: it has a source, the day it was read, and how far to trust it."""
    if not rule.verified:
        if rule.severity is not Severity.INFO:
            raise place.error("pack_unverified", severity=rule.severity.value)
        return
    for key, value in (("source", rule.source), ("verified_on", rule.verified_on), ("trust", rule.trust)):
        if not value:
            raise place.error("pack_source_missing", key=key)


def texts(place: Place, code: str, own: Mapping[Language, str], given: Mapping[str, Any]) -> dict[Language, str]:
    """What a seller reads about a rule, in every language: the pack's own words, or the catalogue's for the code.

    Raises:
        PackError: a language is missing, or a text has a placeholder that is no kwarg of the rule.
    """
    found = {lang: own.get(lang) or _catalogued(code, lang) for lang in LANGUAGES}
    for lang, text in found.items():
        if not text:
            raise place.error("pack_message_missing", section="violations", key=code, lang=lang)
        try:
            names = list(placeholders(text))
        except ValueError as error:
            raise place.error("pack_bad_value", key=lang, value=repr(text), cause=str(error)) from error
        for name in names:
            if name not in given:
                raise place.error("pack_message_placeholder", lang=lang, placeholder=name, known=", ".join(given))
    return {lang: text for lang, text in found.items() if text}


def described(place: Place, code: str) -> None:
    """A correction's code has its texts, in every language, in the catalogue."""
    for key in (code, f"{code}.what"):
        for lang in LANGUAGES:
            if not rules.messages("corrections").get(key, {}).get(lang):
                raise place.error("pack_message_missing", section="corrections", key=key, lang=lang)


def _catalogued(code: str, lang: Language) -> str | None:
    catalogue = rules.messages("violations")
    parts = [catalogue.get(f"{code}.{part}", {}).get(lang) for part in ("cause", "remedy")]
    return " ".join(parts) if all(parts) else None


def placeholders(text: str) -> Iterator[str]:
    """Names in braces in a message."""
    return (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
