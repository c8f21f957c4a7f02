"""A pack that is not well formed is refused, and the error names pack, place, cause and remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml

from validahub_pipeline.errors import PackError
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulepacks import ResolvedPack, resolve

Pack = dict[str, Any]
Resolved = Callable[..., ResolvedPack]


def _rule(**changes: Any) -> Callable[[Pack], None]:
    def change(pack: Pack) -> None:
        pack["rules"][0] |= changes
        for key in [key for key, value in changes.items() if value is ...]:
            del pack["rules"][0][key]

    return change


def _kwargs(**kwargs: Any) -> Callable[[Pack], None]:
    return _rule(kwargs={"column": "title", "max_value": 60} | kwargs)


def _typed(type_: str, **kwargs: Any) -> Callable[[Pack], None]:
    return _rule(type=type_, kwargs=kwargs, messages=dict.fromkeys(LANGUAGES, "x"))


def _with(section: str, value: Any) -> Callable[[Pack], None]:
    def change(pack: Pack) -> None:
        pack[section] = value

    return change


def _also(section: str, entry: Any) -> Callable[[Pack], None]:
    def change(pack: Pack) -> None:
        pack.setdefault(section, []).append(entry)

    return change


GX = "expect_column_values_to_"
RULE = "rules/title_too_long"

BROKEN: list[tuple[str, Callable[[Pack], None], str, str]] = [
    ("an unknown key of a rule", _rule(severty="info"), "pack_unknown_key", RULE),
    ("an unknown key of the pack", _with("gates", {}), "pack_unknown_key", "pack"),
    ("an unknown key of a field", _with("fields", {"title": {"alias": []}}), "pack_unknown_key", "fields/title"),
    ("a number for a version", _with("version", 1.0), "pack_bad_value", "pack"),
    ("another name than its file's", _with("pack", "shopp"), "pack_bad_value", "pack"),
    ("a severity GX does not know", _rule(severity="fatal"), "pack_bad_value", RULE),
    ("a code that is no name", _rule(code="Title too long"), "pack_bad_value", "rules/Title too long"),
    ("a gate over 100 %", _with("gate", {"max_critical_rows_percent": 120}), "pack_bad_value", "gate"),
    ("a rule without type", _rule(type=...), "pack_missing_key", RULE),
    ("a rule without examples", _rule(examples=...), "pack_missing_key", RULE),
    ("an example that only passes", _rule(examples={"pass": "x"}), "pack_missing_key", f"{RULE}/examples"),
    ("no gate", _with("gate", {}), "pack_missing_key", "gate"),
    ("an unknown expectation", _rule(type=GX + "be_nice"), "pack_unknown_type", RULE),
    (
        "an unknown correction",
        _also("corrections", {"type": "guess", "fields": ["title"]}),
        "pack_unknown_type",
        "corr",
    ),
    ("an unknown kwarg", _kwargs(max_len=60), "pack_unknown_kwarg", RULE),
    ("a required kwarg left out", _typed(GX + "not_match_regex", column="title"), "pack_missing_kwarg", RULE),
    ("a set left out", _typed(GX + "be_in_set", column="title"), "pack_missing_kwarg", RULE),
    ("no limit at all", _rule(kwargs={"column": "title"}), "pack_bad_kwargs", RULE),
    ("a text for a length", _kwargs(max_value="60"), "pack_bad_kwarg", RULE),
    ("a negative length", _kwargs(max_value=-1), "pack_bad_kwarg", RULE),
    ("true for a length", _kwargs(max_value=True), "pack_bad_kwarg", RULE),
    ("mostly over 1", _kwargs(mostly=95), "pack_bad_kwarg", RULE),
    ("a set with a YAML boolean", _typed(GX + "be_in_set", column="title", value_set=[True]), "pack_bad_kwarg", RULE),
    ("an empty set", _typed(GX + "be_in_set", column="title", value_set=[]), "pack_bad_kwarg", RULE),
    ("a field nobody declared", _kwargs(column="titel"), "pack_unknown_field", RULE),
    (
        "a bad regex among others",
        _typed(GX + "match_regex_list", column="title", regex_list=["a", "("]),
        "pack_bad_regex",
        RULE,
    ),
    ("a condition that is no SQL", _rule(row_condition="title is"), "pack_bad_condition", RULE),
    ("a condition that is no truth", _rule(row_condition="UPPER(title)"), "pack_bad_condition", RULE),
    ("a condition on the whole file", _rule(row_condition="COUNT(title) > 0"), "pack_bad_condition", RULE),
    ("a condition on no field", _rule(row_condition="1 = 1"), "pack_bad_condition", RULE),
    ("a condition on an unknown field", _rule(row_condition="handle IS NULL"), "pack_unknown_field", RULE),
    ("a correction no pack applies", _rule(corrected_by=["html_to_text"]), "pack_unknown_correction", RULE),
    ("a critical rule without source", _rule(source=...), "pack_source_missing", RULE),
    ("a rule nobody dated", _rule(verified_on=...), "pack_source_missing", RULE),
    ("a rule of unknown trust", _rule(trust=...), "pack_source_missing", RULE),
    ("a source nobody listed", _rule(source=["BLOG"]), "pack_unknown_source", RULE),
    ("a critical rule nobody verified", _rule(verified=False), "pack_unverified", RULE),
    ("a code without texts", _rule(code="title_is_odd"), "pack_message_missing", "rules/title_is_odd"),
    (
        "a correction without texts",
        _also("corrections", {"code": "odd", "type": "trim_whitespace", "fields": ["title"]}),
        "pack_message_missing",
        "corrections/odd",
    ),
    (
        "a text with a placeholder that is no kwarg",
        _rule(messages={"en": "over {limit}"}),
        "pack_message_placeholder",
        RULE,
    ),
    ("a text with a stray brace", _rule(messages={"en": "over }"}), "pack_bad_value", RULE),
    ("a text in a language we do not speak", _rule(messages={"fr": "trop long"}), "pack_bad_value", f"{RULE}/messages"),
    (
        "a period that ends before it starts",
        _rule(effective_from=date(2027, 1, 1), effective_to=date(2026, 1, 1)),
        "pack_period",
        RULE,
    ),
    (
        "a drop of what is not inherited",
        _also("rules", {"code": "missing_sku", "drop": True}),
        "pack_drops_nothing",
        "rules/missing_sku",
    ),
    (
        "a header two fields claim",
        _with("fields", {"title": {"aliases": ["Nome"]}, "brand": {"aliases": ["NOME "]}}),
        "pack_alias_twice",
        "fields/brand",
    ),
    (
        "a category with two overrides",
        _with("categories", [{"names": ["Moda"]}, {"names": ["moda"]}]),
        "pack_category_twice",
        "categories",
    ),
    (
        "an error that only one category shows",
        _with("categories", [{"names": ["moda"], "rules": [{"code": "title_too_long", "kwargs": {"max_value": "x"}}]}]),
        "pack_bad_kwarg",
        RULE,
    ),
    (
        "an error that only next year shows",
        _also("rules", {"code": "missing_price", "effective_from": date(2027, 1, 1)}),
        "pack_missing_key",
        "rules/missing_price",
    ),
    ("a base that is not there", _with("extends", "bse"), "pack_unknown_base", "extends"),
    (
        "another field that nobody declared instead of a required one",
        _with("fields", {"title": {"required": True, "unless": ["name"]}}),
        "pack_unknown_field",
        "fields/title",
    ),
    ("itself as base", _with("extends", "shop"), "pack_cycle", "extends"),
    ("a base that is no name", _with("extends", [7]), "pack_bad_value", "pack"),
]


@pytest.mark.parametrize(("change", "code", "where"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_it_is_refused_with_the_place_named_in_every_language(
    shop: Pack, change: Callable[[Pack], None], code: str, where: str
) -> None:
    change(shop)
    with pytest.raises(PackError) as caught:
        _read(shop)
    assert caught.value.code == code
    for lang in LANGUAGES:
        message = caught.value.render(lang)
        assert "shop" in message
        assert where in message or code in {"pack_unknown_base", "pack_cycle"}


def _read(pack: Pack) -> ResolvedPack:
    # Under the name it should have, whatever it says.
    return resolve("shop", category="all", on=date(2026, 11, 24), packs={"shop": yaml.safe_dump(pack, sort_keys=False)})


def test_the_pack_all_of_these_break_is_well_formed(shop: Pack, resolved: Resolved) -> None:
    assert [rule.code for rule in resolved(shop).rules] == ["title_too_long"]


def test_two_rules_of_one_code_on_one_day_are_refused(shop: Pack, resolved: Resolved) -> None:
    shop["rules"].append(shop["rules"][0])
    with pytest.raises(PackError, match="title_too_long"):
        resolved(shop)


@pytest.mark.parametrize(
    "text",
    ["- a\n- b\n", "", "pack: [", "pack: shop\npack: shop\n", "? [1]\n: 2\n"],
    ids=["a list", "nothing", "broken YAML", "a key twice", "a list as key"],
)
def test_a_file_that_is_no_pack_is_refused_with_the_cause(text: str) -> None:
    with pytest.raises(PackError) as caught:
        resolve("shop", category="all", on=date(2026, 1, 1), packs={"shop": text})
    assert caught.value.code == "pack_yaml"


def test_the_nearest_known_word_is_offered(shop: Pack, resolved: Resolved) -> None:
    shop["rules"][0]["type"] = "expect_column_value_length_to_be_between"
    with pytest.raises(PackError, match="nearest: expect_column_value_lengths_to_be_between"):
        resolved(shop)


@pytest.mark.parametrize("regex", ["^(?!x)", r"(.)\1"])
def test_a_regex_that_only_python_can_run_is_taken(shop: Pack, resolved: Resolved, regex: str) -> None:
    _typed(GX + "match_regex", column="title", regex=regex)(shop)

    assert resolved(shop).rules[0].kwargs["regex"] == regex
