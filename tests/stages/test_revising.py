"""Revisions by the stages alone: what is decided becomes the next one, and every one keeps the laws."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.stages.decision_files import read_cells, read_rows
from validahub_pipeline.stages.revising import Decision, Kind, require_ended, start, suggestions_of
from validahub_pipeline.stages.upload import Upload

LONG = "Furadeira de impacto profissional com maleta e acessórios completos para casa"
HEADER = "SKU;Título;Preço;Estoque;GTIN/EAN;Condição\n"
LINES = [f"A-{n}; Furadeira de impacto {n};1.299,9{n % 10};5;;novo\n" for n in range(20)]
LINES[4] = f"A-4;{LONG};10,00;5;;novo\n"
LINES[7] = "A-7;FURADEIRA DE IMPACTO PROFISSIONAL;10,00;5;;novo\n"
LINES[11] = f"A-11;{LONG} e jardim;10,00;5;;novo\n"
# A record that is no row: its number is in quarantine.
LINES.insert(15, "A-x;too;few\n")


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return open_services(Settings(home=tmp_path / "home"))


@pytest.fixture
def validation_id(services: Services, tmp_path: Path) -> str:
    return published(services, tmp_path, HEADER + "".join(LINES))


def published(services: Services, folder: Path, text: str) -> str:
    file = folder / "loja.csv"
    file.write_text(text, encoding="utf-8")
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    if correct(services, drop.validation_id).refused_because is None:
        publish(services, drop.validation_id)
    return drop.validation_id


def revise(services: Services, validation_id: str, decision: Decision, *, user: str = "joao") -> int | None:
    """The number of the revision that came of it; None where there was nothing to do."""
    upload = start(services, require_ended(services, validation_id), decision, user_id=user)
    if upload is None:
        return None
    if correct(services, validation_id).refused_because is None:
        publish(services, validation_id)
    return upload.revision


def cells_of(services: Services, validation_id: str, revision: int, column: str) -> list[str]:
    upload = Upload.load(services, validation_id)
    key = upload.revised_changes(Action.FILE_PUBLISHED, revision)["objects"]["corrected"]["key"]
    text = services.lake.read_bytes(key).decode("utf-8-sig")
    return [row[column] for row in csv.DictReader(text.splitlines())]


def written(folder: Path, *cells: tuple[int, str, str]) -> Decision:
    path = folder / "cells.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("row", "column", "after"), *cells])
    return Decision(Kind.WRITE, file=read_cells(path))


def listed(folder: Path, *rows: int) -> Decision:
    path = folder / "rows.txt"
    path.write_text("\n".join(map(str, rows)), encoding="utf-8")
    return Decision(Kind.ACCEPT, ("truncate_at_word",), file=read_rows(path))


def expect_laws(services: Services) -> None:
    found = [f.code for f in look_deep(services.lake, None).findings if f.code != "read_models_absent"]
    assert found == []


def test_accepted_suggestions_are_published_as_they_were_shown(services, validation_id) -> None:
    upload = require_ended(services, validation_id)
    shown = suggestions_of(services, upload, 1).filter(code="truncate_at_word")

    assert revise(services, validation_id, Decision(Kind.ACCEPT, ("truncate_at_word",))) == 2

    before, after = (cells_of(services, validation_id, revision, "Título") for revision in (1, 2))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == shown.sort("row").select("before", "after").rows()
    assert all(len(title) <= 60 for title in after)
    expect_laws(services)


def test_only_the_listed_rows_are_accepted(services, validation_id, tmp_path) -> None:
    assert revise(services, validation_id, listed(tmp_path, 5)) == 2

    titles = cells_of(services, validation_id, 2, "Título")
    assert len(titles[4]) <= 60
    assert titles[11] == f"{LONG} e jardim"


def test_the_user_and_what_was_decided_stand_in_the_events(services, validation_id, tmp_path) -> None:
    revise(services, validation_id, written(tmp_path, (1, "Título", "Broca")), user="ana")

    upload = Upload.load(services, validation_id)
    asked, manual = upload.revised(Action.REVISION_STARTED), upload.revised(Action.CORRECTIONS_APPLIED)
    assert (asked.user_id, manual.user_id) == ("ana", "ana")
    assert manual.changes["mode"] == "manual"
    assert (manual.changes["cells"], manual.changes["decision"]["kind"]) == (1, "write")
    manifest = json.loads(services.lake.read_bytes(upload.key("metadata.json")))
    assert [one["revision"] for one in manifest["revisions"]] == [1, 2]
    assert manifest["publication"] == {"published": True, "refused_because": None, "revision": 2}
    expect_laws(services)


def test_decisions_of_several_people_add_up_and_the_last_one_counts(services, validation_id, tmp_path) -> None:
    revise(services, validation_id, Decision(Kind.ACCEPT, ("truncate_at_word",)), user="ana")
    revise(services, validation_id, written(tmp_path, (5, "titulo", "Serra"), (1, "title", "Broca")), user="rui")
    revise(services, validation_id, Decision(Kind.ACCEPT, ("title_case_all_caps",)), user="ana")

    titles = cells_of(services, validation_id, 4, "Título")
    assert (titles[0], titles[4], titles[7]) == ("Broca", "Serra", "Furadeira de Impacto Profissional")
    assert len(titles[11]) <= 60
    expect_laws(services)


def test_an_earlier_state_is_published_again_byte_for_byte(services, validation_id, tmp_path) -> None:
    revise(services, validation_id, written(tmp_path, (1, "Título", "Broca")))
    revise(services, validation_id, Decision(Kind.REJECT, ("title_case_all_caps",)))

    assert revise(services, validation_id, Decision(Kind.UNDO, to_revision=1)) == 4

    upload = Upload.load(services, validation_id)
    first, last = (upload.revised_changes(Action.FILE_PUBLISHED, n)["objects"]["corrected"] for n in (1, 4))
    assert first["sha256"] == last["sha256"]
    assert first["key"] != last["key"]
    assert services.lake.exists(upload.revised_changes(Action.FILE_PUBLISHED, 2)["objects"]["corrected"]["key"])
    assert "title_case_all_caps" in suggestions_of(services, upload, 4)["code"]
    assert revise(services, validation_id, Decision(Kind.UNDO, to_revision=2)) == 5
    assert cells_of(services, validation_id, 5, "Título")[0] == "Broca"
    expect_laws(services)


def test_rejected_suggestions_are_not_made_again(services, validation_id, tmp_path) -> None:
    revise(services, validation_id, Decision(Kind.REJECT, ("truncate_at_word",), "titulo"))
    revise(services, validation_id, written(tmp_path, (1, "Título", f"{LONG} e oficina")))

    upload = Upload.load(services, validation_id)
    assert "truncate_at_word" not in suggestions_of(services, upload, 3)["code"]
    assert "title_case_all_caps" in suggestions_of(services, upload, 3)["code"]


def test_the_same_decision_again_makes_no_revision(services, validation_id, tmp_path) -> None:
    decisions = [
        Decision(Kind.ACCEPT, ("truncate_at_word",)),
        written(tmp_path, (1, "Título", "Broca")),
        Decision(Kind.REJECT, ("title_case_all_caps",)),
        Decision(Kind.UNDO, to_revision=1),
    ]
    for number, decision in enumerate(decisions, 2):
        assert revise(services, validation_id, decision) == number
        assert revise(services, validation_id, decision) is None
    assert revise(services, validation_id, decisions[0]) == 6


def test_a_refused_upload_is_published_once_people_have_mended_it(services, tmp_path) -> None:
    lines = [f"A-{n};{'' if n % 2 else 'Furadeira de impacto'};10,00;5;;novo\n" for n in range(10)]
    refused = published(services, tmp_path, HEADER + "".join(lines))
    assert require_ended(services, refused).event(Action.FILE_PUBLISHED) is None

    mended = written(tmp_path, *((n + 1, "Título", f"Broca de aço {n}") for n in range(1, 10, 2)))
    assert revise(services, refused, mended) == 2

    assert cells_of(services, refused, 2, "Título")[1] == "Broca de aço 1"
    expect_laws(services)


def test_a_refused_revision_leaves_the_one_before_it_standing(services, validation_id, tmp_path) -> None:
    emptied = written(tmp_path, *((n, "Título", "") for n in range(1, 15)))

    assert revise(services, validation_id, emptied) == 2

    upload = Upload.load(services, validation_id)
    manifest = json.loads(services.lake.read_bytes(upload.key("metadata.json")))
    assert manifest["publication"]["published"] is False
    assert manifest["publication"]["revision"] == 1
    assert manifest["publication"]["refused_because"]
    assert cells_of(services, validation_id, 1, "Título")[0] == "Furadeira de impacto 0"
    assert revise(services, validation_id, Decision(Kind.UNDO, to_revision=1)) == 3
    expect_laws(services)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([(1, "Título", "x"), (99, "Título", "x")], ("decisions_row_beyond", 3)),
        ([(1, "Título", "x"), (16, "Título", "x")], ("decisions_row_quarantined", 3)),
        ([(1, "Título", "x"), (2, "Título", "x"), (1, "titulo", "y")], ("decisions_twice", 4)),
        ([(1, "Título", "x"), (1, "Cor", "azul")], ("column_unknown", None)),
    ],
)
def test_cells_the_upload_does_not_have_are_refused_whole(services, validation_id, tmp_path, cells, expected) -> None:
    with pytest.raises(InputError) as raised:
        revise(services, validation_id, written(tmp_path, *cells))

    assert (raised.value.code, raised.value.values.get("line")) == expected
    assert "cells.csv" in raised.value.render("en")
    assert Upload.load(services, validation_id).revision == 1


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
def test_decisions_about_what_is_not_there_are_refused(services, validation_id, decision, code) -> None:
    with pytest.raises(InputError) as raised:
        revise(services, validation_id, decision)

    assert raised.value.code == code
    assert Upload.load(services, validation_id).revision == 1


def test_a_listed_row_without_such_a_suggestion_is_refused(services, validation_id, tmp_path) -> None:
    with pytest.raises(InputError) as raised:
        revise(services, validation_id, listed(tmp_path, 5, 6))

    assert (raised.value.code, raised.value.values["line"]) == ("decisions_no_suggestion", 2)


def test_an_upload_that_has_not_ended_cannot_be_revised(services, tmp_path) -> None:
    file = tmp_path / "loja.csv"
    file.write_text(HEADER + LINES[0], encoding="utf-8")
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")

    with pytest.raises(InputError, match="neither published nor refused"):
        require_ended(services, drop.validation_id)


def test_a_formula_in_an_accepted_cell_is_published_as_it_is(services, validation_id, tmp_path) -> None:
    revise(services, validation_id, written(tmp_path, (1, "Título", "=1+1 broca")))

    assert cells_of(services, validation_id, 2, "Título")[0] == "=1+1 broca"


def test_nothing_safe_is_left_undone_in_what_people_wrote(services, validation_id, tmp_path) -> None:
    revise(
        services, validation_id, written(tmp_path, (1, "Título", "  Broca\u00a0 de aço "), (1, "Preço", "R$ 1.234,50"))
    )

    assert cells_of(services, validation_id, 2, "Título")[0] == "Broca de aço"
    assert cells_of(services, validation_id, 2, "Preço")[0] == "1234.50"
    expect_laws(services)
