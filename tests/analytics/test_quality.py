"""The gate: what it lets through, what it stops, and that its pages stay at home."""

from __future__ import annotations

import re
import subprocess
import sys

import polars as pl
import pytest

from validahub_pipeline.analytics.quality import check
from validahub_pipeline.analytics.trends import error_trends
from validahub_pipeline.errors import ValidaHubError


@pytest.fixture
def trends(uploads):
    """An analysis of two days and two marketplaces, one upload of which has failed."""
    uploads.upload("v1", "mercado_livre")
    uploads.validate("v1", [("missing_sku", "SKU", "critical", 30), ("title_too_long", "Título", "warning", 9)])
    uploads.upload("v2", "shopify_csv")
    uploads.tomorrow()
    uploads.upload("v3", "mercado_livre")
    uploads.validate("v3", [], dirty=0)
    return error_trends(uploads.tables, None)


def test_a_sound_analysis_passes_and_leaves_pages_that_load_nothing(trends, tmp_path):
    parquet = tmp_path / "trends.parquet"
    trends.write_parquet(parquet)
    stale = tmp_path / "out" / "data_docs" / "stale.html"
    stale.parent.mkdir(parents=True)
    stale.touch()

    verdict = check(parquet, tmp_path / "out")

    assert verdict.passed
    assert verdict.failed == ()
    assert (verdict.rows, verdict.evaluated) == (3, 33)
    assert not stale.exists()
    pages = {page: page.read_text(encoding="utf-8") for page in (tmp_path / "out").rglob("*.html")}
    assert len(pages) == 3
    assert verdict.docs in pages
    for text in pages.values():
        assert not re.search(r"<script|<link|<img|<iframe|@import|url\(", text)
    (result,) = re.findall(r"url=(.+)\"", pages[verdict.docs])
    assert "must never be null" in pages[verdict.docs.parent / result]


def test_a_broken_analysis_is_stopped_and_every_break_is_named(trends, tmp_path):
    parquet = tmp_path / "trends.parquet"
    pl.concat(
        [
            trends.with_columns(
                violations_stored=pl.col("violations_stored") - pl.when(pl.col("violations") > 0).then(2).otherwise(0),
                marketplace=pl.col("marketplace").replace("shopify_csv", None),
                records=pl.when(pl.col("validations") > 0).then(pl.lit(-5, pl.Int64)).otherwise("records"),
            ),
            trends.tail(1).with_columns(
                share_with_violations=1.5, records=pl.lit(-5, pl.Int64), marketplace=pl.lit("mercado_livre")
            ),
        ]
    ).drop("info").write_parquet(parquet)

    verdict = check(parquet, tmp_path / "out")

    broken = {(failed.expectation, failed.columns) for failed in verdict.failed}
    assert not verdict.passed
    assert broken == {
        ("expect_compound_columns_to_be_unique", ("day", "marketplace")),
        ("expect_column_values_to_not_be_null", ("marketplace",)),
        ("expect_column_values_to_not_be_null", ("info",)),
        ("expect_column_values_to_be_between", ("info",)),
        ("expect_column_values_to_be_between", ("records",)),
        ("expect_column_values_to_be_between", ("share_with_violations",)),
        ("expect_column_pair_values_a_to_be_greater_than_b", ("records", "rows_with_violations")),
        ("expect_column_pair_values_to_be_equal", ("violations", "sum_by_severity")),
        ("expect_column_pair_values_to_be_equal", ("violations", "violations_stored")),
    }
    lost = next(failed for failed in verdict.failed if failed.columns == ("violations", "violations_stored"))
    assert (lost.unexpected, lost.examples) == (1, ("39, 37",))


def test_an_analysis_of_nothing_passes(uploads, tmp_path):
    parquet = tmp_path / "trends.parquet"
    error_trends(uploads.tables, None).write_parquet(parquet)

    verdict = check(parquet, tmp_path / "out")

    assert (verdict.passed, verdict.rows) == (True, 0)


def test_a_file_that_is_no_analysis_gets_no_verdict(tmp_path):
    parquet = tmp_path / "trends.parquet"
    parquet.write_bytes(b"no parquet")

    with pytest.raises(ValidaHubError, match=r"trends\.parquet: its quality could not be checked"):
        check(parquet, tmp_path / "out")


def test_a_gate_that_takes_too_long_is_given_up(tmp_path):
    with pytest.raises(ValidaHubError, match=r"0\.01 s") as raised:
        check(tmp_path / "trends.parquet", tmp_path / "out", timeout=0.01)

    assert raised.value.retryable


def test_nobody_who_asks_for_a_verdict_pays_for_great_expectations():
    program = (
        "import sys, validahub_pipeline.analytics.quality, validahub_pipeline.analytics.trends,"
        " validahub_pipeline.analytics.charts;"
        " sys.exit(', '.join({'great_expectations', 'pandas'} & set(sys.modules)) or None)"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
