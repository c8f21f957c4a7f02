from __future__ import annotations

import csv
import hashlib
import io
import random
import subprocess
from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow.parquet as pq
import pytest
import rfc8785

from tests.persons import keeper
from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger import Detail, DetailDigest, delta, digest

CONSTANTS = {"validation_id": "v", "month": "2026-11"}
CORRECTION = {"validation_id": "v", "revision": 1, "mode": "auto", "applied_by": "system", "month": "2026-11"}
COLUMNS = ["row", "line", "column", "code", "severity", "value"]


def record(ledger, parquet, *, validation_id="v", key="v/violations"):
    constants = {**CONSTANTS, "validation_id": validation_id}
    return ledger.record_detail(Detail.VIOLATIONS, parquet, constants=constants, idempotency=key)


def documented_digest(rows, constants):
    """The digest as docs/ledger.md describes it, by Python's own means."""
    if not rows:
        return DetailDigest(0, hashlib.sha256().hexdigest())
    order = ["row", "column", "code"]
    order += [name for name in rows[0] if name not in order]
    text = rfc8785.dumps(constants).decode() + "\r\n"
    for row in sorted(rows, key=lambda row: [(row[name] is not None, row[name]) for name in order]):
        cells = []
        for value in row.values():
            if isinstance(value, str):
                cell = io.StringIO()
                csv.writer(cell, quoting=csv.QUOTE_ALL, lineterminator="").writerow([value])
                cells.append(cell.getvalue())
            else:
                cells.append("" if value is None else str(value))
        text += ",".join(cells) + "\r\n"
    return DetailDigest(len(rows), hashlib.sha256(text.encode()).hexdigest())


def test_records_rows_and_gives_their_number_and_documented_digest(place, violations):
    parquet = violations(rows=3001)
    recorded = record(place.ledger(), parquet)
    assert recorded == documented_digest(pq.read_table(parquet).to_pylist(), CONSTANTS)
    stored = place.ledger().detail(Detail.VIOLATIONS, "v").collect()
    assert stored.columns == ["validation_id", *COLUMNS, "month"]
    assert stored.select(COLUMNS).sort("row", "code").equals(pl.read_parquet(parquet))
    assert stored["validation_id"].unique().to_list() == ["v"]
    assert stored["month"].unique().to_list() == ["2026-11"]


def test_the_digest_tells_every_difference_apart(local, tmp_path):
    cell = {"row": 1, "line": 2, "column": "a", "code": "c", "severity": "info", "value": "x"}
    variants = [
        [cell],
        [cell, cell],
        [cell | {"value": None}],
        [cell | {"value": ""}],
        [cell | {"value": "null"}],
        [cell | {"value": '"x"'}],
        [cell | {"value": "x\r\n"}],
        [cell | {"value": 'x","y'}],
        [cell | {"value": "ção 📦 \u0000"}],
        [cell | {"row": 2}],
        [cell | {"line": 1}],
        [cell | {"column": "A"}],
        [cell, cell | {"value": "b"}],
        [cell, cell | {"column": "Z"}, cell | {"column": "é"}, cell | {"column": ""}],
    ]
    found = set()
    for number, rows in enumerate(variants):
        path = tmp_path / f"{number}.parquet"
        schema = {name: pl.Int64 if name in {"row", "line"} else pl.String for name in COLUMNS}
        pl.DataFrame(rows, schema=schema).write_parquet(path)
        recorded = record(local.ledger(), path, validation_id=f"v{number}", key=str(number))
        assert recorded == documented_digest(rows, {**CONSTANTS, "validation_id": f"v{number}"})
        found.add(recorded.sha256)
    assert len(found) == len(variants)


def test_the_digest_does_not_depend_on_order_or_on_the_size_of_the_ranges(local, violations, tmp_path, monkeypatch):
    parquet = violations(rows=12_345)
    expected = record(local.ledger(), parquet)
    shuffled = tmp_path / "shuffled.parquet"
    pl.read_parquet(parquet).sample(fraction=1, shuffle=True, seed=5).write_parquet(shuffled, row_group_size=777)
    monkeypatch.setattr(digest, "CHUNK", 1000)
    assert record(local.ledger(), shuffled) == expected
    assert documented_digest(pq.read_table(shuffled).to_pylist(), CONSTANTS) == expected


@pytest.mark.parametrize("upkeep", ["compact", "z_order"])
def test_upkeep_of_the_table_does_not_change_the_digest(local, violations, upkeep):
    parquet = violations(rows=5000)
    before = [record(local.ledger(), parquet, validation_id=name, key=name) for name in ("u", "v", "w")]
    optimize = local.table("violations").optimize
    optimize.compact() if upkeep == "compact" else optimize.z_order(["code", "row"])
    assert len(local.table("violations").file_uris()) == 1
    assert [record(local.ledger(), parquet, validation_id=name, key=name) for name in ("u", "v", "w")] == before
    assert local.table("violations").to_pyarrow_table(columns=["row"]).num_rows == 15_000


def test_the_same_rows_again_are_not_written_again(place, violations):
    parquet = violations(rows=100)
    first = record(place.ledger(), parquet)
    assert record(place.ledger(), parquet) == first
    # Nor under another key: which rows a validation has is settled once.
    assert record(place.ledger(), parquet, key="another") == first
    assert place.ledger().detail(Detail.VIOLATIONS, "v").collect().height == 100


def test_the_same_rows_again_are_recognised_after_delta_forgot_the_key(local, violations):
    parquet = violations(rows=100)
    long_ago = local.ledger(clock=lambda: datetime.now(UTC) - timedelta(days=90))
    assert record(long_ago, parquet) == record(local.ledger(), parquet)
    assert local.ledger().detail(Detail.VIOLATIONS, "v").collect().height == 100


def test_other_rows_under_the_same_key_are_refused(local, violations):
    ledger = local.ledger()
    record(ledger, violations(rows=100))
    for other in (violations(rows=101), violations(rows=100, value="8,99"), violations(rows=0)):
        with pytest.raises(LedgerError, match="already holds other rows of v") as refused:
            record(ledger, other)
        assert refused.value.code == "ledger_detail_differs"
    assert ledger.detail(Detail.VIOLATIONS, "v").collect().height == 100


def test_after_an_erasure_the_same_rows_are_recognised_by_all_but_what_the_person_wrote(local, violations):
    persons = keeper()
    someone = persons.enrol(["someone who left"])["someone who left"]

    def recorded(parquet):
        return local.ledger().record_detail(
            Detail.VIOLATIONS, parquet, constants=CONSTANTS, idempotency="k", personal=["Preço"], subject=someone.id
        )

    parquet = violations(rows=100)
    first = recorded(parquet)
    persons.begin_erasing(someone.id, {})
    persons.destroy(someone.id)
    assert recorded(parquet) == first
    rows, other = pl.read_parquet(parquet), parquet.with_name("other.parquet")
    for column in ("Título", "Preço"):
        changed = pl.when(pl.col("column") == column).then(pl.lit("other")).otherwise("severity").alias("severity")
        rows.with_columns(changed).write_parquet(other)
        with pytest.raises(LedgerError) as refused:
            recorded(other)
        assert refused.value.code == "ledger_detail_differs"


def test_no_rows_are_a_result_too_and_are_remembered(place, violations):
    nothing = DetailDigest(0, hashlib.sha256().hexdigest())
    assert record(place.ledger(), violations(rows=0)) == nothing
    assert record(place.ledger(), violations(rows=0)) == nothing
    with pytest.raises(LedgerError):
        record(place.ledger(), violations(rows=1))
    assert place.ledger().detail(Detail.VIOLATIONS, "v").collect().is_empty()


def test_revisions_of_a_validation_stand_beside_each_other(local, tmp_path):
    correction = {
        "row": 1,
        "line": 2,
        "column": "a",
        "code": "c",
        "before": "x",
        "after": "y",
        "confidence": "lossless",
    }
    pl.DataFrame([correction]).write_parquet(first := tmp_path / "1.parquet")
    pl.DataFrame([correction | {"after": "z"}]).write_parquet(second := tmp_path / "2.parquet")
    ledger = local.ledger()
    manual = {**CORRECTION, "revision": 2, "mode": "manual", "applied_by": "seller-7"}
    auto = ledger.record_detail(Detail.CORRECTIONS, first, constants=CORRECTION, idempotency="r1")
    ledger.record_detail(Detail.CORRECTIONS, second, constants=manual, idempotency="r2")
    assert ledger.record_detail(Detail.CORRECTIONS, first, constants=CORRECTION, idempotency="r1") == auto
    stored = ledger.detail(Detail.CORRECTIONS, "v").sort("revision").collect()
    assert stored.select("revision", "after", "mode", "applied_by").rows() == [
        (1, "y", "auto", "system"),
        (2, "z", "manual", keeper().find("seller-7").id),
    ]
    assert "line" not in stored.columns


def test_the_constants_are_vouched_for_as_well(local, tmp_path):
    correction = {"row": 1, "column": "a", "code": "c", "before": "x", "after": "y", "confidence": "lossless"}
    pl.DataFrame([correction]).write_parquet(path := tmp_path / "1.parquet")
    ledger = local.ledger()
    ledger.record_detail(Detail.CORRECTIONS, path, constants=CORRECTION, idempotency="r1")
    others = {**CORRECTION, "applied_by": "seller-7"}
    with pytest.raises(LedgerError, match=r"applied_by=u-\w+ written, applied_by=system read"):
        ledger.record_detail(Detail.CORRECTIONS, path, constants=others, idempotency="r1")


def test_a_revision_has_its_corrections_in_either_mode_once(local, tmp_path):
    correction = {"row": 1, "column": "a", "code": "c", "before": "x", "after": "y", "confidence": "lossless"}
    pl.DataFrame([correction]).write_parquet(auto := tmp_path / "1.parquet")
    pl.DataFrame([correction | {"row": 2}]).write_parquet(manual := tmp_path / "2.parquet")
    pl.DataFrame([correction | {"row": 3}]).write_parquet(other := tmp_path / "3.parquet")
    ledger = local.ledger()
    by_people = {**CORRECTION, "mode": "manual", "applied_by": "seller-7"}
    ledger.record_detail(Detail.CORRECTIONS, auto, constants=CORRECTION, idempotency="auto")
    ledger.record_detail(Detail.CORRECTIONS, manual, constants=by_people, idempotency="manual")

    with pytest.raises(LedgerError, match="already holds other rows"):
        ledger.record_detail(Detail.CORRECTIONS, other, constants=by_people, idempotency="another")

    stored = ledger.detail(Detail.CORRECTIONS, "v").sort("row").collect()
    assert stored.select("row", "mode").rows() == [(1, "auto"), (2, "manual")]


@pytest.mark.parametrize(
    ("column", "replacement"),
    [("row", pl.lit(1.5)), ("line", pl.lit("1")), ("code", pl.lit(7)), ("value", None)],
    ids=["a fraction", "text for a number", "a number for text", "missing"],
)
def test_rows_of_another_shape_are_refused(local, violations, tmp_path, column, replacement):
    rows = pl.read_parquet(violations(rows=3))
    rows = rows.drop(column) if replacement is None else rows.with_columns(replacement.alias(column))
    rows.write_parquet(path := tmp_path / "odd.parquet")
    with pytest.raises(LedgerError, match=column) as refused:
        record(local.ledger(), path)
    assert refused.value.code == "ledger_detail_columns"
    assert local.ledger().detail(Detail.VIOLATIONS, "v").collect().is_empty()


def test_every_constant_has_to_be_given(local, violations):
    with pytest.raises(LedgerError, match="month"):
        local.ledger().record_detail(
            Detail.VIOLATIONS, violations(rows=3), constants={"validation_id": "v"}, idempotency="v"
        )


def test_storage_that_gives_back_other_rows_is_found_out(local, violations, monkeypatch):
    append = delta.DeltaLog.append

    def lose_a_row(log, rows, **named):
        append(log, rows.read_all().slice(1), **named)

    monkeypatch.setattr(delta.DeltaLog, "append", lose_a_row)
    with pytest.raises(LedgerError, match="gave back other rows of v") as refused:
        record(local.ledger(), violations(rows=10))
    assert refused.value.code == "ledger_detail_altered"


def test_what_succeeded_but_was_reported_as_failed_is_written_once(local, violations, monkeypatch):
    write, dice = delta.write_deltalake, random.Random(1)

    def succeed_and_perhaps_fail(*arguments, **named):
        write(*arguments, **named)
        if dice.random() < 0.7:
            raise OSError("connection reset by peer")

    monkeypatch.setattr(delta, "write_deltalake", succeed_and_perhaps_fail)
    for number in range(5):
        record(local.ledger(), violations(rows=100), validation_id=f"v{number}", key=str(number))
    assert local.table("violations").to_pyarrow_table(columns=["row"]).num_rows == 500


def test_memory_does_not_grow_with_the_rows(local, violations, tmp_path):
    def peak(rows):
        place = type(local)(str(tmp_path / str(rows)), None)
        process: subprocess.Popen[str] = place.writer("memory", violations(rows=rows))
        output, _ = process.communicate(timeout=120)
        return int(output.splitlines()[-1])

    assert peak(2_000_000) < peak(400_000) + 100
