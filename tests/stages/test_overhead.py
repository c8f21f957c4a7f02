"""What the audit trail takes beside the files it is about, and that a correction whose texts it leaves out can still be
read: from what lies in the lake, as docs/ledger.md tells.

Bytes of a table are those of its data and of its Delta log. Events, corrections and the tree over the events are
overhead; violations and lineage are shown beside them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random

import polars as pl
import pyarrow.parquet as pq

from validahub_pipeline.ledger import Detail
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.ledger.maintenance import Caretaker
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.stages.correcting import write_corrected
from validahub_pipeline.stages.referring import FLOOR, SHARE_BP, columns_to_refer
from validahub_pipeline.stages.upload import Upload

ROWS = 20_000
SKU, TITLE, DESCRIPTION, PRICE, BRAND, IMAGES = "SKU", "Título", "Descrição", "Preço", "Marca", "Imagens"


def processed(home: Path, file: Path) -> tuple[Services, Upload]:
    services = open_services(Settings(home=home))
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    correct(services, drop.validation_id)
    publish(services, drop.validation_id)
    upload = Upload.load(services, drop.validation_id)
    assert upload
    return services, upload


def spoiled(target: Path, spoil: Callable[[dict[str, str]], dict[str, str]]) -> Path:
    """The sample catalogue as a plain CSV, every row of it spoiled."""
    sample = target.with_name("sample.csv")
    generate(sample, rows=ROWS, seed=5)
    text = sample.read_bytes().decode("utf-8-sig", errors="replace")
    rows = csv.reader(text.splitlines()[3:], delimiter=";")
    header = next(rows)
    names = [name for name in dict.fromkeys(header) if name and name != "Obs."]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for cells in rows:
            product = dict(zip(header, cells, strict=False))
            if len(cells) == len(header) and all(product[name] for name in (TITLE, DESCRIPTION, PRICE, BRAND, IMAGES)):
                writer.writerow({name: spoil(product)[name] for name in names})
    return target


def four_columns(product: dict[str, str]) -> dict[str, str]:
    return product | {
        TITLE: product[TITLE].replace(" ", "  ", 1) + " ",
        PRICE: f"R$ {product[PRICE]}",
        BRAND: f" {product[BRAND]}",
        IMAGES: product[IMAGES].split(",")[0] + " ",
    }


def long_text(product: dict[str, str]) -> dict[str, str]:
    return product | {DESCRIPTION: f"<p>{product[SKU]}  <b>{product[DESCRIPTION]}</b></p>"}


def size(services: Services, prefix: str) -> int:
    return sum(info.size for info in services.lake.list(prefix))


def overhead(services: Services, upload: Upload, title: str) -> float:
    """Share of the upload's bytes, in percent, before or after a night's compaction, whichever is more; printed with
    what it is made of."""
    shares = [_share(services, upload, title)]
    Caretaker(services.lake, enough=2).maintain()
    return max(*shares, _share(services, upload, f"{title}, compacted"))


def _share(services: Services, upload: Upload, title: str) -> float:
    whole = upload.uploaded.changes["size"]
    parts = {name: size(services, f"tables/{name}/") for name in ("audit_events", "corrections")}
    parts["tree"] = size(services, "ledger/")
    assert min(parts.values()) > 0
    beside = {name: size(services, f"tables/{name}/") for name in ("violations", "lineage_events")}
    share = 100 * sum(parts.values()) / whole
    shown = {name: f"{100 * taken / whole:.2f} %" for name, taken in (parts | beside).items()}
    applied = upload.changes(Action.CORRECTIONS_APPLIED)
    print(f"{title}: {share:.2f} % of {whole:,} bytes; {shown}; {applied['cells']:,} cells; {applied['referred']}")
    return share


def test_the_trail_of_the_sample_catalogue_takes_at_most_two_percent(tmp_path):
    file = tmp_path / "catalogue.csv"
    generate(file, rows=ROWS, seed=5)
    assert overhead(*processed(tmp_path / "home", file), "sample catalogue") <= 2


def test_four_columns_corrected_on_every_row_take_at_most_seven_percent(tmp_path):
    services, upload = processed(tmp_path / "home", spoiled(tmp_path / "four.csv", four_columns))
    assert upload.changes(Action.CORRECTIONS_APPLIED)["cells"] >= 4 * 0.9 * ROWS
    assert overhead(services, upload, "four columns on every row") <= 7


def test_a_long_text_corrected_on_every_row_takes_less_than_ten_percent_and_can_be_read(tmp_path):
    services, upload = processed(tmp_path / "home", spoiled(tmp_path / "long.csv", long_text))
    assert overhead(services, upload, "a long text on every row") < 10

    referred = upload.changes(Action.CORRECTIONS_APPLIED)["referred"]
    assert DESCRIPTION in referred
    recorded = services.ledger.detail(Detail.CORRECTIONS, upload.validation_id).collect()
    left_out = recorded.filter(pl.col("column").is_in(referred))
    assert left_out.filter(pl.col("column") == DESCRIPTION).height > 0.9 * ROWS
    assert left_out["before"].null_count() == left_out["after"].null_count() == left_out.height
    assert recorded.filter(~pl.col("column").is_in(referred)).select("before", "after").null_count().row(0) == (0, 0)
    assert as_told(services, upload, left_out) == as_worked_out(services, upload, referred, tmp_path)


def test_a_refused_upload_keeps_what_became_of_a_long_text(tmp_path):
    file = spoiled(tmp_path / "long.csv", lambda product: long_text(product) | {PRICE: ""})
    services = open_services(Settings(home=tmp_path / "home"))
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    assert correct(services, drop.validation_id).refused_because

    texts = services.ledger.detail(Detail.CORRECTIONS, drop.validation_id).filter(pl.col("column") == DESCRIPTION)
    assert texts.collect().select("before", "after").null_count().rows() == [(texts.collect().height, 0)]


def as_told(services: Services, upload: Upload, left_out: pl.DataFrame) -> set[tuple[int, str, str, str]]:
    """Corrections whose texts are left out, read as docs/ledger.md says, by other means than the product's."""
    with services.lake.local(upload.key("rows.parquet")) as path:
        rows = pq.read_table(path).to_pylist()
    with services.lake.local(upload.key("repairs.parquet")) as path:
        repairs = {(repair["row"], repair["column"]): repair["before"] for repair in pq.read_table(path).to_pylist()}
    with (
        services.lake.local(upload.key("corrected.csv")) as path,
        path.open(encoding="utf-8", newline="") as stream,
    ):
        after = {row["__row"]: cells for row, cells in zip(rows, csv.DictReader(stream), strict=True)}
    before = {row["__row"]: row for row in rows}
    return {
        (row, column, repairs.get((row, column), before[row][column] or ""), after[row][column])
        for row, column in left_out.select("row", "column").iter_rows()
    }


def as_worked_out(
    services: Services, upload: Upload, referred: list[str], folder: Path
) -> set[tuple[int, str, str, str]]:
    """The same corrections as the engine made them."""
    write_corrected(services, upload, upload.pack(services), folder)
    made = pl.read_parquet(folder / "corrections.parquet").filter(pl.col("column").is_in(referred))
    return set(made.select("row", "column", "before", "after").iter_rows())


def test_a_small_upload_keeps_every_text(tmp_path):
    corrections = tmp_path / "corrections.parquet"
    texts = {"before": ["a" * (FLOOR // 8)] * 3, "after": ["b" * (FLOOR // 8)] * 3}
    pl.DataFrame({"row": [1, 2, 3], "column": ["x", "x", "y"], **texts}).write_parquet(corrections)
    assert columns_to_refer([corrections], upload_size=10) == []


def test_the_dearest_columns_go_first_and_no_more_of_them_than_needed(tmp_path):
    corrections = tmp_path / "corrections.parquet"
    random = Random(1)
    long, short = ([random.randbytes(size).hex() for _ in range(2_000)] for size in (100, 20))
    pl.DataFrame(
        {
            "row": [*range(2_000)] * 2,
            "column": ["long"] * 2_000 + ["short"] * 2_000,
            "before": long + short,
            "after": long + short,
        }
    ).write_parquet(corrections)
    enough = 1_000_000 * 10_000 // SHARE_BP
    assert columns_to_refer([corrections], upload_size=enough) == []
    assert columns_to_refer([corrections], upload_size=enough // 5) == ["long"]
    assert columns_to_refer([corrections], upload_size=1) == ["long", "short"]
