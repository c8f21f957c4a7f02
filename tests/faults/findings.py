"""What must hold of an installation after a trial, told by other means than the product's: deltalake, pyarrow, csv, and
the check of `tests/conformance`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from deltalake import DeltaTable

from tests.conformance.check_published import check

NOT_COMPARED = {"month", "validation_id"}
NOT_THE_SAME_TWICE = {"metadata.json", "report.html"}


@dataclass(frozen=True)
class State:
    """What must not depend on whether there was a fault: objects, rows of detail, actions, lineage."""

    objects: dict[str, str]
    details: dict[str, Counter[Any]]
    actions: Counter[str]
    lineage: Counter[Any]
    scratch: list[str]


def rows(lake: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, as anybody with access to the folder reads them."""
    folder = lake / "tables" / table
    if not (folder / "_delta_log").exists():
        return []
    files = DeltaTable(str(folder)).file_uris()
    if not files:
        return []
    dataset = ds.dataset(files, partitioning="hive", partition_base_dir=str(folder))
    found: list[dict[str, Any]] = dataset.to_table().to_pylist()
    return found


def events(lake: Path) -> list[dict[str, Any]]:
    """The events of the ledger in order, which must be numbered without a gap."""
    found = sorted(rows(lake, "audit_events"), key=lambda row: row["seq"])
    assert [row["seq"] for row in found] == list(range(1, len(found) + 1))
    return [json.loads(row["event"]) for row in found]


def unfounded(lake: Path) -> list[str]:
    """What the ledger vouches for and storage does not hold, at whatever moment; an event comes last."""
    problems = []
    details = {table: rows(lake, table) for table in ("violations", "corrections")}
    of_action = {"validation_completed": "violations", "corrections_applied": "corrections"}
    for event in events(lake):
        told = event["changes"]
        if "detail" in told:
            table = of_action[event["action"]]
            stored = sum(row["validation_id"] == event["aggregate_id"] for row in details[table])
            if stored != told["detail"]["rows"]:
                problems.append(f"{event['action']}: {told['detail']['rows']} rows told, {stored} in {table}")
        for name, described in told.get("objects", {}).items():
            path = lake / described["key"]
            if not path.is_file():
                problems.append(f"{event['action']}: {name} does not exist")
            elif digest(path) != described["sha256"]:
                problems.append(f"{event['action']}: {name} is not what was recorded")
    return problems


def state(home: Path, validation_id: str) -> State:
    """The state of an installation with one validation."""
    lake = home / "lake"
    (folder,) = lake.glob(f"validations/*/*/*/{validation_id}")
    scratch = home / "scratch"
    return State(
        objects={
            path.name: "" if path.name in NOT_THE_SAME_TWICE else digest(path) for path in sorted(folder.iterdir())
        },
        details={
            table: Counter(
                tuple((name, value) for name, value in row.items() if name not in NOT_COMPARED)
                for row in rows(lake, table)
                if row["validation_id"] == validation_id
            )
            for table in ("violations", "corrections")
        },
        actions=Counter(event["action"] for event in events(lake)),
        lineage=Counter(
            (told["job"]["name"], told["eventType"])
            for told in (json.loads(row["event"]) for row in rows(lake, "lineage_events"))
        ),
        scratch=sorted(path.name for path in scratch.iterdir() if "-" in path.name) if scratch.exists() else [],
    )


def broken_laws(home: Path, validation_id: str, file: Path, expected: State) -> list[str]:
    """Everything that is not as it is after a run without a fault; empty where all is well."""
    found = state(home, validation_id)
    problems = check(home, validation_id, file, None) + unfounded(home / "lake")
    for name in ("objects", "details", "actions", "lineage", "scratch"):
        one, other = getattr(expected, name), getattr(found, name)
        if one != other:
            problems.append(f"{name}: {_difference(one, other)}")
    return problems


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _difference(expected: Any, found: Any) -> str:
    if isinstance(expected, Counter):
        return f"missing {list((expected - found).items())[:3]}, unexpected {list((found - expected).items())[:3]}"
    return f"expected {expected!r}"[:300] + f", found {found!r}"[:300]
