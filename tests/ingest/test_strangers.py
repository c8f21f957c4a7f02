"""Lines that are no data of the table go to quarantine with their reason, and take nothing with them."""

from __future__ import annotations

import pytest

from validahub_pipeline.ingest import batches

HEADER = "data,sku,qtd,valor\n"
ROWS = [f"2026-03-{n:02},AB-{n},{n},{n}.50\n" for n in range(1, 21)]


@pytest.mark.parametrize(
    "total", ["Total,,210,220.00\n", "TOTAL GERAL:,,,220.00\n", ",Subtotal,,220.00\n", "Soma,,210,\n"]
)
@pytest.mark.parametrize("behind", ["", "\n"])
def test_a_total_below_the_records_is_no_record(read, total: str, behind: str) -> None:
    result = read(HEADER + "".join(ROWS) + total + behind)
    assert result.reasons == ["footer"]
    assert result.report.records == 20
    assert result.quarantine[0]["raw"] == total.rstrip("\n")


@pytest.mark.parametrize("row", ["2026-03-21,Total 90,1,2.00\n", "Total 90 tênis,AB-1,1,2.00\n", "Total,AB-1,1,2.00\n"])
def test_a_record_that_speaks_of_totals_is_one(read, row: str) -> None:
    assert read(HEADER + "".join(ROWS) + row).reasons == []


def test_a_total_in_the_middle_is_a_record(read) -> None:
    result = read(HEADER + "".join(ROWS[:10]) + "Total,,1,\n" + "".join(ROWS[10:]))
    assert (result.reasons, result.report.records) == ([], 21)


@pytest.mark.parametrize("apart", ["", "\n", "\n\n"])
def test_another_table_below_is_set_aside_whole(read, apart: str) -> None:
    other = "data,sku,qtd\n" + "".join(f"2026-04-{n:02},XY-{n},{n}\n" for n in range(1, 6))
    result = read(HEADER + "".join(ROWS) + apart + other)
    assert result.report.columns == ("data", "sku", "qtd", "valor")
    assert result.report.records == 20
    assert result.reasons == ["other_table"] * 6


def test_a_table_of_other_columns_as_wide_as_the_first_ends_where_the_first_comes_back(read) -> None:
    wider = "data,sku,qtd,peso,altura\n" + "2026-04-01,XY-1,1,\n"
    result = read(HEADER + "".join(ROWS[:10]) + wider + HEADER + "".join(ROWS[10:]))
    assert result.report.records == 20
    assert result.reasons == ["other_table", "other_table", "repeated_header"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_another_table_as_wide_as_the_first_is_told_by_its_titles(read, end: str) -> None:
    other = "loja,cidade,gerente,telefone\n" + "".join(f"Loja {n},Recife,Ana,8{n}\n" for n in range(1, 6))
    result = read((HEADER + "".join(ROWS) + "\n" + other).replace("\n", end))
    assert result.report.records == 20
    assert result.reasons == ["other_table"] * 6


@pytest.mark.parametrize("row", ["2026-03-21,AB-1,muitas,sob consulta\n", "amanhã,AB-1,muitas,sob consulta\n"])
def test_a_record_of_words_after_a_blank_line_is_one(read, row: str) -> None:
    result = read(HEADER + "".join(ROWS[:10]) + "\n" + row + "".join(ROWS[10:]))
    assert (result.reasons, result.report.records) == ([], 21)


@pytest.mark.parametrize("windows_before", [1, 2, 3])
def test_another_table_seen_ahead_takes_no_record_before_it(read, monkeypatch, windows_before: int) -> None:
    # A record with too few fields has its stretch read again, when some of those behind it have been looked at.
    size = 70_000
    rows = [f"2026-03-01,AB-{n},{n},{n}.50\n" for n in range(windows_before * size // 24)]
    rows[1_000] = "2026-03-31,AB-0,1\n"
    other = "\ndata,sku,qtd\n" + "".join(f"2026-04-{n:02},XY-{n},{n}\n" for n in range(1, 6))
    monkeypatch.setattr(batches, "WINDOW", size)

    result = read(HEADER + "".join(rows) + other)

    assert result.report.reasons["other_table"] == 6
    assert result.report.records + result.report.quarantined == len(rows) + 6
    assert result.report.quarantined == 7
