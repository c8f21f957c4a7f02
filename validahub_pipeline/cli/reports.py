"""The command that makes a report once more: in another language, or as large a workbook as can be."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from validahub_pipeline.cli.options import LangOption, open_settings


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(report)


def report(
    validation_id: Annotated[str, typer.Argument(help="The validation, as `validahub run --json` names it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where it goes.")],
    form: Annotated[str, typer.Option("--format", help="html, csv (all violations) or xlsx (rows to fix).")] = "html",
    user: Annotated[str | None, typer.Option(help="Who takes it; default: you.")] = None,
    lang: LangOption = None,
) -> None:
    """Make the report on an upload, or a list of what is left to fix in it; that you took it is on record first."""
    from validahub_pipeline.commands import reporting  # noqa: PLC0415

    raise typer.Exit(
        reporting.report(open_settings(lang), validation_id, output, form=form, user=user or getpass.getuser())
    )
