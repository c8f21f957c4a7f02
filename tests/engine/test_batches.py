"""Rows come out of a file in pieces, in order, each once, whatever its own pieces are."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.engine import batches
from validahub_pipeline.engine.batches import Rows
from validahub_pipeline.ingest import to_rows

HEADERS = ("sku", "título", "sku ")


@pytest.fixture
def cut_small(monkeypatch):
    monkeypatch.setattr(batches, "_LARGEST_BATCH", 4)


def _frame(height: int) -> pl.DataFrame:
    numbers = pl.int_range(1, height + 1, eager=True)
    cells = {name: numbers.cast(pl.String) + f" {name}" for name in HEADERS}
    return pl.DataFrame({"__row": numbers, "__line": numbers + 1, **cells})


def _write(frame: pl.DataFrame, path, part: int):
    if path.suffix == ".arrow":
        frame.write_ipc(path, record_batch_size=part)
    else:
        frame.write_parquet(path, row_group_size=part)
    return path


@pytest.mark.usefixtures("cut_small")
@given(
    height=st.integers(0, 40),
    part=st.integers(1, 50),
    ending=st.sampled_from([".parquet", ".arrow"]),
    places=st.none() | st.sets(st.integers(0, 2)),
)
def test_every_row_comes_once_and_in_order(tmp_path_factory, height, part, ending, places):
    rows = Rows(_write(_frame(height), tmp_path_factory.mktemp("rows") / f"rows{ending}", part))

    found = list(rows.map(lambda batch: (batch.start, batch.frame), places))

    assert (rows.records, rows.columns) == (height, HEADERS)
    assert [start for start, _ in found] == [sum(one.height for _, one in found[:place]) for place in range(len(found))]
    assert all(1 <= one.height <= 4 for _, one in found)
    chosen = sorted(places or ([0] if places is not None else range(3)))
    together = pl.concat([_frame(0).select("__row", "__line"), *(one.select("__row", "__line") for _, one in found)])
    assert together.rows() == [(number, number + 1) for number in range(1, height + 1)]
    for _, one in found:
        assert one.columns == ["__row", "__line", *map(str, chosen)]
        assert all(one[str(place)].to_list() == [f"{row} {HEADERS[place]}" for row in one["__row"]] for place in chosen)


@pytest.mark.parametrize("ending", [".parquet", ".arrow"])
def test_the_lines_of_all_rows_are_known_without_their_cells(tmp_path, ending):
    rows = Rows(_write(_frame(9), tmp_path / f"rows{ending}", 4))

    assert rows.numbers().rows() == [(number, number + 1) for number in range(1, 10)]


def test_a_file_is_read_into_the_same_rows_as_arrow_and_as_parquet(tmp_path):
    source = tmp_path / "catalogue.csv"
    source.write_text("SKU;Título\n1;Açaí\n2;\n\n3;x\n4;y;z\n5;\n", encoding="cp1252")

    def read(name: str) -> pl.DataFrame:
        to_rows(source, tmp_path / name, quarantine=tmp_path / "q.csv", repairs=tmp_path / "r.parquet")
        return Rows(tmp_path / name).scan().collect()

    assert read("rows.arrow").equals(read("rows.parquet"))
    assert read("rows.arrow").height == 4
