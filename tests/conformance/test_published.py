"""What the command line publishes holds up to a check that shares no code with it, and that check notices damage."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tests import commands
from validahub_pipeline.sample import SampleTruth, generate

SCRIPT = Path(__file__).with_name("check_published.py")
SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
MARKETPLACES = {
    "trendnow_products_export_1.csv": "shopify_csv",
    "shopifypartners_apparel.csv": "shopify_csv",
    "olist_products_dataset.csv": "mercado_livre",
    "choicestationery_categories_pipe.csv": "mercado_livre",
}


@dataclass(frozen=True)
class Run:
    """One `validahub run --json` and what it ended with."""

    home: Path
    file: Path
    code: int
    told: dict[str, Any]


def run(home: Path, file: Path, marketplace: str, *, process: bool = False) -> Run:
    start = commands.started if process else commands.validahub
    done = start("run", file, "--marketplace", marketplace, "--user", "loja", "--json", VALIDAHUB_HOME=home)
    assert done.returncode in {0, 3}, done.stderr
    return Run(home, file, done.returncode, json.loads(done.stdout.splitlines()[-1]))


def check(run: Run, *, home: Path | None = None, records: int | None = None) -> str:
    """What the script complains about; empty where it is content."""
    command = [sys.executable, SCRIPT, home or run.home, run.told["validation_id"], run.file]
    if records is not None:
        command += ["--records", str(records)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.stderr == ""
    assert done.returncode == bool(done.stdout)
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("published") / "home"


@pytest.fixture(scope="module")
def truth(home: Path) -> SampleTruth:
    return generate(home.parent / "catálogo da loja.csv", rows=3_000)


@pytest.fixture(scope="module")
def sample(home: Path, truth: SampleTruth) -> Run:
    return run(home, truth.path, "mercado_livre", process=True)


def test_the_script_shares_no_code_with_the_project() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert not [
        name for name in ("validahub_pipeline", "assets", "rules") if f"import {name}" in text or f"from {name}" in text
    ]


def test_a_generated_catalogue_is_published_and_holds_up(sample: Run, truth: SampleTruth) -> None:
    assert sample.code == 0
    assert sample.told["published"] is True
    # Python's csv module lets the quotation mark that is never closed swallow what follows it.
    assert check(sample, records=truth.records) == ""


def test_exactly_the_broken_records_are_quarantined(sample: Run, truth: SampleTruth) -> None:
    with Path(sample.told["objects"]["quarantine"]).open(encoding="utf-8", newline="") as file:
        found = {(int(record["record"]), record["reason"]) for record in csv.DictReader(file)}
    broken = ("too_few_fields", "too_many_fields", "unterminated_quote")
    assert found == {(number, flaw) for flaw in broken for number in truth.defects[flaw]}


def validahub(sample: Run, *arguments: object, output: bool = True) -> dict[str, Any]:
    """Each command as a process: what one of them leaves in memory is of no help to the next."""
    done = commands.started(*arguments, VALIDAHUB_HOME=sample.home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if output else {}


def test_every_revision_holds_up_and_old_ones_stay(truth: SampleTruth, tmp_path: Path) -> None:
    sample = run(tmp_path / "home", truth.path, "mercado_livre")
    validation_id = sample.told["validation_id"]
    (tmp_path / "cells.csv").write_text("row;column;after;reason\n1;Título;Cafeteira  nova;typo\n", encoding="utf-8")
    codes = [one["code"] for one in validahub(sample, "suggestions", validation_id, "--json")["suggestions"]]
    decisions = [
        ["correct", validation_id, *(part for code in codes[:2] for part in ("--accept", code))],
        ["correct", validation_id, "--corrections", tmp_path / "cells.csv"],
        ["undo", validation_id, "--to-revision", 2],
    ]

    for number, decision in enumerate(decisions, 2):
        assert validahub(sample, *decision, "--user", "ana", "--json")["revision"] == number

    assert check(sample, records=truth.records) == ""
    original = Path(sample.told["objects"]["corrected"])
    for number, name in ((1, "corrected.csv"), (4, "corrected-r4.csv")):
        validahub(
            sample, "download", validation_id, "--version", "corrected", "--revision", number,
            "-o", tmp_path / "out.csv", output=False,
        )  # fmt: skip
        assert (tmp_path / "out.csv").read_bytes() == original.with_name(name).read_bytes()
    original.with_name("corrected-r3.csv").write_bytes(original.read_bytes())
    assert "revision 3: corrections on record that changed nothing" in check(sample, records=truth.records)


FOUND_EXACTLY = {
    "missing_sku": ["sku_missing"],
    "missing_title": ["title_missing"],
    "title_too_short": ["title_too_short"],
    "title_all_caps": ["title_all_caps"],
    "title_promotional_words": ["title_promotional"],
    "description_html": ["description_html"],
    "description_contact_data": ["description_contact"],
    "missing_price": ["price_missing"],
    "price_not_positive": ["price_zero"],
    "missing_stock": ["stock_missing"],
    "stock_negative": ["stock_negative"],
    "stock_not_whole": ["stock_fractional"],
    "gtin_scientific_notation": ["gtin_scientific"],
    "gtin_excel_rounding": ["gtin_excel_rounded"],
    "brand_not_applicable": ["brand_not_available"],
    "missing_category": ["category_missing"],
    "missing_pictures": ["images_missing"],
}

CORRECTED_EXACTLY = {
    "GTIN/EAN": ["gtin_dashes", "gtin_spaces", "gtin_apostrophe", "gtin_underscore", "gtin_eleven_digits"],
    "NCM": ["ncm_dotted"],
    "Título": [
        "title_no_break_space", "title_trailing_space", "title_double_space", "title_mojibake", "title_cp1252",
    ],
    "Marca": ["brand_mojibake", "brand_trailing_space"],
}  # fmt: skip


def detail(sample: Run, table: str) -> list[dict[str, Any]]:
    delta = DeltaTable(str(sample.home / "lake" / "tables" / table))
    rows: list[dict[str, Any]] = delta.to_pyarrow_dataset().to_table().to_pylist()
    return rows


def carriers(truth: SampleTruth, defects: list[str]) -> set[int]:
    return {number for defect in defects for number in truth.defects.get(defect, ())}


@pytest.mark.parametrize("code", sorted(FOUND_EXACTLY))
def test_a_defect_that_was_put_in_is_found_there_and_nowhere_else(sample: Run, truth: SampleTruth, code: str) -> None:
    expected = carriers(truth, FOUND_EXACTLY[code])
    assert expected, "the sample is too small for this defect"
    assert {row["row"] for row in detail(sample, "violations") if row["code"] == code} == expected


@pytest.mark.parametrize("column", sorted(CORRECTED_EXACTLY))
def test_damage_that_can_be_undone_safely_is_undone_there_and_nowhere_else(
    sample: Run, truth: SampleTruth, column: str
) -> None:
    expected = carriers(truth, CORRECTED_EXACTLY[column])
    assert expected
    assert {row["row"] for row in detail(sample, "corrections") if row["column"] == column} == expected


def test_text_that_was_encoded_twice_is_read_as_it_was_and_on_record(sample: Run, truth: SampleTruth) -> None:
    expected = carriers(truth, ["title_mojibake", "description_mojibake", "brand_mojibake"])
    assert expected
    repaired = {row["row"] for row in detail(sample, "corrections") if "encoding_double" in row["code"].split("+")}
    assert repaired == expected
    assert not {row["row"] for row in detail(sample, "violations") if row["code"].endswith("mojibake")}


def test_no_destroyed_barcode_is_made_up_again(sample: Run, truth: SampleTruth) -> None:
    lost = ["gtin_check_digit", "gtin_too_short", "gtin_excel_rounded", "gtin_scientific", "gtin_none", "gtin_missing"]
    touched = {row["row"] for row in detail(sample, "corrections") if row["column"] == "GTIN/EAN"}
    assert not touched & carriers(truth, lost)


@pytest.fixture(scope="module")
def real_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own, so that the other one's ledger ends with the sample."""
    return tmp_path_factory.mktemp("real") / "home"


@pytest.mark.parametrize("name", sorted(MARKETPLACES))
def test_real_catalogues_hold_up(real_home: Path, name: str) -> None:
    file = SAMPLES / name
    if not file.exists():
        pytest.skip("the real catalogues are not here")
    assert check(run(real_home, file, MARKETPLACES[name])) == ""


def _corrected_cell(folder: Path) -> None:
    path = folder / "corrected.csv"
    path.write_bytes(path.read_bytes().replace(b",new,", b",old,", 1))


def _original(folder: Path) -> None:
    path = folder / "original.csv"
    path.write_bytes(path.read_bytes()[:-2])


def _lost_row(folder: Path) -> None:
    path = folder / "rows.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)


def _changed_row(folder: Path) -> None:
    path = folder / "rows.parquet"
    rows = pq.read_table(path)
    column = rows.schema.get_field_index("Estoque")
    kind = rows.schema.field(column)
    cells = pa.array(["999", *rows.column(column).to_pylist()[1:]], type=kind.type)
    pq.write_table(rows.set_column(column, kind, cells), path)


def _other_counts(folder: Path) -> None:
    path = folder / "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    metadata["validation"]["violations"]["gtin_invalid"] += 1
    path.write_text(json.dumps(metadata), encoding="utf-8")


def _stowaway(folder: Path) -> None:
    (folder / "corrected-r2.csv").write_bytes(b"")


def _cut_ledger(folder: Path) -> None:
    log = folder.parents[4] / "tables" / "audit_events" / "_delta_log"
    max(log.glob("*.json")).unlink()


def _cut_corrections(folder: Path) -> None:
    log = folder.parents[4] / "tables" / "corrections" / "_delta_log"
    max(log.glob("*.json")).unlink()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (_corrected_cell, "corrections on record with other values"),
        (_original, "original.csv against the input"),
        (_lost_row, "record numbers are not"),
        (_changed_row, "cells of rows.parquet that differ from the file"),
        (_other_counts, "violations by code, event against metadata"),
        (_stowaway, "files of the validation"),
        (_cut_ledger, "ends of revision 1"),
        (_cut_corrections, "changed cells that are not on record"),
    ],
)
def test_damage_is_noticed(
    sample: Run, truth: SampleTruth, tmp_path: Path, damage: Callable[[Path], None], complaint: str
) -> None:
    copy = tmp_path / "home"
    shutil.copytree(sample.home / "lake", copy / "lake")
    (folder,) = (copy / "lake" / "validations").glob(f"*/*/*/{sample.told['validation_id']}")
    damage(folder)
    assert complaint in check(sample, home=copy, records=truth.records)
