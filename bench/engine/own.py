"""ValidaHub itself: the command as a user gives it, and the twenty-eight rules as a pack of their own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.engine.catalogue import HEADERS
from bench.engine.rules import RULES, Rule
from validahub_pipeline.checking import check_packs, read_source
from validahub_pipeline.rulepacks import Field, Gate, ResolvedPack, Severity
from validahub_pipeline.rulepacks import Rule as PackRule

_VALUES: Final = "expect_column_values_to_"
_LENGTHS: Final = "expect_column_value_lengths_to_be_between"


def check(source: Path, violations: Path) -> dict[str, int]:
    """Hold a file against the rules, as `validahub check` does with a pack of the catalogue; violations by code."""
    with TemporaryDirectory() as folder:
        checked = check_packs(read_source(source, Path(folder)), [pack()], violations=violations)
    return {found.code: found.count for found in checked.packs[0].codes}


def pack() -> ResolvedPack:
    """The rules as a pack."""
    fields = {name: Field(name, (name,), required=True) for name in HEADERS}
    rules = tuple(_rule(rule) for rule in RULES)
    return ResolvedPack("bench", "1", "Bench", "all", date(2026, 11, 26), "", fields, rules, (), Gate(20, "keep"))


def expectation(rule: Rule) -> tuple[str, dict[str, Any]]:  # noqa: PLR0911 - one for each kind
    """A rule in Great Expectations' words, which are ours, too."""
    match rule.kind:
        case "filled":
            return _VALUES + "not_be_null", {}
        case "unique":
            return _VALUES + "be_unique", {}
        case "longest":
            return _LENGTHS, {"max_value": rule.limit}
        case "shortest":
            return _LENGTHS, {"min_value": rule.limit}
        case "matches":
            return _VALUES + "match_regex", {"regex": rule.pattern}
        case "without":
            return _VALUES + "not_match_regex", {"regex": rule.pattern}
        case "one_of":
            return _VALUES + "be_in_set", {"value_set": list(rule.values)}
        case "none_of":
            return _VALUES + "not_be_in_set", {"value_set": list(rule.values)}
        case "least":
            return _VALUES + "be_between", {"min_value": rule.limit}
        case "most":
            return _VALUES + "be_between", {"max_value": rule.limit}


def _rule(rule: Rule) -> PackRule:
    type_, kwargs = expectation(rule)
    return PackRule(
        code=rule.code,
        type=type_,
        kwargs={"column": rule.column, **kwargs},
        severity=Severity.CRITICAL,
        row_condition=None,
        mostly=None,
        marketplace_code=None,
        source=(),
        verified_on=None,
        verified=True,
        trust=None,
        messages={},
    )
