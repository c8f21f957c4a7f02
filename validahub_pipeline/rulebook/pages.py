"""The catalogue as pages: Markdown to be reviewed, HTML that needs nothing beside it to be read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from validahub_pipeline.expectations import Expectation
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.report.shown import clipped, visible
from validahub_pipeline.report.wording import Words
from validahub_pipeline.rulebook.catalogue import Catalogue, DatedRule, Period, gathered
from validahub_pipeline.rulepacks import Rule, Severity
from validahub_pipeline.rulepacks.differences import ValueChange
from validahub_pipeline.rulepacks.document import Examples
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD, CORRECTIONS

_VALUE: Final = 240
_EXAMPLE: Final = 160
_LINK: Final = re.compile(r"https?://[^\s<>()]+")
_REPEATED: Final = frozenset({"repeat", "times"})
_PARTIAL: Final = {
    "keep": "are published with the others",
    "drop": "are left out of the published file",
    "refuse": "keep the file from being published, too",
}
_COLUMNS: Final = ("column", "column_A", "column_B", "column_list")


def rendered() -> dict[str, str]:
    """Every page of the catalogue by its file name, the same on every day and every machine."""
    catalogue = gathered()
    pages: dict[str, str] = {}
    for ending in ("md", "html"):
        render = partial(_render, catalogue, ending)
        pages[f"index.{ending}"] = render("index")
        pages[f"expectations.{ending}"] = render("expectations")
        for entry in catalogue.packs:
            pages[f"{entry.pack.name}.{ending}"] = render("pack", entry=entry)
    return pages


def _render(catalogue: Catalogue, ending: str, template: str, **values: Any) -> str:
    text = _environment(ending).get_template(f"{template}.{ending}.j2").render(catalogue=catalogue, **values)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


@cache
def _environment(ending: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("validahub_pipeline.rulebook"),
        autoescape=ending == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "LANGUAGES": LANGUAGES,
        "SEVERITIES": list(Severity),
        "CORRECTIONS": CORRECTIONS,
        "ANY_FIELD": ANY_FIELD,
        "words": {lang: Words(lang) for lang in LANGUAGES},
        "PARTIAL": _PARTIAL,
        "counts": _counts,
        "kind": _kind,
        "asks": _asks,
        "columns": _columns,
        "period": _period,
        "examples": _examples,
        "change": _change,
        "holds": lambda cells: [_shown(list(cell) if isinstance(cell, tuple) else cell) for cell in cells],
    }
    environment.filters |= {"code": _code, "linked": _linked, "value": _value, "line": _line}
    return environment


def _counts(rules: Mapping[str, Sequence[DatedRule]]) -> list[tuple[Severity, int]]:
    """How many rules there are of each severity, as they hold at last."""
    latest = [dated[-1].rule.severity for dated in rules.values()]
    return [(severity, latest.count(severity)) for severity in Severity if severity in latest]


def _asks(rule: Rule) -> list[tuple[str, str]]:
    """The kwargs that say what is asked, columns aside."""
    own = {name: value for name, value in rule.kwargs.items() if name not in _COLUMNS}
    if rule.mostly is not None:
        own["mostly"] = rule.mostly
    return [(name, _value(value)) for name, value in own.items()]


def _columns(rule: Rule) -> list[str]:
    named = [rule.kwargs[name] for name in _COLUMNS[:3] if name in rule.kwargs]
    return [*map(str, named), *map(str, rule.kwargs.get("column_list", ()))]


def _kind(known: Expectation, kwarg: str) -> str:
    """The type of a kwarg as people say it who write YAML."""
    told = known.shown_type(kwarg).replace("Sequence[Any]", "list").replace("dict[str, Any]", "mapping")
    told = re.sub(r"Sequence\[(.*?)\]", r"list of \1", told)
    told = re.sub(r"Literal\[(.*?)\]", lambda found: found[1].replace("', '", "' or '"), told)
    return re.sub(r"\bstr\b", "text", told.replace(" | None", "").replace(" | ", " or "))


def _period(period: Period) -> str:
    """When a rule holds; "" for always."""
    parts = [f"from {period.first}" if period.first else "", f"until {period.last}" if period.last else ""]
    return " ".join(part for part in parts if part)


def _examples(examples: Examples) -> list[tuple[str, list[str]]]:
    """What passes and what fails, as texts."""
    return [("passes", _listed(examples.passing)), ("fails", _listed(examples.failing))]


def _listed(example: Any) -> list[str]:
    if isinstance(example, list) and not any(isinstance(one, dict) for one in example):
        return [_shown(one) for one in example]
    return [_shown(example)]


def _shown(example: Any) -> str:
    if example is None or example == "":
        return "(empty)"
    if isinstance(example, str):
        return clipped(example, _EXAMPLE)
    if isinstance(example, dict) and set(example) == _REPEATED:
        return f"{_shown(example['repeat'])} \N{MULTIPLICATION SIGN} {example['times']}"
    return json.dumps(example, ensure_ascii=False)


def _change(change: ValueChange) -> str:
    """One key before and after; of long lists, what came and went."""
    if isinstance(change.before, list) and isinstance(change.after, list):
        gone = [one for one in change.before if one not in change.after]
        new = [one for one in change.after if one not in change.before]
        parts = [f"without {_value(gone)}" if gone else "", f"with {_value(new)}" if new else ""]
        return f"{change.key}: {', '.join(part for part in parts if part) or 'another order'}"
    return f"{change.key}: {_value(change.before)} → {_value(change.after)}"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    return clipped(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _VALUE)


def _code(text: str) -> str:
    """Text as it is, in Markdown: between as many backticks as it takes."""
    shown = visible(text)
    fence = "`"
    while fence in shown:
        fence += "`"
    room = " " if shown.startswith("`") or shown.endswith("`") or shown != shown.strip() else ""
    return f"{fence}{room}{shown}{room}{fence}"


def _line(text: str) -> str:
    """Text in one line of Markdown, its signs taken literally."""
    return re.sub(r"([\\*_\[\]<>|#`])", r"\\\1", " ".join(text.split()))


def _linked(text: str) -> Markup:
    """Text in HTML, its addresses as links."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found.group())]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
