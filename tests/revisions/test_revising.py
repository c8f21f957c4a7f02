"""Revisions by the stages alone: what is decided becomes the next one, and every one keeps the laws."""

from __future__ import annotations

import json
from typing import Any

import pytest

from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.stages import deposit, ingest
from validahub_pipeline.stages.revising import Decision, Kind, require_ended, suggestions_of


def expect_laws(shop: Any) -> None:
    found = [f.code for f in look_deep(shop.services.lake, None).findings if f.code != "read_models_absent"]
    assert found == []


def test_accepted_suggestions_are_published_as_they_were_shown(shop) -> None:
    upload = shop.upload
    shown = suggestions_of(shop.services, upload, 1).filter(code="truncate_at_word")

    assert shop.revise(Decision(Kind.ACCEPT, ("truncate_at_word",))) == 2

    before, after = (shop.cells(revision, "Título") for revision in (1, 2))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == shown.sort("row").select("before", "after").rows()
    assert all(len(title) <= 60 for title in after)
    expect_laws(shop)


def test_only_the_listed_rows_are_accepted(shop) -> None:
    assert shop.revise(shop.listed(5)) == 2

    titles = shop.cells(2, "Título")
    assert len(titles[4]) <= 60
    assert titles[11] == shop.cells(1, "Título")[11]


def test_the_user_and_what_was_decided_stand_in_the_events(shop) -> None:
    shop.revise(shop.written((1, "Título", "Broca")), user="ana")

    upload = shop.upload
    asked, manual = upload.revised(Action.REVISION_STARTED), upload.revised(Action.CORRECTIONS_APPLIED)
    ana = shop.services.subjects.find("ana")
    assert (asked.user_id, manual.user_id) == (ana.id, ana.id)
    assert manual.changes["mode"] == "manual"
    assert (manual.changes["cells"], manual.changes["decision"]["kind"]) == (1, "write")
    manifest = json.loads(shop.services.lake.read_bytes(upload.key("metadata.json")))
    assert [one["revision"] for one in manifest["revisions"]] == [1, 2]
    told = manifest["publication"]
    assert (told["published"], told["refused_because"], told["revision"]) == (True, None, 2)
    expect_laws(shop)


def test_decisions_of_several_people_add_up_and_the_last_one_counts(shop) -> None:
    shop.revise(Decision(Kind.ACCEPT, ("truncate_at_word",)), user="ana")
    shop.revise(shop.written((5, "titulo", "Serra"), (1, "title", "Broca")), user="rui")
    shop.revise(Decision(Kind.ACCEPT, ("title_case_all_caps",)), user="ana")

    titles = shop.cells(4, "Título")
    assert (titles[0], titles[4], titles[7]) == ("Broca", "Serra", "Furadeira de Impacto Profissional")
    assert len(titles[11]) <= 60
    expect_laws(shop)


def test_an_earlier_state_is_published_again_byte_for_byte(shop) -> None:
    shop.revise(shop.written((1, "Título", "Broca")))
    shop.revise(Decision(Kind.REJECT, ("title_case_all_caps",)))

    assert shop.revise(Decision(Kind.UNDO, to_revision=1)) == 4

    upload = shop.upload
    first, last = (upload.revised_changes(Action.FILE_PUBLISHED, n)["objects"]["corrected"] for n in (1, 4))
    assert first["sha256"] == last["sha256"]
    assert first["key"] != last["key"]
    assert shop.services.lake.exists(upload.revised_changes(Action.FILE_PUBLISHED, 2)["objects"]["corrected"]["key"])
    assert "title_case_all_caps" in suggestions_of(shop.services, upload, 4)["code"]
    assert shop.revise(Decision(Kind.UNDO, to_revision=2)) == 5
    assert shop.cells(5, "Título")[0] == "Broca"
    expect_laws(shop)


def test_rejected_suggestions_are_not_made_again(shop) -> None:
    shop.revise(Decision(Kind.REJECT, ("truncate_at_word",), "titulo"))
    shop.revise(shop.written((1, "Título", f"{shop.cells(1, 'Título')[4]} e oficina")))

    upload = shop.upload
    assert "truncate_at_word" not in suggestions_of(shop.services, upload, 3)["code"]
    assert "title_case_all_caps" in suggestions_of(shop.services, upload, 3)["code"]


def test_the_same_decision_again_makes_no_revision(shop) -> None:
    decisions = [
        Decision(Kind.ACCEPT, ("truncate_at_word",)),
        shop.written((1, "Título", "Broca")),
        Decision(Kind.REJECT, ("title_case_all_caps",)),
        Decision(Kind.UNDO, to_revision=1),
    ]
    for number, decision in enumerate(decisions, 2):
        assert shop.revise(decision) == number
        assert shop.revise(decision) is None
    assert shop.revise(decisions[0]) == 6


def test_a_refused_upload_is_published_once_people_have_mended_it(hand_in) -> None:
    refused = hand_in([f"A-{n};{'' if n % 2 else 'Furadeira de impacto'};10,00;5;;novo\n" for n in range(10)])
    assert refused.upload.event(Action.FILE_PUBLISHED) is None

    mended = refused.written(*((n + 1, "Título", f"Broca de aço {n}") for n in range(1, 10, 2)))
    assert refused.revise(mended) == 2

    assert refused.cells(2, "Título")[1] == "Broca de aço 1"
    expect_laws(refused)


def test_a_refused_revision_leaves_the_one_before_it_standing(shop) -> None:
    emptied = shop.written(*((n, "Título", "") for n in range(1, 15)))

    assert shop.revise(emptied) == 2

    upload = shop.upload
    manifest = json.loads(shop.services.lake.read_bytes(upload.key("metadata.json")))
    assert manifest["publication"]["published"] is False
    assert manifest["publication"]["revision"] == 1
    assert manifest["publication"]["refused_because"]
    assert shop.cells(1, "Título")[0] == "Furadeira de impacto 0"
    assert shop.revise(Decision(Kind.UNDO, to_revision=1)) == 3
    expect_laws(shop)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([(1, "Título", "x"), (99, "Título", "x")], ("decisions_row_beyond", 3)),
        ([(1, "Título", "x"), (16, "Título", "x")], ("decisions_row_quarantined", 3)),
        ([(1, "Título", "x"), (2, "Título", "x"), (1, "titulo", "y")], ("decisions_twice", 4)),
        ([(1, "Título", "x"), (1, "Cor", "azul")], ("column_unknown", None)),
    ],
)
def test_cells_the_upload_does_not_have_are_refused_whole(shop, cells, expected) -> None:
    with pytest.raises(InputError) as raised:
        shop.revise(shop.written(*cells))

    assert (raised.value.code, raised.value.values.get("line")) == expected
    assert "cells.csv" in raised.value.render("en")
    assert shop.upload.revision == 1


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision(Kind.ACCEPT, ("no_such_code",)), "suggestion_unknown"),
        (Decision(Kind.ACCEPT, ("truncate_at_word",), "Preço"), "suggestion_unknown"),
        (Decision(Kind.REJECT, ("no_such_code",)), "suggestion_unknown"),
        (Decision(Kind.ACCEPT, ("truncate_at_word",), "Cor"), "column_unknown"),
        (Decision(Kind.UNDO, to_revision=7), "revision_unknown"),
        (Decision(Kind.UNDO, to_revision=0), "revision_unknown"),
    ],
)
def test_decisions_about_what_is_not_there_are_refused(shop, decision, code) -> None:
    with pytest.raises(InputError) as raised:
        shop.revise(decision)

    assert raised.value.code == code
    assert shop.upload.revision == 1


def test_a_listed_row_without_such_a_suggestion_is_refused(shop) -> None:
    with pytest.raises(InputError) as raised:
        shop.revise(shop.listed(5, 6))

    assert (raised.value.code, raised.value.values["line"]) == ("decisions_no_suggestion", 2)


def test_an_upload_that_has_not_ended_cannot_be_revised(services, tmp_path) -> None:
    file = tmp_path / "loja.csv"
    file.write_text("SKU;Título\nA-1;Broca\n", encoding="utf-8")
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")

    with pytest.raises(InputError, match="neither published nor refused"):
        require_ended(services, drop.validation_id)


def test_a_formula_in_an_accepted_cell_is_published_as_it_is(shop) -> None:
    shop.revise(shop.written((1, "Título", "=1+1 broca")))

    assert shop.cells(2, "Título")[0] == "=1+1 broca"


def test_nothing_safe_is_left_undone_in_what_people_wrote(shop) -> None:
    cells = (1, "Título", "  Broca\u00a0 de aço "), (1, "Preço", "R$ 1.234,50")
    shop.revise(shop.written(*cells))

    assert shop.cells(2, "Título")[0] == "Broca de aço"
    assert shop.cells(2, "Preço")[0] == "1234.50"
    expect_laws(shop)


def test_revisions_are_made_on_a_lake_in_a_bucket_too(shop_in_a_bucket) -> None:
    shop = shop_in_a_bucket
    shop.revise(shop.written((1, "Título", "Broca")))
    assert shop.revise(Decision(Kind.ACCEPT, ("truncate_at_word",))) == 3
    assert shop.revise(Decision(Kind.UNDO, to_revision=2)) == 4

    assert [shop.cells(revision, "Título")[0] for revision in (1, 3, 4)] == ["Furadeira de impacto 0", "Broca", "Broca"]
    assert shop.cells(4, "Título") == shop.cells(2, "Título")
    expect_laws(shop)
