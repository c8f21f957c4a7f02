"""Progress on a terminal and where there is none."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from validahub_pipeline.report import StageProgress


def run(console: Console) -> None:
    with StageProgress(console, "pt-BR") as progress:
        progress("ingest", 0, None)
        progress("ingest", 50, 100)
        progress("validate", 10, 20)
        progress("correct", 0, 0)
        progress("publish", 5, 5)


def test_without_a_terminal_each_stage_is_one_line() -> None:
    out = io.StringIO()
    run(Console(file=out, width=80))
    assert out.getvalue().splitlines() == [
        "[1/4] Lendo o arquivo",
        "[2/4] Conferindo as regras",
        "[3/4] Corrigindo",
        "[4/4] Publicando",
    ]


def test_on_a_terminal_every_stage_that_is_over_is_full() -> None:
    out = io.StringIO()
    run(Console(file=out, width=80, force_terminal=True, color_system=None))
    last = out.getvalue().rsplit("[1/4]", 1)[-1]
    assert last.count("100%") == 4


def test_a_stage_that_fails_stays_where_it_stood() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None)
    with pytest.raises(ValueError, match="broken"):
        _break_down(StageProgress(console, "en"))
    last = out.getvalue().rsplit("[1/4]", 1)[-1]
    assert "100%" in last
    assert "30%" in last


def test_a_run_in_which_every_stage_was_done_before_says_nothing() -> None:
    out = io.StringIO()
    with StageProgress(Console(file=out, width=80), "en"):
        pass
    assert out.getvalue() == ""


def _break_down(progress: StageProgress) -> None:
    with progress:
        progress("ingest", 100, 100)
        progress("validate", 30, 100)
        raise ValueError("broken")
