"""The same upload through the same stages in a local folder and on S3 leaves the same bytes, rows and events."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from validahub_pipeline.ledger import Detail
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.storage.layout import table_key


def processed(services: Services, file: Path) -> str:
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    correct(services, drop.validation_id)
    assert publish(services, drop.validation_id).refused_because is None
    return drop.validation_id


def digests(services: Services, validation_id: str) -> dict[str, str]:
    """Bytes of every object but the two that tell of times and places."""
    keys = [info.key for info in services.lake.list("validations/") if validation_id in info.key]
    return {
        name: services.lake.sha256(key)
        for key in keys
        if (name := Path(key).name) not in {"metadata.json", "report.html"}
    }


def details(services: Services, validation_id: str) -> dict[str, Counter[tuple[object, ...]]]:
    found = {}
    for table in (Detail.VIOLATIONS, Detail.CORRECTIONS):
        rows = services.ledger.detail(table, validation_id).drop("validation_id").collect()
        found[str(table)] = Counter(rows.iter_rows())
    return found


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.csv"
    generate(file, rows=3_000, seed=5)
    return file


def test_an_upload_on_s3_ends_as_it_does_in_a_local_folder(catalogue, tmp_path, s3_settings):
    local = open_services(Settings(home=tmp_path / "local"))
    remote = open_services(Settings(**s3_settings))

    here = processed(local, catalogue)
    there = processed(remote, catalogue)

    assert digests(local, here) == digests(remote, there)
    assert {"original.csv", "rows.parquet", "validated.csv", "corrected.csv"} <= digests(local, here).keys()
    assert details(local, here) == details(remote, there)
    assert [event.action for event in local.ledger.read()] == [event.action for event in remote.ledger.read()]
    assert len(remote.ledger.lineage(there)) == len(local.ledger.lineage(here)) == 10


def test_every_stage_called_again_changes_nothing(catalogue, tmp_path):
    services = open_services(Settings(home=tmp_path / "home"))
    validation_id = processed(services, catalogue)
    before = (digests(services, validation_id), details(services, validation_id), list(services.ledger.read()))

    assert processed(services, catalogue) == validation_id

    assert (digests(services, validation_id), details(services, validation_id), list(services.ledger.read())) == before


def test_scratch_that_is_lost_before_publishing_costs_time_and_nothing_else(catalogue, tmp_path):
    undisturbed = open_services(Settings(home=tmp_path / "undisturbed"))
    expected = digests(undisturbed, processed(undisturbed, catalogue))
    services = open_services(Settings(home=tmp_path / "home"))
    drop = deposit(services, catalogue, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    correct(services, drop.validation_id)
    (services.settings.scratch / drop.validation_id / "corrected.csv").unlink()

    publish(services, drop.validation_id)

    assert digests(services, drop.validation_id) == expected


def test_a_pack_is_announced_once_however_many_uploads_use_it(catalogue, tmp_path):
    services = open_services(Settings(home=tmp_path / "home"))
    processed(services, catalogue)
    other = tmp_path / "other.csv"
    other.write_bytes(catalogue.read_bytes())
    processed(services, other)

    actions = Counter(event.action for event in services.ledger.read())

    assert actions["rule_pack_published"] == 1
    assert actions["file_published"] == 2
    assert services.lake.exists(f"{table_key('audit_events')}/_delta_log/00000000000000000000.json")


def test_what_a_process_killed_right_after_its_last_event_left_in_scratch_goes_with_the_repetition(catalogue, tmp_path):
    services = open_services(Settings(home=tmp_path / "home"))
    validation_id = processed(services, catalogue)
    scratch = services.settings.scratch / validation_id
    for stage in (correct, publish):
        scratch.mkdir()
        (scratch / "corrected.csv").touch()
        assert stage(services, validation_id).repeated
        assert not scratch.exists()
