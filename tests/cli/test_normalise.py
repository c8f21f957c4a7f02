"""`validahub normalise` says in a few lines how a file was read, and with --json everything."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from validahub_pipeline.ingest.tolerant import EXTRA_EMPTY_FIELDS, NUL_REMOVED, OTHER_DELIMITER, STRAY_QUOTE
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.report.wording import Words

VALIDAHUB = Path(sys.executable).with_name("validahub")
MESSY = (
    "Relatório de produtos\nsku;título;preço\n"
    + "".join(f"{n};Mesa {n};{n},90\n" for n in range(1, 20))
    + 'X-1;TV 32" LED;99,90\nX-2;Banco\n'
)


def normalise(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [VALIDAHUB, "normalise", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    (tmp_path / "messy.csv").write_text(MESSY, encoding="utf-8")
    return tmp_path / "messy.csv"


def test_a_newcomer_is_told_what_was_found_repaired_and_set_aside(messy: Path) -> None:
    outcome = normalise(messy, "-o", messy.with_name("out.csv"), "--lang", "en")

    assert outcome.returncode == 0, outcome.stderr
    said = outcome.stdout.splitlines()
    assert "20 records written, 1 quarantined. Read as utf-8, delimiter: semicolon" in said[0]
    assert said[1].startswith("Columns: 3, named on line 2;")
    assert "Repaired while reading: Stray quotation marks kept as text (1)." in said
    assert "Quarantined: fewer fields than the header (1)." in said
    assert "--quarantine" in said[-1]


def test_what_was_set_aside_is_kept_where_it_was_asked_for(messy: Path) -> None:
    kept = messy.with_name("kept.csv")
    outcome = normalise(messy, "-o", messy.with_name("out.csv"), "--quarantine", kept, "--lang", "en")

    assert str(kept) in outcome.stdout.splitlines()[-1]
    with kept.open(encoding="utf-8", newline="") as file:
        [record] = csv.DictReader(file)
    assert (record["line"], record["reason"], record["raw"]) == ("23", "too_few_fields", "X-2;Banco")


def test_json_is_the_whole_report(messy: Path) -> None:
    told = json.loads(normalise(messy, "-o", messy.with_name("out.csv"), "--json").stdout)

    assert (told["records"], told["quarantined"], told["preamble_lines"]) == (20, 1, 1)
    assert told["repairs"] == {"stray_quote": 1}
    assert told["dialect"] == {"delimiter": ";", "quote": '"', "escape": "", "line_end": "\n"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_repair_has_a_name(lang) -> None:
    encodings = [f"encoding_{name}" for name in ("cp1252", "utf8", "double")]
    for kind in (STRAY_QUOTE, EXTRA_EMPTY_FIELDS, NUL_REMOVED, OTHER_DELIMITER, *encodings):
        assert Words(lang).repair(kind)
        assert Words(lang).repair(kind, ".what")
