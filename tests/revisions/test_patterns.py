"""Suggestions by pattern, and how they are told."""

from __future__ import annotations

import json
import re

import pytest

from validahub_pipeline.commands import suggestions
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.revisions.patterns import patterns
from validahub_pipeline.stages.revising import Decision, Kind, suggestions_of


def test_what_recurs_is_told_once_with_how_often(hand_in) -> None:
    lines = [f"A-{n};FURADEIRA DE IMPACTO PROFISSIONAL;10,00;5;;novo\n" for n in range(9)]
    lines.append("A-9;SERRA CIRCULAR DE BANCADA GRANDE;10,00;5;;novo\n")
    shop = hand_in(lines)

    found = patterns(suggestions_of(shop.services, shop.upload, 1), shop.upload.pack(shop.services))

    assert [(one.code, one.column, one.cells, one.values) for one in found] == [
        ("title_case_all_caps", "Título", 10, 2)
    ]
    assert [(change.cells, change.row, change.line) for change in found[0].changes] == [(9, 1, 2), (1, 10, 11)]
    assert found[0].changes[0].after == "Furadeira de Impacto Profissional"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_pattern_comes_with_what_to_type_to_accept_it(shop, capsys, lang) -> None:
    settings = shop.services.settings.model_copy(update={"lang": lang})
    suggestions.suggestions(settings, shop.validation_id, as_json=False)

    shown = capsys.readouterr().out
    accepted = re.findall(rf"validahub correct {shop.validation_id} --accept (\S+) --column (\S+)", shown)
    assert accepted == [("truncate_at_word", "'Título'"), ("title_case_all_caps", "'Título'")]
    assert "2 \u00d7 Título" in shown


def test_json_holds_the_same_and_what_was_rejected(shop, capsys) -> None:
    shop.revise(Decision(Kind.REJECT, ("truncate_at_word",)))
    suggestions.suggestions(shop.services.settings, shop.validation_id, as_json=True)

    told = json.loads(capsys.readouterr().out)
    assert told["revision"] == 2
    assert [one["code"] for one in told["suggestions"]] == ["title_case_all_caps"]
    assert told["suggestions"][0]["examples"][0]["before"] == "FURADEIRA DE IMPACTO PROFISSIONAL"
    assert told["rejected"] == [{"code": "truncate_at_word", "column": None}]


def test_nothing_to_suggest_is_said(hand_in, capsys) -> None:
    shop = hand_in([f"A-{n};Furadeira {n};10,00;5;;novo\n" for n in range(3)])
    suggestions.suggestions(shop.services.settings, shop.validation_id, as_json=False)

    assert "Não há sugestões" in capsys.readouterr().out
