"""A ledger that was tampered with or damaged refuses to go on, loudly. Proving it to others is the verifier's work."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from validahub_pipeline.errors import LedgerError


@pytest.fixture
def damaged(local, act):
    """Twelve events; `log` and `data` are the files of commit 6, which holds event 6."""
    ledger = local.ledger()
    for number in range(1, 13):
        ledger.append([act(f"upload-{number}")], idempotency=str(number))
    folder = Path(local.tables) / "audit_events"
    local_files = sorted(folder.glob("month=*/*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    return local, folder / "_delta_log" / f"{6:020}.json", local_files[5]


def refusals(place, act):
    """What each way into the ledger answers: a code, or what it returned."""
    answers = {}
    for name, attempt in {
        "append": lambda: place.ledger().append([act("new")], idempotency="new"),
        "read": lambda: list(place.ledger().read()),
        "last_seq": lambda: place.ledger().last_seq(),
        "find": lambda: place.ledger().find("6"),
        "history": lambda: place.ledger().history("upload-6"),
    }.items():
        try:
            answers[name] = attempt()
        except LedgerError as error:
            answers[name] = error.code if str(error) else "says nothing"
    return answers


def test_a_missing_commit(damaged, act):
    place, commit, _ = damaged
    commit.unlink()
    assert set(refusals(place, act).values()) == {"ledger_unavailable"}


def test_a_commit_that_is_no_longer_readable(damaged, act):
    place, commit, _ = damaged
    commit.write_text("{", encoding="utf-8")
    assert set(refusals(place, act).values()) == {"ledger_unavailable"}


def test_a_commit_emptied_of_its_event(damaged, act):
    place, commit, _ = damaged
    lines = commit.read_text(encoding="utf-8").splitlines(keepends=True)
    commit.write_text("".join(line for line in lines if '"add"' not in line), encoding="utf-8")
    answers = refusals(place, act)
    assert {answers["append"], answers["read"], answers["last_seq"], answers["find"]} == {"ledger_gap"}


def test_a_missing_data_file(damaged, act):
    place, _, data = damaged
    data.unlink()
    answers = refusals(place, act)
    assert {answers["read"], answers["find"], answers["history"]} == {"ledger_unavailable"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("user_id", "somebody else"),
        ("action", "file_published"),
        ("event", '{"no": "event"}'),
        ("event", "no json"),
    ],
)
def test_a_changed_row(damaged, act, column, value):
    place, _, data = damaged
    table = pq.read_table(data)
    position = table.column_names.index(column)
    pq.write_table(table.set_column(position, table.field(column), pa.array([value])), data)
    answers = refusals(place, act)
    assert {answers["read"], answers["find"], answers["history"]} == {"ledger_event_altered"}


def test_a_changed_number(damaged, act):
    place, _, data = damaged
    table = pq.read_table(data)
    pq.write_table(table.set_column(table.column_names.index("seq"), "seq", pa.array([7])), data)
    assert refusals(place, act)["read"] == "ledger_gap"


def test_a_row_that_nobody_appended(damaged, act):
    place, _, data = damaged
    forged = pq.read_table(data, partitioning=None)
    forged = forged.append_column("month", pa.array(["2026-11"]))
    write_deltalake(place.table("audit_events"), forged, mode="append")
    answers = refusals(place, act)
    assert {answers["append"], answers["read"], answers["last_seq"]} == {"ledger_gap"}


def test_an_earlier_state_restored(damaged, act):
    place, _, _ = damaged
    place.table("audit_events").restore(8)
    answers = refusals(place, act)
    assert {answers["append"], answers["read"], answers["last_seq"]} == {"ledger_gap"}


def test_a_table_that_may_be_rewritten(damaged, act):
    place, _, _ = damaged
    place.table("audit_events").alter.set_table_properties({"delta.appendOnly": "false"})
    assert set(refusals(place, act).values()) == {"ledger_table_altered"}


def test_a_table_of_another_shape(local, act):
    write_deltalake(f"{local.tables}/audit_events", pa.table({"seq": [1]}))
    assert set(refusals(local, act).values()) == {"ledger_table_altered"}
