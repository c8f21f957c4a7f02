"""What people decided about cells: laid over the corrections, corrected again, and told apart from them."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validahub_pipeline.engine import correct
from validahub_pipeline.engine.deciding import MANUAL
from validahub_pipeline.rulepacks.model import ResolvedPack

SAFE: list[Any] = [
    ("repair_mojibake", ["*"], {}),
    ("nbsp_to_space", ["*"], {}),
    ("trim_whitespace", ["*"], {}),
    ("collapse_spaces", ["*"], {}),
    ("decimal_comma", ["price"], {}),
]
PROPOSED: list[Any] = [("truncate_at_word", ["title"], {"max_length": 12})]

Decided = list[tuple[int, str, str, str]]


@pytest.fixture
def revise(bench, make_pack):
    """Corrects a small table with decisions of row, column, code, after; returns the result and what was written."""

    def revise(table: dict[str, list[str]], decided: Decided, *, rejected=(), batch: int = 65_536):
        rows = bench.write_rows(table, row_group=batch)
        pack = make_pack(["title", "price"], [], [*SAFE, *PROPOSED])
        path = bench.folder / "decisions.parquet"
        write_decisions(path, decided)
        files = {name: bench.folder / f"{name}.parquet" for name in ("corrections", "manual", "suggestions")}
        result = correct(
            rows,
            pack,
            bench.match(pack, rows),
            corrected=bench.folder / "corrected.csv",
            decisions=path,
            rejected=rejected,
            **files,
        )
        read = {name: pq.read_table(file).to_pylist() for name, file in files.items()}
        return result, published(bench.folder / "corrected.csv"), read

    return revise


def published(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def changes(rows: list[dict[str, Any]]) -> dict[tuple[int, str], tuple[str, str, str, str]]:
    return {(r["row"], r["column"]): (r["before"], r["after"], r["code"], r["confidence"]) for r in rows}


def test_a_written_cell_stands_as_it_was_written_and_is_told_apart(revise) -> None:
    _, rows, read = revise(
        {"title": [" Chair ", "Desk"], "price": ["12,50", "7,00"]}, [(2, "title", MANUAL, "Standing desk")]
    )

    assert [row["title"] for row in rows] == ["Chair", "Standing desk"]
    assert changes(read["manual"]) == {(2, "title"): ("Desk", "Standing desk", "manual", "manual")}
    assert changes(read["corrections"]).keys() == {(1, "title"), (1, "price"), (2, "price")}


def test_an_accepted_suggestion_keeps_the_name_of_every_step(revise) -> None:
    _, rows, read = revise(
        {"title": ["  A very long title of a chair"], "price": ["1,00"]},
        [(1, "title", "truncate_at_word", "A very long")],
    )

    assert rows[0]["title"] == "A very long"
    assert changes(read["manual"]) == {
        (1, "title"): ("  A very long title of a chair", "A very long", "trim_whitespace+truncate_at_word", "suggest")
    }
    assert read["suggestions"] == []


def test_what_a_person_wrote_is_corrected_like_any_other_cell(revise) -> None:
    _, rows, read = revise(
        {"title": ["x"], "price": ["1,00"]},
        [(1, "title", MANUAL, " two\u00a0 words "), (1, "price", MANUAL, "1.234,50")],
    )

    assert rows == [{"title": "two words", "price": "1234.50"}]
    codes = {cell: found[2] for cell, found in changes(read["manual"]).items()}
    assert codes[1, "title"].startswith("manual+")
    assert codes[1, "price"] == "manual+decimal_comma"


def test_a_persons_figure_is_not_read_by_the_columns_vote(revise) -> None:
    prices = [f"{n},99" for n in range(30)]

    _, rows, _ = revise({"title": ["x"] * 31, "price": [*prices, "1"]}, [(31, "price", MANUAL, "1.234")])

    assert rows[30]["price"] == "1.234"


def test_deciding_on_what_was_corrected_anyway_changes_nothing(revise) -> None:
    _, rows, read = revise({"title": [" Chair "], "price": ["1,00"]}, [(1, "title", MANUAL, "Chair")])

    assert rows[0]["title"] == "Chair"
    assert read["manual"] == []
    assert changes(read["corrections"])[1, "title"][2] == "trim_whitespace"


def test_writing_back_what_the_seller_had_is_no_change(revise) -> None:
    result, rows, read = revise(
        {"title": ["Chair"], "price": ["12,50"]}, [(1, "price", MANUAL, "12,50"), (1, "title", MANUAL, "Chair")]
    )

    assert rows == [{"title": "Chair", "price": "12.50"}]
    assert read["manual"] == []
    assert result.manual == ()


def test_a_cell_may_be_emptied_and_filled(revise) -> None:
    _, rows, read = revise(
        {"title": ["Chair", ""], "price": ["1.00", "2.00"]}, [(1, "title", MANUAL, ""), (2, "title", MANUAL, "Desk")]
    )

    assert [row["title"] for row in rows] == ["", "Desk"]
    assert {cell: found[:2] for cell, found in changes(read["manual"]).items()} == {
        (1, "title"): ("Chair", ""),
        (2, "title"): ("", "Desk"),
    }


def test_rejected_suggestions_are_not_made_again(revise) -> None:
    table = {"title": ["A very long title of a chair"], "price": ["1.00"]}

    assert len(revise(table, [])[2]["suggestions"]) == 1
    assert revise(table, [], rejected=[("truncate_at_word", "title")])[2]["suggestions"] == []
    assert revise(table, [], rejected=[("truncate_at_word", None)])[2]["suggestions"] == []
    assert len(revise(table, [], rejected=[("truncate_at_word", "price")])[2]["suggestions"]) == 1


CELL = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "12,50",
            "1.234",
            "1,234",
            "1.234,5",
            "R$ 7,00",
            "AÃ§aÃ­",
            "a  b",
            "\u00a0x\u200b",
            "one title far too long",
        ]
    ),
    st.text(alphabet="ab ,.1\u00a0Ã§", max_size=16),
)
COLUMN = st.sampled_from(["title", "price"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8),
    st.dictionaries(
        st.tuples(st.integers(1, 8), COLUMN), st.tuples(st.sampled_from([MANUAL, "truncate_at_word"]), CELL)
    ),
    st.integers(1, 4),
)
def test_whatever_people_decide_the_changes_are_what_differs_and_nothing_safe_is_left(
    new_bench, make_pack, table, decided, row_group
) -> None:
    pack = make_pack(["title", "price"], [], [*SAFE, *PROPOSED])
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as another:
        bench = new_bench(Path(folder))
        rows = bench.write_rows({"title": [t for t, _ in table], "price": [p for _, p in table]}, row_group=row_group)
        wanted = [(row, column, *told) for (row, column), told in decided.items() if row <= len(table)]
        path = bench.folder / "decisions.parquet"
        write_decisions(path, wanted)
        correct(
            rows,
            pack,
            bench.match(pack, rows),
            corrected=bench.folder / "corrected.csv",
            corrections=bench.folder / "corrections.parquet",
            suggestions=bench.folder / "suggestions.parquet",
            decisions=path,
            manual=bench.folder / "manual.parquet",
        )
        auto, manual = changes(bench.table("corrections.parquet")), changes(bench.table("manual.parquet"))
        header, *again = bench.csv("corrected.csv")

        # Both together are the cells that differ, each once, and a person's are cells that a person decided about.
        assert not auto.keys() & manual.keys()
        assert {cell: found[:2] for cell, found in {**auto, **manual}.items()} == bench.differences(rows)
        assert manual.keys() <= {(row, column) for row, column, *_ in wanted}

        # Corrected once more, the published file stays as it is.
        second = new_bench(Path(another))
        table_again = dict(zip(header, map(list, zip(*again, strict=True)), strict=True))
        second.correct(second.write_rows(table_again), unvoted(pack))
        assert second.table("corrections.parquet") == []


def write_decisions(path: Path, decided: Decided) -> None:
    schema = {"row": pl.Int64, "column": pl.String, "code": pl.String, "after": pl.String}
    pl.DataFrame(decided, schema=schema, orient="row").sort("row", "column").write_parquet(path)


def unvoted(pack: ResolvedPack) -> ResolvedPack:
    """The pack as it corrects what is no seller's text any more: a person's `1.234` has no column to be read by."""
    voting = [one for one in pack.corrections if one.type == "decimal_comma"]
    return replace(pack, corrections=tuple(one for one in pack.corrections if one not in voting))
