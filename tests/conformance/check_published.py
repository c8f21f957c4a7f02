"""Checks one validation from the outside: what lies in the lake against what was handed in and what the ledger says.

    python check_published.py HOME VALIDATION_ID INPUT [--records N]

It imports nothing of the project, so that a mistake there cannot hide itself here. Exit code 0: everything agrees;
1: it does not, and each disagreement is a line on stdout. `--records` is for inputs that Python's csv module cannot
count (a quotation mark that is never closed swallows what follows it).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
from deltalake import DeltaTable

ONCE = {"file_uploaded", "validation_started", "file_ingested", "validation_completed"}
ENDS = {"file_published", "publication_refused"}
ANY_TIMES = {"file_downloaded", "download_granted", "access_denied"}
SHOWN = 5

Cell = tuple[int, str]


@dataclass
class Findings:
    """Disagreements, in words."""

    problems: list[str] = field(default_factory=list)

    def expect(self, holds: bool, problem: str) -> None:
        if not holds:
            self.problems.append(problem)

    def expect_equal(self, what: str, one: object, other: object) -> None:
        self.expect(one == other, f"{what}: {one!r} != {other!r}")

    def expect_none(self, what: str, found: list[Any]) -> None:
        self.expect(not found, f"{what}: {len(found)}, e.g. {found[:SHOWN]!r}")


@dataclass(frozen=True)
class Record:
    """One record as Python's csv module reads it; `first` and `last` are its physical lines."""

    first: int
    last: int
    cells: list[str]


class Published:
    """One validation's objects and ledger rows, read without the project."""

    def __init__(self, home: Path, validation_id: str) -> None:
        self.lake = home / "lake"
        self.validation_id = validation_id
        folders = list((self.lake / "validations").glob(f"*/*/*/{validation_id}"))
        if len(folders) != 1:
            raise SystemExit(f"{len(folders)} folders of validation {validation_id} under {self.lake}")
        self.folder = folders[0]
        self.metadata: dict[str, Any] = json.loads((self.folder / "metadata.json").read_text(encoding="utf-8"))

    def events(self) -> list[dict[str, Any]]:
        """The whole ledger in order of `seq`."""
        rows = self._rows("audit_events")
        return sorted(rows, key=lambda row: row["seq"])

    def detail(self, table: str) -> list[dict[str, Any]]:
        """This validation's rows of a detail table."""
        return self._rows(table, ds.field("validation_id") == self.validation_id)

    def _rows(self, name: str, chosen: ds.Expression | None = None) -> list[dict[str, Any]]:
        # Not `to_pyarrow_dataset`: reading through delta-rs from pyarrow's threads, a process now and then ends with
        # "terminate called without an active exception".
        folder = str(self.lake / "tables" / name)
        files = DeltaTable(folder).file_uris()
        if not files:
            return []
        found: list[dict[str, Any]] = (
            ds.dataset(files, partitioning="hive", partition_base_dir=folder).to_table(filter=chosen).to_pylist()
        )
        return found


def records_of(path: Path, ingest: dict[str, Any]) -> Iterator[Record]:
    """Data records below the header. The dialect is taken from the metadata; what it leads to is checked."""
    encoding = ingest["encoding"].removesuffix("-sig")
    if encoding.lower() in {"utf-8", "utf8"}:
        encoding = "utf-8-sig"
    header = max(ingest["header_lines"], default=0)
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, delimiter=ingest["delimiter"])
        first = 1
        for cells in reader:
            # A blank line is no record.
            if cells and first > header:
                yield Record(first, reader.line_num, cells)
            first = reader.line_num + 1


def check(home: Path, validation_id: str, original: Path, records: int | None) -> list[str]:
    """Every disagreement there is."""
    findings = Findings()
    published = Published(home, validation_id)
    ingest = published.metadata["ingest"]
    events = published.events()
    own = [json.loads(row["event"]) for row in events if row["aggregate_id"] == validation_id]
    findings.expect_equal("original.csv against the input", digest(published.folder / "original.csv"), digest(original))
    read = list(records_of(original, ingest))
    counted = len(read) if records is None else records
    findings.expect_equal(
        "records + quarantined against the csv module", ingest["records"] + ingest["quarantined"], counted
    )
    check_ledger(findings, events, own)
    check_objects(findings, published, own)
    rows = pq.read_table(published.folder / "rows.parquet").to_pylist()
    check_rows(findings, published, rows, read)
    check_violations(findings, published, own)
    check_revisions(findings, published, own)
    for revision in published.metadata["revisions"]:
        if revision["published"]:
            check_corrections(findings, published, rows, own, revision)
    return findings.problems


def check_ledger(findings: Findings, events: list[dict[str, Any]], own: list[dict[str, Any]]) -> None:
    """`seq` without gaps, columns that say what the event says, each action of the validation once, one end."""
    findings.expect_equal("seq", [row["seq"] for row in events], list(range(1, len(events) + 1)))
    for row in events:
        event = json.loads(row["event"])
        told = datetime.fromisoformat(event["timestamp"])
        beside = (row["seq"], row["timestamp"], row["action"], row["aggregate_id"], row["user_id"], row["month"])
        inside = (event["seq"], told, event["action"], event["aggregate_id"], event["user_id"], f"{told:%Y-%m}")
        findings.expect_equal(f"columns beside event {row['seq']}", beside, inside)
    told = Counter(event["action"] for event in own if "revision" not in event["changes"])
    findings.expect_equal(
        "actions of the validation", {a: n for a, n in told.items() if a not in ANY_TIMES}, dict.fromkeys(ONCE, 1)
    )


def check_revisions(findings: Findings, published: Published, own: list[dict[str, Any]]) -> None:
    """Revisions are numbered 1, 2, 3, ..., each is asked for (but for the first), corrected, and ended, once; and one
    that takes back others has the very bytes of the one it goes back to."""
    asked = [event for event in own if event["action"] == "revision_started"]
    numbers = [event["changes"]["revision"] for event in asked]
    findings.expect_equal("numbers of revisions", numbers, list(range(2, len(numbers) + 2)))
    told = {revision["revision"]: revision for revision in published.metadata["revisions"]}
    findings.expect_equal("revisions in metadata", list(told), [1, *numbers])
    for number in [1, *numbers]:
        events = [
            event
            for event in own
            if event["changes"].get("revision") == number and event["action"] not in ANY_TIMES | {"revision_started"}
        ]
        kinds = Counter((event["action"], event["changes"].get("mode")) for event in events)
        findings.expect(sum(kinds.pop((end, None), 0) for end in ENDS) == 1, f"ends of revision {number}: {kinds!r}")
        modes = ["auto"] if number == 1 else ["auto", "manual"]
        wanted = {("corrections_applied", mode): 1 for mode in modes} | {("corrections_suggested", None): 1}
        findings.expect_equal(f"actions of revision {number}", dict(kinds), wanted)
    for event in asked:
        number, decision = event["changes"]["revision"], event["changes"]["decision"]
        if decision["kind"] == "undo" and number in told:
            then, now = (told[one]["objects"]["corrected"]["sha256"] for one in (decision["to_revision"], number))
            findings.expect_equal(f"file of revision {number}, which takes back", now, then)


def check_objects(findings: Findings, published: Published, own: list[dict[str, Any]]) -> None:
    """Every object is the one that metadata and events describe, and nothing else lies beside them."""
    described = published.metadata["objects"]
    revised = {revision["revision"]: revision["objects"] for revision in published.metadata["revisions"]}
    everything = [*described.items(), *(item for objects in revised.values() for item in objects.items())]
    for name, told in everything:
        path = published.lake / told["key"]
        if not path.is_file():
            findings.problems.append(f"object {name}: {told['key']} does not exist")
            continue
        findings.expect_equal(f"size of {name}", path.stat().st_size, told["size"])
        findings.expect_equal(f"sha256 of {name}", digest(path), told["sha256"])
    for event in own:
        for name, told in event["changes"].get("objects", {}).items():
            known = revised.get(event["changes"].get("revision"), described)
            findings.expect_equal(f"object {name} in {event['action']}", told, known.get(name))
    known = {Path(told["key"]).name for _, told in everything} | {"metadata.json"}
    findings.expect_equal("files of the validation", {path.name for path in published.folder.iterdir()}, known)


def check_rows(findings: Findings, published: Published, rows: list[dict[str, Any]], read: list[Record]) -> None:
    """No record is lost or counted twice, and every accepted one holds what stands in the seller's file."""
    ingest = published.metadata["ingest"]
    with (published.folder / "quarantine.csv").open(encoding="utf-8", newline="") as file:
        quarantined = list(csv.DictReader(file))
    findings.expect_equal("accepted rows", len(rows), ingest["records"])
    findings.expect_equal("quarantined records", len(quarantined), ingest["quarantined"])
    numbers = sorted([row["__row"] for row in rows] + [int(record["record"]) for record in quarantined])
    findings.expect(numbers == list(range(1, len(numbers) + 1)), "record numbers are not 1, 2, 3, ...")
    columns = [name for name in (rows[0] if rows else {}) if name not in {"__row", "__line"}]
    repaired = {(repair["row"], repair["column"]) for repair in repairs_of(published)}
    broken = {int(record["line"]) for record in quarantined}
    by_line = {row["__line"]: row for row in rows}
    findings.expect_none("records missing from rows.parquet", [
        record.first
        for record in read
        if record.first not in by_line and not broken & set(range(record.first, record.last + 1))
    ])  # fmt: skip
    different = []
    for record in read:
        row = by_line.get(record.first)
        if row is None or broken & set(range(record.first, record.last + 1)):
            continue
        cells = dict(zip(columns, record.cells, strict=False))
        different += [
            (record.first, column, cells.get(column, ""), row[column])
            for column in columns
            if (row[column] or "") != cells.get(column, "") and (row["__row"], column) not in repaired
        ]
        if any(record.cells[len(columns) :]):
            different.append((record.first, "beyond the last column", record.cells[len(columns) :], None))
    findings.expect_none("cells of rows.parquet that differ from the file", different)


def check_violations(findings: Findings, published: Published, own: list[dict[str, Any]]) -> None:
    """The ledger's rows, its event and the metadata count the same violations."""
    rows = published.detail("violations")
    changes = next(event["changes"] for event in own if event["action"] == "validation_completed")
    told = published.metadata["validation"]
    counts = dict(Counter(row["code"] for row in rows))
    findings.expect_equal("violations by code, table against event", counts, changes["violations"])
    findings.expect_equal("violations by code, event against metadata", changes["violations"], told["violations"])
    by_column = Counter((row["code"], row["column"], row["severity"]) for row in rows)
    in_event = {(c["code"], c["column"], c["severity"]): c["count"] for c in changes["by_column"]}
    findings.expect_equal("violations by column", dict(by_column), in_event)
    findings.expect_equal("rows of detail", changes["detail"]["rows"], len(rows))
    in_rows = {row["row"] for row in rows if row["row"]}
    critical = {row["row"] for row in rows if row["row"] and row["severity"] == "critical"}
    findings.expect_equal("rows with violations", changes["rows_with_violations"], len(in_rows))
    findings.expect_equal("critical rows", changes["critical_rows"], len(critical))
    twice = [key for key, n in Counter((row["row"], row["column"], row["code"]) for row in rows).items() if n > 1]
    findings.expect_none("violations recorded twice", twice)


def check_corrections(
    findings: Findings,
    published: Published,
    rows: list[dict[str, Any]],
    own: list[dict[str, Any]],
    told: dict[str, Any],
) -> None:
    """The file of a revision differs from what was handed in by the corrections on record, and by nothing else. Columns
    that the event calls referred have no texts on record: the files themselves are what they refer to. What is on
    record as a person's is what a person decided about."""
    revision, objects = told["revision"], told["objects"]
    asked = next((event for event in own if event["action"] == "revision_started"
                  and event["changes"]["revision"] == revision), None)  # fmt: skip
    decided = decided_by_people(published, objects)
    recorded: dict[Cell, tuple[str | None, str | None]] = {}
    for row in published.detail("corrections"):
        if row["revision"] != revision:
            continue
        cell = (row["row"], row["column"])
        findings.expect(cell not in recorded, f"two corrections of {cell} in revision {revision}")
        recorded[cell] = (row["before"], row["after"])
        by = ("manual", asked["user_id"]) if row["mode"] == "manual" and asked else ("auto", "system")
        findings.expect_equal(f"whose correction {cell} is", (row["mode"], row["applied_by"]), by)
        findings.expect(row["mode"] == "auto" or cell in decided, f"nobody decided about {cell}, revision {revision}")
    before = {(repair["row"], repair["column"]): repair["before"] for repair in repairs_of(published)}
    changed: dict[Cell, tuple[str, str]] = {}
    for row, cells in delivered(findings, published, told, rows):
        for column, after in cells.items():
            was = before.get((row["__row"], column), row[column] or "")
            if was != after:
                changed[row["__row"], column] = (was, after)
    findings.expect_none(
        f"revision {revision}: changed cells that are not on record", sorted(set(changed) - set(recorded))
    )
    findings.expect_none(
        f"revision {revision}: corrections on record that changed nothing", sorted(set(recorded) - set(changed))
    )
    referred = {
        column
        for event in own
        if event["changes"].get("revision") == revision
        for column in event["changes"].get("referred", [])
    }
    findings.expect_none(f"revision {revision}: corrections on record with other values", [
        (cell, recorded[cell], changed[cell])
        for cell in sorted(set(recorded) & set(changed))
        if recorded[cell] != ((None, None) if cell[1] in referred else changed[cell])
    ])  # fmt: skip
    findings.expect_equal(f"corrected cells of revision {revision} in metadata", told["cells"], len(recorded))
    if revision == published.metadata["corrections"]["revision"]:
        findings.expect_equal("corrected cells in metadata", published.metadata["corrections"]["cells"], len(recorded))


def delivered(
    findings: Findings, published: Published, told: dict[str, Any], rows: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Each row that was read, and its cells as a revision delivers them, in canonical form: from the published file in
    its dialect, or from the list of the rows left out of it."""
    revision, objects, dialect = told["revision"], told["objects"], told.get("dialect", {})
    own_columns = [c for c in rows[0] if c not in {"__row", "__line"}]
    name = Path(objects["corrected"]["key"]).name
    encoding = dialect.get("encoding", "utf-8")
    with (published.folder / name).open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=dialect.get("delimiter", ","))
        columns = next(reader)
        corrected = list(reader)
    headers = dialect.get("headers", {})
    findings.expect_equal("columns of the corrected file", columns, [headers.get(c, c) for c in own_columns])
    left_out: dict[int, list[str]] = {}
    if "dropped" in objects:
        with (published.folder / Path(objects["dropped"]["key"]).name).open(encoding="utf-8", newline="") as file:
            for number, line, *cells, codes in list(csv.reader(file))[1:]:
                left_out[int(number)] = cells
                findings.expect(bool(line and codes), f"row {number} left out without its line or a reason")
    findings.expect_equal(f"revision {revision}: rows left out", len(left_out), told.get("dropped", 0))
    findings.expect_equal("rows of the corrected file", len(corrected) + len(left_out), len(rows))
    commas = Commas(published, told, findings)
    going = iter(corrected)
    for row in rows:
        number = row["__row"]
        if number in left_out:
            yield row, dict(zip(own_columns, left_out[number], strict=False))
        else:
            cells = zip(own_columns, next(going, []), strict=False)
            yield row, {column: commas.undone((number, column), text) for column, text in cells}
    commas.expect_none_left()


class Commas:
    """Decimal commas of a published file: those its dialect asked for, and those that are listed as cells' own."""

    def __init__(self, published: Published, told: dict[str, Any], findings: Findings) -> None:
        dialect, objects = told.get("dialect", {}), told["objects"]
        self.columns = dialect["decimals"] if dialect.get("decimal_mark", ".") == "," else []
        self.own: set[Cell] = set()
        if "commas" in objects:
            listed = pq.read_table(published.folder / Path(objects["commas"]["key"]).name).to_pylist()
            self.own = {(cell["row"], cell["column"]) for cell in listed}
        self.findings = findings

    def undone(self, cell: Cell, written: str) -> str:
        """What a cell says in canonical form."""
        if cell[1] not in self.columns:
            return written
        self.findings.expect(not re.fullmatch(r"-?[0-9]+\.[0-9]+", written), f"{cell} with a point: {written!r}")
        if not re.fullmatch(r"-?[0-9]+,[0-9]+", written):
            return written
        own = cell in self.own
        self.own.discard(cell)
        return written if own else written.replace(",", ".")

    def expect_none_left(self) -> None:
        """Every cell that is listed was met, with a comma in it."""
        self.findings.expect_none("commas listed that are not there", sorted(self.own))


def decided_by_people(published: Published, objects: dict[str, Any]) -> set[Cell]:
    """Cells that people have decided about."""
    if "decisions" not in objects:
        return set()
    found = pq.read_table(published.lake / objects["decisions"]["key"]).to_pylist()
    return {(row["row"], row["column"]) for row in found}


def repairs_of(published: Published) -> list[dict[str, Any]]:
    """Cells whose bytes were repaired on reading."""
    path = published.folder / "repairs.parquet"
    return pq.read_table(path).to_pylist() if path.exists() else []


def digest(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("validation_id")
    parser.add_argument("input", type=Path)
    parser.add_argument("--records", type=int)
    arguments = parser.parse_args()
    problems = check(arguments.home, arguments.validation_id, arguments.input, arguments.records)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
