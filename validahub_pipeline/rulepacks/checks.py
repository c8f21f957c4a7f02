"""Whether what a pack says means something: known words, right kwargs, regexes the engine can run, texts in every
language, a source for everything that can block a seller.

Shape is `document`'s business; nothing is evaluated here.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import polars as pl

import rules
from validahub_pipeline.errors import PackError
from validahub_pipeline.expectations import Cell, Expectation, Scope, Table, known_expectations
from validahub_pipeline.expectations.kwargs import applied, read_kwargs, shared_kwargs
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


@dataclass(frozen=True)
class _Kwargs:
    """Kwargs that are the same if they are written the same."""

    written: str
    given: Mapping[str, Any] = field(compare=False)


def expectation(place: Place, type_: str, given: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    """The expectation is known, its kwargs are there and hold what they should, and it can be run with them.

    Raises:
        PackError: `pack_unknown_type`, `pack_unknown_kwarg`, `pack_missing_kwarg`, `pack_bad_kwarg`,
            `pack_unknown_field`, `pack_bad_regex`, `pack_bad_kwargs`.
    """
    _expectation(place, type_, _Kwargs(repr(given), given), tuple(fields))


# Most rules are the same for every category and on every day a pack is checked for.
@lru_cache(maxsize=4096)
def _expectation(place: Place, type_: str, kwargs: _Kwargs, fields: tuple[str, ...]) -> None:
    given = kwargs.given
    known(place, "pack_unknown_type", type_, known_expectations())
    declared = known_expectations()[type_]
    arguments, problems = read_kwargs(declared, given, strict=True)
    for problem in problems:
        match problem.kind:
            case "unknown":
                known(place, "pack_unknown_kwarg", problem.kwarg, _kwargs_of(declared))
            case "missing":
                raise place.error("pack_missing_kwarg", kwarg=problem.kwarg)
            case "bad":
                raise place.error("pack_bad_kwarg", kwarg=problem.kwarg, kind=problem.wanted, value=repr(problem.value))
    for name, value in given.items():
        # YAML reads `yes` and `no` as truth values; a cell is text.
        if isinstance(value, list) and (not value or any(isinstance(item, bool) for item in value)):
            raise place.error("pack_bad_kwarg", kwarg=name, kind="list[text | number], 1+", value=repr(value))
    named = [given["column"]] if declared.scope is Scope.TABLE and "column" in given else arguments.columns
    # What is asked of each value by itself may be asked of every column.
    anywhere = declared.scope is Scope.VALUE and declared.across is None and list(named) == [ANY_FIELD]
    for name in () if anywhere else named:
        known(place, "pack_unknown_field", name, fields)
    # Not by the name alone, which to polars may be a pattern.
    texts = [(name, pl.col(f"text of {name}")) for name in arguments.columns]
    cells = [Cell(name, pl.String(), text, text) for name, text in texts]
    wholes: dict[Scope, list[object]] = {Scope.RECORD: [tuple(cells)], Scope.TABLE: [Table(())]}
    try:
        applied(declared, wholes.get(declared.scope, cells), arguments.own)
    except re.error as error:
        raise place.error("pack_bad_regex", regex=error.pattern, cause=str(error)) from error
    except (ValueError, TypeError) as error:
        raise place.error("pack_bad_kwargs", cause=str(error)) from error


def _kwargs_of(declared: Expectation) -> list[str]:
    return [*declared.domain, *declared.kwargs, *sorted(shared_kwargs(declared))]


def correction_kwargs(place: Place, given: Mapping[str, Any], expected: Mapping[str, Kwarg]) -> None:
    """Every kwarg is known, every required one is there, and each holds what it should."""
    for name in given:
        known(place, "pack_unknown_kwarg", name, expected)
    for name, kwarg in expected.items():
        if name not in given:
            if kwarg.required:
                raise place.error("pack_missing_kwarg", kwarg=name)
            continue
        if not _is(given[name], kwarg.kind):
            raise place.error("pack_bad_kwarg", kwarg=name, kind=kwarg.kind.value, value=repr(given[name]))


def _is(value: Any, kind: Kind) -> bool:
    match kind:
        case Kind.COUNT:
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case Kind.TEXT:
            return _text(value)
        case Kind.UNIT | Kind.FLAG:
            return value in kind.value.split(" | ")
        case Kind.WORDS:
            return isinstance(value, list) and bool(value) and all(map(_text, value))
        case Kind.SYNONYMS:
            return (
                isinstance(value, dict) and bool(value) and all(_text(word) for pair in value.items() for word in pair)
            )


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def condition(place: Place, sql: str, fields: Mapping[str, Field]) -> None:
    """A polars SQL expression over fields, true or false for each row."""
    names, problem = _understood(sql)
    for name in names:
        known(place, "pack_unknown_field", name, fields)
    if problem is not None:
        raise place.error("pack_bad_condition", condition=sql, cause=problem)


@lru_cache(maxsize=1024)
def _understood(sql: str) -> tuple[tuple[str, ...], str | None]:
    """The fields a condition is over, and what is wrong with it."""
    names: tuple[str, ...] = ()
    try:
        expression = pl.sql_expr(sql)
        names = tuple(expression.meta.root_names())
        # Rows, since an empty frame would let an aggregate pass for a condition.
        rows = pl.DataFrame(
            {name: ["", ""] for name in names or ["_"]}, schema_overrides=dict.fromkeys(names, pl.String)
        )
        verdict = rows.select(expression)
    except pl.exceptions.PolarsError as error:
        return names, " ".join(str(error).split())
    held = verdict.dtypes == [pl.Boolean] and names and verdict.height == rows.height
    return names, None if held else str(verdict.dtypes[0])


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
