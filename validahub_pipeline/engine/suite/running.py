"""A suite run on data: the one way in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from validahub_pipeline.engine.suite.configuration import read_suite
from validahub_pipeline.engine.suite.evaluation import evaluate
from validahub_pipeline.engine.suite.result_format import COMPLETE, ResultFormat
from validahub_pipeline.engine.suite.results import validation_result


def run_suite(
    frame: pl.LazyFrame | pl.DataFrame,
    suite: Mapping[str, Any],
    result_format: str | Mapping[str, Any] = COMPLETE,
    suite_parameters: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Validate typed data against a Great Expectations suite.

    An expectation that the data do not allow to evaluate (a column that is not there, text compared with numbers) has
    failed, and its `exception_info` says why, as in Great Expectations; the others are not affected.

    Args:
        frame: the data. NaN counts as missing.
        suite: the suite's JSON form, of Great Expectations 1.x or 0.x.
        result_format: `BOOLEAN_ONLY`, `BASIC`, `SUMMARY` or `COMPLETE`, or GX's object with `result_format` and
            `partial_unexpected_count`, `unexpected_index_column_names`, `include_unexpected_rows`,
            `exclude_unexpected_values`, `return_unexpected_index_query`.
        suite_parameters: what kwargs like `{"$PARAMETER": "least"}` stand for.

    Returns:
        The validation result in GX's JSON form, its entries in the order of the suite. Row numbers count from 0.

    Raises:
        SuiteError: the suite names an unknown expectation, has bad kwargs or is malformed; no data has been read.
    """
    wanted = ResultFormat.read(result_format)
    given = suite_parameters or {}
    configured = read_suite(suite, given)
    return validation_result(suite, given, evaluate(frame.lazy(), configured, wanted))
