"""Whatever is done to a lake without its key, `audit verify` says so; and it cries wolf at nothing else.

python -m tests.faults.test_tampering --seeds 500     many more trials, as `make tamper`
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.faults.tampering import BEYOND_THE_LOG, TAMPERINGS, digest_of
from tests.persons import keeping
from validahub_pipeline.auditing.deep import look_deep
from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import Verifier
from validahub_pipeline.ledger.sealing.heartbeat import beat
from validahub_pipeline.ledger.verification import Finding, Pin, Severity, verify_log
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.storage import Lake, open_lake
from validahub_pipeline.storage.local import LocalLake

SEEDS = 16
BY_A_PIN = {"pin_foreign", "pin_ahead", "pin_contradicted", "checkpoint_set_back"}
TABLES = ("audit_events", "violations", "corrections", "lineage_events")


@dataclass(frozen=True)
class Original:
    """A lake as it should be, the state it was in the day before, and what an auditor keeps of it."""

    lake: Path
    day_before: Path
    key: Verifier
    pin: Pin
    old_pin: Pin


def build(folder: Path) -> Original:
    """Two published uploads, some hundred other events, heartbeats; sealed again and again."""
    settings = Settings(home=folder / "home")
    services = open_services(settings)

    def upload(name: str, rows: int) -> None:
        file = folder / f"{name}.csv"
        generate(file, rows=rows, seed=rows)
        drop = deposit(services, file, user="loja", marketplace="mercado_livre", category="all")
        ingest(services, drop, lang="en")
        for stage in (validate, correct, publish):
            stage(services, drop.validation_id)

    def others(first: int, count: int) -> None:
        for number in range(first, first + count):
            name = f"other {number}"
            acts = [
                NewEvent(Action.FILE_UPLOADED, name, 'Zoë "Z" \\', Resource("upload", name, "catálogo.csv"), {"n": n})
                for n in range(10 + number * 13 % 60)
            ]
            services.ledger.append(acts, idempotency=name)

    now = datetime.now(UTC) - timedelta(days=1)
    upload("one", 60)
    others(0, 5)
    beat(services.sealer, now)
    old = services.seal()
    lake = Path(settings.lake)
    shutil.copytree(lake, folder / "day before")
    others(5, 2)
    upload("two", 40)
    beat(services.sealer, now + timedelta(hours=1))
    others(7, 4)
    beat(services.sealer, now + timedelta(hours=2))
    return Original(
        lake, folder / "day before", services.sealer.key(), Pin("pin", services.seal()), Pin("old pin", old)
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    return build(tmp_path_factory.mktemp("original"))


def findings(
    lake: Lake, original: Original, *pins: Pin, deep: bool = True, max_age: timedelta | None = None
) -> list[Finding]:
    """What `audit verify` finds, without a database; and it can say so."""
    report = verify_log(lake, now=datetime.now(UTC), key=original.key, pins=pins, max_age=max_age, history=deep)
    found = [*report.findings, *(look_deep(lake, None).findings if deep else ())]
    assert all(finding.render(lang) for finding in found for lang in LANGUAGES)
    return found


def verdict(found: list[Finding]) -> Severity:
    """The worst of it."""
    severities = {finding.severity for finding in found}
    return next((worst for worst in (Severity.TAMPERED, Severity.INCOMPLETE) if worst in severities), Severity.NOTE)


def trials(original: Original, name: str, seeds: range, folder: Path) -> Iterator[tuple[str, Severity, Severity]]:
    """Each trial's description, and the verdict with a pin and without."""
    before = digest_of(original.lake)
    for seed in seeds:
        copy = folder / f"{seed}"
        shutil.copytree(original.lake, copy)
        told = TAMPERINGS[name](copy, random.Random(f"{name} {seed}"))
        assert digest_of(copy) != before, told
        found = findings(LocalLake(copy), original, original.pin, deep=name in BEYOND_THE_LOG)
        without = [finding for finding in found if finding.code not in BY_A_PIN]
        yield f"{name} {seed}: {told}", verdict(found), verdict(without)
        shutil.rmtree(copy)


def test_the_original_is_intact(original):
    assert verdict(findings(LocalLake(original.lake), original, original.pin, original.old_pin)) == Severity.NOTE


@pytest.mark.parametrize("name", TAMPERINGS)
def test_no_tampering_is_missed(original, name, tmp_path):
    missed = [
        told
        for told, pinned, unpinned in trials(original, name, range(SEEDS), tmp_path)
        if Severity.NOTE in {pinned, unpinned}
    ]
    assert missed == []


def test_a_lake_set_back_as_a_whole_is_noticed_with_a_pin_or_an_age_and_by_nature_not_without(original):
    lake = LocalLake(original.day_before)
    assert verdict(findings(lake, original, original.pin)) == Severity.TAMPERED
    assert verdict(findings(lake, original, max_age=timedelta(seconds=0))) == Severity.INCOMPLETE
    assert verdict(findings(lake, original, original.old_pin)) == Severity.NOTE
    assert verdict(findings(lake, original)) == Severity.NOTE


def test_maintenance_is_no_tampering(original, tmp_path):
    copy = tmp_path / "kept in order"
    shutil.copytree(original.lake, copy)
    for name in TABLES:
        path = copy / "tables" / name
        DeltaTable(path).optimize.compact()
        DeltaTable(path).create_checkpoint()
        column = {"audit_events": "aggregate_id"}.get(name, "validation_id")
        DeltaTable(path).optimize.z_order([column])
        DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
        DeltaTable(path).create_checkpoint()
    assert verdict(findings(LocalLake(copy), original, original.pin, original.old_pin)) == Severity.NOTE


def test_moving_the_lake_to_a_bucket_is_no_tampering(original, s3_settings):
    bucket = open_lake(Settings(**s3_settings))
    for path in original.lake.rglob("*"):
        if path.is_file():
            bucket.put_file(path, str(path.relative_to(original.lake)), replace=True)
    assert verdict(findings(bucket, original, original.pin, original.old_pin)) == Severity.NOTE


def test_a_moved_lake_goes_on(original, tmp_path):
    home = original.lake.parent
    moved = tmp_path / "elsewhere"
    shutil.copytree(home, tmp_path / "home")
    shutil.move(tmp_path / "home" / "lake", moved)
    services = open_services(Settings(home=tmp_path / "home", lake=str(moved)))
    services.heartbeat()
    report = verify_log(services.lake, now=datetime.now(UTC), key=original.key, pins=[original.pin, original.old_pin])
    assert (report.findings, report.checkpoint.size > original.pin.checkpoint.size) == ((), True)


def test_a_pin_of_another_log_or_another_past_is_noticed(original):
    lake = LocalLake(original.lake)
    good = original.old_pin.checkpoint
    other = Checkpoint(good.origin, good.size, good.root[::-1], good.note)
    stranger = Checkpoint("another.log", good.size, good.root, good.note)
    for checkpoint in (other, stranger):
        assert verdict(findings(lake, original, Pin("pin", checkpoint), deep=False)) == Severity.TAMPERED


def main() -> int:
    """Many trials, outside the suite."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=100, help="per way of tampering")
    seeds = range(SEEDS, SEEDS + parser.parse_args().seeds)
    missed = 0
    with keeping(), tempfile.TemporaryDirectory() as folder:
        original = build(Path(folder))
        for name in TAMPERINGS:
            for told, pinned, unpinned in trials(original, name, seeds, Path(folder) / "trials"):
                if Severity.NOTE in {pinned, unpinned}:
                    missed += 1
                    print(f"missed: {told}")
    print(f"{len(seeds) * len(TAMPERINGS)} trials, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
