"""Great Expectations itself, in a process of its own: `python gx_oracle.py CASES.json ANSWERS.json`.

CASES.json: a list of {"data": path of a Parquet file, "suite": a suite's JSON form, "format": a result format};
ANSWERS.json: GX's validation results by its pandas engine, in the order of the cases. Imports nothing of ours.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import great_expectations as gx  # noqa: E402 - the settings come first
import pandas as pd  # noqa: E402
from great_expectations.core import ExpectationSuite  # noqa: E402


def answer(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One result per case; an expectation GX refuses to build is an entry with `refused`."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("data").add_dataframe_asset("frame")
    batches = asset.add_batch_definition_whole_dataframe("all")
    answers = []
    for case in cases:
        frame = pd.read_parquet(case["data"])
        results = []
        for one in case["suite"]["expectations"]:
            try:
                suite = ExpectationSuite(name="suite", expectations=[one])
                batch = batches.get_batch({"dataframe": frame})
                found = batch.validate(suite, result_format=dict(case["format"])).to_json_dict()
                results.append(found["results"][0])
            except Exception as error:  # noqa: BLE001 - whatever it refuses with is its answer
                results.append({"refused": f"{type(error).__name__}: {error}"})
        answers.append({"results": results})
    return answers


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


if __name__ == "__main__":
    found = answer(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(found, default=_plain), encoding="utf-8")
