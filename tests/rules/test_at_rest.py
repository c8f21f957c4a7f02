"""A published file has nothing left to correct: what any shipped pack made of a catalogue, it leaves as it is."""

from __future__ import annotations

import csv
from datetime import date
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from validahub_pipeline.engine import correct
from validahub_pipeline.ingest import normalise
from validahub_pipeline.rulepacks import available, match_columns, resolve
from validahub_pipeline.sample import generate

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
# Records of a file; the generated catalogue has every defect among so many.
MOST = 500
ERP = Path(__file__).with_name("erp_export.csv")


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The generated catalogue, an ERP's export as they are, and the samples where there are any."""
    folder = tmp_path_factory.mktemp("catalogues")
    files = [generate(folder / "generated.csv", rows=600).path, ERP, *sorted(SAMPLES.glob("*.csv"))]
    found = []
    for place, file in enumerate(files):
        found.append(folder / f"{place}.csv")
        normalise(file, found[-1])
    return found


@pytest.mark.parametrize("marketplace", available())
def test_nothing_is_left_to_correct(catalogues, tmp_path, marketplace) -> None:
    pack = resolve(marketplace, category="all", on=date(2026, 11, 26))
    for file in catalogues:
        once, _ = corrected(file, pack, tmp_path / "once")
        twice, cells = corrected(once, pack, tmp_path / "twice")

        assert cells == [], file.name
        assert twice.read_bytes() == once.read_bytes()


def corrected(file: Path, pack, folder: Path) -> tuple[Path, list[dict[str, object]]]:
    """The corrected file, and what was corrected in it."""
    folder.mkdir(exist_ok=True)
    with file.open(encoding="utf-8", newline="") as opened:
        header, *records = list(islice(csv.reader(opened), MOST))
    cells = zip(*records, strict=True)
    columns = {name: pa.array([cell or None for cell in own]) for name, own in zip(header, cells, strict=True)}
    numbers = pa.array(range(1, len(records) + 1), pa.int64())
    schema = pa.schema([("__row", pa.int64()), ("__line", pa.int64()), *((name, pa.string()) for name in header)])
    arrays = [numbers, numbers, *(column.cast(pa.string()) for column in columns.values())]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), folder / "rows.parquet")
    correct(
        folder / "rows.parquet",
        pack,
        match_columns(pack, header),
        corrected=folder / "corrected.csv",
        corrections=folder / "corrections.parquet",
        suggestions=folder / "suggestions.parquet",
    )
    return folder / "corrected.csv", pq.read_table(folder / "corrections.parquet").to_pylist()
