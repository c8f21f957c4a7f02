"""The gate over an analysis: Great Expectations, in a process of its own.

    python -m validahub_pipeline.analytics.gate PARQUET --out DIR

Prints the verdict as one JSON object, leaves Data Docs that need no network in DIR/data_docs, and ends with 0 (passed)
or 3 (failed). Nobody else imports great_expectations or pandas, which cost seconds; `quality.check` runs this.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.analytics.docs_site import make_offline
from validahub_pipeline.analytics.trends import ERROR_TRENDS

# Great Expectations reads it when it is imported, which is why that happens below this line.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

# Typed, but its expectations are not marked as exported.
gxe: Any = gx.expectations

PASSED: Final = 0
FAILED: Final = 3

_COUNTS: Final = (
    "uploads",
    "validations",
    "records",
    "rows_with_violations",
    "critical_rows",
    "violations",
    "critical",
    "warning",
    "info",
    "violations_stored",
)
_EXAMPLES: Final = 3


def main(arguments: list[str] | None = None) -> int:
    """Check one Parquet file; the exit code."""
    parser = argparse.ArgumentParser(prog="validahub_pipeline.analytics.gate", description=__doc__)
    parser.add_argument("parquet", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    frame = _with_sums(pd.read_parquet(options.parquet))
    site = options.out.absolute() / "data_docs"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    result = _validate(frame, site)
    make_offline(site)
    sys.stdout.write(json.dumps(_verdict(result, len(frame), site / "index.html")) + "\n")
    return PASSED if result.success else FAILED


def _with_sums(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with what its parts add up to, and its days as GX compares them. A missing column is GX's to report."""
    if {"critical", "warning", "info"} <= set(frame.columns):
        frame["sum_by_severity"] = frame[["critical", "warning", "info"]].sum(axis="columns")
    if "codes" in frame.columns:
        frame["sum_by_code"] = [sum(code["violations"] for code in codes) for codes in frame.pop("codes")]
    if "day" in frame.columns:
        frame["day"] = pd.to_datetime(frame["day"])
    return frame


def _suite() -> gx.ExpectationSuite:
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    more_than = [
        ("uploads", "validations"),
        ("records", "rows_with_violations"),
        ("rows_with_violations", "critical_rows"),
        ("violations", "rows_with_violations"),
    ]
    return gx.ExpectationSuite(
        name=ERROR_TRENDS,
        expectations=[
            gxe.ExpectCompoundColumnsToBeUnique(column_list=["day", "marketplace"]),
            *(gxe.ExpectColumnValuesToNotBeNull(column=column) for column in ("day", "marketplace", *_COUNTS)),
            gxe.ExpectColumnValuesToMatchRegex(column="marketplace", regex=r"\S"),
            gxe.ExpectColumnValuesToBeBetween(column="day", min_value=datetime(2020, 1, 1), max_value=tomorrow),  # noqa: DTZ001
            *(gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0) for column in _COUNTS),
            gxe.ExpectColumnValuesToBeBetween(column="share_with_violations", min_value=0, max_value=1),
            *(
                gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=more, column_B=less, or_equal=True)
                for more, less in more_than
            ),
            *(
                gxe.ExpectColumnPairValuesToBeEqual(column_A="violations", column_B=other)
                for other in ("sum_by_severity", "sum_by_code", "violations_stored")
            ),
        ],
    )


def _validate(frame: pd.DataFrame, site: Path) -> Any:
    """The result of the suite on the frame, which Data Docs under `site` show."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for other in context.get_site_names():
        context.delete_data_docs_site(other)
    context.add_data_docs_site(
        site_name=ERROR_TRENDS,
        site_config={
            "class_name": "SiteBuilder",
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    asset = context.data_sources.add_pandas("analytics").add_dataframe_asset(ERROR_TRENDS)
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=ERROR_TRENDS,
            data=asset.add_batch_definition_whole_dataframe("whole"),
            suite=context.suites.add(_suite()),
        )
    )
    checkpoint = context.checkpoints.add(gx.Checkpoint(name=ERROR_TRENDS, validation_definitions=[definition]))
    run = checkpoint.run(batch_parameters={"dataframe": frame})
    context.build_data_docs()
    (result,) = run.run_results.values()
    return result


def _verdict(result: Any, rows: int, docs: Path) -> dict[str, Any]:
    failed = [found for found in result.results if not found.success]
    return {
        "passed": bool(result.success),
        "rows": rows,
        "evaluated": len(result.results),
        "failed": [
            {
                "expectation": found.expectation_config.type,
                "columns": _columns(found.expectation_config.kwargs),
                "unexpected": found.result.get("unexpected_count"),
                "examples": [_text(value) for value in found.result.get("partial_unexpected_list", [])[:_EXAMPLES]],
            }
            for found in failed
        ],
        "docs": str(docs),
    }


def _columns(kwargs: dict[str, Any]) -> list[str]:
    named = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return named or list(kwargs.get("column_list", []))


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    sys.exit(main())
