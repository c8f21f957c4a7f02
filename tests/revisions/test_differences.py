"""What differs between revisions, and the fixes alone: held against the published files as Python's csv reads them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import rules
from tests.revisions.conftest import LINES, handed_in
from validahub_pipeline.commands import diffing
from validahub_pipeline.errors import InputError
from validahub_pipeline.revisions.differences import HANDED_IN, differences
from validahub_pipeline.stages import referring
from validahub_pipeline.stages.revising import Decision, Kind

Cells = dict[tuple[int, str], tuple[str, str]]


@pytest.fixture(params=["texts on record", "texts referred to"])
def revised(request, copy_of, monkeypatch):
    """An upload with three revisions; the ledger keeps texts itself, or leaves them to the objects."""
    if request.param == "texts referred to":
        monkeypatch.setattr(referring, "FLOOR", 0)
        monkeypatch.setattr(referring, "SHARE_BP", 0)

    def make(services, folder):
        shop = handed_in(services, LINES, folder)
        shop.revise(Decision(Kind.ACCEPT, ("truncate_at_word",)))
        shop.revise(shop.written((1, "Título", "=Broca"), (1, "Preço", ""), (5, "Título", "Serra")))
        return shop

    return copy_of(f"revised, {request.param}", make)


def told(shop, older: int, newer: int) -> Cells:
    found = differences(shop.services, shop.upload, older, newer)
    assert found.select("row", "column").is_unique().all()
    return {(row, column): (before, after) for row, _, column, _, before, after in found.iter_rows()}


def files_differ(shop, older: int, newer: int) -> Cells:
    """Rows are numbered as handed in: the one that was no row is the 16th."""
    found = {}
    for place, (then, now) in enumerate(zip(shop.records(older), shop.records(newer), strict=True), 1):
        row = place if place < 16 else place + 1
        found.update({(row, name): (then[name], now[name]) for name in then if then[name] != now[name]})
    return found


def test_between_two_revisions_it_is_what_their_files_differ_by(revised) -> None:
    for older, newer in [(1, 2), (2, 3), (1, 3), (3, 1), (2, 2)]:
        assert told(revised, older, newer) == files_differ(revised, older, newer)
    assert told(revised, 2, 3).keys() == {(1, "Título"), (1, "Preço"), (5, "Título")}


def test_from_the_file_handed_in_it_is_every_change(revised) -> None:
    found = told(revised, HANDED_IN, 3)

    assert found[1, "Título"] == (" Furadeira de impacto 0", "=Broca")
    assert found[1, "Preço"] == ("1.299,90", "")
    assert found[2, "Preço"] == ("1.299,91", "1299.91")
    assert found[17, "Condição"] == ("novo", "new")


def test_lines_are_those_of_the_file_and_codes_say_why(revised) -> None:
    found = differences(revised.services, revised.upload, 1, 3).to_dicts()

    assert [(one["row"], one["line"], one["code"]) for one in found] == [
        (1, 2, "manual"),
        (1, 2, "manual"),
        (5, 6, "manual"),
        (12, 13, "truncate_at_word"),
    ]


def diff(shop, *revisions: int, output: Path | None = None, **options) -> int:
    values = {"fix_only": False, "key": None, "as_json": False} | options
    return diffing.diff(shop.services.settings, shop.validation_id, revisions=revisions, output=output, **values)


def test_the_fixes_are_the_changed_rows_with_key_and_changed_columns(revised, tmp_path) -> None:
    diff(revised, 1, 3, output=tmp_path / "fixes.csv", fix_only=True)

    with (tmp_path / "fixes.csv").open(encoding="utf-8", newline="") as file:
        fixes = list(csv.DictReader(file))
    published = {record["SKU"]: record for record in revised.records(3)}
    assert [list(record) for record in fixes] == [["SKU", "Título", "Preço"]] * 3
    assert [record["SKU"] for record in fixes] == ["A-0", "A-4", "A-11"]
    # Data is delivered as it is, formula or not.
    assert all(published[record["SKU"]][name] == cell for record in fixes for name, cell in record.items())
    assert fixes[0]["Título"] == "=Broca"


def test_fixes_come_in_the_dialect_of_the_published_file_and_without_rows_left_out(hand_in, tmp_path, monkeypatch):
    source = rules.pack_source
    more = """
gate: {partial: drop, max_critical_rows_percent: 40}

dialect: {delimiter: ";", encoding: cp1252, headers: {title: Nome do produto}}
"""
    text = source("mercado_livre").replace("extends: brasil\n", f"extends: brasil\n{more}", 1)
    monkeypatch.setattr(rules, "pack_source", lambda name: text if name == "mercado_livre" else source(name))
    monkeypatch.setattr(referring, "FLOOR", 0)
    monkeypatch.setattr(referring, "SHARE_BP", 0)
    prices = ["" if n in {2, 5} else f"1.299,9{n}" for n in range(12)]
    shop = hand_in([f"A-{n}; Furadeira {n};{price};5;;novo\n" for n, price in enumerate(prices)])
    shop.revise(shop.written((1, "Título", "Serra de açougue"), (6, "Título", "Serra")))

    found = told(shop, 1, 2)
    assert found == {(1, "Título"): ("Furadeira 0", "Serra de açougue"), (6, "Título"): ("Furadeira 5", "Serra")}
    assert told(shop, HANDED_IN, 1)[6, "Título"] == (" Furadeira 5", "Furadeira 5")
    diff(shop, 1, 2, output=tmp_path / "fixes.csv", fix_only=True)
    fixes = (tmp_path / "fixes.csv").read_bytes()
    assert fixes == "SKU;Nome do produto\r\nA-0;Serra de açougue\r\n".encode("cp1252")


def test_another_key_may_be_named(revised, tmp_path) -> None:
    diff(revised, 1, 2, output=tmp_path / "fixes.csv", fix_only=True, key="titulo")

    assert (tmp_path / "fixes.csv").read_text(encoding="utf-8").splitlines()[0] == "Título"


def test_rows_without_a_key_are_left_out_and_counted(hand_in, tmp_path, capsys) -> None:
    shop = hand_in([f"{'' if n == 3 else 'A'};Furadeira {n};1,00;5;;new\n" for n in range(6)])

    diff(shop, output=tmp_path / "fixes.csv", fix_only=True, as_json=True)

    fixes = json.loads(capsys.readouterr().out)["fixes"]
    assert (fixes["rows"], fixes["without_key"], fixes["ambiguous"]) == (5, 1, 5)
    assert len((tmp_path / "fixes.csv").read_text(encoding="utf-8").splitlines()) == 6


def test_a_list_for_spreadsheets_holds_no_formula(revised, tmp_path) -> None:
    diff(revised, 2, 3, output=tmp_path / "diff.csv")

    with (tmp_path / "diff.csv").open(encoding="utf-8", newline="") as file:
        found = {(row["row"], row["column"]): row["after"] for row in csv.DictReader(file)}
    assert found["1", "Título"] == "'=Broca"
    assert found["5", "Título"] == "Serra"


def test_json_tells_every_cell_as_it_is(revised, capsys) -> None:
    diff(revised, 2, 3, as_json=True)

    found = json.loads(capsys.readouterr().out)
    assert (found["from"], found["to"], found["cells"], found["rows"]) == (2, 3, 3, 2)
    assert found["changes"][0] == {
        "row": 1, "line": 2, "column": "Título", "code": "manual",
        "before": "Furadeira de impacto 0", "after": "=Broca",
    }  # fmt: skip


def test_in_the_terminal_kinds_are_counted_and_cells_shown(revised, capsys) -> None:
    diff(revised, 2, 3)

    shown = capsys.readouterr().out
    assert "“Furadeira de impacto 0” → “=Broca”" in shown
    assert "Escrita por uma pessoa" in shown


@pytest.mark.parametrize(
    ("revisions", "options", "code"),
    [
        ((9,), {}, "revision_unknown"),
        ((-1,), {}, "revision_unknown"),
        ((1, 2, 3), {}, "two_revisions"),
        ((), {"fix_only": True}, "fixes_need_file"),
    ],
)
def test_what_cannot_be_compared_is_told(shop, revisions, options, code) -> None:
    with pytest.raises(InputError) as raised:
        diff(shop, *revisions, **options)

    assert raised.value.code == code


def test_a_refused_revision_has_no_fixes_but_differences(shop, tmp_path) -> None:
    shop.revise(shop.written(*((n, "Título", "") for n in range(1, 15))))

    assert len(told(shop, 1, 2)) == 14
    with pytest.raises(InputError) as raised:
        diff(shop, output=tmp_path / "fixes.csv", fix_only=True)
    assert raised.value.code == "revision_not_published"
    assert list(tmp_path.glob("*fixes*")) == []
