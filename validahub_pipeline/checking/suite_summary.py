"""What a suite found, for people: verdict, and of each expectation whether it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.checking.paper import SIGNS, STYLES, Paper
from validahub_pipeline.checking.suites import SuiteChecked, columns_of, shown_value
from validahub_pipeline.messages import Language
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.rulepacks import Severity

_VALUES: Final = 5
_VALUE: Final = 40
_OBSERVED: Final = 80


def print_suite(checked: SuiteChecked, lang: Language, console: Console) -> None:
    """Print a check against a suite."""
    paper = Paper(console, lang)
    number = paper.words.number
    statistics = checked.result["statistics"]
    held, asked = statistics["successful_expectations"], statistics["evaluated_expectations"]
    file, suite = checked.source.path.name, checked.suite.name
    paper.verdict(checked.verdict, paper.say("verdict_suite", file=file, held=number(held), asked=number(asked)))
    paper.line(Text(f"  {paper.say('rows_suite', rows=number(checked.source.records), suite=suite)}", style="dim"))
    paper.line()
    for entry in checked.result["results"]:
        _print_entry(entry, paper)
    paper.quarantine(checked.source)
    paper.line()


def _print_entry(entry: Mapping[str, Any], paper: Paper) -> None:
    configured, result = entry["expectation_config"], entry["result"]
    severity = Severity(configured["severity"])
    sign, style = ("✔", "green") if entry["success"] else (SIGNS[severity], STYLES[severity])
    columns = columns_of(configured["kwargs"])
    told = Text.assemble((f"  {sign} ", style), (columns, "bold"), "  " if columns else "", configured["type"])
    paper.line(told)
    if entry["success"]:
        return
    problem = entry["exception_info"].get("exception_message")
    if problem:
        paper.wrapped(problem, "      ")
    elif "unexpected_count" in result:
        share = paper.words.decimal(result["unexpected_percent"] or 0)
        values = [value for value in result["partial_unexpected_list"][:_VALUES] if value is not None]
        shown = [f"“{clipped(shown_value(value), _VALUE)}”" for value in values] or [paper.words.text("empty_cell")]
        count = paper.words.number(result["unexpected_count"])
        paper.wrapped(paper.say("unexpected", count=count, share=share, values=", ".join(shown)), "      ")
    else:
        value = clipped(shown_value(result.get("observed_value")), _OBSERVED)
        paper.wrapped(paper.say("observed", value=value), "      ")
