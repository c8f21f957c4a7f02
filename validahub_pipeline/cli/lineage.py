"""The command that shows where everything came from."""

from __future__ import annotations

from typing import Annotated

import typer

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(lineage)


def lineage(
    validation_id: Annotated[str, typer.Argument(help="The validation, as `validahub run --json` names it.")],
    forward: Annotated[
        bool, typer.Option("--forward", help="Send its events (again) to VALIDAHUB_OPENLINEAGE_URL.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what became of one upload: file, rows, corrected, published, and what was done to each column."""
    from validahub_pipeline.commands import lineage as command  # noqa: PLC0415

    raise typer.Exit(command.lineage(open_settings(lang), validation_id, forward=forward, as_json=as_json))
