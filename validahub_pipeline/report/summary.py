"""The short summary in the terminal after a run: verdict, counts, what is wrong, what was corrected, where it lies.

Eighty columns, and nothing lost without colour. The full story is the report's.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.messages import Language, message
from validahub_pipeline.report import view
from validahub_pipeline.report.shown import clipped, on_a_line, visible
from validahub_pipeline.report.verdict import verdict_of
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import ResolvedPack

MOST_FREQUENT: Final = 5
CORRECTIONS: Final = 5

_WIDTH: Final = 80
_VALUE: Final = 44
_CHANGED: Final = 26
_SIGNS: Final = {
    "good": ("✔", "bold green"),
    "partial": ("✔", "bold green"),
    "bad": ("✘", "bold red"),
    "open": ("…", "bold"),
}
_LOCATIONS: Final = ("corrected", "report", "errors_workbook", "quarantine", "metadata", "history")


def print_summary(
    manifest: Mapping[str, Any],
    pack: ResolvedPack,
    lang: Language,
    console: Console,
    *,
    home: Path,
    locations: Mapping[str, str],
    ui_command: str = "make ui",
) -> None:
    """Print the summary of one upload.

    Args:
        home: the installation's folder.
        locations: where things lie, by name: `corrected`, `report`, `quarantine`, `metadata`, `history`; absolute
            paths or URIs. A name left out is not shown, and of none, nothing is; others than these are shown under
            their own name.
        ui_command: what opens Dagster here.
    """
    _Summary(manifest, Wording(pack, lang), console).print(home, locations, ui_command)


class _Summary:
    """One summary being printed."""

    def __init__(self, manifest: Mapping[str, Any], wording: Wording, console: Console) -> None:
        self._manifest = manifest
        self._wording = wording
        self._console = console
        self._width = min(_WIDTH, console.width)

    def print(self, home: Path, locations: Mapping[str, str], ui_command: str) -> None:
        self._verdict()
        self._counts()
        self._violations()
        self._corrections()
        if locations:
            self._places(home, locations, ui_command)
        self._line()

    def _places(self, home: Path, locations: Mapping[str, str], ui_command: str) -> None:
        self._section("where")
        ordered = [name for name in _LOCATIONS if name in locations]
        named = {name: locations[name] for name in [*ordered, *(set(locations) - set(ordered))]} | {"home": str(home)}
        labels = {name: self._say(f"location_{name}") if name in {*_LOCATIONS, "home"} else name for name in named}
        wide = max(len(label) for label in labels.values())
        for name, place in named.items():
            self._line(Text.assemble("  ", (f"{labels[name]:<{wide}}", "dim"), f"  {place}"))
        self._line()
        if any(self._manifest.get("corrections", {}).get("suggestions", {}).values()):
            self._line(Text.assemble("  ", self._say("decide")))
            self._line(Text(f"    validahub suggestions {self._manifest['validation_id']}"))
        self._line(Text.assemble("  ", self._say("open_ui", command=ui_command)))

    def _verdict(self) -> None:
        verdict = verdict_of(self._manifest, self._wording)
        sign, style = _SIGNS[verdict.tone]
        self._line()
        self._line(Text(f"{sign} {verdict.headline}", style=style))
        self._wrapped(verdict.detail, "  ")
        seconds = sum(self._manifest.get("seconds", {}).values())
        told = self._say(
            "took",
            file=clipped(self._manifest["file_name"], 40),
            title=self._wording.pack.title,
            seconds=self._wording.decimal(seconds),
        )
        self._line(Text(f"  {told}", style="dim"))

    def _counts(self) -> None:
        number = self._wording.number
        ingest = self._manifest.get("ingest")
        validation = self._manifest.get("validation")
        corrections = self._manifest.get("corrections")
        lines: list[tuple[str, str]] = []
        if ingest:
            size = self._wording.size(self._manifest["objects"]["original"]["size"])
            counts = {"records": number(ingest["records"]), "quarantined": number(ingest["quarantined"])}
            lines.append((self._say("label_read"), self._say("read", size=size, **counts)))
        if validation:
            found = sum(validation["violations"].values())
            left = sum(corrections["remaining"].values()) if corrections else found
            told = self._say("violations", found=number(found), left=number(left))
            lines.append((self._say("label_violations"), told))
        if corrections:
            lines.append((self._say("label_corrected"), self._of_run("corrected", cells=number(corrections["cells"]))))
            count = sum(corrections["suggestions"].values())
            lines.append((self._say("label_suggestions"), self._say("suggested", count=number(count))))
        if lines:
            self._line()
        wide = max((len(label) for label, _ in lines), default=0)
        for label, told in lines:
            self._line(Text.assemble("  ", (f"{label:<{wide}}", "dim"), f"  {told}"))

    def _violations(self) -> None:
        groups = view.violations_of(self._manifest, self._wording)
        if not groups:
            return
        self._section("most_frequent")
        frequent = sorted(groups, key=lambda group: -max(group.found, group.left))
        corrected = "corrections" in self._manifest
        for place, group in enumerate(frequent[:MOST_FREQUENT], 1):
            number = self._wording.number
            tail = ""
            if corrected:
                tail = self._say("left", left=number(group.left)) if group.left else self._say("none_left")
            self._columns(f"{place}. {self._wording.violation(group.code)}", number(group.found), tail)
            for meaning in view.meanings(group, self._wording)[:1]:
                self._wrapped(meaning, "     ", lines=2, style="dim")
            if group.examples and not group.of_file:
                self._example(group.examples[0])

    def _example(self, example: view.Example) -> None:
        value = f"“{clipped(example.value, _VALUE)}”" if example.value else f"({self._wording.text('empty_cell')})"
        line = self._wording.number(example.line)
        self._wrapped(self._say("example", line=line, column=clipped(example.column, 24), value=value), "     ")

    def _corrections(self) -> None:
        groups = view.corrections_of(self._manifest)
        if not groups:
            return
        self._section("what_was_corrected")
        for group in groups[:CORRECTIONS]:
            self._columns(self._wording.correction(group.code), self._wording.number(group.count), "")
            if group.examples:
                shown = group.examples[0]
                before, after = (on_a_line(pieces, _CHANGED) for pieces in (shown.before, shown.after))
                self._wrapped(f"{clipped(shown.column, 20)}: “{before}” → “{after}”", "     ", style="dim", lines=2)
        if len(groups) > CORRECTIONS:
            told = self._of_run("more_kinds", count=self._wording.number(len(groups) - CORRECTIONS))
            self._line(Text(f"  {told}", style="dim"))

    def _columns(self, left: str, count: str, tail: str) -> None:
        """A line of two columns: words and, where eyes look for it, the number."""
        right = f"{count:>9}  {tail:<18}" if tail else f"{count:>9}"
        room = self._width - 4 - len(right)
        self._line(Text.assemble("  ", (f"{_shortened(left, room):<{room}}", "bold"), "  ", right.rstrip()))

    def _section(self, key: str) -> None:
        self._line()
        self._line(Text(self._say(key), style="bold"))

    def _wrapped(self, told: str, indent: str, *, lines: int = 3, style: str = "") -> None:
        wrapped = textwrap.wrap(
            told, self._width, initial_indent=indent, subsequent_indent=indent, max_lines=lines, placeholder=" …"
        )
        for line in wrapped:
            self._line(Text(line, style=style))

    def _line(self, text: Text | None = None) -> None:
        # Soft-wrapped: a path must come out in one piece, to be copied or clicked.
        self._console.print(text or "", soft_wrap=True, highlight=False)

    def _of_run(self, key: str, **values: object) -> str:
        """A sentence that is another one in a dry run, which leaves no record and no report."""
        return self._say(f"{key}_dry" if self._manifest.get("dry_run") else key, **values)

    def _say(self, key: str, **values: object) -> str:
        return message("summary", key, self._wording.lang, **values)


def _shortened(name: str, limit: int) -> str:
    """The name, cut at its end: it is read for what it begins with."""
    shown = visible(name)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
