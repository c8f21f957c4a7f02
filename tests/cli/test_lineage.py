"""`validahub lineage` as a person runs it: a tree in their language, one JSON object, clear words otherwise."""

from __future__ import annotations

import json

import pytest

from tests import commands
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate

CATALOGUE = "SKU;Título;Preço;Marca\nA1; Camiseta de algodão masculina ;R$ 49,90;Acme\nA2;Boné de sarja;39,90;Acme\n"


def validahub(home, *arguments, process=False, **environment):
    return (commands.started if process else commands.validahub)(*arguments, VALIDAHUB_HOME=home, **environment)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("lineage") / "home"


@pytest.fixture(scope="module")
def validation_id(home, tmp_path_factory):
    file = tmp_path_factory.mktemp("file") / "loja.csv"
    file.write_text(CATALOGUE, encoding="utf-8")
    services = open_services(Settings(home=home))
    drop = deposit(services, file, user="maria", marketplace="shopify_csv", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    if correct(services, drop.validation_id).refused_because is None:
        publish(services, drop.validation_id)
    return drop.validation_id


def test_shows_file_rows_corrected_and_published_in_this_order(home, validation_id):
    shown = validahub(home, "lineage", validation_id, "--lang", "en", process=True)
    assert (shown.returncode, shown.stderr) == (0, "")
    places = [
        shown.stdout.index(part)
        for part in ("loja.csv", "original.csv", "rows.parquet", "validated.csv", "corrected rows", "report.html")
    ]
    assert places == sorted(places)
    assert "2 rows" in shown.stdout
    assert "Título" in shown.stdout


@pytest.mark.parametrize(("lang", "word"), [("pt-BR", "leitura"), ("es", "lectura"), ("en", "read")])
def test_speaks_each_language(home, validation_id, lang, word):
    assert word in validahub(home, "lineage", validation_id, f"--lang={lang}").stdout


def test_json_holds_runs_columns_and_the_events_themselves(home, validation_id):
    told = json.loads(validahub(home, "lineage", validation_id, "--json").stdout)
    assert told["validation_id"] == validation_id
    assert [run["job"] for run in told["runs"]][:4] == ["upload", "ingest", "validate", "correct"]
    assert {run["state"] for run in told["runs"]} <= {"COMPLETE", "ABORT"}
    (title,) = [column for column in told["columns"] if column["column"] == "Título"]
    assert title["from"] == ["Título"]
    assert sum(title["corrections"].values()) == 1
    assert {event["eventType"] for event in told["events"]} >= {"START", "COMPLETE"}


def test_explains_what_it_cannot_show_or_send(home, validation_id):
    unknown = validahub(home, "lineage", "00000000-0000-0000-0000-000000000000", "--lang", "en")
    assert unknown.returncode == 2
    assert "00000000-0000-0000-0000-000000000000" in unknown.stderr
    unset = validahub(home, "lineage", validation_id, "--forward", "--lang", "en")
    assert unset.returncode == 2
    assert "VALIDAHUB_OPENLINEAGE_URL" in unset.stderr
    down = {"VALIDAHUB_OPENLINEAGE_URL": "http://127.0.0.1:9"}
    failed = validahub(home, "lineage", validation_id, "--forward", "--lang", "en", **down)
    assert failed.returncode == 1
    assert "refused" in failed.stderr
    wrong = validahub(home, "lineage", validation_id, VALIDAHUB_OPENLINEAGE_URL="marquez:5000")
    assert wrong.returncode == 2
    assert "VALIDAHUB_OPENLINEAGE_URL" in wrong.stderr
