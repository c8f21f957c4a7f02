"""Error trends over real Delta tables."""

from __future__ import annotations

from datetime import date

import polars as pl

from validahub_pipeline.analytics.trends import error_trends
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake

SKU = ("missing_sku", "SKU", "critical", 5)
TITLE = ("title_too_long", "Título", "warning", 3)
NAME = ("title_too_long", "Nome", "warning", 4)


def test_trends_add_up_per_day_and_marketplace(uploads):
    uploads.upload("v1", "mercado_livre")
    uploads.validate("v1", [SKU, TITLE, NAME], records=100, dirty=20)
    uploads.upload("v2", "mercado_livre")
    uploads.validate("v2", [SKU], records=300, dirty=60)
    uploads.upload("v3", "shopify_csv")
    uploads.validate("v3", [("image_missing", "Image", "info", 1)], records=10, dirty=1)
    uploads.tomorrow()
    uploads.upload("v4", "mercado_livre")
    uploads.validate("v4", [], records=50, dirty=0)

    frame = error_trends(uploads.tables, None)

    assert frame.drop("codes").rows(named=True) == [
        {
            "day": date(2026, 11, 20),
            "marketplace": "mercado_livre",
            "uploads": 2,
            "validations": 2,
            "records": 400,
            "rows_with_violations": 80,
            "critical_rows": 40,
            "share_with_violations": 0.2,
            "violations": 17,
            "critical": 10,
            "warning": 7,
            "info": 0,
            "violations_stored": 17,
        },
        {
            "day": date(2026, 11, 20),
            "marketplace": "shopify_csv",
            "uploads": 1,
            "validations": 1,
            "records": 10,
            "rows_with_violations": 1,
            "critical_rows": 0,
            "share_with_violations": 0.1,
            "violations": 1,
            "critical": 0,
            "warning": 0,
            "info": 1,
            "violations_stored": 1,
        },
        {
            "day": date(2026, 11, 21),
            "marketplace": "mercado_livre",
            "uploads": 1,
            "validations": 1,
            "records": 50,
            "rows_with_violations": 0,
            "critical_rows": 0,
            "share_with_violations": 0.0,
            "violations": 0,
            "critical": 0,
            "warning": 0,
            "info": 0,
            "violations_stored": 0,
        },
    ]
    assert frame["codes"].to_list() == [
        [
            {"code": "missing_sku", "severity": "critical", "violations": 10, "validations": 2},
            {"code": "title_too_long", "severity": "warning", "violations": 7, "validations": 1},
        ],
        [{"code": "image_missing", "severity": "info", "violations": 1, "validations": 1}],
        [],
    ]


def test_a_validation_that_ends_after_midnight_counts_on_the_day_of_its_upload(uploads):
    uploads.upload("v1", "mercado_livre")
    uploads.tomorrow()
    uploads.validate("v1", [SKU])

    frame = error_trends(uploads.tables, None)

    assert frame.select("day", "uploads", "violations").rows() == [(date(2026, 11, 20), 1, 5)]


def test_an_upload_that_failed_counts_as_an_upload_only(uploads):
    uploads.upload("v1", "mercado_livre")

    frame = error_trends(uploads.tables, None)

    assert frame.select("uploads", "validations", "records", "violations", "share_with_violations").rows() == [
        (1, 0, 0, 0, None)
    ]
    assert frame["codes"].to_list() == [[]]


def test_lost_detail_shows_as_a_difference(uploads):
    uploads.upload("v1", "mercado_livre")
    uploads.validate("v1", [SKU, TITLE], lost=2)

    frame = error_trends(uploads.tables, None)

    assert frame.select("violations", "violations_stored").rows() == [(8, 6)]


def test_a_lake_nobody_has_written_to_gives_an_empty_frame_of_the_same_shape(uploads, tmp_path):
    uploads.upload("v1", "mercado_livre")

    empty = error_trends(str(tmp_path / "nothing"), None)

    assert empty.is_empty()
    assert empty.schema == error_trends(uploads.tables, None).schema
    assert empty.schema["codes"] == pl.List(
        pl.Struct({"code": pl.String, "severity": pl.String, "violations": pl.Int64, "validations": pl.Int64})
    )


def test_trends_are_the_same_from_an_s3_lake(uploads_at, s3_settings):
    lake = open_lake(Settings(**s3_settings))
    uploads = uploads_at(lake.uri("tables"), lake.storage_options())
    uploads.upload("v1", "mercado_livre")
    uploads.validate("v1", [SKU, TITLE])

    frame = error_trends(lake.uri("tables"), lake.storage_options())

    assert frame.select("uploads", "violations", "violations_stored").rows() == [(1, 8, 8)]
