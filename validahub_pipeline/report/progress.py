"""Progress of the stages on a terminal; one line per stage where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from validahub_pipeline.messages import Language, message

STAGES: Final = ("ingest", "validate", "correct", "publish")


class StageProgress:
    """A context manager that is called as `progress(stage, done, total)`; total None while unknown.

    A stage that starts ends those before it, since stages run one after another and may end unannounced; leaving the
    context after an exception leaves the stage where it stood.
    """

    def __init__(self, console: Console, lang: Language, stages: Sequence[str] = STAGES) -> None:
        self._console = console
        self._lang = lang
        self._stages = stages
        self._running: str | None = None
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._bars.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show how far a stage is: `done` of `total`, in whatever unit the stage counts."""
        if stage != self._running:
            self._finish()
            self._begin(stage)
        self._bars.update(self._tasks[stage], completed=done, total=total)

    def _begin(self, stage: str) -> None:
        self._running = stage
        words = message("summary", f"stage_{stage}", self._lang)
        told = f"[{self._stages.index(stage) + 1}/{len(self._stages)}] {words}"
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(told.replace("[", r"\["), total=None)
        if not self._console.is_terminal:
            self._console.print(told, markup=False, highlight=False, soft_wrap=True)

    def _finish(self) -> None:
        """Fill the running stage's bar: it is over, however far it said it was."""
        if self._running is None:
            return
        task = self._bars.tasks[self._bars.task_ids.index(self._tasks[self._running])]
        total = task.total or task.completed or 1
        self._bars.update(task.id, completed=total, total=total)
        self._bars.stop_task(task.id)
