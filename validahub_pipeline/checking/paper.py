"""Lines on a terminal, a hundred columns at most, and nothing lost without colour."""

from __future__ import annotations

import textwrap
from typing import Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.checking.outcome import Verdict
from validahub_pipeline.checking.reading import NO_PRODUCT, Source
from validahub_pipeline.messages import Language, message
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.report.wording import Words
from validahub_pipeline.rulepacks import Severity

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
