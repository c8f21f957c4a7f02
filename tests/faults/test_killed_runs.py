"""`validahub run` killed in each of its stages and run again ends as if nothing had happened."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests import commands
from validahub_pipeline.sample import generate

ROWS = 20_000

# A file that exists only while, or just after, a stage is at work: the moment to strike.
MOMENTS = {
    "ingest": "scratch/*/rows.parquet",
    "ingested, not yet recorded": "lake/validations/*/*/*/*/rows.parquet",
    "validate": "scratch/*/violations.parquet",
    "violations recorded, their event not": "lake/tables/violations/month=*/*.parquet",
    "correct": "scratch/*/corrected.csv",
    "corrections recorded, their event not": "lake/tables/corrections/month=*/*.parquet",
    "publish": "lake/validations/*/*/*/*/corrected.csv",
    "report written, publication not recorded": "lake/validations/*/*/*/*/report.html",
}


def order(file: Path) -> list[str]:
    return ["run", str(file), "--marketplace", "mercado_livre", "--user", "maria", "--json"]


def run(home: Path, file: Path) -> dict:
    finished = commands.validahub(*order(file), VALIDAHUB_HOME=home)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def run_and_kill(home: Path, file: Path, moment: str) -> None:
    with subprocess.Popen(
        [commands.PROGRAM, *order(file)],
        env=os.environ | {"VALIDAHUB_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            while process.poll() is None and not any(home.glob(moment)):
                time.sleep(0.001)
            assert process.poll() is None, f"it ended before {moment} was seen"
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def state(home: Path, outcome: dict) -> dict:
    """Everything that must not depend on how often the run was killed: bytes, rows and events, but no timings."""
    folder = Path(outcome["objects"]["original"]).parent
    skip = {"metadata.json", "report.html"}
    return {
        "objects": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir()
            if path.name not in skip
        },
        "names": sorted(path.name for path in folder.iterdir()),
        "rows": {
            table: Counter(
                tuple(row.items())
                for row in DeltaTable(str(home / "lake" / "tables" / table))
                .to_pyarrow_table()
                .drop(["month"])
                .to_pylist()
            )
            for table in ("violations", "corrections")
        },
        "actions": Counter(event["action"] for event in events(home)),
        "counts": {
            name: outcome[name] for name in ("records", "quarantined", "violations", "corrections", "suggestions")
        },
        "scratch": [path.name for path in (home / "scratch").glob("*")],
    }


def events(home: Path) -> list[dict]:
    table = DeltaTable(str(home / "lake" / "tables" / "audit_events")).to_pyarrow_table()
    rows = sorted(table.to_pylist(), key=lambda row: row["seq"])
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    return [json.loads(row["event"]) for row in rows]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.csv"
    generate(file, rows=ROWS, seed=7)
    return file


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, catalogue):
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    return state(home, run(home, catalogue))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed_and_repeated_ends_as_if_it_had_never_been_killed(moment, tmp_path, catalogue, undisturbed):
    home = tmp_path / "home"
    run_and_kill(home, catalogue, MOMENTS[moment])
    for published in home.glob("lake/validations/*/*/*/*/corrected.csv"):
        assert hashlib.sha256(published.read_bytes()).hexdigest() == undisturbed["objects"]["corrected.csv"]

    outcome = run(home, catalogue)

    assert state(home, outcome) == undisturbed
    assert set(undisturbed["actions"].values()) == {1}


def test_killed_again_and_again_it_still_ends_the_same(tmp_path, catalogue, undisturbed):
    home = tmp_path / "home"
    for moment in MOMENTS.values():
        run_and_kill(home, catalogue, moment)

    assert state(home, run(home, catalogue)) == undisturbed


def test_a_run_repeated_after_it_succeeded_does_nothing_and_says_the_same(tmp_path, catalogue):
    home = tmp_path / "home"
    first = run(home, catalogue)
    recorded = events(home)

    second = run(home, catalogue)

    assert second == first
    assert events(home) == recorded
