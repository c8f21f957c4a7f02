"""The command that checks a file and does nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings
from validahub_pipeline.loading import loaded_for_good


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(check)


def check(
    file: Annotated[Path, typer.Argument(readable=False, help="The catalogue: CSV, packed or not, xlsx, Parquet.")],
    pack: Annotated[
        list[str] | None, typer.Option(help="Whose rules to check against, e.g. mercado_livre; again for more.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Category of the marketplace; default: all.")] = None,
    on: Annotated[str | None, typer.Option(help="By the rules of that day, e.g. 2026-08-01; default: today.")] = None,
    suite: Annotated[
        Path | None, typer.Option(readable=False, help="A Great Expectations suite (JSON), instead of packs.")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="With --suite: leave the columns of a CSV as text.")] = False,
    sheet: Annotated[str | None, typer.Option(help="Which sheet of a workbook; default: the first.")] = None,
    violations: Annotated[
        Path | None, typer.Option(help="Where every violation goes: a name ending in .parquet or .csv.")
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check one file against rules; no server, no ledger. 0 publishable, 3 critical violations, 2 bad input."""
    with loaded_for_good():
        from validahub_pipeline.commands import checking  # noqa: PLC0415

    raise typer.Exit(
        checking.check(
            open_settings(lang),
            file,
            packs=pack or (),
            category=category,
            on=on,
            suite=suite,
            text=text,
            sheet=sheet,
            violations=violations,
            as_json=as_json,
        )
    )
