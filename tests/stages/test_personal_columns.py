"""A column that a pack marks `pii: true`: its cells stand in the ledger only sealed, and all else is as without."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.ledger import Detail
from validahub_pipeline.ledger.verification import Severity, verify_log
from validahub_pipeline.rulepacks import from_json, personal_columns, resolve, to_json
from validahub_pipeline.rulepacks.document import read
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, ingesting, open_services, publish, validate
from validahub_pipeline.subjects.erasing import erase

ROWS = 60
CATALOGUE = "SKU;Título;Preço;Estoque;Marca\n" + "".join(
    f'A{n};Caneca de "Zuleica {n}"  azul;{"" if n == 3 else f"9,{n:02}"};5;Zul\n' for n in range(ROWS)
)


def marked(pack, *names):
    fields = {name: replace(field, pii=name in names) for name, field in pack.fields.items()}
    pack = replace(pack, fields=fields)
    return replace(pack, hash=hashlib.sha256(to_json(pack)).hexdigest())


@pytest.fixture
def processed(tmp_path, monkeypatch):
    """One file under the pack as it is and once more under one that takes titles and prices for personal."""

    def process(home, *names):
        monkeypatch.setattr(ingesting, "resolve", lambda *given, **named: marked(resolve(*given, **named), *names))
        services = open_services(Settings(home=tmp_path / home))
        file = tmp_path / "catalogo.csv"
        file.write_text(CATALOGUE, encoding="utf-8")
        drop = deposit(services, file, user=f"seller of {home}", marketplace="mercado_livre", category="all")
        ingest(services, drop, lang="en")
        for stage in (validate, correct, publish):
            stage(services, drop.validation_id)
        return services, drop.validation_id

    return process


def rows_of(services, table, validation_id):
    found = services.ledger.detail(table, validation_id).collect()
    return found.drop("applied_by", "month", strict=False).sort(pl.all())


def test_cells_are_sealed_in_both_tables_and_open_to_what_they_were(processed):
    plain, upload = processed("plain")
    sealed, same = processed("sealed", "title", "price")
    for table, fields in ((Detail.VIOLATIONS, ["value"]), (Detail.CORRECTIONS, ["before", "after"])):
        expected, found = rows_of(plain, table, upload), rows_of(sealed, table, same)
        personal = found.filter(pl.col("column").is_in(["Título", "Preço"]))
        assert personal.height > 0
        for field in fields:
            texts = personal[field].drop_nulls().to_list()
            assert all(text == "" or text.startswith("vh1c:u-") for text in texts)
        opened = sealed.ledger.reveal_detail(found)
        assert opened.drop("validation_id").sort(pl.all()).equals(expected.drop("validation_id").sort(pl.all()))
        others = pl.col("column").is_in(["Título", "Preço"]).not_()
        assert found.filter(others).equals(opened.filter(others))
    tables = Path(sealed.settings.lake) / "tables"
    for file in tables.rglob("*"):
        assert file.is_dir() or b"Zuleica" not in file.read_bytes()


def test_the_log_and_all_beyond_it_verify_before_and_after_the_erasure(processed):
    services, validation_id = processed("sealed", "title", "price")
    lake = services.lake
    corrections = services.ledger.detail(Detail.CORRECTIONS, validation_id).collect()
    for _ in range(2):
        assert verify_log(lake, now=datetime.now(UTC)).worst() is Severity.NOTE
        assert {finding.severity for finding in look_deep(lake, None).findings} <= {Severity.NOTE}
        erase(services.ledger, services.subjects, services.ledger.history(validation_id)[0].user_id,
              user="dpo", reason="17")  # fmt: skip
        services.seal()
    shown = services.ledger.reveal_detail(corrections)
    personal = shown.filter(pl.col("column") == "Título")
    assert set(personal["before"]) == set(personal["after"]) == {"[erased]"}
    assert services.ledger.reveal_detail(corrections, ).filter(pl.col("column") == "Marca").equals(
        corrections.filter(pl.col("column") == "Marca"))  # fmt: skip


def test_a_stage_that_is_tried_again_finds_its_rows(processed):
    services, validation_id = processed("sealed", "price")
    rows = services.ledger.detail(Detail.VIOLATIONS, validation_id).collect()
    assert rows.filter(pl.col("column") == "Preço").height > 0
    table = DeltaTable(str(Path(services.settings.lake) / "tables" / "violations"))
    before = table.version()
    stored = services.settings.scratch / "again.parquet"
    stored.parent.mkdir(parents=True, exist_ok=True)
    services.ledger.reveal_detail(rows).write_parquet(stored)
    digest = services.ledger.record_detail(
        Detail.VIOLATIONS,
        stored,
        constants={"validation_id": validation_id, "month": rows["month"][0]},
        idempotency=f"{validation_id}/violations",
        personal=["Preço"],
        subject=services.ledger.history(validation_id)[0].user_id,
    )
    assert digest.rows == rows.height
    assert DeltaTable(str(Path(services.settings.lake) / "tables" / "violations")).version() == before


def test_a_stage_killed_before_its_event_goes_on_although_the_person_was_erased_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setattr(ingesting, "resolve", lambda *given, **named: marked(resolve(*given, **named), "price"))
    services = open_services(Settings(home=tmp_path / "home"))
    file, seller = tmp_path / "catalogo.csv", "seller who leaves"
    file.write_text(CATALOGUE, encoding="utf-8")
    drop = deposit(services, file, user=seller, marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    with monkeypatch.context() as killed:
        killed.setattr(services.ledger, "append", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            validate(services, drop.validation_id)
    rows = services.ledger.detail(Detail.VIOLATIONS, drop.validation_id).collect()
    assert any(text.startswith("vh1c:") for text in rows["value"].drop_nulls())
    erase(services.ledger, services.subjects, seller, user="dpo", reason="17")
    for stage in (validate, correct, publish):
        stage(services, drop.validation_id)
    assert services.ledger.detail(Detail.VIOLATIONS, drop.validation_id).collect().sort(pl.all()).equals(
        rows.sort(pl.all()))  # fmt: skip
    services.seal()
    assert {finding.severity for finding in look_deep(services.lake, None).findings} <= {Severity.NOTE}


def test_a_moved_cell_does_not_open(processed):
    services, validation_id = processed("sealed", "title")
    rows = services.ledger.detail(Detail.CORRECTIONS, validation_id).collect().filter(pl.col("column") == "Título")
    moved = rows.with_columns(pl.col("before").shift(1).fill_null(pl.col("before").last()))
    assert set(services.ledger.reveal_detail(moved)["before"]) == {"[does not open]"}
    assert "[does not open]" not in set(services.ledger.reveal_detail(rows)["before"])


def test_lineage_tells_no_extremes_of_them(processed):
    def extremes(services, validation_id):
        events = [json.loads(event) for event in services.ledger.lineage(validation_id)]
        text = json.dumps([event for event in events if event["job"]["name"] == "validate"])
        return text.count('"min"')

    assert extremes(*processed("plain")) > extremes(*processed("sealed", "price"))


def test_a_pack_says_so_and_keeps_it_and_every_column_that_might_be_meant_is_sealed():
    pack = resolve("mercado_livre", category="all", on=datetime.now(UTC).date())
    assert personal_columns(pack, ["Título", "Preço"]) == ()
    assert read("p", "pack: p\nversion: v\ntitle: t\nfields: {buyer: {pii: true}}\n").fields["buyer"].pii
    said = marked(pack, "title")
    assert said.hash != pack.hash == marked(pack).hash
    assert from_json(to_json(said), on=pack.on) == said
    assert personal_columns(said, ["Preço", "Título", "TITLE", "titulo do seller"]) == ("Título", "TITLE")
