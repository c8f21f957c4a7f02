"""What lies beside the report of an upload: the lists of what is left, which agree with events, rows and each other."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from validahub_pipeline.ledger.events import Action
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.stages.upload import Upload

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def handed_in(services: Services, file: Path) -> str:
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    return drop.validation_id


def listed(services: Services, upload: Upload) -> list[dict[str, str]]:
    text = services.lake.read_bytes(upload.key("errors.csv")).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.csv"
    generate(file, rows=1_500, seed=11)
    services = open_services(Settings(home=tmp_path_factory.mktemp("home")))
    validation_id = handed_in(services, file)
    correct(services, validation_id)
    publish(services, validation_id)
    return services, Upload.load(services, validation_id)


def test_the_list_holds_each_violation_that_is_left_and_no_other(published):
    services, upload = published
    remaining = upload.changes(Action.CORRECTIONS_APPLIED)["remaining"]

    assert sum(remaining.values()) > 100
    assert Counter(line["Code"] for line in listed(services, upload)) == remaining


def test_the_list_names_the_value_as_the_published_file_has_it(published):
    services, upload = published
    text = services.lake.read_bytes(upload.key("corrected.csv")).decode("utf-8-sig")
    with services.lake.local(upload.key("rows.parquet")) as parquet:
        numbers = pq.read_table(parquet, columns=["__row"]).column(0).to_pylist()
    rows = dict(zip(numbers, csv.DictReader(io.StringIO(text, newline="")), strict=True))

    for line in listed(services, upload):
        if " | " not in line["Value"]:
            assert line["Value"].removeprefix("'") == rows[int(line["Record"])][line["Column"]]


def test_the_workbook_colours_the_cells_that_the_list_names(published):
    services, upload = published
    raw = services.lake.read_bytes(upload.key("errors.xlsx"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(1).to_python(skip_empty_area=False)
    xml = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(raw)).read("xl/comments1.xml"))
    said = set()
    for one in xml.iter(f"{MAIN}comment"):
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", one.attrib["ref"]).groups()
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - 64
        said.add((int(book[int(number) - 1][0]), book[0][place - 1]))

    lines = listed(services, upload)
    to_fix = {line["Line in file"] for line in lines if line["Severity"] != "Note"}
    assert len(said) > 100
    assert said == {(int(line["Line in file"]), line["Column"]) for line in lines if line["Line in file"] in to_fix}


def test_the_event_vouches_for_both_lists(published):
    services, upload = published
    objects = upload.changes(Action.CORRECTIONS_APPLIED)["objects"]

    assert set(objects) == {"errors", "errors_workbook"}
    for described in objects.values():
        stored = services.lake.read_bytes(described["key"])
        assert (len(stored), hashlib.sha256(stored).hexdigest()) == (described["size"], described["sha256"])


def test_a_refused_upload_has_them_too(tmp_path):
    file = tmp_path / "semtitulo.csv"
    file.write_text("SKU,Marca\nA1,=cmd\nA2,Acme\n", encoding="utf-8")
    services = open_services(Settings(home=tmp_path / "home"))
    validation_id = handed_in(services, file)

    assert correct(services, validation_id).refused_because

    upload = Upload.load(services, validation_id)
    lines = listed(services, upload)
    assert {line["Code"] for line in lines if not line["Record"]} == {"column_missing"}
    assert services.lake.exists(upload.key("errors.xlsx"))
