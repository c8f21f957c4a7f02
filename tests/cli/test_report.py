"""`validahub report`: the same facts in another form and language, on record before they are handed out."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter

import pytest
from python_calamine import CalamineWorkbook

from validahub_pipeline.commands.reporting import report
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.stages.upload import Upload


@pytest.fixture(scope="module")
def upload(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("home"), lang="pt-BR")
    file = tmp_path_factory.mktemp("catalogue") / "catalogo.csv"
    generate(file, rows=1_500, seed=12)
    services = open_services(settings)
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="pt-BR")
    for stage in (validate, correct, publish):
        stage(services, drop.validation_id)
    return settings, services, drop.validation_id


def latest(services, validation_id):
    found = Upload.load(services, validation_id)
    assert found is not None
    return found


def test_the_list_in_the_sellers_own_language_is_the_one_in_the_lake(upload, tmp_path):
    settings, services, validation_id = upload

    report(settings, validation_id, tmp_path / "again.csv", form="csv", user="ana")

    stored = services.lake.read_bytes(latest(services, validation_id).key("errors.csv"))
    assert (tmp_path / "again.csv").read_bytes() == stored


def test_the_list_in_another_language_says_the_same_of_the_same_cells(upload, tmp_path):
    settings, services, validation_id = upload

    report(settings.model_copy(update={"lang": "es"}), validation_id, tmp_path / "es.csv", form="csv", user="ana")

    with (tmp_path / "es.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert (
        Counter(line["Código"] for line in lines)
        == latest(services, validation_id).changes(Action.CORRECTIONS_APPLIED)["remaining"]
    )
    assert {line["Gravedad"] for line in lines} <= {"Crítica", "Advertencia", "Aviso", "Nota"}


def test_a_workbook_that_is_asked_for_holds_every_row(upload, tmp_path):
    settings, _, validation_id = upload

    report(settings, validation_id, tmp_path / "all.xlsx", form="xlsx", user="ana")
    report(settings, validation_id, tmp_path / "all.csv", form="csv", user="ana")

    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {line["Registro"] for line in csv.DictReader(file) if line["Gravidade"] != "Nota"} - {""}
    told = CalamineWorkbook.from_path(tmp_path / "all.xlsx").get_sheet_by_index(1).to_python()
    assert {str(int(line[1])) for line in told[1:]} == rows


@pytest.mark.parametrize("form", ["html", "csv", "xlsx"])
def test_who_takes_a_report_is_on_record_with_what_they_took(upload, tmp_path, form):
    settings, services, validation_id = upload

    report(settings, validation_id, tmp_path / f"x.{form}", form=form, user="ana")

    event = latest(services, validation_id).event(Action.FILE_DOWNLOADED)
    taken = (tmp_path / f"x.{form}").read_bytes()
    assert event.user_id == services.subjects.find("ana").id
    assert event.changes["sha256"] == hashlib.sha256(taken).hexdigest()
    assert event.changes["size"] == len(taken)
    assert not list(settings.scratch.glob("report-*"))


def test_what_cannot_be_reported_is_told(upload, tmp_path):
    settings, _, validation_id = upload

    with pytest.raises(InputError) as unknown:
        report(settings, validation_id, tmp_path / "x", form="pdf", user="ana")
    with pytest.raises(InputError) as nobody:
        report(settings, "no-such", tmp_path / "x", form="html", user="ana")

    assert (unknown.value.code, nobody.value.code) == ("report_format_unknown", "upload_unknown")
    assert not (tmp_path / "x").exists()


def test_what_stood_there_is_not_written_into(upload, tmp_path):
    settings, _, validation_id = upload
    output = tmp_path / "report.html"
    output.write_text("an older report", encoding="utf-8")

    with output.open(encoding="utf-8") as still_read:
        assert report(settings, validation_id, output, form="html", user="ana") == 0
        assert still_read.read() == "an older report"
    assert output.read_text(encoding="utf-8").startswith("<!")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
