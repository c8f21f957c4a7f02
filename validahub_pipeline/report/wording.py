"""Words and numbers for people: the catalogue's texts by code, and figures as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import rules
from validahub_pipeline.messages import Language, message
from validahub_pipeline.rulepacks import ResolvedPack, Rule

_THOUSANDS: Final[Mapping[Language, str]] = {"pt-BR": ".", "en": ",", "es": "."}
_DECIMAL: Final[Mapping[Language, str]] = {"pt-BR": ",", "en": ".", "es": ","}
_DATE: Final[Mapping[Language, str]] = {
    "pt-BR": "%d/%m/%Y %H:%M UTC",
    "en": "%Y-%m-%d %H:%M UTC",
    "es": "%d/%m/%Y %H:%M UTC",
}
# Repairs of reading are named after the encoding a cell turned out to be in.
_ENCODING: Final = "encoding_"
_DELIMITERS: Final = {";": "semicolon", ",": "comma", "\t": "tab", "|": "pipe"}


class _Words:
    """Words and figures that need no pack."""

    lang: Language

    def text(self, key: str, **values: object) -> str:
        """A sentence of the report."""
        return message("report", key, self.lang, **values)

    def summary(self, key: str, **values: object) -> str:
        """A sentence of a summary in the terminal."""
        return message("summary", key, self.lang, **values)

    def number(self, value: int) -> str:
        """A whole number: 59100 -> `59.100`, in English `59,100`."""
        return f"{value:,}".replace(",", _THOUSANDS[self.lang])

    def decimal(self, value: float) -> str:
        """A number with one decimal."""
        whole, tenths = f"{value:.1f}".split(".")
        return f"{self.number(int(whole))}{_DECIMAL[self.lang]}{tenths}"

    def size(self, count: int) -> str:
        """Bytes in the largest decimal unit that leaves at least one."""
        size: float = count
        for unit in ("B", "kB", "MB"):
            if size < 1000:
                return f"{count} B" if unit == "B" else f"{self.decimal(size)} {unit}"
            size /= 1000
        return f"{self.decimal(size)} GB"

    def moment(self, iso: str) -> str:
        """An ISO moment, as written where the language is spoken."""
        return datetime.fromisoformat(iso).strftime(_DATE[self.lang])

    def delimiter(self, character: str) -> str:
        """The name of a delimiter; the character itself where it has none here."""
        name = _DELIMITERS.get(character)
        return self.text(f"delimiter_{name}") if name else character

    def reason(self, reason: str) -> str:
        """Why a record was quarantined."""
        return self.catalogued("report", f"reason_{reason}") or _spaced(reason)

    def violation(self, code: str) -> str:
        """What a violation is called."""
        return self.catalogued("violations", code) or _spaced(code)

    def repair(self, kind: str, part: str = "") -> str:
        """What a repair made on reading is called, or with `part` ".what" what it does; "" where it is none."""
        if kind.startswith(_ENCODING):
            return self.text(f"repair_encoding{part}", encoding=kind.removeprefix(_ENCODING))
        return self.catalogued("report", f"repair_{kind}{part}")

    def damage(self, found: Mapping[str, Any]) -> str:
        """What a spreadsheet did to the codes of one column, and what to do about it."""
        example = found["examples"][0][2] if found["examples"] else ""
        count = self.number(found["count"])
        return self.text(f"damage_{found['kind']}", column=found["column"], count=count, example=example)

    def catalogued(self, section: str, key: str) -> str:
        """A text of the message catalogue; "" where it has none of that key."""
        found: Any = rules.messages(section).get(key, {}).get(self.lang, "")
        return str(found)


@dataclass(frozen=True)
class Words(_Words):
    """Words and figures in one language."""

    lang: Language


@dataclass(frozen=True)
class Wording(_Words):
    """The words of one report: a pack's own, and the catalogue's, in one language."""

    pack: ResolvedPack
    lang: Language

    def meaning(self, code: str) -> str:
        """What a violation of a rule means and how to mend it; "" where the pack has no such rule."""
        rule = self.rule(code)
        return rule.message(self.lang) if rule else ""

    def of_file(self, code: str, *, field: str, candidates: str) -> str:
        """What a violation of the file as a whole means: a field of the pack no column holds, or several do."""
        parts = [self.catalogued("violations", f"{code}.{part}") for part in ("cause", "remedy")]
        known = self.pack.fields.get(field)
        # A seller knows a field by the header it goes by, which is also what would mend the file.
        header = known.aliases[0] if known and known.aliases else field
        return " ".join(parts).format(field=header, candidates=candidates or "-")

    def correction(self, codes: str) -> str:
        """What a correction, or several of one cell joined by `+`, is called."""
        return " + ".join(self._correction(code) or _spaced(code) for code in codes.split("+"))

    def correction_detail(self, codes: str) -> str:
        """What a correction does to a cell."""
        details = (self._correction(code, ".what") for code in codes.split("+"))
        return " ".join(detail for detail in details if detail)

    def rule(self, code: str) -> Rule | None:
        """The pack's rule of that code; None for a violation of the file as a whole."""
        return self._rules.get(code)

    @cached_property
    def _rules(self) -> Mapping[str, Rule]:
        return {rule.code: rule for rule in self.pack.rules}

    @cached_property
    def _types(self) -> Mapping[str, str]:
        return {correction.code: correction.type for correction in self.pack.corrections}

    def _correction(self, code: str, part: str = "") -> str:
        # A pack may give a correction a code of its own; what its type does is known in any case.
        return (
            self.catalogued("corrections", f"{code}{part}")
            or self.catalogued("corrections", f"{self._types.get(code, code)}{part}")
            or self.repair(code, part)
        )


def _spaced(code: str) -> str:
    return code.replace("_", " ").strip().capitalize()
