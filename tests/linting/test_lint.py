"""What is wrong, odd or slow in a pack is told with the file and the line it stands in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import rules
from tests.linting.conftest import TODAY, rule, shop
from validahub_pipeline.linting import Level, lint
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulepacks.named import find_pack


def told(findings):
    return [(found.level, found.code, found.where) for found in findings]


def the_line(found):
    """The line of the file a finding points at."""
    return Path(found.file).read_text(encoding="utf-8").splitlines()[found.line - 1].strip()


def test_a_sound_pack_raises_nothing(linted):
    assert linted(shop(rule("title_too_long"))) == []


@pytest.mark.parametrize(
    ("changed", "code", "line"),
    [
        ({"corrected_by": ["trim"]}, "pack_unknown_correction", "corrected_by:"),
        ({"kwargs": {"column": "title", "maximum": 5}}, "pack_unknown_kwarg", "kwargs:"),
        ({"kwargs": {"column": "titel", "max_value": 5}}, "pack_unknown_field", "kwargs:"),
        ({"type": "expect_nonsense"}, "pack_unknown_type", "type: expect_nonsense"),
        ({"row_condition": "title IS"}, "pack_bad_condition", "row_condition: title IS"),
        ({"source": ["HEARSAY"]}, "pack_unknown_source", "source:"),
        ({"source": []}, "pack_source_missing", "source: []"),
        ({"verified": False}, "pack_unverified", "severity: critical"),
        ({"messages": {}}, "pack_message_missing", None),
        ({"examples": {"pass": "much too long", "fail": "too long"}}, "example_violates", "examples:"),
        ({"examples": {"pass": "short", "fail": "fine"}}, "example_holds", "examples:"),
        ({"examples": {"pass": "short", "fail": [[1]]}}, "example_unreadable", "examples:"),
        ({"effective_from": date(2026, 2, 1), "effective_to": date(2026, 1, 1)}, "pack_period", "effective_from"),
    ],
)
def test_an_error_is_told_at_its_line_in_every_language(linted, changed, code, line):
    found = next(one for one in linted(shop(rule("sound_enough"), rule("in_question", **changed))) if one.code == code)

    assert found.level is Level.ERROR
    assert found.where == "rules/in_question"
    assert the_line(found).startswith(line or "- code: in_question")
    texts = {found.told(lang) for lang in LANGUAGES}
    assert len(texts) == len(LANGUAGES)


def test_all_errors_are_told_at_once_and_none_that_only_follows_from_another(linted):
    broken = {"type": "trim_whitespace", "fields": ["titel"]}
    findings = linted(
        shop(
            rule("one", type="expect_nonsense"),
            rule("two", kwargs={"column": "title"}),
            rule("three", corrected_by=["trim_whitespace"]),
            rule("four"),
            corrections=[broken],
        )
    )

    errors = [(found.code, found.where) for found in findings if found.level is Level.ERROR]
    assert errors == [
        ("pack_unknown_type", "rules/one"),
        ("pack_bad_kwargs", "rules/two"),
        ("pack_unknown_field", "corrections/trim_whitespace"),
    ]


def test_all_that_keeps_the_text_from_being_a_pack_is_told_at_once(linted):
    findings = linted(shop(rule("one", severty="critical"), rule("two", trust="Z"), colour="blue"))

    assert [(found.code, found.where, the_line(found)) for found in findings] == [
        ("pack_unknown_key", "rules/one", "severty: critical"),
        ("pack_bad_value", "rules/two", "trust: Z"),
        ("pack_unknown_key", "pack", "colour: blue"),
    ]


def test_a_code_given_twice_for_the_same_days_is_an_error_and_for_other_days_is_none(linted):
    early = rule("limit", effective_to=date(2026, 12, 31))
    late = rule("limit", kwargs={"column": "title", "max_value": 6}, effective_from=date(2027, 1, 1))
    late["examples"] = {"pass": "sixsix", "fail": "far too long"}

    assert linted(shop(early, late)) == []
    assert [found.code for found in linted(shop(early, late | {"effective_from": date(2026, 12, 1)}))] == [
        "pack_duplicate_code"
    ]


def test_an_error_of_next_year_or_of_one_category_shows_today(linted):
    categories = [{"names": ["toys"], "rules": [{"code": "title_too_long", "kwargs": {"max_value": 500}}]}]
    found = linted(shop(rule("title_too_long"), categories=categories))[0]
    assert (found.code, found.values["category"]) == ("example_holds", "toys")

    later = rule("later", effective_from=date(2030, 1, 1), examples={"pass": "short", "fail": "short"})
    assert [one.code for one in linted(shop(later))] == ["example_holds"]


SLOW = {
    r"\bpromo": r"\b",
    r"(?=a)a": "(?=",
    r"(?!a)b": "(?!",
    r"(?<=a)b": "(?<=",
    r"(a)b\1": r"\1",
}


@pytest.mark.parametrize(("regex", "construct"), SLOW.items())
def test_a_pattern_that_runs_in_python_is_named_with_what_keeps_it_there(linted, regex, construct):
    pattern = rule("pattern", type="expect_column_values_to_match_regex")
    pattern |= {"kwargs": {"column": "title", "regex": regex}, "examples": {"pass": "aba promo b", "fail": "xyz"}}
    if regex == r"(?=a)a":
        pattern["examples"]["fail"] = "x"

    found = linted(shop(pattern))

    assert told(found) == [(Level.NOTE, "pattern_in_python", "rules/pattern")]
    assert found[0].values["construct"] == construct
    assert the_line(found[0]) == "kwargs:"


def test_a_pattern_that_runs_in_rust_is_not(linted):
    kwargs = {"column": "title", "regex": r"^\w+(?:\s|$)"}
    pattern = rule("pattern", type="expect_column_values_to_match_regex", kwargs=kwargs)

    assert linted(shop(pattern | {"examples": {"pass": "word", "fail": "-"}})) == []


def test_an_expectation_written_in_python_is_named_too(linted):
    kwargs = {"column": "title"}
    dated = rule("dated", type="expect_column_values_to_be_dateutil_parseable", kwargs=kwargs)

    assert told(linted(shop(dated | {"examples": {"pass": "2026-11-26", "fail": "soon"}}))) == [
        (Level.NOTE, "runs_in_python", "rules/dated")
    ]


def test_what_has_no_effect_is_told(linted):
    base = shop(rule("title_too_long", effective_from=date(2027, 1, 1)), pack="base_of_ours")
    late = {"code": "title_too_long", "severity": "warning", "effective_to": date(2026, 6, 1)}
    child = {
        "pack": "shop",
        "version": "1",
        "title": "A shop",
        "extends": "base_of_ours",
        "sources": {"NEVER": "https://shop.example/never"},
        "rules": [late, rule("again") | {"source": ["MANUAL"]}],
    }

    assert told(linted(child, base)) == [
        (Level.WARNING, "source_uncited", "sources"),
        (Level.WARNING, "without_effect", "rules/title_too_long"),
        (Level.NOTE, "has_ended", "rules/title_too_long"),
    ]


def test_two_rules_that_ask_the_same_and_texts_that_are_alike_are_told(linted):
    alike = rule("twice", messages=TEXTS_ALIKE)

    assert told(linted(shop(rule("once"), alike))) == [
        (Level.WARNING, "asked_twice", "rules/twice"),
        (Level.WARNING, "messages_alike", "rules/twice"),
    ]


TEXTS_ALIKE = {"en": "It is wrong. Mend it.", "pt-BR": "Está mal. Corríjalo.", "es": "Está mal. Corríjalo."}


def test_a_correction_made_in_another_column_corrects_nothing(linted):
    price = {"column": "price", "max_value": 5}

    assert told(linted(shop(rule("price_long", kwargs=price, corrected_by=["trim_whitespace"])))) == [
        (Level.ERROR, "corrected_elsewhere", "rules/price_long")
    ]


def test_a_decimal_mark_is_a_point_or_a_comma_and_is_written_somewhere(linted):
    sound = shop(rule("title_too_long"))
    priced = [*sound["corrections"], {"type": "decimal_comma", "fields": ["price"]}]
    comma = {"delimiter": ",", "decimal_mark": ","}

    assert linted(sound | {"dialect": comma, "corrections": priced}) == []
    (found,) = linted(sound | {"dialect": comma})
    assert told([found]) == [(Level.ERROR, "marked_nowhere", "dialect")]
    assert the_line(found).startswith("decimal_mark:")
    (found,) = linted(sound | {"dialect": {"decimal_mark": "'"}, "corrections": priced})
    assert told([found]) == [(Level.ERROR, "pack_bad_value", "dialect")]
    assert "'.' or ','" in found.told("en")


def test_only_what_is_asked_of_each_value_by_itself_may_be_asked_of_every_column(linted):
    formula = rule("no_formula", type="expect_column_values_to_be_no_formula", kwargs={"column": "*"})
    assert linted(shop(formula | {"examples": {"pass": "Caneca", "fail": "=1+1"}})) == []

    for kind, kwargs in (
        ("expect_column_values_to_be_unique", {"column": "*"}),
        ("expect_column_mean_to_be_between", {"column": "*", "max_value": 5}),
        ("expect_column_pair_values_to_be_equal", {"column_A": "*", "column_B": "title"}),
        ("expect_multicolumn_values_to_be_no_formula", {"column_list": ["*"]}),
    ):
        (found,) = linted(shop(rule("anywhere", type=kind, kwargs=kwargs)))
        assert told([found]) == [(Level.ERROR, "pack_unknown_field", "rules/anywhere")]


def test_what_is_inherited_is_told_of_the_file_it_stands_in(linted, tmp_path):
    base = shop(rule("title_too_long", examples={"pass": "short", "fail": "fine"}), pack="base_of_ours", abstract=True)
    child = {"pack": "shop", "version": "1", "title": "A shop", "extends": "base_of_ours", "sources": {}}

    found = linted(child, base)

    assert told(found) == [(Level.ERROR, "example_holds", "rules/title_too_long")]
    assert found[0].file == str(tmp_path / "base_of_ours.yaml")


def test_a_base_nobody_builds_on_is_read_and_no_more(linted):
    base = {
        "pack": "base_of_ours",
        "version": "1",
        "title": "Ours",
        "abstract": True,
        "rules": [rule("title_too_long")],
    }
    base["sources"] = {"MANUAL": "https://shop.example/manual"}

    assert told(linted(base)) == [(Level.NOTE, "unchecked", "pack")]
    assert told(linted(base | {"colour": "blue"})) == [(Level.ERROR, "pack_unknown_key", "pack")]


def test_a_pack_of_ones_own_may_extend_a_shipped_one(linted):
    own = {"pack": "mine", "version": "1", "title": "Mine", "extends": "mercado_livre"}
    shorter = {"code": "title_too_long", "kwargs": {"max_value": 30}}

    first = linted(own | {"rules": [shorter]})[0]
    assert (first.code, first.file.rsplit("/")[-1]) == ("example_violates", "mine.yaml")

    shorter["examples"] = {"pass": "Fone de ouvido", "fail": "Fone de ouvido Bluetooth sem fio preto"}
    assert [found for found in linted(own | {"rules": [shorter]}) if found.level is not Level.NOTE] == []


@pytest.fixture(scope="module")
def shipped():
    """All packs looked over together: what one shares with another is looked at once."""
    return lint([find_pack(name) for name in rules.pack_names()], today=TODAY)


@pytest.mark.parametrize("name", rules.pack_names())
def test_no_shipped_pack_has_an_error(shipped, name):
    assert name in {pack.name for pack in shipped.packs}
    errors = [found.told("en") for found in shipped.findings if found.level is Level.ERROR and found.pack == name]
    assert errors == []
