"""Suites through Great Expectations and through ours, over generated typed data: the same verdicts, counts, values
and row numbers. `SEEDS` in the environment sets how many frames are tried."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import polars as pl

from tests.conformance import suites
from validahub_pipeline.engine.suite import run_suite

SEEDS: Final = int(os.environ.get("SEEDS", "6"))
HERE: Final = Path(__file__).parent


def test_suites_give_what_great_expectations_gives(tmp_path: Path) -> None:
    cases = []
    for seed in range(SEEDS):
        suites.data(seed).write_parquet(tmp_path / f"{seed}.parquet")
        data = str(tmp_path / f"{seed}.parquet")
        cases.append({"data": data, "suite": suites.suite(seed), "format": suites.result_format(seed)})
    answers = _ask_great_expectations(cases, tmp_path)
    compared: Counter[str] = Counter()
    differences = []
    for case, answer in zip(cases, answers, strict=True):
        ours = run_suite(pl.read_parquet(case["data"]), case["suite"], case["format"])
        for configured, theirs, mine in zip(
            case["suite"]["expectations"], answer["results"], ours["results"], strict=True
        ):
            if _incomparable(configured, theirs):
                continue
            compared[configured["type"]] += 1
            difference = _difference(theirs, mine)
            if difference:
                differences.append(f"{configured}: {difference}")
    assert len(compared) == 50
    assert compared.total() > 190 * SEEDS
    assert not differences, "\n".join(differences)


def _ask_great_expectations(cases: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    subprocess.run(
        [sys.executable, HERE / "gx_oracle.py", folder / "cases.json", folder / "answers.json"], check=True, timeout=900
    )
    answers: list[dict[str, Any]] = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return answers


def _incomparable(configured: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Where GX has no answer, or one that says more of pandas than of the data. docs/suites.md lists each."""
    kwargs, kind = configured["kwargs"], configured["type"]
    if "refused" in theirs:
        # It takes no text for a limit, though its engine could compare text.
        return isinstance(kwargs.get("min_value"), str)
    if kind == "expect_column_values_to_be_in_type_list":
        # pandas 3 keeps text in a dtype of its own that is in no list of types.
        return kwargs["column"] == "text"
    if kind == "expect_column_pair_values_to_be_in_set":
        # It cannot put numpy's integers into JSON, and forgets the row condition when it looks for rows to ignore.
        return "row_condition" in kwargs or _raised(theirs)
    return False


def _raised(entry: dict[str, Any]) -> bool:
    info = entry["exception_info"]
    return bool(info["raised_exception"]) if "raised_exception" in info else True


def _difference(theirs: dict[str, Any], mine: dict[str, Any]) -> str | None:
    if _raised(theirs) or _raised(mine):
        return None if _raised(theirs) == _raised(mine) else f"raised {_raised(theirs)} / {_raised(mine)}"
    if theirs["success"] != mine["success"]:
        return f"success {theirs['success']} / {mine['success']}"
    one, other = theirs.get("result", {}), mine["result"]
    for name in sorted(one.keys() | other.keys()):
        if name == "partial_unexpected_counts" and "None" in str(other.get("unexpected_list")):
            # One NaN is never the other, so GX counts each by itself, and finds no order with others.
            continue
        if name == "unexpected_index_column_names" and name not in one:
            # `expect_column_values_to_be_null` alone forgets them.
            continue
        if not _same(_comparable(name, one.get(name)), _comparable(name, other.get(name))):
            return f"{name}: {one.get(name)} / {other.get(name)}"
    return None


def _comparable(name: str, value: Any) -> Any:
    if name == "partial_missing_list":
        # The first twenty of a set, in no order.
        return len(value)
    return _with_null(value)


def _with_null(value: Any) -> Any:
    match value:
        case list():
            return [_with_null(one) for one in value]
        case dict():
            return {name: _with_null(one) for name, one in value.items()}
    return None if value == "NaT" else value


def _same(one: Any, other: Any) -> bool:
    match one, other:
        case bool(), _:
            return one is other
        case int() | float(), int() | float():
            return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
        case list(), list():
            return len(one) == len(other) and all(map(_same, one, other))
        case dict(), dict():
            return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return bool(one == other)
