from __future__ import annotations

import string

import pytest

import rules
from validahub_pipeline.messages import LANGUAGES


@pytest.mark.parametrize("code", [code for code in rules.messages("errors") if code.startswith("ledger_")])
def test_every_language_says_the_same_things(code):
    said = rules.messages("errors")[code]
    places = {lang: {name for _, name, _, _ in string.Formatter().parse(said[lang]) if name} for lang in LANGUAGES}
    assert places["pt-BR"] == places["en"] == places["es"]
    # The names of the arguments of `message` itself.
    assert not places["en"] & {"section", "key", "lang", "code"}
