"""What the report and the summary say, they say in every language, of the same things."""

from __future__ import annotations

import string

import pytest

import rules
from validahub_pipeline.messages import LANGUAGES


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("section", ["report", "summary"])
def test_every_message_has_all_languages_with_the_same_placeholders(section: str) -> None:
    catalogue = rules.messages(section)
    assert catalogue
    for key, texts in catalogue.items():
        assert set(texts) == set(LANGUAGES), key
        assert len({frozenset(placeholders(text)) for text in texts.values()}) == 1, key
