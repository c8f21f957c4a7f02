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
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

FOLDER = Path(rules.__file__).parent / "messages"
FILES = sorted(FOLDER.rglob("*.yaml"))
SECTIONS = sorted({file.relative_to(FOLDER).parts[0].removesuffix(".yaml") for file in FILES})
OF_THE_FILE = {"column_missing", "column_ambiguous"}
OF_PEOPLE = {"manual"}
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


@pytest.mark.parametrize("file", FILES, ids=lambda file: "-".join(file.relative_to(FOLDER).parts))
def test_no_key_is_given_twice_in_a_file(file: Path) -> None:
    keys = re.findall(r"^([\w.-]+):", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys))


def test_a_section_has_the_keys_of_all_files_of_its_folder() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (FOLDER / "violations").glob("*.yaml")]
    keys = [key for text in texts for key in re.findall(r"^([\w.-]+):", text, re.MULTILINE)]
    assert sorted(rules.messages("violations")) == sorted(keys)


def test_a_key_in_two_files_of_a_section_is_refused_and_named(tmp_path: Path) -> None:
    for name in ("titles.yaml", "texts.yaml"):
        (tmp_path / name).write_text("missing_title: {en: Title missing}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"texts\.yaml: missing_title"):
        rules.merged([tmp_path / "titles.yaml", tmp_path / "texts.yaml"])


def test_a_section_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError):
        rules.messages("horoscopes")


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
    # What no shipped pack asks for, but one of a seller's own may.
    codes |= {name for name in CORRECTIONS if name in rules.messages("corrections")}
    keys = {f"{code}{part}" for code in codes | OF_READING | OF_PEOPLE for part in ("", ".what")}
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
