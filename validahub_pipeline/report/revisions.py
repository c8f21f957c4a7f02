"""What a revision amounts to, in the terminal: what was decided, what it changed, what is left, where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.messages import Language, message
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.report.wording import Words

_NAME: Final = 40


@dataclass(frozen=True)
class Made:
    """A revision that has ended.

    Attributes:
        manifest: `metadata.json` after it.
        told: its entry there.
        repeated: the decision was the one before it, so that nothing was done.
        locations: where its objects lie, by name.
    """

    manifest: Mapping[str, Any]
    told: Mapping[str, Any]
    repeated: bool
    locations: Mapping[str, str]

    @property
    def published(self) -> bool:
        """Whether the gate let it be published."""
        return bool(self.told["published"])


def print_made(made: Made, lang: Language, console: Console) -> None:
    """Print what came of a decision."""
    words = Words(lang)
    number, told, done = words.number, made.told, made.manifest["corrections"]

    def say(key: str, **values: object) -> str:
        return message("revisions", key, lang, **values)

    def line(text: Text | str = "") -> None:
        console.print(text, soft_wrap=True, highlight=False)

    revision, file = told["revision"], clipped(made.manifest["file_name"], _NAME)
    key = "there_already" if made.repeated else "published" if made.published else "refused"
    sign, style = ("✔", "bold green") if made.published else ("✘", "bold red")
    line()
    line(Text(f"{sign} {say(key, revision=revision, file=file)}", style=style))
    if told["refused_because"]:
        line(f"  {told['refused_because']}")
    line(f"  {decided(told['decision'], lang)}")
    line()
    facts = {
        "changed": say("changed", cells=number(told["cells"]), people=number(told["cells_by_people"])),
        "left": say(
            "left",
            violations=number(sum(done["remaining"].values())),
            critical=number(done["remaining_critical_rows"]),
            suggestions=number(sum(done["suggestions"].values())),
        ),
        **{name: made.locations[name] for name in ("corrected", "report") if name in made.locations},
    }
    labels = {name: say(f"label_{name}") for name in facts}
    wide = max(map(len, labels.values()))
    for name, fact in facts.items():
        line(Text.assemble("  ", (f"{labels[name]:<{wide}}", "dim"), f"  {fact}"))
    line()
    validation_id = made.manifest["validation_id"]
    line(Text(f"  {say('see_changes', validation_id=validation_id, revision=revision, before=revision - 1)}", "dim"))
    line(Text(f"  {say('take_back', validation_id=validation_id, before=revision - 1)}", style="dim"))
    line()


def decided(decision: Mapping[str, Any] | None, lang: Language) -> str:
    """A decision in a sentence; the first revision is nobody's."""
    words = Words(lang)
    if decision is None:
        return message("revisions", "decided_nothing", lang)
    values = {
        "codes": ", ".join(decision["codes"]),
        "cells": words.number(decision["cells"]),
        "to": decision["to_revision"],
        "file": clipped((decision["file"] or {}).get("file_name", ""), _NAME),
    }
    told = [message("revisions", f"decided_{decision['kind']}", lang, **values)]
    if decision["column"]:
        told.append(message("revisions", "in_column", lang, column=clipped(decision["column"], _NAME)))
    if decision["rows"]:
        told.append(message("revisions", "in_rows", lang, rows=words.number(decision["rows"])))
    return ", ".join(told)
