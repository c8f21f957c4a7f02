"""The sample catalogue is the same everywhere, holds every defect it claims, and can be published after correction."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import pytest

from validahub_pipeline.sample import SampleTruth, generate
from validahub_pipeline.sample.catalogue import COLUMNS, check_digit, gtin13
from validahub_pipeline.sample.defects import BY_COLUMN

ROWS = 30_000

# Left after every lossless and confident correction, if each of them were critical.
BEYOND_CORRECTION = {
    "sku_missing", "sku_duplicate", "title_too_long", "title_promotional", "title_missing", "title_too_short",
    "description_contact", "price_missing", "price_zero", "price_text", "stock_negative", "stock_fractional",
    "stock_missing", "gtin_check_digit", "gtin_too_short", "gtin_excel_rounded", "gtin_scientific", "gtin_none",
    "gtin_missing", "brand_not_available", "condition_unknown", "category_missing", "category_malformed",
    "images_missing",
}  # fmt: skip


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> SampleTruth:
    return generate(tmp_path_factory.mktemp("sample") / "catalogue.csv", rows=ROWS)


@pytest.fixture(scope="module")
def records(truth: SampleTruth) -> dict[int, list[str]]:
    """Readable records by number, read without the generator's help: the broken ones are cut out line by line."""
    lines = truth.path.read_bytes().decode("utf-8", "surrogateescape").split("\r\n")
    assert lines.pop() == ""
    body = lines[truth.header_line :]
    assert len(body) == truth.records, "only records end in CRLF; line breaks inside a field are bare"
    parsed = {
        number: next(csv.reader(io.StringIO(line, newline=""), delimiter=";")) for number, line in enumerate(body, 1)
    }
    broken = {
        number for flaw in ("too_few_fields", "too_many_fields", "unterminated_quote") for number in truth.defects[flaw]
    }
    assert {number for number, cells in parsed.items() if len(cells) != len(COLUMNS)} == broken
    return {number: cells for number, cells in parsed.items() if number not in broken}


def cells(truth: SampleTruth, records: dict[int, list[str]], defect: str, column: str) -> list[str]:
    found = [records[number][COLUMNS.index(column)] for number in truth.defects[defect]]
    assert found
    return found


def test_the_same_seed_gives_the_same_bytes_on_every_python(tmp_path: Path) -> None:
    """The digest was computed once; another Python, NumPy or platform that disagrees has broken the promise."""
    truth = generate(tmp_path / "a.csv", rows=1_000, seed=7)
    content = truth.path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == truth.sha256
    assert len(content) == truth.size
    assert truth.sha256 == "150cb78b786c28cc34199ceccaec8e685cac80607d96e5a16c1c7ae6d832c770"


def test_another_seed_gives_another_catalogue(tmp_path: Path) -> None:
    assert (
        generate(tmp_path / "a.csv", rows=200, seed=1).sha256 != generate(tmp_path / "b.csv", rows=200, seed=2).sha256
    )


def test_the_true_header_stands_below_a_preamble(truth: SampleTruth) -> None:
    lines = truth.path.read_bytes().split(b"\r\n", truth.header_line)
    assert lines[0].startswith(b"\xef\xbb\xbfRelat")
    assert lines[truth.header_line - 1].decode("utf-8").split(";") == list(truth.columns)
    assert truth.columns.count("Obs.") == 2
    assert truth.columns[-1] == ""


def test_every_kind_of_defect_occurs(truth: SampleTruth) -> None:
    kinds = {defect.name for defects in BY_COLUMN.values() for defect in defects}
    expected = kinds | {"sku_duplicate", "too_few_fields", "too_many_fields", "unterminated_quote"}
    assert set(truth.defects) == expected
    assert all(truth.counts.values())


def test_broken_records_are_the_expected_quarantine(truth: SampleTruth) -> None:
    assert truth.counts["unterminated_quote"] == 1
    assert truth.quarantined == sum(
        truth.counts[flaw] for flaw in ("too_few_fields", "too_many_fields", "unterminated_quote")
    )


def test_a_short_catalogue_has_its_broken_records_too(tmp_path: Path) -> None:
    truth = generate(tmp_path / "short.csv", rows=300)
    assert truth.quarantined == 3


def test_what_no_correction_can_mend_stays_under_twelve_in_a_hundred_records(truth: SampleTruth) -> None:
    hopeless = {number for defect in BEYOND_CORRECTION for number in truth.defects[defect]}
    assert 0.05 < len(hopeless) / truth.records < 0.12


def test_flawless_gtins_are_valid_and_unique(truth: SampleTruth, records: dict[int, list[str]]) -> None:
    spoiled = {number for name, numbers in truth.defects.items() if name.startswith("gtin_") for number in numbers}
    clean = [row[COLUMNS.index("GTIN/EAN")] for number, row in records.items() if number not in spoiled]
    assert all(len(gtin) == 13 and int(gtin[-1]) == check_digit(gtin[:-1]) for gtin in clean)
    assert len(set(clean)) == len(clean)


def test_check_digits_agree_with_published_examples() -> None:
    """GS1 General Specifications 7.9.1 works 6291041500213; 036000291452 is the usual UPC-A example."""
    assert check_digit("629104150021") == 3
    assert check_digit("03600029145") == 2
    assert gtin13(0) == "7890000000000"[:-1] + str(check_digit("789000000000"))


def test_spoilt_gtins_are_what_sellers_send(truth: SampleTruth, records: dict[int, list[str]]) -> None:
    def gtins(defect: str) -> list[str]:
        return cells(truth, records, defect, "GTIN/EAN")

    assert all(int(gtin[-1]) != check_digit(gtin[:-1]) for gtin in gtins("gtin_check_digit"))
    assert all(
        len(gtin) == 11 and int(gtin[-1]) == check_digit("0" + gtin[:-1]) for gtin in gtins("gtin_eleven_digits")
    )
    assert {len(gtin) for gtin in gtins("gtin_too_short")} == {9, 10}
    rounded = gtins("gtin_excel_rounded")
    assert all(gtin.endswith("00000") for gtin in rounded)
    passing = [gtin for gtin in rounded if check_digit(gtin[:-1]) == 0]
    assert 0 < len(passing) < len(rounded), "some destroyed numbers pass the check digit, others fail it"
    assert any(gtin[1] == "," for gtin in gtins("gtin_scientific"))
    assert any(gtin[1] == "." for gtin in gtins("gtin_scientific"))
    assert all(gtin.startswith("'789") for gtin in gtins("gtin_apostrophe"))


def test_cp1252_fields_stand_in_a_utf8_file(truth: SampleTruth, records: dict[int, list[str]]) -> None:
    raw = truth.path.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    for title in cells(truth, records, "title_cp1252", "Título"):
        repaired = title.encode("utf-8", "surrogateescape").decode("cp1252")
        assert not repaired.isascii()
        assert repaired.isprintable()


def test_mojibake_can_be_proved_and_undone(truth: SampleTruth, records: dict[int, list[str]]) -> None:
    for title in cells(truth, records, "title_mojibake", "Título"):
        assert title.encode("cp1252").decode("utf-8") != title


def test_stray_quotes_stand_in_fields_that_are_not_quoted(truth: SampleTruth) -> None:
    lines = truth.path.read_bytes().split(b"\r\n")
    for number in truth.defects["title_stray_quote"]:
        field = lines[truth.header_line + number - 1].split(b";")[1]
        assert field.count(b'"') == 1
        assert not field.startswith(b'"')


def test_prices_carry_a_decimal_comma_unless_they_are_defects(
    truth: SampleTruth, records: dict[int, list[str]]
) -> None:
    spoiled = {number for name, numbers in truth.defects.items() if name.startswith("price_") for number in numbers}
    prices = [row[COLUMNS.index("Preço")] for number, row in records.items() if number not in spoiled]
    assert all(price.replace(",", "", 1).isdigit() and price[-3] == "," for price in prices)
    currency = cells(truth, records, "price_currency", "Preço")
    assert any(price.startswith("R$ ") and "." in price for price in currency)
    assert any("\u00a0" in price for price in currency)


def test_duplicated_skus_repeat_an_earlier_record(truth: SampleTruth, records: dict[int, list[str]]) -> None:
    for number in truth.defects["sku_duplicate"]:
        assert records[number][0] == records[number - 1][0] != ""
