"""A pack that drops critical rows and wants a dialect: told in event and manifest, and every law still proven."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import rules
from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.checks import publication_gate
from validahub_pipeline.commands.outcome import REFUSED
from validahub_pipeline.commands.rehearsing import rehearse
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.report.verdict import verdict_of
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import resolve
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import StageResult, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.stages.upload import Upload, scratch_folder

SCRIPT = Path(__file__).parents[1] / "conformance" / "check_published.py"
HEADER = "SKU;Título;Preço;Estoque;Condição\n"
GOOD = "A-{n}; Furadeira de impacto {n};1.299,9{n};5;novo\n"
BAD = "B-{n};Furadeira; ;5;novo\n"
MORE = "extends: brasil\n\n{more}\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`run(more, lines)`: an upload to a Mercado Livre that says `more`; its services, file and id, and the results of
    `correct` and `publish`."""
    source = rules.pack_source

    def upload(more: str, lines: str):
        text = source("mercado_livre").replace("extends: brasil\n", MORE.format(more=more), 1)
        monkeypatch.setattr(rules, "pack_source", lambda name: text if name == "mercado_livre" else source(name))
        services = open_services(Settings(home=tmp_path / "home"))
        file = tmp_path / "loja.csv"
        file.write_text(HEADER + lines, encoding="utf-8")
        drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
        ingest(services, drop, lang="en")
        validate(services, drop.validation_id)
        corrected = correct(services, drop.validation_id)
        published = None if corrected.refused_because else publish(services, drop.validation_id)
        return services, file, drop.validation_id, corrected, published

    return upload


def complaints(tmp_path: Path, validation_id: str, file: Path) -> str:
    """What the script that shares no code with the project has to say."""
    command = [sys.executable, SCRIPT, tmp_path / "home", validation_id, file]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    return done.stdout


ROWS = "".join(BAD.format(n=n) if n in {2, 5} else GOOD.format(n=n) for n in range(12))
DROP = "gate: {partial: drop, max_critical_rows_percent: 40}"
DIALECT = 'dialect: {delimiter: ";", encoding: cp1252, headers: {title: Nome do produto}}'


@pytest.mark.parametrize("more", [DROP, DIALECT, f"{DROP}\n\n{DIALECT}"])
def test_every_cell_is_still_accounted_for(run, tmp_path, more) -> None:
    services, file, validation_id, _, published = run(more, ROWS)

    assert published.refused_because is None
    assert {found.code for found in look_deep(services.lake, None).findings} <= {"read_models_absent"}
    assert complaints(tmp_path, validation_id, file) == ""


def test_rows_that_are_dropped_are_counted_listed_and_told(run) -> None:
    services, _, validation_id, corrected, published = run(DROP, ROWS)

    event = Upload.load(services, validation_id).revised_changes(Action.FILE_PUBLISHED, 1)
    assert (event["records"], event["dropped"], event["gate"]["partial"]) == (10, 2, "drop")
    assert published.manifest["publication"]["dropped"] == 2
    dropped = services.lake.read_bytes(event["objects"]["dropped"]["key"]).decode().splitlines()
    assert [(row[0], row[2], row[-1]) for row in csv.reader(dropped)][1:] == [
        ("3", "B-2", "missing_price"),
        ("6", "B-5", "missing_price"),
    ]
    check = publication_gate(corrected)
    assert check.passed
    assert check.metadata["critical_rows_are"].value == "left out of the published file"


def test_the_published_file_is_in_the_marketplaces_dialect(run) -> None:
    services, _, validation_id, _, published = run(DIALECT, ROWS)

    event = Upload.load(services, validation_id).revised_changes(Action.FILE_PUBLISHED, 1)
    text = services.lake.read_bytes(event["objects"]["corrected"]["key"]).decode("cp1252")
    assert text.splitlines()[:2] == [
        "SKU;Nome do produto;Preço;Estoque;Condição",
        "A-0;Furadeira de impacto 0;1299.90;5;new",
    ]
    assert published.manifest["publication"]["dialect"] == {
        "delimiter": ";",
        "encoding": "cp1252",
        "headers": {"Título": "Nome do produto"},
    }


def test_publishing_once_more_changes_nothing(run) -> None:
    services, _, validation_id, _, first = run(f"{DROP}\n\n{DIALECT}", ROWS)

    assert not scratch_folder(services, validation_id).joinpath("critical.parquet").exists()
    again: StageResult = publish(services, validation_id)
    assert again.repeated
    assert again.manifest["objects"]["corrected"] == first.manifest["objects"]["corrected"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("gate: {partial: refuse, max_critical_rows_percent: 100}", "whole or not at all"),
        ("gate: {partial: drop, max_critical_rows_percent: 10}", "limit is 10 %"),
    ],
)
def test_a_refusal_says_why_in_event_manifest_and_check(run, more, words) -> None:
    services, _, validation_id, corrected, _ = run(more, ROWS)

    event = Upload.load(services, validation_id).revised_changes(Action.PUBLICATION_REFUSED, 1)
    assert words in event["reason"]
    assert words in corrected.manifest["publication"]["refused_because"]
    check = publication_gate(corrected)
    assert not check.passed
    assert words in (check.description or "")


def test_nothing_is_published_where_every_row_would_be_dropped(run) -> None:
    services, _, validation_id, corrected, published = run(
        "gate: {partial: drop, max_critical_rows_percent: 100}", BAD.format(n=1) * 3
    )

    assert published is None
    assert corrected.refused_because is not None
    assert corrected.refused_because.startswith("none of the 3 rows would be left to publish: 3 still have critical")
    event = Upload.load(services, validation_id).revised_changes(Action.PUBLICATION_REFUSED, 1)
    assert event["gate"]["left_out_rows"] == 3


# Two products of three rows each, of which one is critical.
OF_PRODUCTS = "handle;SKU;Título;Preço;Estoque;Condição\n" + "".join(
    f"{product};{product}-{n};Furadeira de impacto {n};{price};5;novo\n"
    for product in ("furadeira", "serra")
    for n, price in enumerate(("10,00", "sob consulta", "12,00"))
)


@pytest.mark.parametrize("one_more", [False, True])
def test_rows_that_go_with_their_product_leave_a_file_only_if_there_is_another(
    run, tmp_path, monkeypatch, one_more
) -> None:
    monkeypatch.setattr("tests.stages.test_delivering.HEADER", "")
    lines = OF_PRODUCTS + "broca;broca-1;Broca de aço;3,00;5;novo\n" * one_more
    services, file, validation_id, corrected, published = run(DROP, lines)

    event = Upload.load(services, validation_id)
    assert event.revised_changes(Action.CORRECTIONS_APPLIED, 1)["left_out_rows"] == 6
    if one_more:
        told = event.revised_changes(Action.FILE_PUBLISHED, 1)
        assert (told["records"], told["dropped"], told["gate"]["critical_rows"]) == (1, 6, 2)
        verdict = verdict_of(published.manifest, Wording(event.pack(services), "en"))
        assert "1 of 7" in verdict.headline
        assert "6 rows were left out of the published file: 2 that the marketplace would reject" in verdict.detail
    else:
        assert published is None
        words = "none of the 6 rows would be left to publish: 2 still have critical violations"
        assert words in corrected.refused_because
        assert words in publication_gate(corrected).description
        assert "corrected" not in event.revised_changes(Action.PUBLICATION_REFUSED, 1).get("objects", {})
    assert complaints(tmp_path, validation_id, file) == ""


def test_a_dry_run_refuses_such_a_file_as_well(run, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("tests.stages.test_delivering.HEADER", "")
    _, file, _, corrected, _ = run(DROP, OF_PRODUCTS)
    pack = resolve("mercado_livre", category="all", on=date(2026, 11, 26))
    settings = Settings(home=tmp_path / "other", lang="en")

    assert rehearse(settings, file, pack, user="maria", category="all", as_json=True) == REFUSED
    assert json.loads(capsys.readouterr().out)["refused_because"] == corrected.refused_because
