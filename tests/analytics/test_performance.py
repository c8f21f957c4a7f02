"""Processing time by file size."""

from __future__ import annotations

import pytest

from validahub_pipeline.analytics.performance import processing_time
from validahub_pipeline.ledger import Action


def test_times_are_summed_up_per_class_of_size_and_stage(uploads):
    for number, (size, ingest, publish) in enumerate(
        [(999_999, 100, 10), (1_000_000, 400, 20), (9_000_000, 600, None), (2_000_000_000, 50_000, 30)]
    ):
        name = f"v{number}"
        uploads.upload(name, "mercado_livre", size=size)
        uploads.append(name, Action.FILE_INGESTED, {"milliseconds": ingest})
        if publish:
            uploads.append(name, Action.FILE_PUBLISHED, {"milliseconds": publish})

    frame = processing_time(uploads.tables, None)

    assert frame.select("from_bytes", "stage", "validations", "median_milliseconds", "slowest_milliseconds").rows() == [
        (0, "ingest", 1, 100, 100),
        (0, "publish", 1, 10, 10),
        (1_000_000, "ingest", 2, 500, 600),
        (1_000_000, "publish", 1, 20, 20),
        (1_000_000_000, "ingest", 1, 50_000, 50_000),
        (1_000_000_000, "publish", 1, 30, 30),
    ]
    assert frame["p95_milliseconds"][2] == pytest.approx(590)
    assert frame["bytes_per_second"][2] == pytest.approx(10_000_000)


def test_stages_come_in_the_order_they_run(uploads):
    uploads.upload("v1", "mercado_livre")
    for action in (
        Action.FILE_PUBLISHED,
        Action.CORRECTIONS_APPLIED,
        Action.VALIDATION_COMPLETED,
        Action.FILE_INGESTED,
    ):
        uploads.append("v1", action, {"milliseconds": 5})

    assert processing_time(uploads.tables, None)["stage"].to_list() == ["ingest", "validate", "correct", "publish"]


def test_a_lake_nobody_has_written_to_gives_an_empty_frame(tmp_path):
    assert processing_time(str(tmp_path), None).is_empty()
