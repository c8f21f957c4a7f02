"""The message catalogue is whole: every key in every language, with the same placeholders, and none without a use."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import rules
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulepacks import available
from validahub_pipeline.rulepacks.checks import placeholders
from validahub_pipeline.rulepacks.document import read
from validahub_pipeline.rulepacks.layering import documents

SECTIONS = sorted(path.stem for path in (Path(rules.__file__).parent / "messages").glob("*.yaml"))
OF_THE_FILE = {"column_missing", "column_ambiguous"}
OF_READING = {"encoding_cp1252", "encoding_double", "encoding_utf8"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_has_every_language(section: str) -> None:
    for key, texts in rules.messages(section).items():
        assert set(texts) == set(LANGUAGES), key
        assert all(isinstance(text, str) and text.strip() == text and text for text in texts.values()), key


@pytest.mark.parametrize("section", SECTIONS)
def test_a_text_has_the_same_placeholders_in_every_language(section: str) -> None:
    for key, texts in rules.messages(section).items():
        assert len({frozenset(placeholders(text)) for text in texts.values()}) == 1, key


@pytest.mark.parametrize("section", SECTIONS)
def test_no_key_is_given_twice(section: str) -> None:
    text = (Path(rules.__file__).parent / "messages" / f"{section}.yaml").read_text(encoding="utf-8")
    keys = re.findall(r"^([\w.-]+):", text, re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(rules.messages(section))


def test_every_code_of_a_violation_is_explained_and_every_explanation_has_its_code() -> None:
    packs = {name: rules.pack_source(name) for name in rules.pack_names()}
    codes = {
        rule.code
        for name in available()
        for document in documents(name, packs)
        for layer in (document, *document.categories)
        for rule in layer.rules
    }
    keys = {f"{code}{part}" for code in codes | OF_THE_FILE for part in ("", ".cause", ".remedy")}
    assert set(rules.messages("violations")) == keys


def test_every_code_of_a_correction_is_explained_and_every_explanation_has_its_code() -> None:
    packs = [read(name, rules.pack_source(name)) for name in rules.pack_names()]
    codes = {str(entry.code or entry.type) for pack in packs for entry in pack.corrections}
    keys = {f"{code}{part}" for code in codes | OF_READING for part in ("", ".what")}
    assert set(rules.messages("corrections")) == keys


def test_a_short_name_is_short() -> None:
    for section in ("violations", "corrections"):
        for key, texts in rules.messages(section).items():
            if "." not in key:
                assert all(len(text) <= 60 and not text.endswith(".") for text in texts.values()), key


def test_nothing_in_the_catalogue_is_dated_in_the_future() -> None:
    for name in rules.pack_names():
        document = read(name, rules.pack_source(name))
        for layer in (document, *document.categories):
            assert all((rule.verified_on or date.min) <= date.today() for rule in layer.rules)  # noqa: DTZ011
