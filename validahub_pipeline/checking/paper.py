"""Lines on a terminal, a hundred columns at most, and nothing lost without colour."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.checking.outcome import Verdict
from validahub_pipeline.checking.packs import PackChecked, PacksChecked
from validahub_pipeline.checking.reading import NO_PRODUCT, Source
from validahub_pipeline.messages import Language, message
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.report.wording import Words
from validahub_pipeline.rulepacks import Severity
from validahub_pipeline.storage.layout import ANY_CATEGORY

WIDTH: Final = 100
SIGNS: Final = {Severity.CRITICAL: "✘", Severity.WARNING: "!", Severity.INFO: "i"}
STYLES: Final = {Severity.CRITICAL: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}

_VERDICTS: Final = {
    Verdict.CLEAN: ("✔", "bold green"),
    Verdict.TOLERABLE: ("✔", "bold green"),
    Verdict.CRITICAL: ("✘", "bold red"),
}
_RAW: Final = 60


class Paper:
    """What is printed on, in one language."""

    def __init__(self, console: Console, lang: Language) -> None:
        self.console = console
        self.lang = lang
        self.words = Words(lang)
        self.width = min(WIDTH, console.width)

    def say(self, key: str, **values: object) -> str:
        """A sentence of the section `check`."""
        return message("check", key, self.lang, **values)

    def line(self, text: Text | str = "") -> None:
        """One line, never broken: a path must come out in one piece."""
        self.console.print(text, soft_wrap=True, highlight=False, markup=False)

    def wrapped(self, told: str, indent: str, *, style: str = "", hanging: str | None = None) -> None:
        """A sentence in as many lines as it takes."""
        follow = indent if hanging is None else hanging
        for line in textwrap.wrap(told, self.width, initial_indent=indent, subsequent_indent=follow):
            self.line(Text(line, style=style))

    def section(self, title: str) -> None:
        """A heading."""
        self.line()
        self.line(Text(title, style="bold"))

    def verdict(self, verdict: Verdict, told: str) -> None:
        """The sentence everybody reads first."""
        sign, style = _VERDICTS[verdict]
        self.line()
        self.line(Text(f"{sign} {told}", style=style))

    def category(self, checked: PacksChecked) -> None:
        """That packs know nothing of the category asked for, where that is so: it may be a slip of the pen."""
        strangers = [one.pack.name for one in checked.packs if one.pack.category == ANY_CATEGORY]
        if checked.category == ANY_CATEGORY or not strangers:
            return
        told = self.say("category_unknown", category=checked.category, packs=", ".join(strangers))
        self.wrapped(told, "  ", style="dim")

    def changes(self, one: PackChecked, on: date) -> None:
        """What the day asked for changes against today: for this file, and in the rules."""
        if one.today is None:
            self.line(f"  {self.say('changes_same', on=on.isoformat())}")
            return
        if not one.changes:
            self.line(f"  {self.say('changes_nothing')}")
        for change in one.changes:
            told = Text.assemble(
                (f"  {SIGNS[change.severity]} ", STYLES[change.severity]),
                f"{self.words.violation(change.code)}  ",
                (change.code, "dim"),
            )
            tail = f" {self.words.number(change.today):>9} → {self.words.number(change.then)}"
            told.truncate(self.width - 22, overflow="ellipsis", pad=True)
            self.line(told + Text(tail, style="bold" if change.then > change.today else ""))
        rules = ", ".join(f"{sign}{code}" for sign, code in one.rules_changed)
        if rules:
            self.wrapped(self.say("changes_rules", rules=rules), "  ", style="dim", hanging="    ")

    def quarantine(self, source: Source) -> None:
        """The records that could not be read, if there are any: how many, why, and the first of them."""
        if source.report is None or not source.report.quarantined:
            return
        self.section(self.say("quarantine", count=self.words.number(source.report.quarantined)))
        for reason, count in sorted(source.report.reasons.items(), key=lambda item: -item[1]):
            note = f" ({self.say('no_product')})" if reason in NO_PRODUCT else ""
            self.line(f"  {self.words.number(count):>9}  {self.words.reason(reason)}{note}")
        for one in source.quarantined:
            told = self.say("set_aside", line=self.words.number(one.line), raw=clipped(one.raw, _RAW))
            self.wrapped(told, "             ", style="dim")
        self.wrapped(self.say("quarantine_remedy"), "  ")
