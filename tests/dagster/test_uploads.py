"""One upload through the four assets, on an ephemeral instance and with the real stages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from deltalake import DeltaTable

from validahub_pipeline.checks import CORRECTIONS, GATE, RECORDS, VIOLATIONS
from validahub_pipeline.jobs import PROCESS_UPLOAD
from validahub_pipeline.partitions import UPLOADS, run_tags
from validahub_pipeline.stages import Services
from validahub_pipeline.storage.layout import Drop, table_key

STAGES = ["ingested_upload", "validated_upload", "corrected_upload", "published_upload"]


@pytest.fixture
def run_partition(defs: dg.Definitions, instance: dg.DagsterInstance) -> Callable[..., dg.ExecuteInProcessResult]:
    """Runs the job for one drop, with the tags a sensor's run carries (or those given)."""
    job = defs.resolve_job_def(PROCESS_UPLOAD)

    def run(drop: Drop, **arguments: object) -> dg.ExecuteInProcessResult:
        instance.add_dynamic_partitions(UPLOADS, [drop.validation_id])
        return job.execute_in_process(
            instance=instance,
            partition_key=drop.validation_id,
            raise_on_error=False,
            **{"tags": run_tags(drop), **arguments},
        )

    return run


def materialized(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]


def metadata_of(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, object]:
    [event] = [one for one in result.get_asset_materialization_events() if one.asset_key == dg.AssetKey(asset)]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def checks_of(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {check.check_name: check.passed for check in result.get_asset_check_evaluations()}


def actions(services: Services, validation_id: str) -> list[str]:
    return [event.action for event in services.ledger.history(validation_id)]


def test_an_upload_passes_all_four_stages_and_their_checks(run_partition, drop, services):
    good = drop("good")

    result = run_partition(good)

    assert result.success
    assert materialized(result) == STAGES
    assert checks_of(result) == dict.fromkeys((RECORDS, VIOLATIONS, CORRECTIONS, GATE), True)
    assert actions(services, good.validation_id)[-1] == "file_published"


def test_the_metadata_count_what_the_tables_hold(run_partition, drop, services):
    good = drop("good")

    result = run_partition(good)

    assert metadata_of(result, "ingested_upload")["records"] == 40
    assert metadata_of(result, "ingested_upload")["dagster/row_count"] == 40
    stored = {
        table: DeltaTable(services.lake.uri(table_key(table))).to_pyarrow_dataset().count_rows()
        for table in ("violations", "corrections")
    }
    assert metadata_of(result, "validated_upload")["violations"] == stored["violations"] > 0
    assert metadata_of(result, "corrected_upload")["cells_corrected"] == stored["corrections"] > 0


def test_the_metadata_link_the_objects_that_were_written(run_partition, drop, services):
    result = run_partition(drop("good"))

    for asset, names in {
        "ingested_upload": ["original.csv", "rows.parquet", "quarantine.csv"],
        "validated_upload": ["validated.csv"],
        "published_upload": ["corrected.csv", "report.html"],
    }.items():
        links = metadata_of(result, asset)
        assert all(services.lake.exists(links[name].removeprefix(f"{services.lake.root}/")) for name in names)


def test_a_refused_upload_is_corrected_but_never_published(run_partition, drop, services):
    hopeless = drop("hopeless")

    result = run_partition(hopeless)

    assert not result.success
    assert materialized(result) == STAGES[:3]
    assert checks_of(result)[GATE] is False
    assert actions(services, hopeless.validation_id)[-1] == "publication_refused"
    [gate] = [check for check in result.get_asset_check_evaluations() if check.check_name == GATE]
    assert "40" in gate.metadata["refused_because"].value


def test_publishing_a_refused_upload_by_hand_fails_and_publishes_nothing(run_partition, drop, services):
    hopeless = drop("hopeless")
    run_partition(hopeless)

    again = run_partition(hopeless, asset_selection=[dg.AssetKey("published_upload")])

    assert not again.success
    assert materialized(again) == []
    assert actions(services, hopeless.validation_id).count("publication_refused") == 1


def test_a_file_without_a_table_fails_once_with_the_message_its_seller_gets(run_partition, drop):
    result = run_partition(drop("empty"))

    assert not result.success
    assert not result.filter_events(lambda event: event.is_step_up_for_retry)
    [failure] = result.filter_events(lambda event: event.is_step_failure)
    assert failure.step_key == "ingested_upload"
    assert failure.step_failure_data.user_failure_data.description.startswith("empty.csv: ")
    assert failure.step_failure_data.user_failure_data.metadata["error"].value == "file_empty"


def test_a_bad_upload_does_not_fail_its_neighbour(run_partition, drop):
    bad, good = drop("empty"), drop("good")

    assert [run_partition(one).success for one in (bad, good)] == [False, True]


def test_a_run_again_repeats_nothing(run_partition, drop, services):
    good = drop("good")
    run_partition(good)
    before = services.ledger.history(good.validation_id)

    again = run_partition(good)

    assert again.success
    assert services.ledger.history(good.validation_id) == before
    assert metadata_of(again, "published_upload")["repeated"] is True


@pytest.mark.parametrize("tags", [{}, {"validahub/lang": "en"}])
def test_a_backfill_without_the_sensors_tags_finds_the_drop_in_the_inbox(run_partition, drop, tags):
    assert run_partition(drop("good"), tags=tags).success


def cut_rows(path: Path) -> None:
    pl.read_parquet(path).head(39).write_parquet(path)


def cut_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(("name", "cut"), [("rows.parquet", cut_rows), ("original.csv", cut_bytes)])
def test_what_the_lake_has_lost_stops_the_upload_at_the_check(run_partition, drop, name, cut):
    good = drop("good")
    stored = Path(metadata_of(run_partition(good), "ingested_upload")[name])
    stored.chmod(0o600)
    cut(stored)

    again = run_partition(good)

    assert not again.success
    assert checks_of(again) == {RECORDS: False}
    assert materialized(again) == STAGES[:1]
