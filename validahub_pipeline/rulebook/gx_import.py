"""A Great Expectations suite (1.x or 0.x) as a rule pack that can be used as it is.

What was exported from a pack comes back as it was. Of any other suite, codes are derived, examples are found by trying,
and every rule is unverified and so informs only, until somebody names its source. A rule the pack cannot hold is
written beside the others as a comment, with the reason: nothing is lost, and nothing stops the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

from validahub_pipeline.errors import PackError, SuiteError
from validahub_pipeline.messages import LANGUAGES, message
from validahub_pipeline.rulebook.found_examples import found_examples
from validahub_pipeline.rulebook.gx_conditions import to_condition, to_sql
from validahub_pipeline.rulebook.gx_export import CUSTOM, META
from validahub_pipeline.rulebook.gx_names import Fields, code_of
from validahub_pipeline.rulepacks.layering import documents
from validahub_pipeline.rulepacks.resolving import ALL_CATEGORIES, resolved
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD

_PASSED_OVER: Final = ("result_format", "catch_exceptions", "batch_id", "meta", "row_condition", "condition_parser")
_COLUMNS: Final = ("column", "column_A", "column_B")
_PLACEHOLDER: Final = {"pass": None, "fail": None}
_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True)
class LeftOut:
    """A rule the pack cannot hold as it is. `place`: where it stands in the suite."""

    place: str
    type: str
    reason: str
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Imported:
    """A pack as data, in the order in which it is written; the severities the suite asked for, by code, where the pack
    has others; and what could not be carried over."""

    document: dict[str, Any]
    severities: Mapping[str, str]
    left_out: tuple[LeftOut, ...]

    @property
    def text(self) -> str:
        """The pack as YAML; what was left out, and other severities, as comments."""
        head = {name: value for name, value in self.document.items() if name != "rules"}
        parts = [_dumped({name: value}) for name, value in head.items()]
        rules = ["rules:\n" if self.document["rules"] else "rules: []\n"]
        for entry in self.document["rules"]:
            if (severity := self.severities.get(entry["code"])) is not None:
                rules.append(f"# {message('packs', 'import_severity', 'en', severity=severity)}\n")
            rules.append(_dumped([entry]))
        for one in self.left_out:
            told = message("packs", "import_left_out", "en", place=one.place, reason=one.reason)
            rules.append(_commented(f"{told}\n{_dumped([dict(one.entry)])}"))
        return "\n".join(parts) + "\n" + "".join(rules)


def to_pack(suite: Mapping[str, Any], name: str) -> Imported:
    """The pack in a suite.

    Args:
        name: what the pack is to be called, where the suite was not exported from one.

    Raises:
        SuiteError: `suite_malformed`.
    """
    return _Import(suite, name).imported()


class _Import:
    """One suite on its way."""

    def __init__(self, suite: Mapping[str, Any], name: str) -> None:
        about: Any = suite.get("meta") or {}
        kept = about.get(META) if isinstance(about, Mapping) else None
        self._kept: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
        self._entries = _entries(suite, self._kept)
        pack = self._kept.get("pack", {})
        self._name = pack.get("name", name)
        self._title = pack.get("title") or suite.get("name") or suite.get("expectation_suite_name") or name
        self._version = pack.get("version", "1")
        self._fields = Fields(self._kept.get("fields", ()))
        self._codes: set[str] = set()
        self._sources: dict[str, str] = {}
        self._severities: dict[str, str] = {}
        self._left_out: list[LeftOut] = []

    def imported(self) -> Imported:
        rules = [found for place, entry in self._entries if (found := self._rule(place, entry)) is not None]
        document: dict[str, Any] = {"pack": self._name, "version": str(self._version), "title": str(self._title)}
        if self._sources:
            document["sources"] = self._sources
        for key in ("layout", "dialect"):
            if self._kept.get(key):
                document[key] = self._kept[key]
        document["fields"] = self._fields_of_pack()
        gate = self._kept.get("gate", {"max_critical_rows_bp": 2_000, "partial": "keep"})
        percent = gate["max_critical_rows_bp"] / 100
        document["gate"] = {"max_critical_rows_percent": percent, "partial": gate["partial"]}
        if self._kept.get("corrections"):
            document["corrections"] = [_given(entry) for entry in self._kept["corrections"]]
        document["rules"] = []
        with TemporaryDirectory(prefix="validahub-") as folder:
            for place, rule in rules:
                self._keep(document, place, rule, Path(folder))
        return Imported(document, self._severities, tuple(self._left_out))

    def _rule(self, place: str, entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
        kind = str(entry.get("type", entry.get("expectation_type")))
        about: Any = entry.get("meta") or {}
        kept: Any = about.get(META) or {}
        given: Any = entry.get("kwargs") or {}
        kwargs = {
            # Of a pack's own, the sign for every column; to Great Expectations it is a name like others.
            name: value if kept and value == ANY_FIELD else self._field_of(name, value)
            for name, value in given.items()
            if name not in _PASSED_OVER
        }
        rule: dict[str, Any] = {
            "code": kept.get("code") or code_of(kind, kwargs, self._codes),
            "type": kind,
            "kwargs": {name: value for name, value in kwargs.items() if value is not None},
            "severity": entry.get("severity") or "critical",
        }
        self._codes.add(rule["code"])
        try:
            custom = place.startswith("meta.")
            condition = self._condition(given, kept.get("row_condition"), custom=custom)
        except (ValueError, KeyError, TypeError) as error:
            told = message("packs", "import_condition", "en", condition=given.get("row_condition"), cause=error)
            self._refuse(place, kind, told, entry)
            return None
        if condition:
            rule["row_condition"] = condition
        self._provenance(rule, kept)
        rule |= {name: kept[name] for name in ("marketplace_code", "corrected_by", "messages") if kept.get(name)}
        rule["examples"] = kept.get("examples", _PLACEHOLDER)
        return place, rule

    def _condition(self, given: Mapping[str, Any], before: str | None, *, custom: bool) -> str | None:
        """The rows a rule looks at. What somebody changed in an exported suite, holds."""
        condition = given.get("row_condition")
        if before and (custom or condition == to_condition(before)):
            return before
        if not condition:
            return None
        return to_sql(condition, given.get("condition_parser"), self._fields.field)

    def _field_of(self, name: str, value: Any) -> Any:
        if name in _COLUMNS and isinstance(value, str):
            return self._fields.field(value)
        if name == "column_list" and isinstance(value, list):
            return [self._fields.field(column) for column in value]
        return value

    def _provenance(self, rule: dict[str, Any], kept: Mapping[str, Any]) -> None:
        cited = [str(source).partition(": ") for source in kept.get("source", ())]
        self._sources |= {key: text for key, _, text in cited}
        if cited:
            rule["source"] = [key for key, _, _ in cited]
        if kept.get("verified_on"):
            rule["verified_on"] = date.fromisoformat(kept["verified_on"])
        if kept.get("trust"):
            rule["trust"] = kept["trust"]
        if not (kept.get("verified", True) and cited and kept.get("verified_on") and kept.get("trust")):
            rule["verified"] = False
            if rule["severity"] != "info":
                self._severities[rule["code"]] = rule["severity"]
                rule["severity"] = "info"

    def _fields_of_pack(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in self._kept.get("fields", ()):
            found[field["name"]] = {name: value for name, value in field.items() if name != "name" and value}
        for name, header in self._fields.new.items():
            found[name] = {"aliases": [header]} if header != name else {}
        return found

    def _keep(self, document: dict[str, Any], place: str, rule: dict[str, Any], folder: Path) -> None:
        """Take a rule in if a pack with it can be used."""
        try:
            self._understood(document, rule)
            if rule["examples"] is _PLACEHOLDER:
                chain = self._chain(document, rule)
                pack = resolved(chain, ALL_CATEGORIES, _DAY)
                found = found_examples(pack, pack.rules[0], folder)
                if found is None:
                    raise ValueError(message("packs", "import_no_examples", "en"))
                rule["examples"] = found
        except (PackError, ValueError) as error:
            self._refuse(place, str(rule["type"]), str(error), rule)
        else:
            document["rules"].append(rule)

    def _understood(self, document: dict[str, Any], rule: dict[str, Any]) -> None:
        """Make sure that a pack can hold the rule, with words of its own where the catalogue has none for it."""
        try:
            self._chain(document, rule)
        except PackError as error:
            if error.code not in {"pack_message_missing", "pack_message_placeholder"} or "messages" in rule:
                raise
            columns = ", ".join(map(str, _looked_at(rule["kwargs"]))) or "-"
            values = {"columns": columns, "type": rule["type"], "suite": str(self._title)}
            texts = {lang: message("packs", "import_message", lang, **values) for lang in LANGUAGES}
            rule["messages"] = {lang: text.replace("{", "{{").replace("}", "}}") for lang, text in texts.items()}
            self._chain(document, rule)

    def _chain(self, document: dict[str, Any], rule: dict[str, Any]) -> Any:
        text = yaml.safe_dump(document | {"rules": [rule]}, allow_unicode=True, sort_keys=False)
        chain = documents(self._name, {self._name: text})
        resolved(chain, ALL_CATEGORIES, _DAY)
        return chain

    def _refuse(self, place: str, kind: str, reason: str, entry: Mapping[str, Any]) -> None:
        self._left_out.append(LeftOut(place, kind, " ".join(reason.split()), entry))


def _entries(suite: Mapping[str, Any], kept: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The expectations with their places; those of an exported pack in its order."""
    listed = suite.get("expectations")
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise SuiteError("suite_malformed", place="suite", problem='"expectations" is missing or no list')
    found = [(f"expectations[{place}]", entry) for place, entry in enumerate(listed)]
    found += [(f"meta.{META}.{CUSTOM}[{place}]", entry) for place, entry in enumerate(kept.get(CUSTOM, ()))]
    for place, entry in found:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("kwargs", {}), Mapping):
            raise SuiteError("suite_malformed", place=place, problem="no object")
    return sorted(found, key=lambda pair: _position(pair[1], len(found)))


def _position(entry: Mapping[str, Any], last: int) -> int:
    about: Any = (entry.get("meta") or {}).get(META) or {}
    return int(about.get("position", last))


def _given(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value not in (None, {}, [])}


def _looked_at(kwargs: Mapping[str, Any]) -> list[Any]:
    return [*(kwargs[name] for name in _COLUMNS if name in kwargs), *kwargs.get("column_list", ())]


def _dumped(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110)


def _commented(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
