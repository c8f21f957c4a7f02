"""What the ledger relies on in delta-rs and polars without it being promised. A failure here after an upgrade means:
read docs/ledger.md before touching the version."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from deltalake import ColumnProperties, CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

SCHEMA = pa.schema([("seq", pa.int64()), ("month", pa.string()), ("text", pa.string())])
ROWS = pa.table({"seq": [1], "month": ["2026-11"], "text": ["secret"]}, schema=SCHEMA)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table"


@pytest.fixture
def table(path):
    configuration = {"delta.appendOnly": "true", "delta.setTransactionRetentionDuration": "interval 1 seconds"}
    return DeltaTable.create(path, SCHEMA, partition_by=["month"], configuration=configuration)


def append(table, *transactions, retries=0, rows=ROWS, **named):
    properties = CommitProperties(max_commit_retries=retries, app_transactions=list(transactions))
    write_deltalake(table, rows, mode="append", commit_properties=properties, **named)


def test_without_retries_a_commit_through_a_stale_table_object_fails(table, path):
    """It is the whole of the compare-and-swap: no number can be given twice."""
    stale = DeltaTable(path)
    append(table)
    with pytest.raises(CommitFailedError):
        append(stale)
    stale.update_incremental()
    append(stale)


def test_with_retries_only_commits_under_the_same_application_id_exclude_each_other(table, path):
    """Detail tables rely on it: validations don't get in each other's way, and a double is refused."""
    same, other = DeltaTable(path), DeltaTable(path)
    append(table, Transaction("key", 1))
    append(other, Transaction("another key", 1), retries=5)
    assert other.version() == 2
    with pytest.raises(CommitFailedError):
        append(same, Transaction("key", 1), retries=5)


def test_an_application_id_is_only_advice_to_one_who_does_not_look(table):
    """Hence every append looks it up first, through the object it then commits with."""
    append(table, Transaction("key", 5))
    append(table, Transaction("key", 3))
    assert table.transaction_version("key") == 3


def test_an_application_id_without_a_time_never_expires_and_one_with_a_time_does(table, path):
    """The last seq must not be forgotten; keys may be."""
    long_ago = int((time.time() - 100) * 1000)
    append(table, Transaction("for ever", 1), Transaction("for a while", 1, long_ago))
    assert (table.transaction_version("for ever"), table.transaction_version("for a while")) == (1, None)
    table.create_checkpoint()
    reopened = DeltaTable(path)
    assert (reopened.transaction_version("for ever"), reopened.transaction_version("for a while")) == (1, None)


def test_application_ids_outlive_compaction(table, path):
    for number in range(3):
        append(table, Transaction("seq", number))
    table.optimize.compact()
    assert DeltaTable(path).transaction_version("seq") == 2


def test_an_append_without_rows_commits_its_application_id(table, path):
    append(table, Transaction("key", 1), rows=pa.RecordBatchReader.from_batches(SCHEMA, iter([])))
    assert DeltaTable(path).transaction_version("key") == 1


def test_creating_what_exists_has_no_error_of_its_own(table, path):
    """A race of creators is settled by opening again after any DeltaError."""
    assert table.version() == 0
    with pytest.raises(DeltaError) as refused:
        DeltaTable.create(path, SCHEMA, partition_by=["month"])
    assert type(refused.value) is DeltaError


def test_append_only_refuses_deletion_but_not_restoring(table, path):
    append(table)
    with pytest.raises(DeltaError, match="append-only"):
        table.delete()
    table.restore(0)
    assert DeltaTable(path).count() == 0


def test_the_log_holds_statistics_of_no_column_whose_parquet_statistics_are_off(table, path):
    """Otherwise least and greatest values of sellers' data would stand in clear in the log."""
    properties = WriterProperties(
        default_column_properties=ColumnProperties(statistics_enabled="NONE"),
        column_properties={"seq": ColumnProperties(statistics_enabled="CHUNK")},
    )
    append(table, writer_properties=properties)
    log = (Path(path) / "_delta_log" / f"{1:020}.json").read_text(encoding="utf-8")
    (add,) = (json.loads(line)["add"] for line in log.splitlines() if '"add"' in line)
    assert json.loads(add["stats"])["maxValues"] == {"seq": 1}
    assert "secret" not in log


def test_a_fraction_is_cut_off_without_a_word(table):
    """Hence detail rows are checked before delta-rs sees them."""
    append(table, rows=pa.table({"seq": [5.7], "month": ["2026-11"], "text": ["x"]}))
    assert table.to_pyarrow_table().column("seq").to_pylist() == [5]


def test_polars_writes_null_and_the_empty_text_differently():
    """The digest of detail tells them apart by it."""
    buffer = io.BytesIO()
    pl.DataFrame({"n": [1, None, 3], "s": ["", None, 'a"b\r\n']}).write_csv(
        buffer, include_header=False, quote_style="non_numeric", line_terminator="\r\n"
    )
    assert buffer.getvalue() == b'1,""\r\n,\r\n3,"a""b\r\n"\r\n'
