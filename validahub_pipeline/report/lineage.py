"""The lineage of one upload in the terminal: what became of what, as a tree, and what became of each column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from validahub_pipeline.lineage import UPLOAD, State
from validahub_pipeline.lineage.history import DatasetSeen, RunSeen
from validahub_pipeline.messages import Language, message
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.report.wording import Words

_SIGNS: Final = {
    State.COMPLETE: ("✔", "green"),
    State.ABORT: ("✘", "yellow"),
    State.FAIL: ("✘", "red"),
}
_KNOWN: Final = {
    "rows.parquet": "rows",
    "quarantine.csv": "quarantine",
    "repairs.parquet": "repairs",
    "validated.csv": "validated",
    "violations": "violations",
    "corrections": "corrections",
    "suggestions.parquet": "suggestions",
    "decisions.parquet": "decisions",
    "corrected": "working",
    "corrected.csv": "published",
    "report.html": "report",
    "errors.csv": "errors",
    "errors.xlsx": "errors_workbook",
}
_REVISION: Final = re.compile(r"-r[0-9]+(?=\.|$)")


def print_lineage(runs: Sequence[RunSeen], lang: Language, console: Console, *, file_name: str | None = None) -> None:
    """Print the lineage of one upload; `runs` are those of its stages and of the upload itself. `file_name` is what the
    seller called the file, which lineage does not say."""
    _Lineage(runs, lang, console, file_name).print()


class _Lineage:
    def __init__(self, runs: Sequence[RunSeen], lang: Language, console: Console, file_name: str | None) -> None:
        self._file_name = file_name
        self._runs = [run for run in runs if run.job != UPLOAD]
        self._whole = next((run for run in runs if run.job == UPLOAD), None)
        self._words = Words(lang)
        self._console = console
        self._shown: set[str] = set()

    def print(self) -> None:
        roots = dict.fromkeys(
            source.place for run in self._runs for source in run.inputs if not self._made_by(source.place)
        )
        for place in roots:
            size = next(s.size for run in self._runs for s in run.inputs if s.place == place)
            named = Text(self._file_name or place[1].rpartition("/")[2], style="bold")
            if size is not None:
                known = "decisions" if _known(place[1]) == "decisions" else "dropped"
                named.append(f"   {self._say(f'is_{known}')}, {self._words.size(size)}", "dim")
            tree = Tree(named)
            self._grow(tree, place)
            self._console.print()
            self._console.print(tree, highlight=False)
        self._columns()
        self._end()

    def _made_by(self, place: tuple[str, str]) -> bool:
        return any(output.place == place for run in self._runs for output in run.outputs)

    def _grow(self, tree: Tree, place: tuple[str, str]) -> None:
        """Hang each run under the dataset it read first, and under the run what it wrote."""
        for run in self._runs:
            if run.run_id in self._shown or not run.inputs or run.inputs[0].place != place:
                continue
            self._shown.add(run.run_id)
            branch = tree.add(self._stage(run))
            for output in run.outputs:
                self._grow(branch.add(self._dataset(output)), output.place)

    def _stage(self, run: RunSeen) -> Text:
        sign, style = _SIGNS[State(run.state)] if run.ended else ("…", "dim")
        told = Text.assemble((f"{sign} ", style), (self._say(f"stage_{run.job}"), "bold cyan"))
        if run.started and run.ended:
            seconds = (run.ended - run.started).total_seconds()
            told.append(f"   {_clock(run.started)}, {self._words.decimal(seconds)} s", "dim")
        rules = run.inputs[0]
        if rules.held:
            number = self._words.number
            told.append("   " + self._say("rules", held=number(rules.held), broken=number(rules.broken)), "dim")
        if run.message:
            told.append(f"\n{run.message}", style)
        return told

    def _dataset(self, dataset: DatasetSeen) -> Text:
        known = _known(dataset.name)
        told = Text(self._say("working_name") if known == "working" else dataset.name, style="bold")
        figures = [self._say(f"is_{known}")] if known else []
        if dataset.rows is not None:
            figures.append(self._say("row" if dataset.rows == 1 else "rows", rows=self._words.number(dataset.rows)))
        if dataset.size is not None:
            figures.append(self._words.size(dataset.size))
        return told.append("   " + ", ".join(figures), "dim") if figures else told

    def _columns(self) -> None:
        # Every revision is corrected from the rows anew: the last one tells all.
        corrected = next((run.outputs[0] for run in reversed(self._runs) if run.job == "correct" and run.outputs), None)
        if corrected is None:
            return
        self._line(Text(""))
        self._line(Text(self._say("columns"), style="bold"))
        wide = max((min(len(name), 28) for name in corrected.corrections), default=0)
        for name in corrected.columns:
            codes = corrected.corrections.get(name)
            if codes:
                cells = ", ".join(
                    f"{code} {self._words.number(count)}"
                    for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0]))
                )
                self._line(Text.assemble(f"  {clipped(name, 28):<{wide}}  ", (cells, "dim")))
        same = len(corrected.columns) - len(corrected.corrections)
        if same:
            self._line(Text(f"  {self._say('same', columns=self._words.number(same))}", style="dim"))

    def _end(self) -> None:
        whole = self._whole
        if whole is None:
            return
        self._line(Text(""))
        sign, style = _SIGNS[State(whole.state)] if whole.ended else ("…", "dim")
        self._line(Text.assemble((f"{sign} ", style), self._say(f"end_{whole.state}")))
        if whole.started and whole.ended:
            # A later revision is published after the upload has ended.
            last = next((run for run in reversed(self._runs) if run.job == "publish" and run.outputs), whole)
            for output in last.outputs:
                self._line(Text(f"  {_address(output.place)}", style="dim"))
        self._line(Text(""))

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True, highlight=False)

    def _say(self, key: str, **values: object) -> str:
        return message("lineage", key, self._words.lang, **values)


def _known(name: str) -> str:
    """What an object is, of whatever revision; "" for any other."""
    first = _REVISION.sub("", name.rpartition("/")[2])
    return _KNOWN.get(first, "original" if first.startswith("original") else "")


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"


def _address(place: tuple[str, str]) -> str:
    return place[1] if place[0] == "file" else f"{place[0]}/{place[1]}"
