"""A pack that drops critical rows and wants a dialect: told in event and manifest, and every law still proven."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

import rules
from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.checks import publication_gate
from validahub_pipeline.ledger.events import Action
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
    _, _, _, corrected, published = run("gate: {partial: drop, max_critical_rows_percent: 100}", BAD.format(n=1) * 3)

    assert published is None
    assert corrected.refused_because is not None
