"""A kind of expectation is one function: nothing else has to be told of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from tests.linting.conftest import rule, shop
from validahub_pipeline.engine import run_suite
from validahub_pipeline.expectations import Column, Example, Scope, known_expectations, registry
from validahub_pipeline.linting import Level, lint
from validahub_pipeline.rulebook.gx_export import to_suite
from validahub_pipeline.rulebook.gx_import import to_pack
from validahub_pipeline.rulebook.pages import rendered
from validahub_pipeline.rulepacks import resolve
from validahub_pipeline.rulepacks.named import find_pack
from validahub_pipeline.rulepacks.resolving import examples
from validahub_pipeline.text.distinct import each_distinct_holds

NEW = "expect_column_values_to_end_with"
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """The function, as it would stand in a module of `validahub_pipeline.expectations`, for one test only."""
    monkeypatch.setattr(registry, "_KNOWN", dict(known_expectations()))

    @registry.our_expectation(NEW, Scope.VALUE, Example(holds=["a!", None], fails=["a", "!a"], kwargs={"ending": "!"}))
    def values_to_end_with(column: Column, ending: str) -> pl.Expr:
        """The value ends with that text."""
        return column.text.str.ends_with(ending)


@pytest.fixture
def linted(tmp_path: Path):
    def _linted(**keys):
        asked = {"type": NEW, "kwargs": {"column": "title", "ending": "!"}, "examples": {"pass": "a!", "fail": "a"}}
        text = yaml.safe_dump(shop(rule("title_flat", **(asked | keys))), allow_unicode=True)
        (tmp_path / "shop.yaml").write_text(text, encoding="utf-8")
        pack = find_pack(str(tmp_path / "shop.yaml"))
        return pack, [(one.level, one.code) for one in lint([pack], today=TODAY).findings]

    return _linted


def test_packs_may_ask_it_and_lint_runs_it_and_knows_its_kwargs(linted):
    assert linted()[1] == []
    assert linted(examples={"pass": "a", "fail": "a"})[1] == [(Level.ERROR, "example_violates")]
    assert linted(kwargs={"column": "title", "ends": "!"})[1] == [(Level.ERROR, "pack_unknown_kwarg")]
    assert linted(kwargs={"column": "title", "ending": 5})[1] == [(Level.ERROR, "pack_bad_kwarg")]


def test_lint_tells_where_it_calls_python_for_every_value(linted):
    @registry.our_expectation(NEW, Scope.VALUE, Example(holds=["a!"], fails=["a"], kwargs={"ending": "!"}))
    def values_to_end_with(column: Column, ending: str) -> pl.Expr:
        """The value ends with that text."""
        return each_distinct_holds(column.text, lambda text: text.endswith(ending))

    assert linted()[1] == [(Level.NOTE, "runs_in_python")]


def test_the_pages_explain_it():
    pages = rendered()

    assert f"## {NEW}\n\nThe value ends with that text.\n" in pages["expectations.md"]
    assert "`ending` (text, required)" in pages["expectations.md"]
    assert f'id="{NEW}"' in pages["expectations.html"]


def test_suites_run_it_and_it_goes_to_a_suite_and_back(linted):
    data = pl.DataFrame({"title": ["a!", "a", None]})
    suite = {"expectations": [{"type": NEW, "kwargs": {"column": "title", "ending": "!"}}]}
    assert run_suite(data, suite)["results"][0]["result"]["unexpected_index_list"] == [1]

    packs = linted()[0].packs
    pack = resolve("shop", category="all", on=TODAY, packs=packs)
    exported = json.loads(json.dumps(to_suite(pack, examples("shop", category="all", on=TODAY, packs=packs))))
    assert [one["type"] for one in exported["meta"]["validahub"]["custom_expectations"]] == [NEW]
    assert resolve("shop", category="all", on=TODAY, packs={"shop": to_pack(exported, "x").text}).hash == pack.hash


def test_the_tests_of_all_of_ours_would_run_it():
    """They go over what is known: `tests/engine/test_expectations.py` holds packs and suites to its examples."""
    assert NEW in known_expectations()
    assert known_expectations()[NEW].ours
    assert known_expectations()[NEW].example.fails == ["a", "!a"]
