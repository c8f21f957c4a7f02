"""Several packs in one go find what each finds alone, and read the rows no more often."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest.mock import patch

import polars as pl
import polars.selectors as cs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from validahub_pipeline.engine import validate, validate_packs
from validahub_pipeline.engine.batches import Rows
from validahub_pipeline.rulepacks.model import ColumnMatch, Severity

FIELDS = ("title", "price", "sku")
CELLS = ["", " ", "a", "abc", "7", "9,50", "12,50", "1.234", "R$ 3"]
RULES = [
    ("missing_title", "expect_column_values_to_not_be_null", {"column": "title"}),
    ("missing_title", "expect_column_values_to_not_be_null", {"column": "title"}, {"severity": Severity.INFO}),
    ("missing_price", "expect_column_values_to_not_be_null", {"column": "price"}, {"row_condition": "title IS NULL"}),
    ("price_low", "expect_column_values_to_be_between", {"column": "price", "min_value": 8}),
    ("price_high", "expect_column_values_to_be_between", {"column": "price", "max_value": 8, "strict_max": True}),
    ("price_mostly", "expect_column_values_to_be_between", {"column": "price", "min_value": 8}, {"mostly": 0.5}),
    ("duplicate_sku", "expect_column_values_to_be_unique", {"column": "sku"}),
    ("duplicate_sku", "expect_column_values_to_be_unique", {"column": "sku"}, {"severity": Severity.WARNING}),
    ("duplicate_mostly", "expect_column_values_to_be_unique", {"column": "sku"}, {"mostly": 0.5}),
    ("duplicate_titled", "expect_column_values_to_be_unique", {"column": "sku"}, {"row_condition": "title = 'a'"}),
    ("duplicate_record", "expect_compound_columns_to_be_unique", {"column_list": ["sku", "title"]}),
    ("title_short", "expect_column_value_lengths_to_be_between", {"column": "title", "min_value": 3}),
    ("few_skus", "expect_column_unique_value_count_to_be_between", {"column": "sku", "min_value": 3}),
    ("many_rows", "expect_table_row_count_to_be_between", {"max_value": 4}, {"severity": Severity.WARNING}),
]
TABLE = st.integers(1, 9).flatmap(
    lambda height: st.fixed_dictionaries(
        {name: st.lists(st.sampled_from(CELLS), min_size=height, max_size=height) for name in ("x", "y", "z")}
    )
)
# Which rules a pack has, and in which columns it finds its fields; it may miss some.
PACK = st.tuples(
    st.lists(st.sampled_from(RULES), unique_by=lambda rule: rule[0]),
    st.permutations(["x", "y", "z", None]).map(lambda columns: dict(zip(FIELDS, columns, strict=False))),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLE, drawn=st.lists(PACK, min_size=1, max_size=4))
def test_packs_in_one_go_find_what_each_finds_alone(new_bench, make_pack, table, drawn):
    with tempfile.TemporaryDirectory() as folder:
        rows = new_bench(Path(folder)).write_rows(table, row_group=4)
        packs = [
            (make_pack(FIELDS, chosen), ColumnMatch({field: name for field, name in places.items() if name}, ()))
            for chosen, places in drawn
        ]
        together: list[list[pl.DataFrame]] = [[] for _ in packs]

        def take(tables):
            for parts, one in zip(together, tables, strict=True):
                parts.append(one)

        results = validate_packs(rows, packs, take=take)

        for (pack, match), result, parts in zip(packs, results, together, strict=True):
            alone = Path(folder) / "alone.parquet"
            assert result == validate(rows, pack, match, violations=alone, validated=None)
            assert_frame_equal(pl.concat(parts).with_columns(cs.enum().cast(pl.String)), pl.read_parquet(alone))


def test_several_packs_read_the_rows_as_often_as_one(bench, make_pack):
    rows = bench.write_rows({"title": ["a", "b"], "price": ["1", "2"], "sku": ["x", "x"]})
    shares = (RULES[:1] + RULES[3:4] + RULES[6:7], RULES[7:9], RULES[5:6])
    packs = [make_pack(FIELDS, chosen) for chosen in shares]
    everything = make_pack(FIELDS, tuple(rule for chosen in shares for rule in chosen))
    read = []
    of_file = Rows.map

    def counted(self, work, places=None):
        read.append(places)
        return of_file(self, work, places)

    with patch.object(Rows, "map", counted):
        validate_packs(rows, [(everything, bench.match(everything, rows))])
        once = len(read)
        validate_packs(rows, [(pack, bench.match(pack, rows)) for pack in packs])

    assert len(read) == 2 * once
