"""What `validahub run` says and records of unusable input: exit 2, a clear message, nothing half-done."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests import commands
from tests.persons import plain

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00\x01\x00\x08\x06\x00\x00\x00" + bytes(range(256)) * 40
)


def validahub(
    home: Path, *arguments: str | Path, process: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    run = commands.started if process else commands.validahub
    return run(*arguments, VALIDAHUB_HOME=home, **environment)


def events(home: Path) -> list[dict]:
    table = DeltaTable(str(home / "lake" / "tables" / "audit_events")).to_pyarrow_table(columns=["seq", "event"])
    return [json.loads(row["event"]) for row in sorted(table.to_pylist(), key=lambda row: row["seq"])]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("bad-input") / "home"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\r\n \n", "blank lines"),
        ("header.csv", "sku;título;preço\n".encode(), "header"),
        ("picture.csv", PNG, "no text (png)"),
    ],
)
def test_a_file_that_is_no_table_ends_with_2_a_message_and_an_event(home, tmp_path, name, content, expected):
    file = tmp_path / name
    file.write_bytes(content)

    order = ("run", file, "--marketplace", "mercado_livre", "--lang", "en", "--json")
    outcome = validahub(home, *order, process=content == PNG)

    assert outcome.returncode == 2, outcome.stderr
    message = outcome.stderr.strip().splitlines()[-1]
    assert name in message
    assert expected in message.lower()
    told = json.loads(outcome.stdout.splitlines()[-1])
    assert told["published"] is False
    assert name in told["refused_because"]
    about_it = [event for event in events(home) if event["aggregate_id"] == told["validation_id"]]
    assert [event["action"] for event in about_it] == ["file_uploaded", "validation_started", "validation_failed"]
    assert name in plain(about_it[-1]["changes"]["error"]["message"])
    folder = next((home / "lake" / "validations").glob(f"*/*/*/{told['validation_id']}"))
    assert {path.name for path in folder.iterdir()} == {"original.csv", "report.html", "metadata.json"}
    assert (folder / "original.csv").read_bytes() == content
    assert not (home / "scratch" / told["validation_id"]).exists()


def test_the_same_bad_file_again_says_the_same_and_records_nothing_new(home, tmp_path):
    file = tmp_path / "again.csv"
    file.write_bytes(b"sku,title\n")

    first = validahub(home, "run", file, "--marketplace", "mercado_livre", "--lang", "es")
    recorded = len(events(home))
    second = validahub(home, "run", file, "--marketplace", "mercado_livre", "--lang", "es")

    assert (first.returncode, second.returncode) == (2, 2)
    assert first.stderr.strip().splitlines()[-1] == second.stderr.strip().splitlines()[-1]
    assert len(events(home)) == recorded


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("run", "nowhere.csv", "--marketplace", "mercado_livre", "--lang", "en"),
            "nowhere.csv: there is no such file",
        ),
        (("run", ".", "--marketplace", "mercado_livre", "--lang", "en"), "not a file but a folder"),
        (("run", "here.csv", "--marketplace", "mercado_lvre", "--lang", "en"), "mercado_livre"),
        (("run", "here.csv", "--lang", "en"), "--marketplace"),
        (("run", "here.csv", "--marketplace", "mercado_livre", "--lang", "fr"), "pt-BR, en, es"),
        (("run", "here.csv", "--marketplace", "mercado_livre", "--category", "a/b", "--lang", "en"), "a/b"),
    ],
)
def test_a_command_that_makes_no_sense_ends_with_2_before_anything_is_started(
    tmp_path, arguments, expected, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("here.csv").write_text("sku,title\nA,B\n", encoding="utf-8")

    outcome = validahub(tmp_path / "home", *arguments, process="a/b" in arguments)

    assert outcome.returncode == 2
    assert expected in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "home" / "lake" / "inbox").exists()


def test_a_setting_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("sku\n1\n", encoding="utf-8")

    outcome = validahub(
        tmp_path / "home", "run", tmp_path / "a.csv", "--marketplace", "shopify_csv", VALIDAHUB_LANG="xx"
    )

    assert outcome.returncode == 2
    assert "VALIDAHUB_LANG" in outcome.stderr
