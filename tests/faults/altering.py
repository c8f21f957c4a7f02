"""Ways of altering what a lake holds, the tables and objects: one who may write to it can, without any key.

Each takes a copy of a lake and a source of chance, changes something, and says what it did. It works on the files and
through delta-rs, as such a person would.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake


def files_of(lake: Path, table: str) -> list[Path]:
    """The data files of a table, in a stable order."""
    return sorted((lake / "tables" / table).glob("month=*/*.parquet"))


def rewrite(file: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Exchange a data file's rows; the Delta log keeps saying what it said."""
    table = pq.read_table(file, partitioning=None)
    pq.write_table(pa.Table.from_pylist(change(table.to_pylist()), schema=table.schema), file)


def event_file(lake: Path, chance: random.Random, *, least: int = 1) -> Path:
    """A data file of events with at least so many rows."""
    files = [file for file in files_of(lake, "audit_events") if pq.read_metadata(file).num_rows >= least]
    return chance.choice(files)


def edit_event(lake: Path, chance: random.Random) -> str:
    """Other text in one event; half the time with a column that follows suit."""
    seqs = []

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        row = chance.choice(rows)
        event = json.loads(row["event"])
        what = chance.choice(["user_id", "action", "aggregate_id", "changes", "timestamp", "space", "event_id"])
        if what == "changes":
            event["changes"] = event["changes"] | {"size": chance.randrange(10**6), "forged": True}
        elif what == "timestamp":
            event["timestamp"] = event["timestamp"][:17] + "59.000000Z"
        elif what != "space":
            event[what] = f"forged {chance.random()}"
            if what in row and chance.random() < 0.5:
                row[what] = event[what]
        separators = (", ", ":") if what == "space" else (",", ":")
        row["event"] = json.dumps(event, ensure_ascii=False, separators=separators, sort_keys=True)
        seqs.append((row["seq"], what))
        return rows

    rewrite(event_file(lake, chance), change)
    return f"edited {seqs}"


def edit_column(lake: Path, chance: random.Random) -> str:
    """Another value in a column beside the event, whose text stays."""
    told = []

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        row = chance.choice(rows)
        what = chance.choice(["user_id", "action", "aggregate_id", "timestamp"])
        row[what] = row[what].replace(year=2001) if what == "timestamp" else chance.choice(["forged", "", None])
        told.append((row["seq"], what))
        return rows

    rewrite(event_file(lake, chance), change)
    return f"column {told}"


def delete_event(lake: Path, chance: random.Random) -> str:
    """One event gone from its file."""
    gone = []

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        gone.append(rows.pop(chance.randrange(len(rows)))["seq"])
        return rows

    rewrite(event_file(lake, chance), change)
    return f"deleted {gone}"


def insert_event(lake: Path, chance: random.Random) -> str:
    """An invented event among the recorded ones, those after it renumbered or not."""
    told = []
    renumber = chance.random() < 0.5
    victim = chance.choice(files_of(lake, "audit_events"))

    def forged(row: dict[str, Any]) -> dict[str, Any]:
        text = json.loads(row["event"]) | {"event_id": f"forged {chance.random()}"}
        return row | {"event": json.dumps(text, ensure_ascii=False, separators=(",", ":"), sort_keys=True)}

    at = chance.choice(pq.read_table(victim, partitioning=None).to_pylist())["seq"]
    for file in files_of(lake, "audit_events"):

        def change(rows: list[dict[str, Any]], here: bool = file == victim) -> list[dict[str, Any]]:
            added = [forged(row) for row in rows if row["seq"] == at] if here else []
            if renumber:
                for row in rows:
                    if row["seq"] >= at:
                        event = json.loads(row["event"])
                        row["seq"] = event["seq"] = row["seq"] + 1
                        row["event"] = json.dumps(event, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            told.extend(row["seq"] for row in added)
            return rows + added

        rewrite(file, change)
    return f"inserted at {told}, renumbered: {renumber}"


def duplicate_event(lake: Path, chance: random.Random) -> str:
    """An event twice: in its own file, or committed a second time."""
    file = event_file(lake, chance)
    row = chance.choice(pq.read_table(file, partitioning=None).to_pylist())
    if chance.random() < 0.5:
        rewrite(file, lambda rows: [*rows, row])
        return f"doubled {row['seq']} in its file"
    table = DeltaTable(lake / "tables/audit_events")
    month = file.parent.name.removeprefix("month=")
    write_deltalake(
        table,
        pa.Table.from_pylist([row | {"month": month}], schema=pa.schema(table.schema().to_arrow())),
        mode="append",
    )
    return f"committed {row['seq']} again"


def swap_events(lake: Path, chance: random.Random) -> str:
    """Two events change places: their numbers with columns and text, or the text alone."""
    told = []
    whole = chance.random() < 0.5

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        one, other = chance.sample(range(len(rows)), 2)
        first, second = rows[one], rows[other]
        told.extend([first["seq"], second["seq"]])
        if whole:
            for row, seq in ((first, second["seq"]), (second, first["seq"])):
                event = json.loads(row["event"]) | {"seq": seq}
                row["seq"] = seq
                row["event"] = json.dumps(event, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        else:
            first["event"], second["event"] = second["event"], first["event"]
        return rows

    rewrite(event_file(lake, chance, least=2), change)
    return f"swapped {told}, whole: {whole}"


def truncate_tail(lake: Path, chance: random.Random) -> str:
    """The last commits gone, as if they had never been; sometimes with the tiles that tell of them."""
    log = lake / "tables/audit_events/_delta_log"
    commits = sorted(log.glob("*.json"))
    gone = commits[-chance.randrange(1, min(8, len(commits) - 2)) :]
    for commit in gone:
        commit.unlink()
    if chance.random() < 0.5:
        shutil.rmtree(lake / "ledger/tile")
    return f"cut off {[commit.stem.lstrip('0') for commit in gone]}"


def drop_commit(lake: Path, chance: random.Random) -> str:
    """One commit of some table taken out of its log, not the last; a Delta checkpoint hides the gap half the time."""
    table = chance.choice(["audit_events", "audit_events", "violations", "corrections"])
    if table != "audit_events" or chance.random() < 0.5:
        DeltaTable(lake / "tables" / table).create_checkpoint()
    commits = sorted((lake / "tables" / table / "_delta_log").glob("*.json"))
    gone = chance.choice(commits[:-1] if table == "audit_events" else commits)
    gone.unlink()
    return f"dropped {table} {gone.stem.lstrip('0')}"


def restore(lake: Path, chance: random.Random) -> str:
    """Delta's own restore() of an earlier version."""
    table = DeltaTable(lake / "tables/audit_events")
    version = chance.randrange(table.version())
    table.restore(version)
    return f"restored {version}"


def unset_and_delete(lake: Path, chance: random.Random) -> str:
    """appendOnly off, rows deleted by Delta's own means, and appendOnly on again in half of the cases."""
    name = chance.choice(["audit_events", "corrections", "violations"])
    table = DeltaTable(lake / "tables" / name)
    table.alter.set_table_properties({"delta.appendOnly": "false"})
    key = "seq" if name == "audit_events" else "row"
    values = table.to_pyarrow_table(columns=[key]).column(key).to_pylist()
    table.delete(f"{key} = {chance.choice([value for value in values if value is not None])}")
    again = chance.random() < 0.5
    if again:
        table.alter.set_table_properties({"delta.appendOnly": "true"})
    return f"deleted from {name}, set again: {again}"


def unset_only(lake: Path, chance: random.Random) -> str:
    """appendOnly off, for later."""
    name = chance.choice(["audit_events", "corrections", "violations"])
    DeltaTable(lake / "tables" / name).alter.set_table_properties({"delta.appendOnly": "false"})
    return f"unset {name}"


def replace_object(lake: Path, chance: random.Random) -> str:
    """An object of a validation changed in one byte, cut short, exchanged or gone."""
    found = [path for path in (lake / "validations").rglob("*") if path.is_file() and path.name != "metadata.json"]
    found += [path for path in (lake / "rulepacks").rglob("*") if path.is_file()]
    path = chance.choice(sorted(found))
    data = bytearray(path.read_bytes())
    how = chance.choice(["flip", "cut", "longer", "gone"]) if data else "longer"
    if how == "gone":
        path.unlink()
        return f"gone {path.name}"
    if how == "flip":
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "cut":
        data = data[:-1]
    else:
        data += b"\n"
    path.write_bytes(data)
    return f"{how} {path.name}"


def replace_detail(lake: Path, chance: random.Random) -> str:
    """A row of violations or corrections changed, removed or added."""
    table = chance.choice(["violations", "corrections", "corrections"])
    how = chance.choice(["change", "remove", "add"])
    told = []

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        row = chance.choice(rows)
        if how == "remove":
            rows.remove(row)
        elif how == "add":
            rows.append(row | {"row": chance.randrange(1, 10_000), "code": "forged"})
        else:
            names = {"violations": ["row", "line", "column", "code", "severity", "value"]}.get(
                table, ["row", "column", "code", "before", "after", "confidence", "applied_by", "mode"]
            )
            name = chance.choice(names)
            row[name] = row[name] + 1 if isinstance(row[name], int) else f"{row[name]} forged"
            told.append(name)
        return rows

    rewrite(chance.choice(files_of(lake, table)), change)
    return f"{how} {table} {told}"


def remove_data_file(lake: Path, chance: random.Random) -> str:
    """A data file gone, emptied, or exchanged for another one of its table."""
    files = files_of(lake, "audit_events")
    one, other = chance.sample(files, 2)
    how = chance.choice(["gone", "empty", "exchanged"])
    if how == "gone":
        one.unlink()
    else:
        one.write_bytes(b"" if how == "empty" else other.read_bytes())
    return how


def damage_data_file(lake: Path, chance: random.Random) -> str:
    """Some bytes of a data file changed at random, until a reader finds other rows in it, or dies of it: Parquet has
    bytes that say nothing of any row."""
    table = chance.choice(["audit_events", "audit_events", "violations", "corrections"])
    file = chance.choice(files_of(lake, table))
    rows, data = pl.read_parquet(file), bytearray(file.read_bytes())
    while True:
        for _ in range(chance.choice([1, 3, 30])):
            data[chance.randrange(4, len(data) - 4)] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        try:
            if not pl.read_parquet(file).equals(rows):
                return f"damaged {table}, other rows"
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
            return f"damaged {table}, unreadable"
