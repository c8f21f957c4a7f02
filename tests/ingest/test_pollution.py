"""The score on polluted files, on a small share of them; `make pollock` tries them all."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from tests.ingest.pollution.__main__ import load, plain, scores, weighted
from tests.ingest.pollution.pollutions import Expected, variants
from tests.ingest.pollution.scoring import Loaded, score
from tests.ingest.pollution.tables import Table, tables
from validahub_pipeline.ingest import normalise


def test_a_table_like_pollocks_own_is_read_as_well_as_the_best_read_it() -> None:
    scored = scores(list(variants(tables()[0], step=11)))
    assert plain(scored) >= 9.90
    assert weighted(scored) >= 9.60


@pytest.mark.parametrize("table", tables()[1:], ids=lambda table: table.name)
def test_tables_of_other_shapes_are_read_well(table: Table) -> None:
    scored = scores(list(variants(table, step=37)))
    assert weighted(scored) >= 9.60


def test_the_score_is_ten_for_all_and_falls_with_each_loss() -> None:
    expected = Expected(("a", "b"), (("1", "2"), ("3", "4")))
    assert score(expected, Loaded(("a", "b"), [["1", "2"], ["3", "4"]])) == 10
    assert score(expected, Loaded((), (), failed=True)) == 0
    one_lost = score(expected, Loaded(("a", "b"), [["1", "2"]]))
    assert one_lost == pytest.approx(4 + 2 * (0.5 + 1 + 2 * 0.5 / 1.5))


@pytest.mark.parametrize("width", [1, 2, 3, 7, 20, 60])
@pytest.mark.parametrize("seed", range(4))
def test_a_clean_table_comes_through_byte_for_byte(tmp_path: Path, width: int, seed: int) -> None:
    chance = random.Random(f"{width} {seed}")
    kinds = [chance.choice(["number", "word", "text", "date"]) for _ in range(width)]
    rows = [[f"{kind}_{column}" for column, kind in enumerate(kinds)]]
    for n in range(chance.choice([3, 30, 200])):
        made = {
            "number": f"{chance.random() * 100:.2f}",
            "word": chance.choice(["Recife", "Belém", "Ouro Preto"]),
            "text": chance.choice(['TV 32" LED', "sala, quarto e cozinha", "a;b|c", "linha 1\nlinha 2", "um texto"]),
            "date": f"2026-03-{n % 28 + 1:02}",
        }
        rows.append([made[kind] for kind in kinds])
    source, target = tmp_path / "clean.csv", tmp_path / "normal.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    report = normalise(source, target)
    assert report.quarantined == 0
    with target.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == rows
    if any(kind != "text" for kind in kinds) and width > 1:
        assert target.read_bytes() == source.read_bytes()


def test_every_variant_of_a_small_table_is_answered(tmp_path: Path) -> None:
    for variant in variants(tables()[3], step=5):
        assert not load(variant.content, tmp_path).failed, variant.name
