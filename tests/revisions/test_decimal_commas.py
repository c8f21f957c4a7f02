"""A marketplace that reads decimal commas: published with them, and told, compared and proven with points, as cells are
on record. The commas that were there before and say nothing for sure stay what they were."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import rules
from tests.revisions.conftest import handed_in
from validahub_pipeline.auditing.cells import check_cells
from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.auditing.vouched import VouchedRevision, VouchedUpload
from validahub_pipeline.commands import diffing
from validahub_pipeline.ledger import Detail
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.revisions.differences import HANDED_IN, differences
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages import publishing, referring
from validahub_pipeline.stages.ingesting import REPAIRS
from validahub_pipeline.stages.revising import Decision, Kind
from validahub_pipeline.storage.layout import ROWS

SCRIPT = Path(__file__).parents[1] / "conformance" / "check_published.py"
# Weights in points, but for three that could be two figures each; a price that is none; a model like a number.
HEADER = "SKU;Título;Preço;Estoque;Peso (kg);Modelo;Condição\n"
WEIGHTS = ["0.5", "1,234", "12", "0.750", "2,500", "1.250", "3.5", "7,125", "", "0.25"]
LINES = [f"A-{n};Furadeira {n};1.299,9{n};5;{weight};10.5;novo\n" for n, weight in enumerate(WEIGHTS)]
LINES[3] = "A-3;Furadeira 3;sob consulta;5;0.750;10.5;novo\n"


DROP = "gate: {partial: drop, max_critical_rows_percent: 90}\n\n"


@pytest.fixture(params=["all rows", "some dropped, texts referred to"])
def shop(request, copy_of, monkeypatch):
    """An upload to a Mercado Livre that reads decimal commas."""
    dropping, source = request.param != "all rows", rules.pack_source
    if dropping:
        monkeypatch.setattr(referring, "FLOOR", 0)
        monkeypatch.setattr(referring, "SHARE_BP", 0)
    more = f'extends: brasil\n\n{DROP * dropping}dialect: {{delimiter: ";", decimal_mark: ","}}\n\n'
    text = source("mercado_livre").replace("extends: brasil\n", more, 1)
    monkeypatch.setattr(rules, "pack_source", lambda name: text if name == "mercado_livre" else source(name))
    monkeypatch.setattr("tests.revisions.conftest.HEADER", HEADER)
    return copy_of(f"commas, {request.param}", lambda services, folder: handed_in(services, LINES, folder))


@pytest.fixture
def revised(shop):
    """Three revisions: somebody wrote numbers, also one with a comma that is meant as it is; and took that back."""
    shop.revise(shop.written((2, "Preço", "10.00"), (1, "Peso (kg)", "9,999"), (8, "Peso (kg)", "7.125")))
    shop.revise(Decision(Kind.UNDO, to_revision=1))
    return shop


def published(shop, revision: int) -> dict[str, dict[str, str]]:
    """The rows of a published file by SKU, as it is read by somebody who was told of its delimiter."""
    key = shop.upload.revised_changes(Action.FILE_PUBLISHED, revision)["objects"]["corrected"]["key"]
    text = shop.services.lake.read_bytes(key).decode("utf-8")
    return {row["SKU"]: row for row in csv.DictReader(text.splitlines(keepends=True), delimiter=";")}


def test_canonical_numbers_of_decimal_fields_have_commas_and_nothing_else_changes(shop) -> None:
    event = shop.upload.revised_changes(Action.FILE_PUBLISHED, 1)
    rows = published(shop, 1)

    weights = ["0,5", "1,234", "12", "0,750", "2,500", "1,250", "3,5", "7,125", "", "0,25"]
    assert all(row["Peso (kg)"] == weights[int(sku[2:])] for sku, row in rows.items())
    assert rows["A-1"]["Preço"] == "1299,91"
    assert {row["Modelo"] for row in rows.values()} == {"10.5"}
    assert ("A-3" in rows, rows.get("A-3", {}).get("Preço")) in {(True, "sob consulta"), (False, None)}
    assert len(rows) == len(LINES) - event.get("dropped", 0)
    # Which columns, and which commas were there before.
    assert (event["dialect"]["decimal_mark"], set(event["dialect"]["decimals"])) == (",", {"Preço", "Peso (kg)"})
    with shop.services.lake.local(event["objects"]["commas"]["key"]) as path:
        assert pl.read_parquet(path).rows() == [(2, "Peso (kg)"), (5, "Peso (kg)"), (8, "Peso (kg)")]


def test_every_cell_of_every_revision_is_accounted_for(revised, tmp_path) -> None:
    assert {found.code for found in look_deep(revised.services.lake, None).findings} <= {"read_models_absent"}
    command = [sys.executable, SCRIPT, tmp_path / "home", revised.validation_id, tmp_path / "loja.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_publication_that_broke_off_behind_its_files_ends_with_the_same(shop, tmp_path, monkeypatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "conclude", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shop.revise(shop.written((1, "Peso (kg)", "9,999"), (2, "Preço", "10.00")))
    lake = tmp_path / "home" / "lake"
    (lying,) = lake.glob("validations/*/*/*/*/commas-r2.parquet")
    before = lying.read_bytes()
    publishing.publish(shop.services, shop.validation_id)

    assert lying.read_bytes() == before
    assert published(shop, 2)["A-0"]["Peso (kg)"] == "9,999"
    command = [sys.executable, SCRIPT, tmp_path / "home", shop.validation_id, tmp_path / "loja.csv"]
    assert subprocess.run(command, capture_output=True, text=True, check=False, timeout=120).stdout == ""


def test_another_figure_in_the_file_is_noticed(shop, tmp_path) -> None:
    upload, told = shop.upload, shop.upload.revised_changes(Action.FILE_PUBLISHED, 1)
    path = tmp_path / "home" / "lake" / told["objects"]["corrected"]["key"]
    sound = path.read_bytes()
    revision = VouchedRevision(
        **{
            what: told["objects"][what]["key"] for what in ("corrected", "dropped", "commas") if what in told["objects"]
        },
        dialect=told["dialect"],
        referred=tuple(upload.revised_changes(Action.CORRECTIONS_APPLIED, 1)["referred"]),
    )
    vouched = VouchedUpload(upload.key(ROWS), upload.key(REPAIRS), {1: revision})
    corrections = shop.services.ledger.detail(Detail.CORRECTIONS, shop.validation_id)

    def found(written: bytes) -> list[tuple[str, Any]]:
        path.chmod(0o644)
        path.write_bytes(written)
        findings = Findings()
        check_cells(shop.services.lake, "v", vouched, revision, corrections=corrections, findings=findings)
        return [(one.code, one.values["cells"]) for one in findings]

    assert found(sound) == []
    assert found(sound.replace(b";0,5;", b";1,5;")) == [("cells_unrecorded", "(1, Peso (kg))")]
    assert found(sound.replace(b";1,234;", b";1.234;")) == [("cells_unrecorded", "(2, Peso (kg))")]


def test_differences_are_told_as_cells_are_on_record(revised) -> None:
    found = {
        (row, column): (before, after)
        for row, _, column, _, before, after in differences(revised.services, revised.upload, 1, 2).iter_rows()
    }

    assert found == {
        (2, "Preço"): ("1299.91", "10.00"),
        (1, "Peso (kg)"): ("0.5", "9,999"),
        (8, "Peso (kg)"): ("7,125", "7.125"),
    }
    handed_in_as = differences(revised.services, revised.upload, HANDED_IN, 1)
    assert ("1.299,90", "1299.90") in set(handed_in_as.select("before", "after").iter_rows())


def test_the_fixes_are_written_as_the_published_file_is(revised, tmp_path) -> None:
    diffing.diff(
        revised.services.settings,
        revised.validation_id,
        revisions=(1, 2),
        output=tmp_path / "fixes.csv",
        fix_only=True,
        key=None,
        as_json=False,
    )

    rows = list(csv.reader((tmp_path / "fixes.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"))
    assert rows == [
        ["SKU", "Preço", "Peso (kg)"],
        ["A-0", "1299,90", "9,999"],
        ["A-1", "10,00", "1,234"],
        ["A-7", "1299,97", "7,125"],
    ]


def test_a_revision_that_needs_no_such_lists_is_not_told_with_those_of_another(shop) -> None:
    weights = [(row, "Peso (kg)", weight) for row, weight in ((2, "1.234"), (5, "2.500"), (8, "7.125"))]
    shop.revise(shop.written((4, "Preço", "10.00"), *weights))

    lists = {"dropped", "commas"}
    first, second = (shop.upload.revised_changes(Action.FILE_PUBLISHED, one)["objects"] for one in (1, 2))
    assert "commas" in first
    assert not lists & second.keys()
    manifest = manifests.read(shop.services, shop.upload)
    assert not lists & manifest["objects"].keys()
    assert [lists & told["objects"].keys() for told in manifest["revisions"]] == [lists & first.keys(), set()]


def test_taking_back_restores_the_very_file_and_its_list(revised) -> None:
    then, now = (revised.upload.revised_changes(Action.FILE_PUBLISHED, one)["objects"] for one in (1, 3))

    for what in ("corrected", "commas"):
        assert now[what]["key"] != then[what]["key"]
        assert now[what]["sha256"] == then[what]["sha256"]
